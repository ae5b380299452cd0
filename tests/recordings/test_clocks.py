"""Home Assistant's clock is set, by hours or for daylight saving time, while something goes on."""

from collections import Counter
from datetime import UTC, datetime, timedelta
import time
from typing import TYPE_CHECKING, Any

from homeassistant.const import STATE_OFF, STATE_ON
import pytest

from custom_components.axis_recordings.helpers.backoff import LONGEST_DELAY
from custom_components.axis_recordings.recordings.own import OwnRecordings
from tests.camera import Camera, CameraServer, Fault
from tests.common import (
    IN_PROGRESS,
    RECORDINGS,
    SWITCH,
    call,
    kinds,
    ongoing_ids,
    pass_time,
    set_up,
    state_of,
    turn,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

STOP = "/axis-cgi/record/stop.cgi"
JUMPS = [timedelta(hours=5), timedelta(hours=-5), timedelta(days=400)]


class Clock:
    """Home Assistant's clock, which can be set apart from the time that passes and the camera's."""

    def __init__(
        self,
        freezer: FrozenDateTimeFactory,
        camera: Camera,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Begin as it is."""
        self._freezer = freezer
        self._camera = camera
        passed, self._ahead = time.monotonic, 0.0
        monkeypatch.setattr(time, "monotonic", lambda: passed() - self._ahead)

    def set_ahead(self, jump: timedelta) -> None:
        """Set it ahead, or back."""
        self._ahead += jump.total_seconds()
        self._camera.clock.offset -= jump
        self._freezer.tick(jump)


@pytest.fixture
def clock(
    freezer: FrozenDateTimeFactory, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> Clock:
    """Return Home Assistant's clock."""
    return Clock(freezer, camera, monkeypatch)


def asked(server: CameraServer) -> Counter[str]:
    """Return how often each CGI was asked."""
    return Counter(each.path for each in server.requests)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("jump", JUMPS)
async def test_deadline(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    camera: Camera,
    server: CameraServer,
    clock: Clock,
    jump: timedelta,
) -> None:
    """A recording lasts for as long as was asked for, and is stopped once."""
    await call(hass, "start", duration={"minutes": 4})
    await pass_time(hass, freezer, 60)
    clock.set_ahead(jump)
    since = asked(server)
    for _ in range(17):
        await pass_time(hass, freezer, 10)
        assert state_of(hass, IN_PROGRESS) == STATE_ON
    # One poll each ten seconds, and what a clock that was set costs.
    assert (asked(server) - since).total() < 3 * 17
    assert len(ongoing_ids(camera)) == 1
    await pass_time(hass, freezer, 11)
    assert not ongoing_ids(camera)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    await pass_time(hass, freezer, 3600)
    assert asked(server)[STOP] == 1


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("jump", JUMPS)
async def test_more_time_and_another_try(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    camera: Camera,
    server: CameraServer,
    clock: Clock,
    jump: timedelta,
) -> None:
    """What could not be stopped is tried again as soon as without a jump."""
    await call(hass, "start", duration={"seconds": 30})
    camera.faults.set("record/stop.cgi", Fault.UNAVAILABLE)
    await pass_time(hass, freezer, 31)
    assert asked(server)[STOP] == 1
    clock.set_ahead(jump)
    for _ in range(40):
        await pass_time(hass, freezer, 10)
    assert 3 <= asked(server)[STOP] <= 10
    camera.faults.clear()
    await pass_time(hass, freezer, LONGEST_DELAY * 1.25)
    assert not ongoing_ids(camera)


@pytest.mark.parametrize("jump", JUMPS)
async def test_reload(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    camera: Camera,
    clock: Clock,
    jump: timedelta,
) -> None:
    """What is known while Home Assistant runs counts also after the camera was loaded anew."""
    await call(hass, "start", duration={"minutes": 10})
    clock.set_ahead(jump)
    await hass.config_entries.async_reload(loaded.entry_id)
    await pass_time(hass, freezer, 590)
    assert len(ongoing_ids(camera)) == 1
    await pass_time(hass, freezer, 11)
    assert not ongoing_ids(camera)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("jump", JUMPS)
async def test_doubts(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    camera: Camera,
    clock: Clock,
    jump: timedelta,
) -> None:
    """A list that is short for a moment stays one: no recording is taken for gone sooner or later."""
    await turn(hass, "on")
    await pass_time(hass, freezer, 11)
    camera.faults.set("record/list.cgi", Fault.NO_RECORDINGS)
    await pass_time(hass, freezer, 10)
    clock.set_ahead(jump)
    for _ in range(4):
        await pass_time(hass, freezer, 10)
        assert state_of(hass, SWITCH) == STATE_ON
    camera.faults.clear()
    await pass_time(hass, freezer, 31)
    assert state_of(hass, SWITCH) == STATE_ON
    assert state_of(hass, RECORDINGS) == "9"


def record_some(camera: Camera, freezer: FrozenDateTimeFactory) -> list[str]:
    """Let so many recordings come and go that one would think that a list was short before."""
    ids = []
    for _ in range(4):
        freezer.tick(2)
        ids.append(camera.start_recording())
        freezer.tick(2)
        camera.end_recording(ids[-1])
    return ids


@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize("jump", [*JUMPS, timedelta(days=-400)])
async def test_reported_while_not_loaded(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    camera: Camera,
    events: list[dict[str, Any]],
    clock: Clock,
    jump: timedelta,
    is_cut: bool,
) -> None:
    """What happens meanwhile is reported once, as what it was: the camera's clock says how long that was."""
    first = camera.start_recording()
    await pass_time(hass, freezer)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    freezer.tick(10)
    clock.set_ahead(jump)
    freezer.tick(10)
    if is_cut:
        camera.reboot()
    else:
        camera.end_recording(first)
    short = record_some(camera, freezer)
    last = camera.start_recording()
    oldest = min(camera.recordings, key=lambda each: each.start).recording_id
    camera.remove_recording(oldest)
    await set_up(hass, loaded)
    for _ in range(4):
        await pass_time(hass, freezer)
    assert sorted(kinds(events)) == sorted(
        [
            ("started", first),
            ("interrupted" if is_cut else "finished", first),
            ("started", last),
            *((kind, each) for each in short for kind in ("started", "finished")),
            ("removed", oldest),
        ]
    )
    camera.end_recording(last)
    await pass_time(hass, freezer)
    assert kinds(events)[-1] == ("finished", last)


@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize("jump", [*JUMPS, timedelta(days=-400)])
@pytest.mark.usefixtures("loaded")
async def test_reported_while_loaded(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    camera: Camera,
    events: list[dict[str, Any]],
    clock: Clock,
    jump: timedelta,
    is_cut: bool,
) -> None:
    """Likewise between two polls."""
    first = camera.start_recording()
    await pass_time(hass, freezer)
    freezer.tick(2)
    clock.set_ahead(jump)
    freezer.tick(2)
    if is_cut:
        camera.reboot()
    else:
        camera.end_recording(first)
    short = record_some(camera, freezer)
    last = camera.start_recording()
    for _ in range(4):
        await pass_time(hass, freezer)
    assert sorted(kinds(events)) == sorted(
        [
            ("started", first),
            ("interrupted" if is_cut else "finished", first),
            ("started", last),
            *((kind, each) for each in short for kind in ("started", "finished")),
        ]
    )


@pytest.mark.parametrize("month", [3, 10])
async def test_daylight_saving_time(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    month: int,
) -> None:
    """An hour that is left out, or comes twice, changes nothing."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    camera.clock.time_zone = "Europe/Berlin"
    day = datetime(2027, month, 25, 0, 40, tzinfo=UTC)
    day += timedelta(days=(6 - day.weekday()) % 7)
    freezer.move_to(day)
    await set_up(hass, entry)
    await call(hass, "start", duration={"hours": 1})
    for _ in range(11):
        await pass_time(hass, freezer, 300)
        assert len(ongoing_ids(camera)) == 1
    await pass_time(hass, freezer, 301)
    assert not ongoing_ids(camera)
    assert asked(server)[STOP] == 1


NOTED = datetime(2026, 11, 24, 10, tzinfo=UTC)


def noted(**changes: object) -> dict[str, object]:
    """Return what is stored of a recording of ten minutes."""
    return {
        "disk_id": "SD_DISK",
        "recording_id": "a",
        "started": NOTED.isoformat(),
        "deadline": (NOTED + timedelta(minutes=10)).isoformat(),
        "by_switch": False,
        **changes,
    }


@pytest.mark.parametrize("late", [timedelta(days=-300), timedelta(0)])
async def test_board_without_a_clock(
    hass: HomeAssistant,
    hass_storage: dict[str, object],
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    late: timedelta,
) -> None:
    """It starts with some time in the past, and is set later: what was begun before ends in time."""
    passed = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: passed)
    hass_storage["axis_recordings.x"] = {"version": 1, "data": [noted()]}
    freezer.move_to(NOTED + late)
    known = OwnRecordings(hass, "x")
    await known.async_load()
    (own,) = known.all
    assert own.seconds_left == 600
    freezer.move_to(NOTED + timedelta(minutes=11))
    assert own.seconds_left == -60


@pytest.mark.parametrize(
    "changes",
    [
        {"started": "2026-11-24T10:00:00"},
        {"deadline": "2026-11-24T10:10:00"},
        {"disk_id": ["SD_DISK"]},
        {"started": None},
        {"deadline": 7},
    ],
)
async def test_what_was_noted_makes_no_sense(
    hass: HomeAssistant,
    hass_storage: dict[str, object],
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, object],
) -> None:
    """It is left out, and the rest is known."""
    hass_storage["axis_recordings.x"] = {
        "version": 1,
        "data": [noted(**changes), noted(recording_id="b")],
    }
    known = OwnRecordings(hass, "x")
    await known.async_load()
    assert [own.recording_id for own in known.all] == ["b"]
    assert caplog.text.count("makes no sense") == 1
