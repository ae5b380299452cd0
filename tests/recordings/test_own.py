"""What Home Assistant has noted of its recordings: read, kept, or left alone."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import storage
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.recordings import own as own_module
from tests.common import call, ongoing_ids, pass_time, set_up

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera


class FileStore(storage.Store[list[dict[str, Any]]]):
    """Notes in files, of which the other tests only think so."""

    _async_load = storage.Store._async_load
    _async_write_data = storage.Store._async_write_data
    async_remove = storage.Store.async_remove


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_module, "Store", FileStore)


@pytest.fixture
def notes(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    """Return where a camera's own recordings are noted."""
    path = Path(hass.config.path(".storage", f"{DOMAIN}.{entry.entry_id}"))
    path.parent.mkdir(exist_ok=True)
    return path


def noted(recording_id: str) -> str:
    """Return what is noted of a recording that goes on for ever."""
    own = {
        "disk_id": "SD_DISK",
        "recording_id": recording_id,
        "started": dt_util.utcnow().isoformat(),
        "deadline": None,
        "by_switch": False,
    }
    return json.dumps({"version": 1, "minor_version": 1, "data": [own]})


def ids_in(path: Path) -> list[str]:
    """Return which recordings are noted."""
    return [each["recording_id"] for each in json.loads(path.read_text())["data"]]


def write(path: Path, text: str) -> None:
    """Put something where the notes are."""
    path.write_text(text)


def read(path: Path) -> str:
    """Return what a file holds."""
    return path.read_text()


async def test_notes_that_can_not_be_read(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    notes: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The camera works, nothing is written over them, and what they hold is known once they can be read."""
    before = camera.start_recording()
    text = noted(before)
    write(notes, text)
    broken = HomeAssistantError("Input/output error")
    with patch.object(storage.json_util, "load_json", side_effect=broken):
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.LOADED
        answer = await call(hass, "start")
        started = answer["recordings"][0]["recording_id"]
        controller = entry.runtime_data.controller
        assert [own.recording_id for own in controller.own] == [started]
        for _ in range(3):
            await pass_time(hass, freezer, 61)
    assert caplog.text.count("can't be read") == 1
    assert "Traceback" not in caplog.text
    assert read(notes) == text

    await pass_time(hass, freezer, 301)
    assert {own.recording_id for own in controller.own} == {before, started}
    assert set(ids_in(notes)) == {before, started}
    await call(hass, "stop")
    assert not ongoing_ids(camera)


@pytest.mark.parametrize(
    "text", ['{"version": 1}', "[]", "7", '{"version": "x", "data": []}']
)
async def test_notes_of_another_form(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    notes: Path,
    caplog: pytest.LogCaptureFixture,
    text: str,
) -> None:
    """They are put aside, which is said once, and others are noted from then on."""
    write(notes, text)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    answer = await call(hass, "start")
    assert ids_in(notes) == [answer["recordings"][0]["recording_id"]]
    assert read(Path(f"{notes}.corrupt")) == text
    assert caplog.text.count("nothing that Home Assistant has written") == 1
    assert "Traceback" not in caplog.text


async def test_spoilt_notes_on_a_read_only_disk(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    notes: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Home Assistant can't put them aside, and the camera works all the same."""
    write(notes, "{")
    read_only = OSError(30, "Read-only file system")
    with patch.object(os, "rename", side_effect=read_only):
        await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert caplog.text.count("can't be read") == 1
    assert read(notes) == "{"


async def test_notes_are_written_through(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """A loss of power right after a start must not leave an empty file."""
    with patch.object(
        storage, "write_utf8_file_atomic", wraps=storage.write_utf8_file_atomic
    ) as write:
        await call(hass, "start")
    write.assert_called_once()
