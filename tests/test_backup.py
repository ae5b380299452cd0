"""The index in a backup of Home Assistant's folder."""

from contextlib import closing
from shutil import copyfile
import sqlite3
from typing import TYPE_CHECKING
from unittest.mock import patch

from homeassistant.components.backup.const import DATA_MANAGER
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.index.file import IndexFile
from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.recordings.search import RecordingSearch
from custom_components.axis_recordings.runtime import index_path

from .common import pass_time

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.components.backup.manager import BackupManager
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .camera import Camera


@pytest.fixture
async def manager(hass: HomeAssistant, loaded: MockConfigEntry) -> BackupManager:
    """Return what makes Home Assistant's backups."""
    assert await async_setup_component(hass, "backup", {})
    await hass.async_block_till_done()
    return hass.data[DATA_MANAGER]


async def record(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory, number: int
) -> None:
    """Let the camera record, so that much is written."""
    for _ in range(number):
        camera.end_recording(camera.start_recording(event_id="x" * 3000))
    await pass_time(hass, freezer)


def log_of(path: Path) -> Path:
    """Return the log of a file."""
    return path.with_name(f"{path.name}-wal")


async def test_backup_and_restore(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    manager: BackupManager,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
) -> None:
    """What is copied while the camera records is sound, and known when it is put back."""
    path, copy = index_path(hass, loaded.entry_id), tmp_path / "copy.db"
    await record(hass, camera, freezer, 3)
    await manager.async_pre_backup_actions()
    copyfile(path, copy)
    file = path.read_bytes()
    for _ in range(3):
        await record(hass, camera, freezer, 50)
        # Unloading does not write into the file either, nor does loading.
        assert await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    copied = len(camera.recordings)
    log = log_of(path).read_bytes()
    assert len(log) > 500_000
    assert path.read_bytes() == file
    # Somebody was just writing.
    log_of(copy).write_bytes(log[:-100])
    await record(hass, camera, freezer, 5)
    await manager.async_post_backup_actions()
    assert path.read_bytes() != file
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        (known,) = db.execute("SELECT count(*) FROM recordings").fetchone()
    assert copied - 50 <= known <= copied
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert not log_of(path).exists()
    copyfile(copy, path)
    with patch.object(RecordingIndex, "clear") as clear:
        assert await hass.config_entries.async_setup(loaded.entry_id)
        await pass_time(hass, freezer)
        await pass_time(hass, freezer)
    assert not clear.called
    finder = loaded.runtime_data.finder
    result = await finder.async_search(RecordingSearch(limit=1000))
    assert {each.recording_id for each in result.recordings} == {
        each.recording_id for each in camera.recordings
    }


async def test_file_can_not_be_held(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    manager: BackupManager,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That keeps nobody from making a backup, nor from using the file afterwards."""
    error = sqlite3.OperationalError("locked")
    with patch.object(IndexFile, "_using", side_effect=error):
        await manager.async_pre_backup_actions()
        await manager.async_post_backup_actions()
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await manager.async_pre_backup_actions()
    await manager.async_post_backup_actions()
    assert "Traceback" not in caplog.text
