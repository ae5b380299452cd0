"""What the tests of playing and saving share: videos that are cheap to make, and a way to see what is in them."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import av
import freezegun.api
import pytest

from custom_components.axis_recordings.playback.timing import Timing
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.vapix import RecordingKey
from tests.camera import Audio, Camera, Video
from tests.camera.video import Reading, read_clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from av.stream import Stream

    from tests.camera import CameraServer

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
START = NOON - timedelta(hours=2)
RATE = 10
FRAME = timedelta(seconds=1 / RATE)
SECOND, MINUTE, HOUR = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
)
VIDEO = "video"
DISK = "SD_DISK"
EXPORT = "record/export/exportrecording.cgi"
PROPERTIES = "record/export/properties.cgi"
CAPABILITIES = "record/export/capabilities.cgi"

QUICK = Timing(check=0.02, busy=(0.01, 0.02, 0.05), grace=0.1)
"""Waits shortly for those who may ask for more."""
PATIENT = replace(QUICK, grace=1.0)
"""Waits for players that compute something before they ask for more, on a busy machine."""

# Clocks go on from noon, and may be set ahead. Timers of the event loop take no notice of that.
running_clock = pytest.mark.freeze_time(NOON, tick=True, real_asyncio=True)


def quick_camera(**settings: Any) -> Camera:
    """Return a camera whose exports are small, and as fast as they can be."""
    return Camera(**{"export_speed": None, "picture_width": 160, **settings})


def add_video(
    camera: Camera,
    start: datetime = START,
    seconds: float = 20,
    *,
    mimetype: str = "video/x-h264",
    size: tuple[int, int] = (640, 360),
    audio: str | None = None,
    **attributes: Any,
) -> RecordingPart:
    """Put a recording into the past, and return it as one part."""
    given = {"recording_id": VIDEO, "gop": 2.0, **attributes}
    recording_id = camera.add_recording(
        start,
        start + timedelta(seconds=seconds),
        video=Video(mimetype, *size, framerate=f"{RATE}:1"),
        audio=Audio(audio) if audio else None,
        **given,
    )
    return part(recording_id, disk=given.get("disk_id", DISK))


def part(
    recording_id: str = VIDEO,
    first: float | None = None,
    last: float | None = None,
    *,
    disk: str = DISK,
) -> RecordingPart:
    """Return a part of a recording, by its seconds after START."""
    return RecordingPart(
        key=RecordingKey(disk, recording_id),
        start=None if first is None else at(first),
        end=None if last is None else at(last),
    )


def at(seconds: float) -> datetime:
    """Return a moment by its seconds after START."""
    return START + timedelta(seconds=seconds)


class RunningClock:
    """Stands in for time.monotonic, and may be set ahead."""

    def __init__(self) -> None:
        """Begin with the real time."""
        self.ahead = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return freezegun.api.real_monotonic() + self.ahead


class Frame(NamedTuple):
    """A picture of a video: when it is shown, in seconds, and the camera's clock on it."""

    time: float
    clock: Reading

    def second(self, start: datetime) -> float:
        """Return the moment that it shows, in seconds after another."""
        return (self.clock.moment - start).total_seconds()


class Piece(NamedTuple):
    """A packet of a file, in seconds."""

    time: float
    duration: float
    is_key: bool


@dataclass(frozen=True)
class Movie:
    """A video, opened with FFmpeg's libraries."""

    data: bytes

    @property
    def frames(self) -> list[Frame]:
        """Return the pictures."""
        with av.open(BytesIO(self.data), "r") as container:
            return [
                Frame(frame.time or 0.0, read_clock(frame))
                for frame in container.decode(video=0)
            ]

    @property
    def seconds(self) -> list[float]:
        """Return the moments that the pictures show, in seconds after START."""
        return [frame.second(START) for frame in self.frames]

    @property
    def video(self) -> list[Piece]:
        """Return the packets of the pictures."""
        return self._pieces("video")

    @property
    def audio(self) -> list[Piece]:
        """Return the packets of the sound."""
        return self._pieces("audio")

    @property
    def codecs(self) -> list[str]:
        """Return the names of the codecs of the tracks."""
        with av.open(BytesIO(self.data), "r") as container:
            return [stream.codec_context.name for stream in container.streams]

    @property
    def tags(self) -> list[str]:
        """Return by what names players know the codecs of the tracks."""
        with av.open(BytesIO(self.data), "r") as container:
            return [stream.codec_context.codec_tag for stream in container.streams]

    @property
    def headers(self) -> list[object]:
        """Return what a decoder has to know beforehand."""
        with av.open(BytesIO(self.data), "r") as container:
            return [
                (
                    stream.codec_context.name,
                    stream.codec_context.extradata,
                    stream.time_base,
                )
                for stream in container.streams
            ]

    @property
    def size(self) -> tuple[int, int]:
        """Return the width and height."""
        with av.open(BytesIO(self.data), "r") as container:
            context = container.streams.video[0].codec_context
            return context.width, context.height

    @property
    def duration(self) -> float:
        """Return the length that the file states of its video, in seconds."""
        with av.open(BytesIO(self.data), "r") as container:
            track = container.streams.video[0]
            assert track.duration is not None
            assert track.time_base is not None
            return float(track.duration * track.time_base)

    @property
    def boxes(self) -> list[str]:
        """Return the names of the outer boxes of an MP4, in their order."""
        names, position = [], 0
        while position < len(self.data):
            size = int.from_bytes(self.data[position : position + 4])
            names.append(self.data[position + 4 : position + 8].decode())
            assert size >= 8
            position += size
        return names

    def _pieces(self, kind: str) -> list[Piece]:
        with av.open(BytesIO(self.data), "r") as container:
            tracks: list[Stream] = [
                track for track in container.streams if track.type == kind
            ]
            return [
                Piece(
                    float(packet.pts * packet.time_base),
                    float((packet.duration or 0) * packet.time_base),
                    packet.is_keyframe,
                )
                for packet in container.demux(tracks)
                if packet.pts is not None and packet.time_base is not None
            ]


def movie_at(path: str | Path) -> Movie:
    """Open a video that was saved."""
    return Movie(Path(path).read_bytes())


def files(folder: Path) -> list[Path]:
    """Return all files in a folder and the folders in it."""
    return [path for path in folder.rglob("*") if path.is_file()]


def second_of(picture: bytes) -> float:
    """Return the moment that a JPEG shows, in seconds after START."""
    assert picture.startswith(b"\xff\xd8")
    (second,) = Movie(picture).seconds
    return second


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something that comes soon, but not on the dot."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - most of it reports nobody when it comes
            await asyncio.sleep(0.01)


async def quiet(server: CameraServer) -> None:
    """Wait until the camera exports nothing, and no thread reads a video any more."""
    await until(lambda: not server.exports_open and not playing_threads())


def playing_threads() -> list[str]:
    """Return the places in the playback package where threads are at work."""
    places = []
    for top in sys._current_frames().values():
        frame: FrameType | None = top
        while frame is not None:
            name = frame.f_code.co_filename
            if "axis_recordings/playback" in name and "asyncio" not in name:
                places.append(f"{name}:{frame.f_lineno}")
                break
            frame = frame.f_back
    return places


def playing_tasks() -> list[str]:
    """Return the names of the tasks in which videos are made."""
    return [
        name
        for task in asyncio.all_tasks()
        if (name := task.get_name()).startswith(
            ("axis_recordings segments", "clip-", "thumbnail-")
        )
    ]


def assert_no_secrets(text: str | bytes, server: CameraServer) -> None:
    """See that something tells neither where the camera is nor how to log in."""
    text = text if isinstance(text, bytes) else text.encode()
    for secret in (f":{server.port}", "operator-secret", "operator"):
        assert secret.encode() not in text, secret
