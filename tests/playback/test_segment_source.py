"""The segments of a recording: who gets what, from where, and what ends when."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.playback.errors import (
    ClosedError,
    InvalidVideoError,
    NoKeyFrameError,
    NothingRecordedError,
    UnplayableError,
)
from custom_components.axis_recordings.playback.export_queue import Priority
from custom_components.axis_recordings.playback.fragments import Copier
from custom_components.axis_recordings.playback.pipe import Pipe
from custom_components.axis_recordings.vapix import (
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    MissingRightsError,
    RecordingQuery,
    RefusedError,
    UnexpectedAnswerError,
)
from tests.camera import Exchange, Fault, Quirks
from tests.videos import until

from .videos import START, VIDEO, camera_with_video, movie_of

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.segment_source import SegmentSource
    from custom_components.axis_recordings.playback.segments import Segment

    from .conftest import OnStage

PROPERTIES = "record/export/properties.cgi"
EXPORT = "record/export/exportrecording.cgi"
PLAYBACK, JOB, THUMBNAIL = Priority.PLAYBACK, Priority.JOB, Priority.THUMBNAIL


def check(source: SegmentSource, *segments: Segment, rate: float = 10) -> None:
    """See that segments which follow each other show what they should, without a gap."""
    frames = movie_of(source.init, *segments).frames
    numbers = [frame.clock.number for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) == pytest.approx(
        sum(segment.end - segment.start for segment in segments) * rate, abs=1
    )
    for frame in frames:
        assert frame.second(START) == pytest.approx(frame.time, abs=0.002)


def want(
    source: SegmentSource, number: int, priority: Priority = PLAYBACK
) -> asyncio.Task[Segment]:
    """Be one of those who wait for a segment."""
    return asyncio.create_task(source.segment(number, priority))


async def leave(task: asyncio.Task[Segment]) -> None:
    """Wait no more."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# Right


async def test_all(on_stage: OnStage) -> None:
    """From the first to the last one by one export, and then from the cache."""
    stage = await on_stage(camera_with_video(audio="audio/x-aac"))
    source = await stage.source()
    segments = [await source.segment(number, PLAYBACK) for number in range(30)]
    check(source, *segments)
    assert stage.server.exports_made == 1
    await stage.idle()
    again = [await source.segment(number, PLAYBACK) for number in reversed(range(30))]
    assert again[::-1] == segments
    assert stage.server.exports_made == 1
    await until(lambda: len(stage.cache) == 30)
    assert [await source.segment(number, PLAYBACK) for number in range(30)] == segments
    with pytest.raises(NothingRecordedError):
        await source.segment(30, PLAYBACK)
    with pytest.raises(NothingRecordedError):
        await source.segment(10**6, PLAYBACK)


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(fraction_digits=0),
        Quirks(fraction_digits=3),
        Quirks(fraction_digits=6, export_duration=True),
        Quirks(export_framing="close"),
        Quirks(export_framing="chunked", keep_alive=False),
        Quirks(export_outside="error", export_size="unknown"),
        Quirks(export_formats=("mp4",)),
        Quirks(export_formats=("matroska", "mp4")),
        Quirks(export_lost="cut", date_header=False),
    ],
)
@pytest.mark.parametrize("gop", [4.0, 30.0])
async def test_any_camera(on_stage: OnStage, quirks: Quirks, gop: float) -> None:
    """Wherever one seeks to, it shows the right second."""
    start = START.replace(microsecond=123_456)
    stage = await on_stage(camera_with_video(quirks=quirks, gop=gop, start=start))
    source = await stage.source()
    lag = 1.0 if quirks.fraction_digits == 0 else 0.002
    for number in (20, 3, 29, 0, 14):
        segment = await source.independent(number)
        frames = movie_of(source.init, segment).frames
        shown = [frame for frame in frames if frame.time >= segment.start - 6e-6]
        assert len(shown) == pytest.approx((segment.end - segment.start) * 10, abs=1)
        for frame in shown:
            assert frame.second(start) == pytest.approx(frame.time, abs=lag)
        for frame in frames[: -len(shown)]:
            assert segment.start - frame.time < 0.01
        await stage.idle()


@pytest.mark.parametrize(
    "digits",
    [
        pytest.param(
            0,
            marks=pytest.mark.xfail(
                strict=True,
                reason="Where an export begins is only as exact as the camera reports",
            ),
        ),
        3,
        6,
    ],
)
async def test_exports_agree(on_stage: OnStage, digits: Any) -> None:
    """Whoever comes from elsewhere gets the same segments, however exactly times are listed."""
    stage = await on_stage(
        camera_with_video(gop=2.4, quirks=Quirks(fraction_digits=digits))
    )
    one, other = await stage.source(), await stage.source()
    for number in range(13):
        await one.segment(number, PLAYBACK)
    await stage.idle()
    segments = one.known
    for number in (12, 7, 3):
        found = await other.segment(number, PLAYBACK)
        assert found.start == pytest.approx(segments[number].start, abs=0.002)
        assert found.end == pytest.approx(segments[number].end, abs=0.002)
        await stage.idle()


async def test_another_life(on_stage: OnStage) -> None:
    """What an earlier source has left in the cache is neither trusted nor in the way."""
    stage = await on_stage(camera_with_video(gop=10.0))
    earlier = await stage.source()
    for number in range(10):
        await earlier.segment(number, PLAYBACK)
    await stage.written()
    await earlier.close()
    source = await stage.source()
    source.zero += timedelta(seconds=1)
    segment = await source.independent(7)
    frames = movie_of(source.init, segment).frames
    for frame in frames[-10:]:
        assert frame.second(source.zero) == pytest.approx(frame.time, abs=0.002)
    await stage.written()
    assert source.is_at_hand(7)


async def test_sought_far_from_a_key_frame(on_stage: OnStage) -> None:
    """A camera that saves room sets key frames half a minute apart, and sends from there."""
    stage = await on_stage(camera_with_video(gop=30.0, export_speed=15))
    source = await stage.source()
    segment = await source.segment(14, PLAYBACK)
    assert segment.start == pytest.approx(28, abs=0.002)
    assert not segment.starts_with_key
    assert stage.server.exports_made == 1


async def test_ongoing(on_stage: OnStage) -> None:
    """The last segment goes as far as there is, and is not kept, as there will be more of it."""
    camera = camera_with_video()
    start = camera.clock.now() - timedelta(seconds=21)
    recording_id = camera.start_recording(start=start)
    stage = await on_stage(camera)
    source = await stage.source(recording_id)
    assert source.end is None
    last = await source.segment(10, PLAYBACK)
    assert last.start == pytest.approx(20, abs=0.01)
    assert last.end == pytest.approx(source.seconds(camera.clock.now()), abs=0.7)
    await stage.idle()
    assert "10" not in {
        name.split("-")[-1].split(".")[0] for name in stage.cache._entries
    }
    await asyncio.sleep(max(0, 22.3 - source.seconds(camera.clock.now())))
    whole = await source.segment(10, PLAYBACK)
    assert whole.is_whole
    assert whole.end == pytest.approx(22, abs=0.1)
    with pytest.raises(NothingRecordedError):
        await source.segment(60, PLAYBACK)


async def test_dropped_sound(on_stage: OnStage) -> None:
    """It is known after the first segment."""
    stage = await on_stage(camera_with_video(audio="audio/x-opus"))
    source = await stage.source()
    assert source.dropped_audio is None
    check(source, await source.segment(0, PLAYBACK))
    assert source.dropped_audio == "opus"


async def test_unplayable(on_stage: OnStage) -> None:
    """What can't be played is named."""
    stage = await on_stage(
        camera_with_video(mimetype="image/jpeg", rate="2:1", seconds=10)
    )
    source = await stage.source()
    with pytest.raises(UnplayableError) as caught:
        await source.segment(1, PLAYBACK)
    assert caught.value.codec == "MJPEG"


async def test_moved_start(on_stage: OnStage) -> None:
    """What was cleaned away is reported to be gone; what follows keeps its numbers."""
    camera = camera_with_video(seconds=620, rate="2:1")
    stage = await on_stage(camera)
    source = await stage.source()
    camera.clean_up(START + timedelta(seconds=400))
    async with asyncio.timeout(20):
        for number in (0, 100, 149):
            with pytest.raises(NothingRecordedError):
                await source.segment(number, PLAYBACK)
            await stage.idle()
        segments = [await source.segment(number, PLAYBACK) for number in (150, 151)]
    check(source, *segments, rate=2)
    assert segments[0].start == 300
    assert len(stage.server.exports) < 12


async def test_moved_start_while_exporting(on_stage: OnStage) -> None:
    """What is sent may vanish: whoever waits hears of it, and then what is left is played."""
    camera = camera_with_video(seconds=620, rate="2:1", export_speed=20)
    stage = await on_stage(camera)
    source = await stage.source()
    async with asyncio.timeout(20):
        await source.segment(0, PLAYBACK)
        task = want(source, 4)
        camera.clean_up(START + timedelta(seconds=400))
        with pytest.raises((NothingRecordedError, CameraConnectionError)):
            await task
        check(source, await source.segment(150, PLAYBACK), rate=2)


async def test_someone_elsewhere(on_stage: OnStage) -> None:
    """What is not there for one is no error for another."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    async with asyncio.timeout(20):
        tasks = [want(source, number) for number in (10_000, 3, 30, 20)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in (results[0], results[2]):
        assert isinstance(result, NothingRecordedError)
    for number, result in ((3, results[1]), (20, results[3])):
        assert not isinstance(result, BaseException)
        assert result.number == number


async def test_end_that_is_listed_late(on_stage: OnStage) -> None:
    """Segments that don't exist are reported to be missing, without asking forever."""
    stage = await on_stage(camera_with_video(seconds=20))
    source = await stage.source()
    source.end = START + timedelta(seconds=40)
    async with asyncio.timeout(20):
        for number in (10, 12, 19):
            with pytest.raises(NothingRecordedError):
                await source.segment(number, PLAYBACK)
        check(source, await source.segment(8, PLAYBACK))
    assert stage.server.exports_made < 10


# Wrong


CODES = (20, 40, 110, 120, 130, 140, 170, 180, 190, 260)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("cgi", [PROPERTIES, EXPORT])
async def test_refused(on_stage: OnStage, cgi: str, code: int) -> None:
    """The camera's number and words come through, and the next one asks again."""
    camera = camera_with_video()
    camera.faults.set(cgi, Fault.ERROR, message=f"{code} Not now")
    stage = await on_stage(camera)
    source = await stage.source()
    with pytest.raises(RefusedError, match="Not now") as caught:
        await source.segment(3, PLAYBACK)
    assert caught.value.code == code
    camera.faults.clear()
    check(source, await source.segment(4, PLAYBACK))


@pytest.mark.parametrize("code", [150, 160])
@pytest.mark.parametrize("cgi", [PROPERTIES, EXPORT])
async def test_outside(on_stage: OnStage, cgi: str, code: int) -> None:
    """What lies outside the recording is not there."""
    camera = camera_with_video()
    camera.faults.set(cgi, Fault.ERROR, message=f"{code} Outside")
    stage = await on_stage(camera)
    source = await stage.source()
    with pytest.raises(NothingRecordedError):
        await source.segment(3, PLAYBACK)


FAULTS: list[tuple[str, Fault, type[Exception]]] = [
    *(
        (cgi, fault, error)
        for cgi in (PROPERTIES, EXPORT)
        for fault, error in (
            (Fault.RESET, CameraConnectionError),
            (Fault.NOT_FOUND, RefusedError),
            (Fault.UNAUTHORIZED, MissingRightsError),
            (Fault.HTML, UnexpectedAnswerError),
            (Fault.EMPTY, UnexpectedAnswerError),
            (Fault.ENTITY_BOMB, UnexpectedAnswerError),
            (Fault.HUGE, UnexpectedAnswerError),
        )
    ),
    (PROPERTIES, Fault.UNAVAILABLE, BusyError),
    (EXPORT, Fault.UNAVAILABLE, BusyError),
    (PROPERTIES, Fault.TRUNCATED, CameraConnectionError),
    (EXPORT, Fault.TIMEOUT, CameraTimeoutError),
    (EXPORT, Fault.NOT_MEDIA, UnexpectedAnswerError),
    (EXPORT, Fault.NO_KEY_FRAMES, NoKeyFrameError),
    (EXPORT, Fault.NO_FRAMES, InvalidVideoError),
]


@pytest.mark.parametrize(("cgi", "fault", "error"), FAULTS)
@pytest.mark.usefixtures("short_streams")
async def test_fault(
    on_stage: OnStage, cgi: str, fault: Fault, error: type[Exception]
) -> None:
    """All who wait hear of it, nothing is kept, and it works when the camera does."""
    camera = camera_with_video()
    stage = await on_stage(camera)
    await stage.client.fetch_recordings(RecordingQuery(recording_id="all"))
    source = await stage.source()
    camera.faults.set(cgi, fault)
    async with asyncio.timeout(20):
        tasks = [
            want(source, number, priority)
            for number in (3, 20)
            for priority in (PLAYBACK, JOB)
        ]
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert type(result) is error
        assert len(stage.cache) == 0
        await stage.idle(seconds=2)
        camera.faults.clear()
        check(source, await source.segment(4, PLAYBACK))


async def test_no_key_frames_for_long(on_stage: OnStage) -> None:
    """Nobody waits for a key frame forever."""
    camera = camera_with_video(seconds=300, rate="1:1")
    camera.faults.set(EXPORT, Fault.NO_KEY_FRAMES)
    stage = await on_stage(camera)
    source = await stage.source()
    with pytest.raises(NoKeyFrameError):
        await source.segment(0, PLAYBACK)
    await stage.idle(seconds=2)
    (made,) = stage.server.exports
    assert made.outcome in ("left", "finished")


@pytest.mark.parametrize("framing", ["chunked", "close"])
@pytest.mark.parametrize(
    ("fault", "after"),
    [
        (Fault.TRUNCATED, 100),
        (Fault.TRUNCATED, 40_000),
        (Fault.RESET, 40_000),
        (Fault.TIMEOUT, 40_000),
    ],
)
@pytest.mark.usefixtures("short_streams")
async def test_breaks_off(
    on_stage: OnStage, fault: Fault, after: int, framing: Any
) -> None:
    """What came before is played, whoever waits for the rest hears of it, nothing partial is kept."""
    camera = camera_with_video(quirks=Quirks(export_framing=framing))
    stage = await on_stage(camera)
    source = await stage.source()
    camera.faults.set(EXPORT, fault, after=after)
    tasks = [want(source, number) for number in range(5)]
    async with asyncio.timeout(20):
        results = await asyncio.gather(*tasks, return_exceptions=True)
        got = [each for each in results if not isinstance(each, BaseException)]
        failed = [each for each in results if isinstance(each, BaseException)]
        assert [segment.number for segment in got] == list(range(len(got)))
        assert all(segment.is_whole for segment in got)
        assert bool(got) == (after > 1000)
        # Where a video ends like any other, what follows is tried anew, and comes.
        assert failed or (framing == "close" and after > 1000)
        for each in failed:
            assert isinstance(
                each, CameraConnectionError | NothingRecordedError | InvalidVideoError
            )
        await stage.idle(seconds=2)
        camera.faults.clear()
        segments = [await source.segment(number, PLAYBACK) for number in range(6)]
    check(source, *segments)


async def test_breaks_off_elsewhere_each_time(on_stage: OnStage) -> None:
    """Before anything can be shown, and as if the video had ended there: nobody hears that it can be played."""
    camera = camera_with_video(quirks=Quirks(export_framing="close"))
    stage = await on_stage(camera)
    source = await stage.source()
    lengths = count(9_000, 3_000)

    def break_off(exchange: Exchange) -> None:
        if exchange.path.endswith(PROPERTIES):
            camera.faults.set(EXPORT, Fault.TRUNCATED, after=next(lengths))

    stage.server.request_listeners.append(break_off)
    with pytest.raises(NothingRecordedError):
        await source.key_before(0, PLAYBACK)
    assert source.init is None


async def test_slow(on_stage: OnStage) -> None:
    """A few bytes at a time are as good as many."""
    camera = camera_with_video(seconds=3)
    camera.faults.set(EXPORT, Fault.SLOW, step=500, delay=0.001)
    stage = await on_stage(camera)
    source = await stage.source()
    check(source, await source.segment(0, PLAYBACK), await source.segment(1, PLAYBACK))


@pytest.mark.parametrize("content_type", ["text/xml", "text/html", ""])
async def test_wrong_content_type(on_stage: OnStage, content_type: str) -> None:
    """It is passed over."""
    camera = camera_with_video()
    camera.faults.set("*", Fault.WRONG_CONTENT_TYPE, content_type=content_type or "a/b")
    stage = await on_stage(camera)
    source = await stage.source()
    check(source, await source.segment(6, PLAYBACK))


@pytest.mark.parametrize("lost", ["ends", "cut"])
@pytest.mark.parametrize("how", ["removed", "detached", "power"])
async def test_lost_while_exporting(on_stage: OnStage, how: str, lost: Any) -> None:
    """Whoever waits hears of it, and nothing of the broken end is kept."""
    camera = camera_with_video(export_speed=4, quirks=Quirks(export_lost=lost))
    stage = await on_stage(camera)
    source = await stage.source()
    async with asyncio.timeout(20):
        first = await source.segment(0, PLAYBACK)
        task = want(source, 4)
        await asyncio.sleep(0.1)
        assert not task.done()
        if how == "removed":
            camera.remove_recording(VIDEO)
        elif how == "detached":
            camera.detach_disk("SD_DISK")
        else:
            camera.shut_down()
        with pytest.raises((RefusedError, CameraConnectionError, NothingRecordedError)):
            await task
        await stage.idle(seconds=2)
    assert all(segment.is_whole for segment in source.known.values())
    check(source, first)


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ValueError("no"), InvalidVideoError), (MemoryError(), ClosedError)],
)
async def test_cutting_fails(
    on_stage: OnStage,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    expected: type[Exception],
) -> None:
    """Whoever waits hears of it, whatever it is."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Copier, "copy", fail)
        with pytest.raises(expected):
            await source.segment(0, PLAYBACK)
    await stage.idle()
    for task in list(stage.tasks):
        if task.exception() is error:
            stage.tasks.remove(task)
    check(source, await source.segment(0, PLAYBACK))


# Several at a time


async def test_ten_viewers_of_one_place(on_stage: OnStage) -> None:
    """They make one export, and get the same."""
    stage = await on_stage(camera_with_video(export_speed=20))
    source = await stage.source()

    async def watch() -> list[Segment]:
        return [await source.segment(number, PLAYBACK) for number in range(6, 13)]

    async with asyncio.timeout(20):
        watched = await asyncio.gather(*(watch() for _ in range(10)))
    assert all(each == watched[0] for each in watched)
    assert stage.server.exports_made == 1
    check(source, *watched[0])


@pytest.mark.parametrize("gop", [4.0, 20.0])
async def test_viewers_of_far_places(on_stage: OnStage, gop: float) -> None:
    """They take turns, so that both get on; the camera never exports twice at a time."""
    camera = camera_with_video(seconds=600, rate="2:1", gop=gop, export_speed=30)
    stage = await on_stage(camera)
    source = await stage.source()
    order: list[str] = []
    turns = 0
    most = 0

    async def watch(name: str, first: int) -> list[Segment]:
        nonlocal most, turns
        segments = []
        for number in range(first, first + 40):
            segments.append(await source.segment(number, PLAYBACK))
            most = max(most, stage.server.exports_open)
            turns += order[-1:] != [name]
            order.append(name)
            if turns >= 5:
                break
        return segments

    async with asyncio.timeout(60):
        one, two = await asyncio.gather(watch("one", 10), watch("two", 210))
    assert most <= 2
    # Three at a time, or what comes in a burst: neither waits until the other one has got all.
    assert turns >= 5, order
    check(source, *one, rate=2)
    check(source, *two, rate=2)


async def test_viewer_comes_before_a_job(on_stage: OnStage) -> None:
    """A job is interrupted as often as somebody watches, and gets all it wants nevertheless."""
    camera = camera_with_video(seconds=600, rate="2:1", export_speed=30)
    camera.add_recording(START, START + timedelta(seconds=60), recording_id="other")
    stage = await on_stage(camera)
    source, other = await stage.source(), await stage.source("other")
    done = asyncio.Event()

    async def work() -> list[Segment]:
        segments = [await source.segment(number, JOB) for number in range(12)]
        done.set()
        return segments

    job = asyncio.create_task(work())
    interrupted = 0
    async with asyncio.timeout(60):
        for number in (20, 2, 10, 25, 15):
            await until(lambda: stage.server.exports_open == 1)
            # On another recording as well as on the same one.
            await other.segment(number, PLAYBACK)
            await source.segment(200 + number, PLAYBACK)
            interrupted += not done.is_set()
        segments = await job
    assert interrupted
    check(source, *segments, rate=2)


async def test_interrupted_before_its_first_segment(on_stage: OnStage) -> None:
    """Even then it is not taken for something that does not exist."""
    camera = camera_with_video(seconds=120, gop=60.0, export_speed=25)
    camera.add_recording(START, START + timedelta(seconds=60), recording_id="other")
    stage = await on_stage(camera)
    source, other = await stage.source(), await stage.source("other")

    def works() -> bool:
        last = stage.server.exports[-1] if stage.server.exports else None
        return bool(
            last and last.recording.recording_id == VIDEO and last.outcome == "running"
        )

    # The camera begins at a key frame far before, so that it takes seconds.
    job = want(source, 25, JOB)
    async with asyncio.timeout(60):
        # Far from each other, so that no export brings two of them.
        for number in (25, 0, 15):
            await until(works)
            assert not job.done()
            await other.segment(number, PLAYBACK)
        segment = await job
    assert segment.number == 25
    names = [export.recording.recording_id for export in stage.server.exports]
    assert names.count(VIDEO) >= 3


async def test_thumbnail_yields(on_stage: OnStage) -> None:
    """Small pictures in a list wait for everybody else."""
    camera = camera_with_video(seconds=300, rate="2:1", export_speed=10)
    stage = await on_stage(camera)
    source = await stage.source()
    order: list[Priority] = []

    async def watch(number: int, priority: Priority) -> None:
        await source.segment(number, priority)
        order.append(priority)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(watch(120, THUMBNAIL))
        group.create_task(watch(60, JOB))
        await asyncio.sleep(0)
        group.create_task(watch(10, PLAYBACK))
    assert order == [PLAYBACK, JOB, THUMBNAIL]


async def test_urgency_grows(on_stage: OnStage) -> None:
    """What a job waits for gets a higher priority as soon as a viewer wants it, too."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    async with stage.queue.hold(stage.queue.new_ticket(PLAYBACK)):
        job = want(source, 3, JOB)
        await asyncio.sleep(0.01)
        (ticket,) = stage.queue._waiting
        assert ticket.priority is JOB
        wanted = want(source, 3)
        await asyncio.sleep(0.01)
        assert ticket.priority is PLAYBACK
        await leave(wanted)
        assert ticket.priority is JOB
    assert (await job).number == 3


async def test_near_segments_are_waited_for(on_stage: OnStage) -> None:
    """What the running export will bring soon needs no export of its own; what is far does."""
    stage = await on_stage(camera_with_video(seconds=300, rate="2:1", export_speed=20))
    source = await stage.source()
    async with asyncio.timeout(20):
        await source.segment(0, PLAYBACK)
        await source.segment(4, PLAYBACK)
        assert stage.server.exports_made == 1
        await source.segment(80, PLAYBACK)
    assert stage.server.exports_made == 2


# The end


async def test_ends_with_the_last_one(on_stage: OnStage) -> None:
    """Within a second the camera has its peace again."""
    stage = await on_stage(camera_with_video(seconds=300, rate="2:1", export_speed=2.5))
    source = await stage.source()
    tasks = [want(source, number) for number in (3, 3, 4)]
    await until(lambda: stage.server.exports_open == 1)
    for task in tasks:
        await leave(task)
    await stage.idle(seconds=2)
    assert stage.server.exports[0].outcome == "left"
    # Also where somebody has got something, and wants no more.
    async with asyncio.timeout(20):
        await source.segment(0, PLAYBACK)
    await stage.idle(seconds=2)
    assert all(segment.is_whole for segment in source.known.values())


async def test_left_in_the_queue(on_stage: OnStage) -> None:
    """Who has left before being called makes no export."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    async with stage.queue.hold(stage.queue.new_ticket(PLAYBACK)):
        task = want(source, 3)
        await asyncio.sleep(0.01)
        await leave(task)
    await stage.idle()
    assert stage.server.exports_made == 0
    check(source, await source.segment(4, PLAYBACK))


async def test_close(on_stage: OnStage) -> None:
    """Whoever waits hears of it, and nothing goes on."""
    stage = await on_stage(camera_with_video(seconds=300, export_speed=1))
    source = await stage.source()
    tasks = [want(source, number) for number in (3, 100)]
    await until(lambda: stage.server.exports_open == 1)
    async with asyncio.timeout(5):
        await source.close()
        for task in tasks:
            with pytest.raises(ClosedError):
                await task
        await stage.idle(seconds=2)
        with pytest.raises(ClosedError):
            await source.segment(0, PLAYBACK)
        await source.close()


async def test_producer_is_cancelled(on_stage: OnStage) -> None:
    """Home Assistant may end the work itself when it stops."""
    stage = await on_stage(camera_with_video(seconds=300, export_speed=1))
    source = await stage.source()
    task = want(source, 3)
    await until(lambda: stage.server.exports_open == 1)
    stage.tasks[0].cancel()
    async with asyncio.timeout(5):
        with pytest.raises(ClosedError):
            await task
    await stage.idle(seconds=2)


async def test_late_delivery(on_stage: OnStage) -> None:
    """What a thread still delivers of an export that was ended is not taken."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    segment = await source.segment(0, PLAYBACK)
    await stage.idle()
    late = replace(segment, number=99)
    run: Any = object()
    source._producer._receive(run, Pipe(), late, source.init or b"")
    assert 99 not in source.known
    with pytest.raises(NothingRecordedError):
        await source.segment(99, PLAYBACK)


# The cache


async def test_disk_full(on_stage: OnStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Viewers get what they wait for; it is only not kept."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    usage = shutil.disk_usage("/")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
        segments = [await source.segment(number, PLAYBACK) for number in range(5)]
        await stage.idle()
        check(source, *segments)
        assert len(stage.cache) == 0
        await source.segment(0, PLAYBACK)
    assert stage.server.exports_made > 1


async def test_small_cache(on_stage: OnStage) -> None:
    """What had to go is exported again when it is wanted again."""
    stage = await on_stage(camera_with_video(), limit=60_000)
    source = await stage.source()
    segments = [await source.segment(number, PLAYBACK) for number in range(30)]
    await stage.idle()
    assert 0 < stage.cache.size <= 60_000
    before = stage.server.exports_made
    again = await source.segment(0, PLAYBACK)
    assert again == segments[0]
    assert stage.server.exports_made > before


async def test_removed_by_hand(on_stage: OnStage) -> None:
    """What somebody has removed is exported again."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    first = await source.segment(3, PLAYBACK)
    await stage.written()
    await asyncio.to_thread(shutil.rmtree, stage.cache._folder)
    assert await source.segment(3, PLAYBACK) == first
    assert stage.server.exports_made == 2


async def test_written_while_it_is_wanted(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment that is not yet on the disk is served from memory."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    may_write = asyncio.Event()
    write = stage.cache.write

    async def slowly(name: str, data: bytes) -> None:
        await may_write.wait()
        await write(name, data)

    monkeypatch.setattr(stage.cache, "write", slowly)
    first = await source.segment(3, PLAYBACK)
    await stage.idle()
    assert await source.segment(3, PLAYBACK) == first
    assert stage.server.exports_made == 1
    may_write.set()
    await until(lambda: not source._writes)
    assert await source.segment(3, PLAYBACK) == first
    assert stage.server.exports_made == 1
