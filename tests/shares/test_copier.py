"""What is shared is copied to Home Assistant's disk."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.playback.clips import LAG_SECONDS
from custom_components.axis_recordings.playback.export_queue import Priority
from custom_components.axis_recordings.shares import copies as copies_module
from custom_components.axis_recordings.shares.copies import VIDEO as COPY
from custom_components.axis_recordings.shares.shares import Shares
from tests.camera import Camera, CameraServer, Fault
from tests.common import call, full_disk
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.videos import (
    EXPORT,
    VIDEO,
    RunningClock,
    add_video,
    at,
    movie_at,
    part,
    playing_tasks,
    playing_threads,
    quiet,
    running_clock,
    second_of,
    until,
)

from .sharing import call_as, copied, files_of, later, share

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.playback.player import Player
    from custom_components.axis_recordings.shares.copier import ShareCopier

pytestmark = running_clock


@pytest.fixture
def copier(loaded: MockConfigEntry) -> ShareCopier:
    """Return what copies the shares of the camera."""
    copier: ShareCopier = loaded.runtime_data.copier
    return copier


async def problem_of(hass: HomeAssistant, share_id: str) -> str | None:
    """Return why something is not copied, as the list says it."""
    listed = await call(hass, "shares")
    (problem,) = [
        each["problem"] for each in listed["shares"] if each["share_id"] == share_id
    ]
    assert problem is None or isinstance(problem, str)
    return problem


async def refused_with(hass: HomeAssistant, share_id: str) -> str:
    """Wait until it is known why something is not copied."""
    while (problem := await problem_of(hass, share_id)) is None:
        await hass.async_block_till_done(wait_background_tasks=True)
    return problem


async def test_copy(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """It is a clip of what is shared, with a picture of its beginning."""
    answer = await share(hass, start_time=at(5).isoformat(), end_time=at(9).isoformat())
    movie = movie_at(await copied(hass, answer))
    assert movie.seconds == pytest.approx([n / 10 for n in range(40, 90)], abs=0.002)
    assert files_of(hass) == {f"{answer['share_id']}.{each}" for each in ("jpg", "mp4")}
    copies = loaded.runtime_data.copier._shares.copies
    picture = copies.folder / f"{answer['share_id']}.jpg"
    assert second_of(picture.read_bytes()) == pytest.approx(5, abs=0.002)
    assert await problem_of(hass, answer["share_id"]) is None
    (listed,) = (await call(hass, "shares"))["shares"]
    assert listed["copied"] == len(movie.data)
    await quiet(server)
    made = server.exports_made
    await call(hass, "revoke")
    assert not copies.folder.exists()
    assert server.exports_made == made


async def test_what_was_watched_is_not_exported_again(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    server: CameraServer,
) -> None:
    """The segments are the same; only the picture needs an export of its own."""
    await player.async_clip(part())
    await quiet(server)
    made = server.exports_made
    await copied(hass, await share(hass))
    await quiet(server)
    assert server.exports_made == made + 1


async def test_survives_a_restart(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    shares: Shares,
) -> None:
    """What was not copied is copied when the camera is loaded again, and what was copied stays."""
    first = await share(hass)
    path = await copied(hass, first)
    written = path.stat().st_mtime_ns
    queue = player.queue
    async with queue.hold(queue.new_ticket(Priority.PLAYBACK)):
        second = await share(hass, end_time=at(6).isoformat())
        await until(lambda: bool(queue._waiting))
        assert await hass.config_entries.async_unload(loaded.entry_id)
    assert f"{second['share_id']}.mp4" not in files_of(hass)
    assert not [name for name in files_of(hass) if name.endswith(".part")]
    assert not playing_tasks()
    assert not playing_threads()

    again = Shares(hass)
    await again.async_load()
    assert again.copies.size_of(first["share_id"]) == path.stat().st_size
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await copied(hass, second)
    assert path.stat().st_mtime_ns == written


async def test_running_recording(
    hass: HomeAssistant,
    player: Player,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The camera writes the end later than it is recorded; a copy without it would stay."""
    needed: list[bool] = []
    write = player.async_write_clip

    async def note(*args: Any, **options: Any) -> Any:
        needed.append(options["needs_end"])
        return await write(*args, **options)

    monkeypatch.setattr(player, "async_write_clip", note)
    start = dt_util.utcnow() - timedelta(seconds=20)
    recording_id = camera.start_recording(start=start)
    made = server.exports_made
    answer = await share(hass, recording_id=recording_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert server.exports_made == made
    assert await problem_of(hass, answer["share_id"]) is None
    await later(hass, freezer, timedelta(seconds=LAG_SECONDS + 1))
    movie = movie_at(await copied(hass, answer))
    assert movie.duration == pytest.approx(20, abs=2)
    assert needed == [True]


async def test_outlives_the_recording(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The camera may delete it, or be gone."""
    answer = await share(hass)
    path = await copied(hass, answer)
    camera.remove_recording(VIDEO)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert path.exists()
    assert await problem_of(hass, answer["share_id"]) is None


async def test_recording_is_gone_before(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    player: Player,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The list says so, and the camera is not asked for it again."""
    queue = player.queue
    async with queue.hold(queue.new_ticket(Priority.PLAYBACK)):
        answer = await share(hass)
        await until(lambda: bool(queue._waiting))
        camera.remove_recording(VIDEO)
    assert "no longer has this recording" in await refused_with(
        hass, answer["share_id"]
    )
    made = server.exports_made
    await later(hass, freezer, timedelta(hours=1))
    assert server.exports_made == made
    assert not [name for name in files_of(hass) if not name.endswith(".jpg")]


async def test_no_room(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    clock: RunningClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Then there is no copy, which is said; it is made once there is room."""
    monkeypatch.setattr(copies_module, "MOST_BYTES", 10)
    answer = await share(hass)
    said = await refused_with(hass, answer["share_id"])
    assert "no room" in said
    assert "Front camera" in said
    await quiet(server)
    # Only that of the picture.
    assert server.exports_made == 1
    monkeypatch.setattr(copies_module, "MOST_BYTES", 10**9)
    clock.ahead += 60
    await later(hass, freezer, timedelta(minutes=1))
    await copied(hass, answer)
    assert await problem_of(hass, answer["share_id"]) is None


async def test_full_disk(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """What is half written is removed."""
    camera.bitrate = 2_000_000
    with full_disk(100_000):
        answer = await share(hass)
        said = await refused_with(hass, answer["share_id"])
    assert "no room" in said
    assert not [name for name in files_of(hass) if not name.endswith(".jpg")]


async def test_picture_fails(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    copier: ShareCopier,
    shares: Shares,
    clock: RunningClock,
) -> None:
    """Anybody may ask for it, so the camera is not asked each time."""
    camera.faults.set(EXPORT, Fault.RESET)
    answer = await share(hass)
    await refused_with(hass, answer["share_id"])
    camera.faults.clear()
    await quiet(server)
    requests = len(server.requests)
    (shared,) = shares.all
    for _ in range(3):
        with pytest.raises(HomeAssistantError):
            await copier.async_picture(shared)
    assert len(server.requests) == requests
    clock.ahead += 60
    assert await copier.async_picture(shared)


async def test_no_room_for_a_picture(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Then the camera is not asked for it."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.playback.cache.KEEP_FREE", 2**60
    )
    made = server.exports_made
    answer = await share(hass)
    assert "no room" in await refused_with(hass, answer["share_id"])
    assert server.exports_made == made


async def test_camera_is_away(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    clock: RunningClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is tried again later."""
    camera.faults.set(EXPORT, Fault.RESET)
    answer = await share(hass)
    await refused_with(hass, answer["share_id"])
    camera.faults.clear()
    clock.ahead += 60
    await later(hass, freezer, timedelta(minutes=1))
    await copied(hass, answer)


async def test_what_browsers_do_not_play(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """There is no MP4 of it, but it can be shared as the camera's own file."""
    add_video(camera, at(100), 3, recording_id="old", mimetype="image/jpeg", gop=0.1)
    answer = await share(hass, recording_id="old", format="original")
    assert "MJPEG" in await refused_with(hass, answer["share_id"])


async def test_ends_while_it_is_copied(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """Nothing is left, and the next one is copied."""
    camera.faults.set(EXPORT, Fault.TIMEOUT, after=10_000)
    answer = await share(hass)
    await until(lambda: server.exports_open)
    other = await share(hass, end_time=at(6).isoformat())
    camera.faults.clear()
    await call_as(hass, None, "revoke", share_id=answer["share_id"])
    await copied(hass, other)
    assert {name.partition(".")[0] for name in files_of(hass)} == {other["share_id"]}


async def test_oldest_first(
    hass: HomeAssistant, loaded: MockConfigEntry, player: Player, shares: Shares
) -> None:
    """The camera cleans that up first."""
    queue = player.queue
    order: list[str] = []
    create = shares.copies.create

    def note(share_id: str, ending: str) -> object:
        if ending == COPY:
            order.append(share_id)
        return create(share_id, ending)

    shares.copies.create = note  # type: ignore[assignment, method-assign]
    async with queue.hold(queue.new_ticket(Priority.PLAYBACK)):
        answers = [
            await share(hass, end_time=at(4 + number).isoformat())
            for number in range(3)
        ]
    for answer in answers:
        await copied(hass, answer)
    assert order == [each["share_id"] for each in answers]
