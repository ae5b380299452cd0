"""What happens to recordings, as Home Assistant reports it."""

from contextlib import closing
from datetime import timedelta
from shutil import rmtree
import sqlite3
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_USERNAME,
    EVENT_HOMEASSISTANT_STARTED,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import CoreState
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.axis_recordings.activity import audit
from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.tracker import RecordingTracker
from custom_components.axis_recordings.index import file as index_file
from custom_components.axis_recordings.recordings.search import RecordingSearch
from custom_components.axis_recordings.runtime import index_path
from custom_components.axis_recordings.vapix import (
    CameraConnectionError,
    TooMuchEffortError,
)
from tests.camera import Fault, Quirks
from tests.common import ACTIVITY, full_disk, kinds, pass_time, set_up, state_of

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.activity.models import Activity
    from tests.camera import Camera, CameraServer

PROPERTIES = "record/export/properties.cgi"
LIST = "record/list.cgi"


async def reload_after(
    hass: HomeAssistant, entry: MockConfigEntry, *happenings: Any
) -> None:
    """Unload the camera, let something happen, and set it up again."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    for happen in happenings:
        happen()
    await set_up(hass, entry)


@pytest.mark.usefixtures("loaded")
async def test_shorter_than_a_poll(
    hass: HomeAssistant,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each is reported of twice, in order; the same clock set back changes nothing."""
    camera.clock.offset -= timedelta(hours=1)
    ids = []
    for _ in range(3):
        ids.append(camera.start_recording())
        freezer.tick(1)
        camera.end_recording(ids[-1])
    await pass_time(hass, freezer)
    assert kinds(events) == [
        (kind, each) for each in ids for kind in ("started", "finished")
    ]


async def test_past_is_not_news(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """What was there before is not reported; its end is."""
    camera.add_recording(camera.clock.now() - timedelta(minutes=5), camera.clock.now())
    ongoing = camera.start_recording()
    freezer.tick(10)
    await set_up(hass, entry)
    await pass_time(hass, freezer)
    assert not events
    camera.end_recording(ongoing)
    await pass_time(hass, freezer)
    assert kinds(events) == [("finished", ongoing)]


@pytest.mark.parametrize("code", [None, 110])
@pytest.mark.usefixtures("loaded")
async def test_finished_when_it_can_be_played(
    hass: HomeAssistant,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    code: int | None,
) -> None:
    """Not before; and what never can be is finished after a while."""
    first = camera.start_recording()
    await pass_time(hass, freezer)
    camera.end_recording(first)
    camera.faults.set(PROPERTIES, Fault.ERROR, times=2 if code else None)
    for _ in range(2):
        await pass_time(hass, freezer, 11)
        assert kinds(events) == [("started", first)]
    await pass_time(hass, freezer, 11 if code else 301)
    assert kinds(events) == [("started", first), ("finished", first)]


@pytest.mark.usefixtures("loaded")
async def test_interrupted(
    hass: HomeAssistant,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """By a full disk, a card that is pulled, and a loss of power; the card's return is no news."""
    full = camera.start_recording()
    await pass_time(hass, freezer)
    camera.disks["SD_DISK"].full = True
    await pass_time(hass, freezer)
    camera.disks["SD_DISK"].full = False
    pulled = camera.start_recording()
    await pass_time(hass, freezer)
    card = camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer)
    camera.attach_disk(card)
    await pass_time(hass, freezer)
    cut = camera.start_recording()
    await pass_time(hass, freezer)
    freezer.tick(5)
    camera.reboot()
    await pass_time(hass, freezer)
    assert kinds(events) == [
        (kind, each)
        for each in (full, pulled, cut)
        for kind in ("started", "interrupted")
    ]


@pytest.mark.usefixtures("loaded")
async def test_another_card(
    hass: HomeAssistant,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is on it is not news, and what was on the former one has not been removed."""
    former = [each.recording_id for each in camera.recordings]
    card = camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer)
    for recording_id in former:
        camera.recordings.remove(recording_id)
    start = camera.clock.now() - timedelta(days=3)
    for hour in range(5):
        camera.add_recording(
            start + timedelta(hours=hour), start + timedelta(hours=hour, minutes=1)
        )
    camera.attach_disk(card)
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert not events
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", recording_id)]


async def test_reload(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """What happens meanwhile is reported afterwards, and nothing twice."""
    first = camera.start_recording()
    await pass_time(hass, freezer)
    await reload_after(hass, loaded)
    assert kinds(events) == [("started", first)]
    second: list[str] = []
    oldest = min(camera.recordings, key=lambda each: each.start).recording_id
    await reload_after(
        hass,
        loaded,
        lambda: camera.end_recording(first),
        lambda: freezer.tick(20),
        lambda: second.append(camera.start_recording()),
        lambda: camera.remove_recording(oldest),
    )
    assert sorted(kinds(events)[1:]) == sorted(
        [("finished", first), ("started", second[0]), ("removed", oldest)]
    )
    freezer.tick(timedelta(days=2))
    await reload_after(hass, loaded, lambda: camera.remove_recording(first))
    assert len(events) == 4, "of a longer pause nobody wants to hear everything"


@pytest.mark.parametrize(("hours", "is_news"), [(23, True), (25, False)])
@pytest.mark.usefixtures("loaded")
async def test_camera_is_away_for_long(
    hass: HomeAssistant,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    hours: int,
    is_news: bool,
) -> None:
    """Of more than a day nobody wants to hear everything, though Home Assistant was running all the time."""
    first = camera.start_recording()
    await pass_time(hass, freezer)
    oldest = min(camera.recordings, key=lambda each: each.start).recording_id
    camera.faults.set("*", Fault.RESET)
    await pass_time(hass, freezer)
    freezer.tick(timedelta(hours=hours))
    camera.end_recording(first)
    second = camera.start_recording()
    freezer.tick(60)
    camera.end_recording(second)
    camera.remove_recording(oldest)
    camera.faults.clear()
    for _ in range(3):
        await pass_time(hass, freezer)
    meanwhile = [
        ("finished", first),
        ("removed", oldest),
        ("started", second),
        ("finished", second),
    ]
    assert sorted(kinds(events)[1:]) == (sorted(meanwhile) if is_news else [])
    third = camera.start_recording()
    await pass_time(hass, freezer)
    camera.end_recording(third)
    await pass_time(hass, freezer)
    assert kinds(events)[-2:] == [("started", third), ("finished", third)]


async def test_reported_when_automations_listen(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Not before Home Assistant has started, and not while it stops."""
    assert await hass.config_entries.async_unload(loaded.entry_id)
    recording_id = camera.start_recording()
    hass.set_state(CoreState.starting)
    await set_up(hass, loaded)
    assert not events
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert kinds(events) == [("started", recording_id)]
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done(wait_background_tasks=True)
    camera.end_recording(recording_id)
    await pass_time(hass, freezer)
    assert len(events) == 1
    await reload_after(hass, loaded)
    assert kinds(events)[1:] == [("finished", recording_id)]


async def test_reported_when_the_camera_can_be_used(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Not while it is being set up: an action of an automation would be refused then."""
    loaded.mock_state(hass, ConfigEntryState.SETUP_IN_PROGRESS)
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert not events
    loaded.mock_state(hass, ConfigEntryState.LOADED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert kinds(events) == [("started", recording_id)]


async def test_nobody_listens(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """While the entity is disabled only the index is kept, and nothing for later; the camera is not asked for more."""
    registry = er.async_get(hass)
    registry.async_update_entity(ACTIVITY, disabled_by=er.RegistryEntryDisabler.USER)
    await reload_after(hass, loaded)
    since = len(server.requests)
    for _ in range(3):
        camera.end_recording(camera.start_recording())
        camera.start_recording()
        await pass_time(hass, freezer)
        camera.remove_recording(next(iter(camera.recordings)).recording_id)
        await pass_time(hass, freezer)
        assert await found(loaded) == listed(camera)
    asked = [each.path.rpartition("axis-cgi/")[2] for each in server.requests[since:]]
    assert LIST in asked
    assert PROPERTIES not in asked
    with closing(sqlite3.connect(index_path(hass, loaded.entry_id))) as db:
        assert db.execute("SELECT * FROM activities").fetchall() == []
    since = len(server.requests)
    await pass_time(hass, freezer)
    asked = [each.path.rpartition("axis-cgi/")[2] for each in server.requests[since:]]
    assert {*asked} <= {LIST, "disks/list.cgi"}
    registry.async_update_entity(ACTIVITY, disabled_by=None)
    await reload_after(hass, loaded)
    await pass_time(hass, freezer)
    assert not events
    camera.end_recording(recording_id := camera.start_recording())
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", recording_id), ("finished", recording_id)]


async def test_what_was_to_be_reported_when_nobody_listens(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is not kept for whoever listens later."""
    reporter = loaded.runtime_data.activity
    await reporter.async_pause()
    camera.start_recording()
    await pass_time(hass, freezer)
    assert reporter._ledger.has_pending
    registry = er.async_get(hass)
    registry.async_update_entity(ACTIVITY, disabled_by=er.RegistryEntryDisabler.USER)
    await reload_after(hass, loaded)
    await pass_time(hass, freezer)
    assert not loaded.runtime_data.activity._ledger.has_pending
    registry.async_update_entity(ACTIVITY, disabled_by=None)
    await reload_after(hass, loaded)
    await pass_time(hass, freezer)
    assert not events


async def test_nobody_listens_while_the_file_fails(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """What could not be noted then is no news for whoever listens later."""
    registry = er.async_get(hass)
    error = sqlite3.OperationalError("locked")
    heard: list[Activity] = []
    with patch.object(Ledger, "apply", side_effect=error):
        registry.async_update_entity(
            ACTIVITY, disabled_by=er.RegistryEntryDisabler.USER
        )
        await pass_time(hass, freezer)
        camera.end_recording(camera.start_recording())
        await pass_time(hass, freezer)
        loaded.runtime_data.activity.async_add_listener(heard.append)
        await pass_time(hass, freezer)
    for _ in range(4):
        await pass_time(hass, freezer)
    assert not heard
    assert not events
    assert await found(loaded) == listed(camera)
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert [each.recording.recording_id for each in heard] == [recording_id]


async def found(entry: MockConfigEntry) -> set[str]:
    """Return all that is in the index."""
    result = await entry.runtime_data.finder.async_search(RecordingSearch(limit=1000))
    assert result.is_whole
    return {each.recording_id for each in result.recordings}


def listed(camera: Camera) -> set[str]:
    """Return all that a camera has."""
    return {each.recording_id for each in camera.recordings}


async def test_viewer(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """An account that sees no disks hears of everything else; a card that is gone took nothing with it."""
    account = {CONF_USERNAME: "viewer", CONF_PASSWORD: "viewer-secret"}
    hass.config_entries.async_update_entry(entry, data={**entry.data, **account})
    await set_up(hass, entry)
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    card = camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer)
    camera.attach_disk(card)
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", recording_id), ("interrupted", recording_id)]
    camera.remove_recording(recording_id)
    await pass_time(hass, freezer)
    assert kinds(events)[2:] == [("removed", recording_id)]


@pytest.mark.parametrize("quirks", [Quirks(system_ready=False, export=None), Quirks()])
@pytest.mark.usefixtures("loaded")
async def test_camera_does_not_answer(
    hass: HomeAssistant,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    quirks: Quirks,
) -> None:
    """What could not be found out is found out by the next poll."""
    camera.quirks = quirks
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    camera.end_recording(recording_id)
    camera.faults.set("disks/list.cgi", Fault.RESET)
    await pass_time(hass, freezer)
    assert len(events) == 1
    camera.faults.clear()
    await pass_time(hass, freezer)
    assert kinds(events)[1:] == [("finished", recording_id)]


async def test_many_are_gone(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A clean-up of many is reported without asking for each of them, wherever they are."""
    start = camera.clock.now() - timedelta(days=2)
    ids = [
        camera.add_recording(
            start + timedelta(minutes=number), start + timedelta(minutes=number + 1)
        )
        for number in range(400)
    ]
    await pass_time(hass, freezer, 3601)
    assert not events
    for recording_id in ids[150:250]:
        camera.remove_recording(recording_id)
    await pass_time(hass, freezer)
    assert not events, "it may be the list that is short"
    for _ in range(7):
        await pass_time(hass, freezer, 11)
    assert sorted(kinds(events)) == sorted(("removed", each) for each in ids[150:250])


async def test_empty_list_after_a_start(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A camera that starts lists nothing for a while, though its card is there: only the cut is reported."""
    ongoing = camera.start_recording()
    await pass_time(hass, freezer)
    freezer.tick(5)
    camera.quirks = Quirks(empty_after_start=40)
    camera.reboot()
    for _ in range(5):
        await pass_time(hass, freezer, 11)
    assert kinds(events) == [("started", ongoing), ("interrupted", ongoing)]


async def test_card_exchanged_unseen(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Within seconds, and nobody tells: what is on either card is no news."""
    start = camera.clock.now() - timedelta(days=2)
    former = camera.swap_card("SD_DISK")
    for hour in range(30):
        at = start + timedelta(hours=hour)
        camera.add_recording(at, at + timedelta(minutes=1))
    other = camera.swap_card("SD_DISK", former)
    assert other
    camera.swap_card("SD_DISK", other)
    await pass_time(hass, freezer)
    recording_id = camera.start_recording()
    for _ in range(7):
        await pass_time(hass, freezer, 11)
    assert kinds(events) == [("started", recording_id)]


async def test_ledger_is_spoilt(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is begun anew, and then everything before is not news."""
    path = index_path(hass, loaded.entry_id)
    await reload_after(hass, loaded, lambda: path.write_bytes(b"nonsense" * 1000))
    assert not events
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", recording_id)]


async def test_ledger_is_always_too_large(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A camera that lists more than there is room for is not walked through again and again."""
    now = camera.clock.now()
    for number in range(500):
        camera.add_recording(
            now - timedelta(hours=9, seconds=-number),
            now - timedelta(hours=8),
            event_id=f"{number:x>400}",
        )
    monkeypatch.setattr(index_file, "MOST_BYTES", 256 * 1024)
    # A part of what there is room for, as without the test.
    monkeypatch.setattr(audit, "WALK_PAGE_SIZE", 20)
    await set_up(hass, entry)
    for _ in range(3):
        await pass_time(hass, freezer)
    before = len(server.requests)
    for _ in range(20):
        await pass_time(hass, freezer)
    assert len(server.requests) - before < 80
    assert caplog.text.count("begun anew") <= 1
    assert caplog.text.count("can't be remembered") == 1


@pytest.mark.parametrize(
    "damage",
    [
        "spoilt",
        "deleted",
        "folder deleted",
        "nonsense",
        "no text",
        "emptied",
        "replaced",
        "a folder",
    ],
)
async def test_ledger_is_damaged_while_it_is_open(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    damage: str,
) -> None:
    """It heals without a reload, and nothing is reported twice."""
    path = index_path(hass, loaded.entry_id)
    first = camera.start_recording()
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", first)]
    # What is neither in the log nor in memory is read from the file: that of a few recordings may be in both.
    db = loaded.runtime_data.activity._ledger.index.file._connection
    for each in ("wal_checkpoint(TRUNCATE)", "shrink_memory"):
        db.execute(f"PRAGMA {each}").fetchall()
    if damage == "spoilt":
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(b"\xff" * size)
    elif damage in {"nonsense", "no text"}:
        with sqlite3.connect(path) as db:
            if damage == "nonsense":
                db.execute("UPDATE recordings SET stage = 99")
            else:
                db.execute("UPDATE words SET text = CAST(X'5BFF5D' || number AS TEXT)")
        db.close()
    elif damage == "emptied":
        path.write_bytes(b"")
    elif damage == "replaced":
        other = path.with_suffix(".other")
        other.write_text("something else")
        other.replace(path)
    else:
        path.unlink()
        if damage == "folder deleted":
            rmtree(path.parent)
        elif damage == "a folder":
            path.mkdir()
            await pass_time(hass, freezer)
            path.rmdir()
    for _ in range(4):
        camera.end_recording(camera.start_recording())
        await pass_time(hass, freezer)
    assert len(kinds(events)) == len({*kinds(events)})
    assert caplog.text.count("its recordings can't be remembered") == 1
    last = camera.start_recording()
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert ("started", last) in kinds(events)
    assert kinds(events).count(("started", first)) == 1
    assert path.exists()
    assert not loaded.runtime_data.activity.diagnostics["needs_walk"]


async def test_ledger_can_not_be_used(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That is said once, and everything else works; once it can, it is used without a reload."""
    path = index_path(hass, entry.entry_id)
    path.mkdir(parents=True)
    await set_up(hass, entry)
    camera.start_recording()
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert caplog.text.count("its recordings can't be remembered") == 1
    assert state_of(hass, "sensor.front_camera_ongoing_recordings") == "1"
    assert not events
    assert not entry.runtime_data.activity._snapshots
    path.rmdir()
    await pass_time(hass, freezer)
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", recording_id)]
    assert not entry.runtime_data.activity.diagnostics["needs_walk"]


async def test_forgotten_with_the_camera(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """The ledger goes with the entry, and what an end without a warning has left beside it."""
    path = index_path(hass, loaded.entry_id)
    assert path.exists()
    assert await hass.config_entries.async_unload(loaded.entry_id)
    path.with_name(f"{path.name}-journal").write_bytes(b"left over")
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert not list(path.parent.glob(f"{path.name}*"))


async def test_ledger_fails(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A full disk of Home Assistant is said once, and nothing is lost when there is room again."""
    reporter = loaded.runtime_data.activity
    with patch.object(Ledger, "apply", side_effect=sqlite3.OperationalError("full")):
        recording_id = camera.start_recording()
        await pass_time(hass, freezer)
        await pass_time(hass, freezer)
        reporter.async_walk()
        await hass.async_block_till_done(wait_background_tasks=True)
    assert caplog.text.count("its recordings can't be remembered: full") == 1
    assert not events
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", recording_id)]


async def test_disk_that_fills_up(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At whatever byte of the ledger: it is said once, and nothing is lost or reported twice."""
    path = index_path(hass, loaded.entry_id)
    expected: list[str] = []
    for room in (0, path.stat().st_size // 2, path.stat().st_size):
        with full_disk(room):
            expected += [camera.start_recording(event_id="x" * 400) for _ in range(30)]
            await pass_time(hass, freezer)
            await pass_time(hass, freezer)
        await pass_time(hass, freezer)
        await pass_time(hass, freezer)
        for recording_id in expected:
            assert kinds(events).count(("started", recording_id)) == 1
    assert 1 <= caplog.text.count("its recordings can't be remembered") <= 3
    assert "Traceback" not in caplog.text


async def test_unloading_is_refused(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Then everything is reported as before."""
    with patch.object(
        hass.config_entries, "async_unload_platforms", return_value=False
    ):
        assert not await hass.config_entries.async_unload(loaded.entry_id)
    loaded.mock_state(hass, ConfigEntryState.LOADED)
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", recording_id)]


async def test_retried_setup(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A camera that is not there at first leaves nothing open."""
    camera.quirks = Quirks(while_down="unavailable")
    camera.shut_down()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    camera.start_up()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert kinds(events) == [("started", recording_id)]


@pytest.mark.parametrize("error", [RuntimeError, CameraConnectionError])
async def test_walk_that_fails_is_tried_more_and_more_rarely(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    """A camera that can't list everything is not asked for all of it after each poll."""
    walks: list[None] = []

    async def fail(_tracker: RecordingTracker) -> None:
        walks.append(None)
        raise error(error.__name__)

    monkeypatch.setattr(RecordingTracker, "walk", fail)
    assert await hass.config_entries.async_setup(entry.entry_id)
    for _ in range(10):
        await pass_time(hass, freezer)
    assert 3 < len(walks) < 9


async def test_walk_without_an_end(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A camera that lists ever new recordings is walked through once an hour, and no more often."""
    walks: list[None] = []

    async def fail(_tracker: RecordingTracker) -> None:
        walks.append(None)
        raise TooMuchEffortError

    monkeypatch.setattr(RecordingTracker, "walk", fail)
    assert await hass.config_entries.async_setup(entry.entry_id)
    for _ in range(60):
        await pass_time(hass, freezer, 60)
    assert len(walks) == 1
    for _ in range(20):
        await pass_time(hass, freezer, 60)
    assert len(walks) == 2
