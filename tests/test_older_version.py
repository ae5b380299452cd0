"""Going back to this version from a newer one, which may have stored what this one does not know."""

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_ON
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.runtime import index_path

from .common import ACTIVITY, IN_PROGRESS, pass_time, set_up, state_of

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera


def stored(entry: MockConfigEntry, data: Any, **versions: int) -> dict[str, Any]:
    """Return what is stored of Home Assistant's own recordings."""
    key = f"{DOMAIN}.{entry.entry_id}"
    return {
        key: {"version": 1, "minor_version": 1, "key": key, "data": data, **versions}
    }


def item(recording_id: str, **more: Any) -> dict[str, Any]:
    """Return one of them."""
    return {
        "disk_id": "SD_DISK",
        "recording_id": recording_id,
        "started": "2026-11-24T10:00:00+00:00",
        "deadline": None,
        "by_switch": False,
        **more,
    }


async def test_entry_of_a_newer_minor_version(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """It may hold more, which stays."""
    data = {**entry.data, "new": "something"}
    hass.config_entries.async_update_entry(
        entry, data=data, options={"newer": 1}, minor_version=9
    )
    await set_up(hass, entry)
    assert (dict(entry.data), dict(entry.options)) == (data, {"newer": 1})
    assert entry.minor_version == 9


async def test_entry_of_a_newer_version(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Home Assistant refuses it, and changes nothing."""
    data = dict(entry.data)
    hass.config_entries.async_update_entry(entry, version=2)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert (dict(entry.data), entry.version) == (data, 2)


async def test_own_recordings_of_a_newer_version(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is said what to do, and what was stored stays as it is."""
    before = stored(entry, {"new": "shape"}, version=2)
    hass_storage |= json.loads(json.dumps(before))
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.reason is not None
    assert "newer version of AXIS Recordings" in entry.reason
    assert before.items() <= hass_storage.items()

    caplog.clear()
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert "could not be stopped" in caplog.text
    assert "Traceback" not in caplog.text
    assert not before.keys() & hass_storage.keys()


async def test_own_recordings_of_a_newer_minor_version(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    hass_storage: dict[str, Any],
) -> None:
    """What is more is passed over."""
    recording_id = camera.start_recording()
    hass_storage |= stored(entry, [item(recording_id, more=1)], minor_version=7)
    await set_up(hass, entry)
    (own,) = entry.runtime_data.controller.own
    assert own.recording_id == recording_id


@pytest.mark.parametrize(
    "data", ["x", {"a": 1}, [1], [{}], [item("1", started="yesterday")], [None]]
)
async def test_own_recordings_that_make_no_sense(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    data: Any,
) -> None:
    """One that can't be understood keeps neither the others nor the camera from working."""
    recording_id = camera.start_recording()
    good = [item(recording_id)] if isinstance(data, list) else []
    hass_storage |= stored(entry, [*data, *good] if good else data)
    await set_up(hass, entry)
    assert [own.recording_id for own in entry.runtime_data.controller.own] == [
        own["recording_id"] for own in good
    ]
    assert caplog.text.count("makes no sense") == 1
    assert "Traceback" not in caplog.text


async def test_ledger_of_a_newer_version(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is begun anew, which is said, and nothing of the past is reported."""
    await hass.config_entries.async_unload(loaded.entry_id)
    with sqlite3.connect(index_path(hass, loaded.entry_id)) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    await set_up(hass, loaded)
    assert caplog.text.count("is begun anew") == 1
    await pass_time(hass, freezer)
    assert state_of(hass, ACTIVITY) == "unknown"
    camera.start_recording()
    await pass_time(hass, freezer)
    assert state_of(hass, ACTIVITY) != "unknown"
    assert state_of(hass, IN_PROGRESS) == STATE_ON
