"""The memory of recordings can't be written, or not even read, for a while: while it is open, too."""

from contextlib import ExitStack, contextmanager
from datetime import timedelta
import logging
import sqlite3
from subprocess import run
from typing import TYPE_CHECKING, Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
import pytest

from custom_components.axis_recordings import runtime
from custom_components.axis_recordings.activity import reporter
from custom_components.axis_recordings.index import file as index_file
from tests.common import kinds, pass_time, set_up

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.activity.models import Activity
    from tests.camera import Camera

    type Trouble = Callable[[Path], AbstractContextManager[None]]

SAID = "its recordings can't be remembered"


@contextmanager
def lock(path: Path, *statements: str) -> Generator[None]:
    """Hold a lock on a ledger, as another program does."""
    with sqlite3.connect(path, isolation_level=None) as other:
        for each in statements:
            other.execute(each).fetchall()
        yield
        other.execute("ROLLBACK")
    other.close()


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Let nobody else read or write it."""
    with lock(path, "BEGIN EXCLUSIVE"):
        yield


@contextmanager
def being_written(path: Path) -> Generator[None]:
    """Let nobody else write it."""
    with lock(path, "BEGIN IMMEDIATE"):
        yield


@contextmanager
def being_read(path: Path) -> Generator[None]:
    """Read it for a while, which keeps nobody from writing."""
    with lock(path, "BEGIN", "SELECT * FROM looks"):
        yield


@contextmanager
def mounted(folder: Path, *options: str) -> Generator[bool]:
    """Mount something at a folder, where the tests may do that; give whether they may."""
    # The paths are the tests' own.
    mounting = run(["mount", *options, folder], check=False, capture_output=True)  # noqa: S603, S607
    is_mounted = mounting.returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            # Files that are open keep it for a while.
            run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607


@contextmanager
def read_only(path: Path) -> Generator[None]:
    """Let nothing be written into its folder."""
    with mounted(path.parent, "--bind", "-o", "ro", str(path.parent)) as is_mounted:
        if not is_mounted:
            pytest.skip("nothing can be mounted here")
        yield


@contextmanager
def full(path: Path) -> Generator[None]:
    """Fill the small file system that it is on."""
    if not path.parent.is_mount():
        pytest.skip("nothing can be mounted here")
    filler = path.with_name("filler")
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    yield
    filler.unlink()


WHILE_OPEN = [locked, being_written, full]
# Files that are open can be written nevertheless, those of the tests at least.
TROUBLES = [*WHILE_OPEN, read_only]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Return the ledger's path, on a small file system where there can be one."""
    path = tmp_path / "small" / "ledger.db"
    path.parent.mkdir()
    monkeypatch.setattr(runtime, "index_path", lambda *_: path)
    monkeypatch.setattr(index_file, "BUSY_SECONDS", 0.02)
    with mounted(path.parent, "-t", "tmpfs", "-o", "size=1m", "none"):
        yield path


@pytest.mark.parametrize("trouble", WHILE_OPEN)
async def test_while_it_is_open(
    hass: HomeAssistant,
    path: Path,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    trouble: Trouble,
) -> None:
    """It is said once; what happens meanwhile is reported once it can be remembered, and nothing twice."""
    first = camera.start_recording()
    await pass_time(hass, freezer)
    with trouble(path):
        camera.end_recording(first)
        second = camera.start_recording()
        for _ in range(6):
            await pass_time(hass, freezer)
        assert len(loaded.runtime_data.activity._snapshots) <= reporter.MOST_SNAPSHOTS
        assert kinds(events) == [("started", first)]
    for _ in range(3):
        await pass_time(hass, freezer)
    assert sorted(kinds(events)) == sorted(
        [("started", first), ("finished", first), ("started", second)]
    )
    assert caplog.text.count(SAID) == 1
    assert max(each.levelno for each in caplog.records) <= logging.WARNING


async def test_being_read(
    hass: HomeAssistant,
    path: Path,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That is no trouble, whether the camera is loaded anew meanwhile or not."""
    with being_read(path):
        first = camera.start_recording()
        await pass_time(hass, freezer)
        assert kinds(events) == [("started", first)]
        await hass.config_entries.async_reload(loaded.entry_id)
        camera.end_recording(first)
        await pass_time(hass, freezer)
        assert kinds(events) == [("started", first), ("finished", first)]
    assert SAID not in caplog.text
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_unloaded_meanwhile(
    hass: HomeAssistant,
    path: Path,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    trouble: Trouble,
) -> None:
    """Neither unloading nor setting up waits for it, or fails."""
    first = camera.start_recording()
    await pass_time(hass, freezer)
    with trouble(path):
        camera.end_recording(first)
        await hass.config_entries.async_reload(loaded.entry_id)
        await pass_time(hass, freezer)
        second = camera.start_recording()
        await pass_time(hass, freezer)
        assert await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded)
    for _ in range(3):
        await pass_time(hass, freezer)
    assert sorted(kinds(events)) == sorted(
        [("started", first), ("finished", first), ("started", second)]
    )
    assert 1 <= caplog.text.count(SAID) <= 2
    assert max(each.levelno for each in caplog.records) <= logging.WARNING


@pytest.mark.parametrize("trouble", WHILE_OPEN)
@pytest.mark.parametrize("is_reloaded", [False, True])
async def test_while_it_is_reported(
    hass: HomeAssistant,
    path: Path,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    trouble: Trouble,
    is_reloaded: bool,
) -> None:
    """What was reported, and could not be taken out, is not reported again: neither later nor after a reload."""
    with ExitStack() as troubles:

        def begin(_activity: Activity) -> None:
            remove()
            troubles.enter_context(trouble(path))

        remove = loaded.runtime_data.activity.async_add_listener(begin)
        # On a full disk, the end of a block that the log has already has room for some.
        started = [camera.start_recording() for _ in range(20)]
        await pass_time(hass, freezer)
        assert 1 <= len(events) < len(started)
        if is_reloaded:
            await hass.config_entries.async_reload(loaded.entry_id)
        await pass_time(hass, freezer)
    for _ in range(3):
        await pass_time(hass, freezer)
    assert sorted(kinds(events)) == sorted(("started", each) for each in started)


@pytest.mark.parametrize("trouble", WHILE_OPEN)
async def test_walk(
    hass: HomeAssistant,
    path: Path,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    trouble: Trouble,
) -> None:
    """One that could not be ended is made again soon."""
    activity = loaded.runtime_data.activity
    old = camera.clock.now() - timedelta(days=3)
    camera.add_recording(old, old + timedelta(minutes=1))
    with trouble(path):
        activity.async_walk()
        await hass.async_block_till_done(wait_background_tasks=True)
        assert activity.diagnostics["has_failed"]
    for _ in range(2):
        await pass_time(hass, freezer)
    assert not activity.diagnostics["has_failed"]
    assert activity.diagnostics["disks"][0]["known"] == 9
    assert caplog.text.count(SAID) == 1


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_stop(
    hass: HomeAssistant,
    path: Path,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    trouble: Trouble,
) -> None:
    """Home Assistant stops nevertheless."""
    camera.start_recording()
    await pass_time(hass, freezer)
    with trouble(path):
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert await hass.config_entries.async_unload(loaded.entry_id)
    assert max(each.levelno for each in caplog.records) <= logging.WARNING


@pytest.mark.parametrize("trouble", [locked, full])
async def test_doubts(
    hass: HomeAssistant,
    path: Path,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    trouble: Trouble,
) -> None:
    """What is missing stays in doubt, and does so for no longer than without the trouble."""
    camera.start_recording()
    await pass_time(hass, freezer)
    gone = sorted(each.recording_id for each in camera.recordings)[:5]
    for each in gone:
        camera.remove_recording(each)
    await pass_time(hass, freezer, 11)
    assert loaded.runtime_data.activity.diagnostics["in_doubt"] == len(gone)
    with trouble(path):
        camera.start_recording()
        await pass_time(hass, freezer, 11)
    await pass_time(hass, freezer, 11)
    assert loaded.runtime_data.activity.diagnostics["in_doubt"] == len(gone)
    # A minute after they were missed: the camera has started not long ago.
    for _ in range(4):
        await pass_time(hass, freezer, 11)
    assert sorted(kinds(events)[2:]) == [("removed", each) for each in gone]
