"""Video as encoders, clocks and disks of real cameras make it."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import xmltodict

from tests.camera import Audio, Camera, ClockStep, Encoding, Pause, Quirks, Video
from tests.camera.video import Timeline

from .caller import Caller, Serve, plain
from .export_file import ExportFile

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2025, 10, 20, 12, 0, 0, 500000, tzinfo=UTC)
RATE = 10
PROPERTIES = "record/export/properties.cgi"
EXPORT = "record/export/exportrecording.cgi"


def at(seconds: float) -> datetime:
    """Return the moment so many seconds after the start."""
    return START + timedelta(seconds=seconds)


def camera_with_video(
    encoding: Encoding | None = None,
    *,
    mimetype: str = "video/x-h264",
    seconds: float = 30,
    quirks: Quirks | None = None,
    **attributes: Any,
) -> Camera:
    """Return a camera with a recording."""
    camera = plain(
        export_speed=None, picture_width=160, name="", gop=2.0, quirks=quirks
    )
    camera.add_recording(
        START,
        at(seconds),
        recording_id="video",
        encoding=encoding,
        video=Video(mimetype, 640, 360, f"{RATE}:1"),
        **attributes,
    )
    return camera


def wish(window: tuple[float, ...], file_format: str = "matroska") -> dict[str, str]:
    """Return the arguments of an export between two seconds, or of all."""
    arguments = {
        "schemaversion": "1",
        "recordingid": "video",
        "diskid": "SD_DISK",
        "exportformat": file_format,
    }
    if window:
        start, stop = window
        arguments["starttime"] = at(start).isoformat()
        arguments["stoptime"] = at(stop).isoformat()
    return arguments


async def export(
    caller: Caller, *window: float, file_format: str = "matroska"
) -> ExportFile:
    """Export what lies between two seconds, or all."""
    reply = await caller.get(EXPORT, **wish(window, file_format))
    assert reply.status == 200
    return ExportFile(reply.body)


async def reported(caller: Caller, *window: float) -> tuple[float, float]:
    """Return from when to when an export is said to be, in seconds after the start."""
    reply = await caller.get(PROPERTIES, **wish(window))
    found = xmltodict.parse(reply.body)["ExportRecordingResponse"]["PropertiesSuccess"][
        "ExportProperties"
    ]
    begin, end = (
        (datetime.fromisoformat(found[name]) - START).total_seconds()
        for name in ("@Starttime", "@Stoptime")
    )
    return begin, end


def numbers(exported: ExportFile) -> list[int]:
    """Return the numbers of the frames, in the order in which they are shown."""
    return [clock.number for clock in exported.clocks]


def until(second: float, exported: ExportFile) -> list[int]:
    """Return the numbers of the frames before a second."""
    return [number for number in numbers(exported) if number < second * RATE]


def shown(exported: ExportFile) -> list[float]:
    """Return when the frames are shown, in the order in which they are sent."""
    return [piece.shown for piece in exported.pieces]


def rises(values: list[float]) -> bool:
    """Return whether each value is more than the one before."""
    return all(before < after for before, after in pairwise(values))


# B-frames


@pytest.mark.parametrize("open_gop", [False, True])
@pytest.mark.parametrize(
    ("b_frames", "pyramid", "references"), [(1, False, 1), (2, False, 2), (3, True, 3)]
)
@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265"])
async def test_b_frames(
    serve: Serve,
    mimetype: str,
    b_frames: int,
    references: int,
    *,
    pyramid: bool,
    open_gop: bool,
) -> None:
    """Frames are sent in another order than they are shown; every one is there, at its time."""
    encoding = Encoding(
        b_frames=b_frames, pyramid=pyramid, references=references, open_gop=open_gop
    )
    async with serve(camera_with_video(encoding, mimetype=mimetype)) as caller:
        for start, stop, key in ((0, 9, 0), (13.5, 16, 12)):
            exported = await export(caller, start, stop)
            assert until(stop, exported) == list(range(key * RATE, stop * RATE))
            assert not rises(shown(exported))
            assert sorted(shown(exported))[:9] == pytest.approx(
                [n / RATE for n in range(9)]
            )
            # As FFmpeg's muxer of Matroska leaves them.
            assert exported.pieces[0].decoded is None
            assert await reported(caller, start, stop) == (key, stop)


async def test_open_gop(serve: Serve) -> None:
    """What is shown before a key frame, but sent after it, is sent though it can't be decoded."""
    encoding = Encoding(b_frames=2, open_gop=True)
    async with serve(camera_with_video(encoding)) as caller:
        exported = await export(caller, 14.5, 16)
        key, *others = exported.pieces
        assert key.is_key
        early = [piece.shown - key.shown for piece in others[:4]]
        assert -0.2001 < min(early) < 0
        assert 0 <= min(shown(exported)) <= 0.1
        assert until(16, exported) == list(range(14 * RATE, 16 * RATE))
        assert await reported(caller, 14.5, 16) == (14, 16)
        whole = await export(caller)
        assert whole.keys[:2] == [0, 19]
        assert numbers(whole) == list(range(30 * RATE))


async def test_open_gop_in_a_pause(serve: Serve) -> None:
    """A key frame is one even if few frames have come since the last."""
    encoding = Encoding(b_frames=2, open_gop=True, pauses=(Pause(6, 20, 0.5),))
    async with serve(camera_with_video(encoding)) as caller:
        assert len((await export(caller)).keys) == 30 / 2


@pytest.mark.parametrize("file_format", ["matroska", "mp4"])
@pytest.mark.parametrize("end", ["needed", "first"])
async def test_end_among_b_frames(serve: Serve, end: Any, file_format: str) -> None:
    """An export ends with what its last frames need, or before it."""
    quirks = Quirks(export_end=end, export_formats=("matroska", "mp4"))
    async with serve(camera_with_video(Encoding(b_frames=3), quirks=quirks)) as caller:
        exported = await export(caller, 0, 5.1, file_format=file_format)
        last = 5.2 if end == "needed" else 4.8
        assert numbers(exported)[-1] == pytest.approx(last * RATE)
        assert sorted(numbers(exported)) == numbers(exported)
        whole = await export(caller, file_format=file_format)
        assert numbers(whole) == list(range(30 * RATE))


# Time


def test_pauses() -> None:
    """Frames in a pause are missing; a key frame that falls into it comes with the next one."""
    pauses = (Pause(2, 5), Pause(7, 12, every=2))
    timeline = Timeline(START, Fraction(RATE), (3.0,), pauses)
    frames = [*range(20), *range(50, 70), 70, 90, 110, *range(120, 150)]
    assert list(timeline.between(0, 150)) == frames
    keys = [0, 50, 60, 90, 120, 150]
    found = [0]
    while found[-1] < 150:
        found.append(timeline.key_after(found[-1]))
    assert found == keys
    for moment in range(150):
        past = [frame for frame in frames if frame <= moment]
        assert timeline.at_or_before(at(moment / RATE)) == past[-1]
        assert timeline.key_at_or_before(past[-1]) == max(
            key for key in keys if key <= moment
        )


@pytest.mark.parametrize("b_frames", [0, 2])
async def test_dynamic_frame_rate(serve: Serve, b_frames: int) -> None:
    """No frame comes while nothing moves; the list says the nominal rate."""
    encoding = Encoding(b_frames=b_frames, pauses=(Pause(3, 12), Pause(15, 23, 4)))
    async with serve(camera_with_video(encoding, gop=20.0)) as caller:
        frames = [*range(30), *range(120, 150), 150, 190, *range(230, 300)]
        exported = await export(caller)
        assert numbers(exported) == frames
        assert sorted(shown(exported)) == pytest.approx([n / RATE for n in frames])
        assert exported.keys == [0, frames.index(230)]
        assert await reported(caller, 14, 16) == (0, 16)
        exported = await export(caller, 25, 26)
        assert until(26, exported) == list(range(230, 260))
        reply = await caller.get("record/list.cgi", recordingid="video")
        assert 'framerate="10:1"' in reply.text


@pytest.mark.parametrize(
    "steps",
    [
        (ClockStep(5, -0.1), ClockStep(5.1, 0)),
        (ClockStep(5, -0.15),),
        (ClockStep(5, -2),),
        (ClockStep(5, 3), ClockStep(9, 0.5)),
    ],
)
@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("file_format", ["matroska", "mp4"])
async def test_clock_steps(
    serve: Serve, steps: tuple[ClockStep, ...], b_frames: int, file_format: str
) -> None:
    """Time stamps are equal or fall where the clock was set; in MP4 they can't."""
    encoding = Encoding(b_frames=b_frames, clock_steps=steps)
    quirks = Quirks(export_formats=("matroska", "mp4"))
    camera = camera_with_video(encoding, quirks=quirks, seconds=15, audio=Audio())
    async with serve(camera) as caller:
        exported = await export(caller, 0, 20, file_format=file_format)
        times = [piece.shown for piece in exported.pieces]
        stamps = [stamp for stamp in _stamps(steps, 20 * RATE) if stamp < 14.99]
        assert len(times) == len(stamps)
        if file_format == "matroska":
            assert sorted(times) == pytest.approx(sorted(stamps))
        else:
            assert numbers(exported) == list(range(len(times)))
            assert rises(sorted(times))
            assert all(
                time >= stamp - 0.001
                for time, stamp in zip(sorted(times), stamps, strict=True)
            )


async def test_clock_is_set_back_in_a_pause(serve: Serve) -> None:
    """There is sound where there are no frames, and the export goes on."""
    encoding = Encoding(pauses=(Pause(3, 8),), clock_steps=(ClockStep(5, -2),))
    async with serve(camera_with_video(encoding, seconds=15, audio=Audio())) as caller:
        exported = await export(caller, 0, 20)
        # It ends when the clock shows the end.
        assert numbers(exported) == [*range(30), *range(80, 170)]


def _stamps(steps: tuple[ClockStep, ...], frames: int) -> Iterator[float]:
    for frame in range(frames):
        by = [step.by for step in steps if step.at * RATE <= frame]
        yield frame / RATE + (by[-1] if by else 0)


async def test_asked_for_what_came_twice(serve: Serve) -> None:
    """A time that the clock showed twice is the second one."""
    encoding = Encoding(clock_steps=(ClockStep(7, -2),))
    async with serve(camera_with_video(encoding)) as caller:
        assert numbers(await export(caller, 4.5, 4.9))[0] == 40
        assert numbers(await export(caller, 6.5, 7))[0] == 80
        assert await reported(caller, 6.5, 7) == (6, 7)


# From when to when


@pytest.mark.parametrize("short", [1.8, 25])
async def test_ends_early(serve: Serve, short: float) -> None:
    """The video ends before the listed end, which the properties of the export state too."""
    async with serve(camera_with_video(Encoding(short=short))) as caller:
        assert await reported(caller) == (0, 30)
        assert numbers(await export(caller)) == list(range(round((30 - short) * RATE)))


async def test_begins_late(serve: Serve) -> None:
    """The video begins after the listed start, which the properties of the export state."""
    async with serve(camera_with_video(Encoding(late=3.7))) as caller:
        assert await reported(caller, 0, 10) == (3.7, 10)
        exported = await export(caller, 0, 10)
        assert (exported.clocks[0].moment, exported.clocks[0].number) == (at(3.7), 0)
        assert len(exported.clocks) == 63


@pytest.mark.parametrize("seconds", [0, 0.04, 0.4])
@pytest.mark.parametrize("digits", [0, 6])
async def test_shorter_than_a_second(serve: Serve, seconds: float, digits: Any) -> None:
    """A recording has a frame at least; in whole seconds it ends when it began."""
    camera = camera_with_video(seconds=seconds, quirks=Quirks(fraction_digits=digits))
    async with serve(camera) as caller:
        reply = await caller.get("record/list.cgi", recordingid="video")
        recording = xmltodict.parse(reply.body)["root"]["recordings"]["recording"]
        is_instant = recording["@starttime"] == recording["@stoptime"]
        assert is_instant == (digits == 0 or seconds == 0)
        assert numbers(await export(caller, 0, 1)) == list(
            range(max(1, round(seconds * RATE)))
        )


# Files


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265", "video/x-av1"])
@pytest.mark.parametrize("layout", ["fragmented", "index_first", "index_last"])
async def test_mp4_only(serve: Serve, layout: Any, mimetype: str) -> None:
    """A camera may offer MP4 only, with its index before or after the frames."""
    quirks = Quirks(export_formats=("mp4",), export_mp4=layout)
    camera = camera_with_video(
        Encoding(b_frames=2), mimetype=mimetype, quirks=quirks, audio=Audio()
    )
    async with serve(camera) as caller:
        exported = await export(caller, 5, 8, file_format="mp4")
        assert until(8, exported) == list(range(4 * RATE, 8 * RATE))
        assert exported.codecs[1] == "aac"
        boxes = [name for name in exported.boxes if name != "free"]
        assert (
            boxes[:4]
            == {
                "fragmented": ["ftyp", "moov", "moof", "mdat"],
                "index_first": ["ftyp", "moov", "mdat"],
                "index_last": ["ftyp", "mdat", "moov"],
            }[layout]
        )


async def test_of_the_camera(serve: Serve) -> None:
    """What holds for the camera holds for each recording that says nothing else."""
    camera = camera_with_video()
    camera.encoding = Encoding(pauses=(Pause(1, 2),))
    async with serve(camera) as caller:
        assert numbers(await export(caller, 0, 3)) == [*range(10), *range(20, 30)]
