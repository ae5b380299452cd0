"""Cameras with films that are cheap to make, and what is seen in what was made of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import av

from tests.camera import Audio, Camera, Video
from tests.camera.video import Reading, read_clock
from tests.camera.video.container import FORMATS, Muxer
from tests.camera.video.excerpt import Excerpt
from tests.camera.video.reel import Reel

if TYPE_CHECKING:
    from av.stream import Stream

    from custom_components.axis_recordings.playback.segments import Segment
    from tests.camera.video import Footage

START = datetime(2025, 10, 20, 12, 0, 0, 500000, tzinfo=UTC)
RATE = 10
WIDTH = 160
FILM = "film"


def video(rate: str = f"{RATE}:1", mimetype: str = "video/x-h264") -> Video:
    """Return the attributes of a video track."""
    return Video(mimetype=mimetype, framerate=rate, width=640, height=360)


def filming(
    *,
    seconds: float = 60,
    rate: str = f"{RATE}:1",
    mimetype: str = "video/x-h264",
    gop: float | tuple[float, ...] = 4.0,
    audio: str | None = None,
    start: datetime = START,
    **settings: Any,
) -> Camera:
    """Return a camera with a recording whose exports are small, and as fast as they can be."""
    camera = Camera(
        **{"export_speed": None, "picture_width": WIDTH, "name": "", **settings}
    )
    camera.add_recording(
        start,
        start + timedelta(seconds=seconds),
        recording_id=FILM,
        video=video(rate, mimetype),
        gop=gop,
        audio=Audio(audio) if audio else None,
    )
    return camera


def make_film(
    footage: Footage,
    first: int,
    last: int,
    *,
    file_format: str = "matroska",
    reel: Reel | None = None,
) -> bytes:
    """Return what the camera exports from a key frame up to another frame, which is excluded."""
    reel, timeline = reel or Reel(), footage.timeline
    muxer = Muxer(footage, FORMATS[file_format], first)
    excerpt = Excerpt(timeline, first, last, "needed")
    pieces = [muxer.begin()]
    group = timeline.group_at(first)
    while group < last:
        samples = reel.read(footage, group, 0, 1_000_000)
        pieces += [muxer.add(sample) for sample in excerpt.pick(samples)]
        group = timeline.group_after(group)
    pieces.append(muxer.finish())
    return b"".join(pieces)


class Frame(NamedTuple):
    """A picture: when it is shown, in seconds, and which moment of the camera it shows."""

    time: float
    clock: Reading

    def second(self, start: datetime = START) -> float:
        """Return the moment that it shows, in seconds of the recording."""
        return (self.clock.moment - start).total_seconds()


class Piece(NamedTuple):
    """A packet of a file, in seconds."""

    time: float
    duration: float
    is_key: bool


@dataclass(frozen=True)
class Movie:
    """A file that was made, opened with FFmpeg's libraries."""

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
    def video(self) -> list[Piece]:
        """Return the packets of the pictures."""
        return self._pieces("video")

    @property
    def audio(self) -> list[Piece]:
        """Return the packets of the sound."""
        return self._pieces("audio")

    @property
    def codecs(self) -> list[tuple[str, str]]:
        """Return the names and tags of the codecs."""
        with av.open(BytesIO(self.data), "r") as container:
            return [
                (stream.codec_context.name, stream.codec_context.codec_tag)
                for stream in container.streams
            ]

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
    def duration(self) -> float:
        """Return the length that the file tells of its video, in seconds."""
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


def movie_of(init: bytes | None, *segments: Segment) -> Movie:
    """Return what a player makes of segments that follow each other."""
    assert init
    return Movie(b"".join([init, *(segment.data for segment in segments)]))
