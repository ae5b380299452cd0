"""The segments of a recording: who gets what, from where, and what ends when."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count
import shutil
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from custom_components.axis_recordings.playback.errors import (
    ClosedError,
    NoFootageError,
    NoKeyFrameError,
    NotAFilmError,
    UnplayableError,
)
from custom_components.axis_recordings.playback.fragments import Copier
from custom_components.axis_recordings.playback.gate import Urgency
from custom_components.axis_recordings.playback.pipe import Pipe
from custom_components.axis_recordings.vapix import (
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    MissingRightsError,
    RecordingQuery,
    RefusedError,
    UnexpectedAnswerError,
    http as vapix_http,
)
from tests.camera import Exchange, Fault, Quirks

from .conftest import until
from .films import FILM, START, filming, movie_of

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.footage import Footage
    from custom_components.axis_recordings.playback.segments import Segment

    from .conftest import OnStage

PROPERTIES = "record/export/properties.cgi"
EXPORT = "record/export/exportrecording.cgi"
VIEWER, JOB, PREVIEW = Urgency.VIEWER, Urgency.JOB, Urgency.PREVIEW


def check(footage: Footage, *segments: Segment, rate: float = 10) -> None:
    """See that segments which follow each other show what they should, without a gap."""
    frames = movie_of(footage.init, *segments).frames
    numbers = [frame.clock.number for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) == pytest.approx(
        sum(segment.stop - segment.start for segment in segments) * rate, abs=1
    )
    for frame in frames:
        assert frame.second() == pytest.approx(frame.time, abs=0.002)


def want(
    footage: Footage, number: int, urgency: Urgency = VIEWER
) -> asyncio.Task[Segment]:
    """Be one of those who wait for a segment."""
    return asyncio.create_task(footage.segment(number, urgency))


async def leave(task: asyncio.Task[Segment]) -> None:
    """Wait no more."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Wait for a camera that is stuck for a second instead of half a minute."""
    if fault is Fault.TIMEOUT:
        monkeypatch.setattr(
            vapix_http, "STREAM_TIMEOUT", aiohttp.ClientTimeout(total=None, sock_read=1)
        )


# Right


async def test_all(on_stage: OnStage) -> None:
    """From the first to the last one by one export, and then from the cache."""
    stage = await on_stage(filming(audio="audio/x-aac"))
    footage = await stage.footage()
    segments = [await footage.segment(number, VIEWER) for number in range(30)]
    check(footage, *segments)
    assert stage.server.exports_made == 1
    await stage.idle()
    again = [await footage.segment(number, VIEWER) for number in reversed(range(30))]
    assert again[::-1] == segments
    assert stage.server.exports_made == 1
    await until(lambda: len(stage.cache) == 30)
    assert [await footage.segment(number, VIEWER) for number in range(30)] == segments
    with pytest.raises(NoFootageError):
        await footage.segment(30, VIEWER)
    with pytest.raises(NoFootageError):
        await footage.segment(10**6, VIEWER)


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
    stage = await on_stage(filming(quirks=quirks, gop=gop, start=start))
    footage = await stage.footage()
    lag = 1.0 if quirks.fraction_digits == 0 else 0.002
    for number in (20, 3, 29, 0, 14):
        segment = await footage.independent(number, VIEWER)
        frames = movie_of(footage.init, segment).frames
        shown = [frame for frame in frames if frame.time >= segment.start - 6e-6]
        assert len(shown) == pytest.approx((segment.stop - segment.start) * 10, abs=1)
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
                reason="Where an export begins is only as exact as the camera tells",
            ),
        ),
        3,
        6,
    ],
)
async def test_exports_agree(on_stage: OnStage, digits: Any) -> None:
    """Whoever comes from elsewhere gets the same segments, however exactly times are told."""
    stage = await on_stage(filming(gop=2.4, quirks=Quirks(fraction_digits=digits)))
    one, other = await stage.footage(), await stage.footage()
    for number in range(13):
        await one.segment(number, VIEWER)
    await stage.idle()
    segments = one._known
    for number in (12, 7, 3):
        found = await other.segment(number, VIEWER)
        assert found.start == pytest.approx(segments[number].start, abs=0.002)
        assert found.stop == pytest.approx(segments[number].stop, abs=0.002)
        await stage.idle()


async def test_sought_far_from_a_key_frame(on_stage: OnStage) -> None:
    """A camera that saves room sets key frames half a minute apart, and sends from there."""
    stage = await on_stage(filming(gop=30.0, export_speed=15))
    footage = await stage.footage()
    segment = await footage.segment(14, VIEWER)
    assert segment.start == pytest.approx(28, abs=0.002)
    assert not segment.starts_with_key
    assert stage.server.exports_made == 1


async def test_ongoing(on_stage: OnStage) -> None:
    """The last segment goes as far as there is, and is not kept, as there will be more of it."""
    camera = filming()
    start = camera.clock.now() - timedelta(seconds=21)
    recording_id = camera.start_recording(start=start)
    stage = await on_stage(camera)
    footage = await stage.footage(recording_id)
    assert footage.stop is None
    last = await footage.segment(10, VIEWER)
    assert last.start == pytest.approx(20, abs=0.01)
    assert last.stop == pytest.approx(footage.seconds(camera.clock.now()), abs=0.7)
    await stage.idle()
    assert "10" not in {
        name.split("-")[-1].split(".")[0] for name in stage.cache._entries
    }
    await asyncio.sleep(max(0, 22.3 - footage.seconds(camera.clock.now())))
    whole = await footage.segment(10, VIEWER)
    assert whole.is_whole
    assert whole.stop == pytest.approx(22, abs=0.1)
    with pytest.raises(NoFootageError):
        await footage.segment(60, VIEWER)


async def test_dropped_sound(on_stage: OnStage) -> None:
    """It is known after the first segment."""
    stage = await on_stage(filming(audio="audio/x-opus"))
    footage = await stage.footage()
    assert footage.dropped_audio is None
    check(footage, await footage.segment(0, VIEWER))
    assert footage.dropped_audio == "opus"


async def test_unplayable(on_stage: OnStage) -> None:
    """What can't be played is named."""
    stage = await on_stage(filming(mimetype="image/jpeg", rate="2:1", seconds=10))
    footage = await stage.footage()
    with pytest.raises(UnplayableError) as caught:
        await footage.segment(1, VIEWER)
    assert caught.value.codec == "MJPEG"


async def test_moved_start(on_stage: OnStage) -> None:
    """What was cleaned away is told to be gone; what follows keeps its numbers."""
    camera = filming(seconds=620, rate="2:1")
    stage = await on_stage(camera)
    footage = await stage.footage()
    camera.clean_up(START + timedelta(seconds=400))
    async with asyncio.timeout(20):
        for number in (0, 100, 149):
            with pytest.raises(NoFootageError):
                await footage.segment(number, VIEWER)
            await stage.idle()
        segments = [await footage.segment(number, VIEWER) for number in (150, 151)]
    check(footage, *segments, rate=2)
    assert segments[0].start == 300
    assert len(stage.server.exports) < 12


async def test_moved_start_while_exporting(on_stage: OnStage) -> None:
    """What is sent may vanish: whoever waits is told, and then what is left is played."""
    camera = filming(seconds=620, rate="2:1", export_speed=20)
    stage = await on_stage(camera)
    footage = await stage.footage()
    async with asyncio.timeout(20):
        await footage.segment(0, VIEWER)
        task = want(footage, 4)
        camera.clean_up(START + timedelta(seconds=400))
        with pytest.raises((NoFootageError, CameraConnectionError)):
            await task
        check(footage, await footage.segment(150, VIEWER), rate=2)


async def test_someone_elsewhere(on_stage: OnStage) -> None:
    """What is not there for one is no error for another."""
    stage = await on_stage(filming())
    footage = await stage.footage()
    async with asyncio.timeout(20):
        tasks = [want(footage, number) for number in (10_000, 3, 30, 20)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in (results[0], results[2]):
        assert isinstance(result, NoFootageError)
    for number, result in ((3, results[1]), (20, results[3])):
        assert not isinstance(result, BaseException)
        assert result.number == number


async def test_end_that_is_told_late(on_stage: OnStage) -> None:
    """Segments that don't exist are told to be missing, without asking for ever."""
    stage = await on_stage(filming(seconds=20))
    footage = await stage.footage()
    footage.stop = START + timedelta(seconds=40)
    async with asyncio.timeout(20):
        for number in (10, 12, 19):
            with pytest.raises(NoFootageError):
                await footage.segment(number, VIEWER)
        check(footage, await footage.segment(8, VIEWER))
    assert stage.server.exports_made < 10


# Wrong


CODES = (20, 40, 110, 120, 130, 140, 170, 180, 190, 260)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("cgi", [PROPERTIES, EXPORT])
async def test_refused(on_stage: OnStage, cgi: str, code: int) -> None:
    """The camera's number and words come through, and the next one asks again."""
    camera = filming()
    camera.faults.set(cgi, Fault.ERROR, message=f"{code} Not now")
    stage = await on_stage(camera)
    footage = await stage.footage()
    with pytest.raises(RefusedError, match="Not now") as caught:
        await footage.segment(3, VIEWER)
    assert caught.value.code == code
    camera.faults.clear()
    check(footage, await footage.segment(4, VIEWER))


@pytest.mark.parametrize("code", [150, 160])
@pytest.mark.parametrize("cgi", [PROPERTIES, EXPORT])
async def test_outside(on_stage: OnStage, cgi: str, code: int) -> None:
    """What lies outside the recording is not there."""
    camera = filming()
    camera.faults.set(cgi, Fault.ERROR, message=f"{code} Outside")
    stage = await on_stage(camera)
    footage = await stage.footage()
    with pytest.raises(NoFootageError):
        await footage.segment(3, VIEWER)


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
    (EXPORT, Fault.NO_FRAMES, NotAFilmError),
]


@pytest.mark.parametrize(("cgi", "fault", "error"), FAULTS)
@pytest.mark.usefixtures("short")
async def test_fault(
    on_stage: OnStage, cgi: str, fault: Fault, error: type[Exception]
) -> None:
    """All who wait are told, nothing is kept, and it works when the camera does."""
    camera = filming()
    stage = await on_stage(camera)
    await stage.client.fetch_recordings(RecordingQuery(recording_id="all"))
    footage = await stage.footage()
    camera.faults.set(cgi, fault)
    async with asyncio.timeout(20):
        tasks = [
            want(footage, number, urgency)
            for number in (3, 20)
            for urgency in (VIEWER, JOB)
        ]
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert type(result) is error
        assert len(stage.cache) == 0
        await stage.idle(seconds=2)
        camera.faults.clear()
        check(footage, await footage.segment(4, VIEWER))


async def test_no_key_frames_for_long(on_stage: OnStage) -> None:
    """Nobody waits for a key frame for ever."""
    camera = filming(seconds=300, rate="1:1")
    camera.faults.set(EXPORT, Fault.NO_KEY_FRAMES)
    stage = await on_stage(camera)
    footage = await stage.footage()
    with pytest.raises(NoKeyFrameError):
        await footage.segment(0, VIEWER)
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
@pytest.mark.usefixtures("short")
async def test_breaks_off(
    on_stage: OnStage, fault: Fault, after: int, framing: Any
) -> None:
    """What came before is played, whoever waits for the rest is told, nothing partial is kept."""
    camera = filming(quirks=Quirks(export_framing=framing))
    stage = await on_stage(camera)
    footage = await stage.footage()
    camera.faults.set(EXPORT, fault, after=after)
    tasks = [want(footage, number) for number in range(5)]
    async with asyncio.timeout(20):
        results = await asyncio.gather(*tasks, return_exceptions=True)
        got = [each for each in results if not isinstance(each, BaseException)]
        failed = [each for each in results if isinstance(each, BaseException)]
        assert [segment.number for segment in got] == list(range(len(got)))
        assert all(segment.is_whole for segment in got)
        assert bool(got) == (after > 1000)
        # Where a film ends like any other, what follows is tried anew, and comes.
        assert failed or (framing == "close" and after > 1000)
        for each in failed:
            assert isinstance(
                each, CameraConnectionError | NoFootageError | NotAFilmError
            )
        await stage.idle(seconds=2)
        camera.faults.clear()
        segments = [await footage.segment(number, VIEWER) for number in range(6)]
    check(footage, *segments)


async def test_breaks_off_elsewhere_each_time(on_stage: OnStage) -> None:
    """Before anything can be shown, and as if the film had ended there: nobody is told that it can be played."""
    camera = filming(quirks=Quirks(export_framing="close"))
    stage = await on_stage(camera)
    footage = await stage.footage()
    lengths = count(9_000, 3_000)

    def break_off(exchange: Exchange) -> None:
        if exchange.path.endswith(PROPERTIES):
            camera.faults.set(EXPORT, Fault.TRUNCATED, after=next(lengths))

    stage.server.request_listeners.append(break_off)
    with pytest.raises(NoFootageError):
        await footage.key_before(0, VIEWER)
    assert footage.init is None


async def test_slow(on_stage: OnStage) -> None:
    """A few bytes at a time are as good as many."""
    camera = filming(seconds=3)
    camera.faults.set(EXPORT, Fault.SLOW, step=500, delay=0.001)
    stage = await on_stage(camera)
    footage = await stage.footage()
    check(footage, await footage.segment(0, VIEWER), await footage.segment(1, VIEWER))


@pytest.mark.parametrize("content_type", ["text/xml", "text/html", ""])
async def test_wrong_content_type(on_stage: OnStage, content_type: str) -> None:
    """It is not looked at."""
    camera = filming()
    camera.faults.set("*", Fault.WRONG_CONTENT_TYPE, content_type=content_type or "a/b")
    stage = await on_stage(camera)
    footage = await stage.footage()
    check(footage, await footage.segment(6, VIEWER))


@pytest.mark.parametrize("lost", ["ends", "cut"])
@pytest.mark.parametrize("how", ["removed", "detached", "power"])
async def test_lost_while_exporting(on_stage: OnStage, how: str, lost: Any) -> None:
    """Whoever waits is told, and nothing of the broken end is kept."""
    camera = filming(export_speed=4, quirks=Quirks(export_lost=lost))
    stage = await on_stage(camera)
    footage = await stage.footage()
    async with asyncio.timeout(20):
        first = await footage.segment(0, VIEWER)
        task = want(footage, 4)
        await asyncio.sleep(0.1)
        assert not task.done()
        if how == "removed":
            camera.remove_recording(FILM)
        elif how == "detached":
            camera.detach_disk("SD_DISK")
        else:
            camera.shut_down()
        with pytest.raises((RefusedError, CameraConnectionError, NoFootageError)):
            await task
        await stage.idle(seconds=2)
    assert all(segment.is_whole for segment in footage._known.values())
    check(footage, first)


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ValueError("no"), NotAFilmError), (MemoryError(), ClosedError)],
)
async def test_cutting_fails(
    on_stage: OnStage,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    expected: type[Exception],
) -> None:
    """Whoever waits is told, whatever it is."""
    stage = await on_stage(filming())
    footage = await stage.footage()

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Copier, "copy", fail)
        with pytest.raises(expected):
            await footage.segment(0, VIEWER)
    await stage.idle()
    for task in list(stage.tasks):
        if task.exception() is error:
            stage.tasks.remove(task)
    check(footage, await footage.segment(0, VIEWER))


# Several at a time


async def test_ten_viewers_of_one_place(on_stage: OnStage) -> None:
    """They make one export, and get the same."""
    stage = await on_stage(filming(export_speed=20))
    footage = await stage.footage()

    async def watch() -> list[Segment]:
        return [await footage.segment(number, VIEWER) for number in range(6, 13)]

    async with asyncio.timeout(20):
        watched = await asyncio.gather(*(watch() for _ in range(10)))
    assert all(each == watched[0] for each in watched)
    assert stage.server.exports_made == 1
    check(footage, *watched[0])


@pytest.mark.parametrize("gop", [4.0, 20.0])
async def test_viewers_of_far_places(on_stage: OnStage, gop: float) -> None:
    """They take turns, so that both get on; the camera never exports twice at a time."""
    camera = filming(seconds=600, rate="2:1", gop=gop, export_speed=60)
    stage = await on_stage(camera)
    footage = await stage.footage()
    order: list[str] = []
    most = 0

    async def watch(name: str, first: int) -> list[Segment]:
        nonlocal most
        segments = []
        for number in range(first, first + 8):
            segments.append(await footage.segment(number, VIEWER))
            most = max(most, stage.server.exports_open)
            order.append(name)
        return segments

    async with asyncio.timeout(60):
        one, two = await asyncio.gather(watch("one", 10), watch("two", 210))
    assert most <= 2
    # Neither waits until the other one has got all.
    assert {"one", "two"} == set(order[:8])
    check(footage, *one, rate=2)
    check(footage, *two, rate=2)


async def test_viewer_comes_before_a_job(on_stage: OnStage) -> None:
    """A job is interrupted as often as somebody looks, and gets all it wants nevertheless."""
    camera = filming(seconds=600, rate="2:1", export_speed=30)
    camera.add_recording(START, START + timedelta(seconds=60), recording_id="other")
    stage = await on_stage(camera)
    footage, other = await stage.footage(), await stage.footage("other")
    done = asyncio.Event()

    async def work() -> list[Segment]:
        segments = [await footage.segment(number, JOB) for number in range(12)]
        done.set()
        return segments

    job = asyncio.create_task(work())
    interrupted = 0
    async with asyncio.timeout(60):
        for number in (20, 2, 10, 25, 15):
            await until(lambda: stage.server.exports_open == 1)
            # On another recording as well as on the same one.
            await other.segment(number, VIEWER)
            await footage.segment(200 + number, VIEWER)
            interrupted += not done.is_set()
        segments = await job
    assert interrupted
    check(footage, *segments, rate=2)


async def test_interrupted_before_its_first_segment(on_stage: OnStage) -> None:
    """Even then it is not taken for something that does not exist."""
    camera = filming(seconds=120, gop=60.0, export_speed=25)
    camera.add_recording(START, START + timedelta(seconds=60), recording_id="other")
    stage = await on_stage(camera)
    footage, other = await stage.footage(), await stage.footage("other")

    def works() -> bool:
        last = stage.server.exports[-1] if stage.server.exports else None
        return bool(
            last and last.recording.recording_id == FILM and last.outcome == "running"
        )

    # The camera begins at a key frame far before, so that it takes seconds.
    job = want(footage, 25, JOB)
    async with asyncio.timeout(60):
        # Far from each other, so that no export brings two of them.
        for number in (25, 0, 15):
            await until(works)
            assert not job.done()
            await other.segment(number, VIEWER)
        segment = await job
    assert segment.number == 25
    names = [export.recording.recording_id for export in stage.server.exports]
    assert names.count(FILM) >= 3


async def test_preview_yields(on_stage: OnStage) -> None:
    """Small pictures in a list wait for everybody else."""
    camera = filming(seconds=300, rate="2:1", export_speed=10)
    stage = await on_stage(camera)
    footage = await stage.footage()
    order: list[Urgency] = []

    async def watch(number: int, urgency: Urgency) -> None:
        await footage.segment(number, urgency)
        order.append(urgency)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(watch(120, PREVIEW))
        group.create_task(watch(60, JOB))
        await asyncio.sleep(0)
        group.create_task(watch(10, VIEWER))
    assert order == [VIEWER, JOB, PREVIEW]


async def test_urgency_grows(on_stage: OnStage) -> None:
    """What a job waits for is more urgent as soon as a viewer wants it, too."""
    stage = await on_stage(filming())
    footage = await stage.footage()
    async with stage.gate.hold(stage.gate.new_turn(VIEWER)):
        job = want(footage, 3, JOB)
        await asyncio.sleep(0.01)
        (turn,) = stage.gate._queue
        assert turn.urgency is JOB
        viewer = want(footage, 3)
        await asyncio.sleep(0.01)
        assert turn.urgency is VIEWER
        await leave(viewer)
        assert turn.urgency is JOB
    assert (await job).number == 3


async def test_near_segments_are_waited_for(on_stage: OnStage) -> None:
    """What the running export will bring soon needs no export of its own; what is far does."""
    stage = await on_stage(filming(seconds=300, rate="2:1", export_speed=20))
    footage = await stage.footage()
    async with asyncio.timeout(20):
        await footage.segment(0, VIEWER)
        await footage.segment(4, VIEWER)
        assert stage.server.exports_made == 1
        await footage.segment(80, VIEWER)
    assert stage.server.exports_made == 2


# The end


async def test_ends_with_the_last_one(on_stage: OnStage) -> None:
    """Within a second the camera has its peace again."""
    stage = await on_stage(filming(seconds=300, rate="2:1", export_speed=2.5))
    footage = await stage.footage()
    tasks = [want(footage, number) for number in (3, 3, 4)]
    await until(lambda: stage.server.exports_open == 1)
    for task in tasks:
        await leave(task)
    await stage.idle(seconds=2)
    assert stage.server.exports[0].outcome == "left"
    # Also where somebody has got something, and wants no more.
    async with asyncio.timeout(20):
        await footage.segment(0, VIEWER)
    await stage.idle(seconds=2)
    assert all(segment.is_whole for segment in footage._known.values())


async def test_left_in_the_queue(on_stage: OnStage) -> None:
    """Who has left before the turn came makes no export."""
    stage = await on_stage(filming())
    footage = await stage.footage()
    async with stage.gate.hold(stage.gate.new_turn(VIEWER)):
        task = want(footage, 3)
        await asyncio.sleep(0.01)
        await leave(task)
    await stage.idle()
    assert stage.server.exports_made == 0
    check(footage, await footage.segment(4, VIEWER))


async def test_close(on_stage: OnStage) -> None:
    """Whoever waits is told, and nothing goes on."""
    stage = await on_stage(filming(seconds=300, export_speed=1))
    footage = await stage.footage()
    tasks = [want(footage, number) for number in (3, 100)]
    await until(lambda: stage.server.exports_open == 1)
    async with asyncio.timeout(5):
        await footage.close()
        for task in tasks:
            with pytest.raises(ClosedError):
                await task
        await stage.idle(seconds=2)
        with pytest.raises(ClosedError):
            await footage.segment(0, VIEWER)
        await footage.close()


async def test_producer_is_cancelled(on_stage: OnStage) -> None:
    """Home Assistant may end the work itself when it stops."""
    stage = await on_stage(filming(seconds=300, export_speed=1))
    footage = await stage.footage()
    task = want(footage, 3)
    await until(lambda: stage.server.exports_open == 1)
    stage.tasks[0].cancel()
    async with asyncio.timeout(5):
        with pytest.raises(ClosedError):
            await task
    await stage.idle(seconds=2)


async def test_late_delivery(on_stage: OnStage) -> None:
    """What a thread still delivers of an export that was ended is not taken."""
    stage = await on_stage(filming())
    footage = await stage.footage()
    segment = await footage.segment(0, VIEWER)
    await stage.idle()
    late = replace(segment, number=99)
    run: Any = object()
    footage._receive(run, Pipe(), late, footage.init or b"")
    assert 99 not in footage._known
    with pytest.raises(NoFootageError):
        await footage.segment(99, VIEWER)


# The cache


async def test_disk_full(on_stage: OnStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Viewers get what they wait for; it is only not kept."""
    stage = await on_stage(filming())
    footage = await stage.footage()
    usage = shutil.disk_usage("/")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
        segments = [await footage.segment(number, VIEWER) for number in range(5)]
        await stage.idle()
        check(footage, *segments)
        assert len(stage.cache) == 0
        await footage.segment(0, VIEWER)
    assert stage.server.exports_made > 1


async def test_small_cache(on_stage: OnStage) -> None:
    """What had to go is exported again when it is wanted again."""
    stage = await on_stage(filming(), limit=60_000)
    footage = await stage.footage()
    segments = [await footage.segment(number, VIEWER) for number in range(30)]
    await stage.idle()
    assert 0 < stage.cache.size <= 60_000
    before = stage.server.exports_made
    again = await footage.segment(0, VIEWER)
    assert again == segments[0]
    assert stage.server.exports_made > before


async def test_removed_by_hand(on_stage: OnStage) -> None:
    """What somebody has removed is exported again."""
    stage = await on_stage(filming())
    footage = await stage.footage()
    first = await footage.segment(3, VIEWER)
    await stage.idle()
    await asyncio.to_thread(shutil.rmtree, stage.cache._folder)
    assert await footage.segment(3, VIEWER) == first
    assert stage.server.exports_made == 2


async def test_written_while_it_is_wanted(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment that is not yet on the disk is served from memory."""
    stage = await on_stage(filming())
    footage = await stage.footage()
    may_write = asyncio.Event()
    write = stage.cache.write

    async def slowly(name: str, data: bytes) -> None:
        await may_write.wait()
        await write(name, data)

    monkeypatch.setattr(stage.cache, "write", slowly)
    first = await footage.segment(3, VIEWER)
    await stage.idle()
    assert await footage.segment(3, VIEWER) == first
    assert stage.server.exports_made == 1
    may_write.set()
    await until(lambda: not footage._writes)
    assert await footage.segment(3, VIEWER) == first
    assert stage.server.exports_made == 1
