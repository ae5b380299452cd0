"""Watching recordings in a real home: each picture shows the moment that was asked for.

The simulated camera draws its clock into the video, so what is on the screen can be read.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import json
import shutil
from typing import TYPE_CHECKING, NamedTuple

import aiohttp
import av
import pytest

from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.vapix import RecordingKey
from custom_components.axis_recordings.views.urls import clip_path
from tests.camera import Encoding, Pause
from tests.camera.exports import coded_video_of
from tests.camera.recordings import Video
from tests.camera.video import read_clock
from tests.camera.video.scene import PASSAGE
from tests.e2e.home import COMPONENTS
from tests.e2e.media import FRAME, Media, Player
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tests.camera import Recording
    from tests.e2e.browser import Window
    from tests.e2e.cameras import Place
    from tests.e2e.client import Client
    from tests.e2e.home import Home

DOMAIN = "axis_recordings"
LAST_DAY = "Last 24 hours"
SLICE = timedelta(minutes=5)
CLIP = timedelta(seconds=10)
# A closed player asks for nothing more; that nobody wants an export any more shows within a second.
SOON = 1.5

REORDERED = Encoding(b_frames=2, references=2, open_gop=True)
PAUSES = (Pause(12, 46), Pause(50, 130), Pause(135, 335))
QUIET = Encoding(pauses=(Pause(3, 12), Pause(20, 40, every=4)))

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]


class Videos(NamedTuple):
    """What the camera has recorded, by the ids."""

    hour: str
    sparse: str
    """With a key frame every ten seconds."""
    visit: str
    """Some minutes, which are played as one."""
    short: str
    old: str
    """In MJPEG, which no browser plays."""
    reordered: str
    """With B-frames, in open groups of pictures."""
    quiet: str
    """With pauses in which nothing moves."""
    calm: str
    """With pauses of more than half a minute."""
    calm_closed: str
    """The same with B-frames."""
    calm_open: str
    """The same with B-frames, in open groups of pictures."""
    modern: str
    """In AV1."""


@pytest.fixture(scope="module")
def videos(places: tuple[Place, Place]) -> Videos:
    """Let the camera have recorded something recently."""
    camera = places[0].camera
    now = camera.clock.now()

    def ago(minutes: float) -> datetime:
        return now - timedelta(minutes=minutes)

    return Videos(
        hour=camera.add_recording(
            ago(80), ago(18), recording_type="scheduled", event_id="Office hours"
        ),
        sparse=camera.add_recording(ago(52), ago(17), event_id="Fence guard", gop=10.0),
        visit=camera.add_recording(ago(13), ago(10)),
        short=camera.add_recording(
            ago(16), ago(16) + timedelta(seconds=5), event_id="Doorbell"
        ),
        old=camera.add_recording(
            ago(15), ago(14), event_id="Old profile", video=Video("image/jpeg")
        ),
        reordered=camera.add_recording(
            ago(9), ago(8), event_id="Storage profile", gop=10.0, encoding=REORDERED
        ),
        quiet=camera.add_recording(
            ago(7), ago(6), event_id="Quiet yard", gop=30.0, encoding=QUIET
        ),
        calm=camera.add_recording(
            ago(24),
            ago(18.3),
            event_id="Still yard",
            gop=10.0,
            encoding=Encoding(pauses=PAUSES),
        ),
        calm_closed=camera.add_recording(
            ago(24),
            ago(18.3),
            event_id="Still garden",
            gop=10.0,
            encoding=replace(REORDERED, open_gop=False, pauses=PAUSES),
        ),
        calm_open=camera.add_recording(
            ago(24),
            ago(18.3),
            event_id="Still street",
            gop=10.0,
            encoding=replace(REORDERED, pauses=PAUSES),
        ),
        modern=camera.add_recording(
            ago(5), ago(4), event_id="New camera", video=Video("video/x-av1")
        ),
    )


async def test_lists_have_pictures(
    window: Window, front: Place, garden: Place, videos: Videos
) -> None:
    """Folders lead to a list of recordings, each with a picture of its beginning."""
    media = Media(window)
    await media.open()
    assert await media.titles() == [garden.name, front.name]
    await media.open(front.name)
    assert LAST_DAY in await media.titles()
    await window.picture("media-camera")

    await media.open(front.name, LAST_DAY)
    await media.item(_title(front, videos.short)).wait_for()
    await media.wait_for_pictures(12)
    await window.picture("media")
    assert window.errors == []


async def test_search(window: Window, front: Place, videos: Videos) -> None:
    """A word in the field above the list finds what the camera has under that name."""
    media = Media(window)
    await media.open(front.name)
    await media.search("doorbell")
    await media.item(_title(front, videos.short)).wait_for()
    assert await media.titles() == [_title(front, videos.short)]
    assert window.errors == []


async def test_search_for_a_moment(
    window: Window, front: Place, videos: Videos
) -> None:
    """A time finds what plays from there, in the middle of a long recording; another one a hint."""
    media = Media(window)
    start, _ = _extent(front, videos.hour)
    moment = (start + timedelta(minutes=7)).replace(second=42, microsecond=0)
    shown = f"{moment.astimezone(front.camera.clock.zone):%Y-%m-%d %H:%M:%S}"
    title = f"{shown[:10]} {_title_of_slice(front, videos.hour, moment)}"
    await media.open(front.name)
    await media.search(f"office {shown}")
    await media.item(title).wait_for()
    assert await media.titles() == [title]
    async with media.play(title) as player:
        await player.pause()
        position = await player.position()
        assert timedelta(0) <= position - moment < timedelta(seconds=10)
        await player.check()
    await media.search("yesterday 25:00")
    hint = media.item("Nothing found between")
    await hint.wait_for()
    await window.picture("media-hint")
    await media.item("last week").wait_for()
    await hint.click()
    await media.item(LAST_DAY).wait_for()
    assert window.errors == []


async def test_recording_of_some_minutes(
    window: Window, front: Place, videos: Videos
) -> None:
    """A recording that is not long plays as one, and anything of it is a click away."""
    media = Media(window)
    start, stop = _extent(front, videos.visit)
    await media.open(front.name, LAST_DAY)
    async with media.play(_title(front, videos.visit)) as player:
        await player.seek(_when_a_car_comes(start + (stop - start) / 2))
        await player.check()
        await window.picture("media-player")
        assert await player.complaint() is None
    await _exports_end(front)
    assert window.errors == []


async def test_slice_of_a_long_recording(
    window: Window, front: Place, videos: Videos
) -> None:
    """The picture is the right one at the start, and wherever somebody goes from there."""
    media = Media(window)
    moment = _slice(front, videos.hour)
    await media.open(front.name, LAST_DAY, _title(front, videos.hour))
    async with media.play(_title_of_slice(front, videos.hour, moment)) as player:
        shown = await _check_start(player, moment)
        assert moment - SLICE - player.zero < timedelta(seconds=2)

        await player.play_on(3)
        await player.check()
        assert await player.shown() - shown >= timedelta(seconds=2.5)

        far = moment + timedelta(minutes=9, seconds=7.3)
        before = moment - timedelta(minutes=3, seconds=14.7)
        for place in (far, before):
            await player.seek(place)
            await player.check()
            await player.play_on(1)
            await player.check()

        # What was seen is in the cache: the camera is not asked for it again.
        known = front.server.exports_made
        await player.seek(moment + timedelta(seconds=0.5))
        await player.check()
        again = front.server.exports[known:]
        assert all(export.start > moment + timedelta(seconds=1) for export in again)

        await player.seek(moment + timedelta(minutes=4))
        assert await player.complaint() is None
        assert front.server.exports_open == 1
    await _exports_end(front)
    assert window.errors == []


async def test_key_frames_far_apart(
    window: Window, front: Place, videos: Videos
) -> None:
    """Between key frames that are ten seconds apart, the picture is right as well."""
    media = Media(window)
    moment = _slice(front, videos.sparse)
    await media.open(front.name, LAST_DAY, _title(front, videos.sparse))
    async with media.play(_title_of_slice(front, videos.sparse, moment)) as player:
        await _check_start(player, moment)
        for place in (moment + timedelta(seconds=207.7), moment - SLICE / 2):
            await player.seek(place)
            await player.check()
            await player.play_on(1)
            await player.check()
        assert await player.complaint() is None
    await _exports_end(front)
    assert window.errors == []


@pytest.mark.parametrize("which", ["reordered", "modern"])
async def test_kinds_of_video(
    window: Window, front: Place, videos: Videos, which: str
) -> None:
    """Frames that are sent in another order than they are shown, and AV1, play as all others."""
    media = Media(window)
    recording_id: str = getattr(videos, which)
    start, _ = _extent(front, recording_id)
    await media.open(front.name, LAST_DAY)
    async with media.play(_title(front, recording_id)) as player:
        await _check_start(player, start)
        for second in (31.4, 12.9, 48.3, 5.0):
            await player.seek(start + timedelta(seconds=second))
            await player.check()
            await player.play_on(1.5)
            await player.check()
        await window.picture(f"media-{which}")
        assert await player.complaint() is None
    await _exports_end(front)
    assert window.errors == []


async def test_pauses(window: Window, front: Place, videos: Videos) -> None:
    """Where nothing moved there are no frames; all that follow are shown, also before a key frame."""
    media = Media(window)
    start, _ = _extent(front, videos.quiet)
    timeline = coded_video_of(_recording(front, videos.quiet), front.camera).timeline

    def last_frame(position: datetime) -> datetime:
        return timeline.time(timeline.at_or_before(position))

    await media.open(front.name, LAST_DAY)
    async with media.play(_title(front, videos.quiet)) as player:
        # From before the first pause to after it, where the next key frame is far.
        await player.play_on(13.5)
        await player.check(last_frame)
        for second in (16.2, 2.1, 44.9, 17.6):
            await player.seek(start + timedelta(seconds=second))
            await player.check(last_frame)
            await player.play_on(1.5)
            await player.check(last_frame)
        await window.picture("media-quiet")
        assert await player.complaint() is None
    # A camera that has nothing to send does not notice that nobody reads any more.
    first = QUIET.pauses[0]
    speed = front.camera.export_speed or 1.0
    await _exports_end(front, SOON + (first.stop - first.start) / speed)
    assert window.errors == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("which", ["calm", "calm_closed", "calm_open"])
async def test_long_pause(
    window: Window,
    front: Place,
    videos: Videos,
    monkeypatch: pytest.MonkeyPatch,
    which: str,
) -> None:
    """A player loads half a minute, and goes through a pause that is longer, from anywhere."""
    # What comes after a pause has to be fetched first.
    monkeypatch.setattr(front.camera, "export_speed", None)
    media = Media(window)
    recording_id: str = getattr(videos, which)
    start, _ = _extent(front, recording_id)
    timeline = coded_video_of(_recording(front, recording_id), front.camera).timeline

    def last_frame(position: datetime) -> datetime:
        return timeline.time(timeline.at_or_before(position))

    await media.open(front.name, LAST_DAY)
    async with media.play(_title(front, recording_id)) as player:
        await player.seek(start + timedelta(seconds=10))
        await player.play_on(3.0)
        await player.check(last_frame)
        # Within a pause, behind it, and back again.
        for second in (90.3, 131.7, 30.1, 48.2, 335.9):
            await player.seek(start + timedelta(seconds=second))
            await player.check(last_frame)
            await player.play_on(1.5)
            await player.check(last_frame)
        # Through all of them.
        await player.seek(start + timedelta(seconds=11))
        # As fast as browsers play.
        await player.ask("{ video.playbackRate = 16 }")
        await player.play_on(325)
        await player.ask("{ video.playbackRate = 1 }")
        await player.play_on(1.0)
        await player.check(last_frame)
        assert await player.complaint() is None
    await _exports_end(front)
    assert window.errors == []


async def test_short_recording_to_its_end(
    window: Window, front: Place, videos: Videos
) -> None:
    """A short recording plays from its first to its last frame."""
    media = Media(window)
    start, stop = _extent(front, videos.short)
    await media.open(front.name, LAST_DAY)
    async with media.play(_title(front, videos.short)) as player:
        await player.wait("video.ended", 30)
        assert abs(player.zero - start) < timedelta(milliseconds=1)
        last = await player.shown()
        assert stop - timedelta(seconds=2.5 * FRAME) <= last < stop
        assert await player.complaint() is None
    await _exports_end(front)
    assert window.errors == []


async def test_what_browsers_do_not_play(
    window: Window, front: Place, videos: Videos
) -> None:
    """Whoever opens a video in MJPEG learns what to do."""
    media = Media(window)
    await media.open(front.name, LAST_DAY)
    await media.item(_title(front, videos.old)).click()
    texts = json.loads((COMPONENTS / DOMAIN / "translations/en.json").read_text())
    message: str = texts["exceptions"]["unplayable"]["message"]
    sentence = message.format(codec="MJPEG").removesuffix(".")
    await window.page.get_by_text(sentence).wait_for()
    await window.page.keyboard.press("Escape")


async def test_clip(
    client: Client, front: Place, videos: Videos, tmp_path: Path
) -> None:
    """A part comes as MP4, whole or in ranges, as televisions and phones fetch it."""
    start = _slice(front, videos.hour) + timedelta(seconds=90)
    recording = _recording(front, videos.hour)
    (entry_id,) = [
        entry["entry_id"]
        for entry in await client.entries(DOMAIN)
        if entry["title"] == front.name
    ]
    part = RecordingPart(
        key=RecordingKey(recording.disk_id, videos.hour),
        start=start,
        end=start + CLIP,
    )
    signed = await client.command("auth/sign_path", path=clip_path(entry_id, part))
    async with aiohttp.ClientSession(client.base) as web:
        async with web.get(signed["path"]) as answer:
            assert answer.status == HTTPStatus.OK
            assert answer.content_type == "video/mp4"
            assert answer.headers["Accept-Ranges"] == "bytes"
            whole = await answer.read()
        async with web.head(signed["path"]) as answer:
            assert answer.status == HTTPStatus.OK
            assert answer.content_length == len(whole)
        walked = b""
        step, size = 2, len(whole)
        while len(walked) < size:
            last = min(len(walked) + step, size) - 1
            wanted = {"Range": f"bytes={len(walked)}-{last}"}
            async with web.get(signed["path"], headers=wanted) as answer:
                assert answer.status == HTTPStatus.PARTIAL_CONTENT
                assert answer.headers["Content-Range"] == (
                    f"bytes {len(walked)}-{last}/{size}"
                )
                walked += await answer.read()
            step = 65_536
        assert walked == whole

    file = tmp_path / "clip.mp4"
    file.write_bytes(whole)
    with av.open(file) as container:
        assert container.duration is not None
        duration = container.duration / 1_000_000
        frames = [read_clock(each).moment for each in container.decode(video=0)]
    # It begins at the key frame before the start.
    assert timedelta(0) <= start - frames[0] < timedelta(seconds=4)
    assert timedelta(0) <= start + CLIP - frames[-1] <= timedelta(seconds=1.5 * FRAME)
    length = (start + CLIP - frames[0]).total_seconds()
    assert duration == pytest.approx(length, abs=1.5 * FRAME)
    assert len(frames) == pytest.approx(length / FRAME, abs=1.5)
    if program := shutil.which("ffprobe"):
        assert await _probed_duration(program, file) == pytest.approx(duration, abs=0.1)


async def test_restart_while_playing(
    window: Window, client: Client, home: Home, front: Place, videos: Videos
) -> None:
    """A restart ends what plays without a word in the log, and afterwards it plays again."""
    media = Media(window)
    moment = _slice(front, videos.hour) + 5 * SLICE
    place = [front.name, LAST_DAY, _title(front, videos.hour)]
    title = _title_of_slice(front, videos.hour, moment)
    await media.open(*place)
    async with media.play(title):
        assert front.server.exports_open == 1
        await client.action("homeassistant.restart", {})
        await home.restarted()
        assert front.server.exports_open == 0
    await client.running()

    await media.open(*place)
    async with media.play(title) as player:
        await _check_start(player, moment)
    await _exports_end(front)


async def _check_start(player: Player, moment: datetime) -> datetime:
    """Make sure that it began to play at a moment, and return what is shown now."""
    await player.pause()
    shown = await player.shown()
    assert -timedelta(seconds=FRAME) <= shown - moment < timedelta(seconds=5)
    await player.check()
    return shown


async def _exports_end(place: Place, seconds: float = SOON) -> None:
    """Wait until the camera exports nothing any more, which must not take long."""

    async def is_over() -> bool:
        return place.server.exports_open == 0

    await until(is_over, seconds)


async def _probed_duration(program: str, file: Path) -> float:
    """Return the duration in seconds that ffprobe reports."""
    asked = ("-v", "error", "-show_entries", "format=duration", "-of", "json")
    process = await asyncio.create_subprocess_exec(
        program, *asked, str(file), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return float(json.loads(output)["format"]["duration"])


def _when_a_car_comes(moment: datetime) -> datetime:
    """Return the next moment at which a car is in the middle of the first channel's picture."""
    seconds = (0.08 * PASSAGE - moment.timestamp()) % PASSAGE
    return moment + timedelta(seconds=seconds)


def _recording(place: Place, recording_id: str) -> Recording:
    """Return a recording of a camera."""
    recording = place.camera.recordings.find(recording_id)
    assert recording is not None
    return recording


def _extent(place: Place, recording_id: str) -> tuple[datetime, datetime]:
    """Return when a recording begins and ends."""
    recording = _recording(place, recording_id)
    assert recording.stop is not None
    return recording.start, recording.stop


def _title(place: Place, recording_id: str) -> str:
    """Return what a recording is called."""
    start, stop = _extent(place, recording_id)
    recording = _recording(place, recording_id)
    return _words(start, stop - start, place.camera.clock.zone, recording.event_id)


def _slice(place: Place, recording_id: str) -> datetime:
    """Return where the third slice of a recording begins."""
    start, _ = _extent(place, recording_id)
    first = start - (start - datetime.min.replace(tzinfo=UTC)) % SLICE
    return first + 2 * SLICE


def _title_of_slice(place: Place, recording_id: str, moment: datetime) -> str:
    """Return what a slice of a long recording is called beside the others, without its date."""
    recording = _recording(place, recording_id)
    title = _words(moment, SLICE, place.camera.clock.zone, recording.event_id)
    return title.partition(" ")[2]


def _words(start: datetime, duration: timedelta, zone: ZoneInfo, event: str) -> str:
    """Return when something begins by the clock on the wall, why it was made and how long it is."""
    whole = timedelta(seconds=round(duration.total_seconds()))
    return f"{start.astimezone(zone):%Y-%m-%d %H:%M:%S} · {event} · {whole}"
