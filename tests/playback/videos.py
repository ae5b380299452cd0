"""Cameras with videos that are cheap to make, and what is seen in what was made of them."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.camera import Audio, Camera, Video
from tests.camera.video.container import FORMATS, Muxer
from tests.camera.video.excerpt import Excerpt
from tests.camera.video.reel import Reel
from tests.videos import Movie

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.segments import Segment
    from tests.camera.video import CodedVideo

START = datetime(2025, 10, 20, 12, 0, 0, 500000, tzinfo=UTC)
RATE = 10
WIDTH = 160
VIDEO = "video"


def video(rate: str = f"{RATE}:1", mimetype: str = "video/x-h264") -> Video:
    """Return the attributes of a video track."""
    return Video(mimetype=mimetype, framerate=rate, width=640, height=360)


def camera_with_video(
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
        recording_id=VIDEO,
        video=video(rate, mimetype),
        gop=gop,
        audio=Audio(audio) if audio else None,
    )
    return camera


def make_export(
    coded_video: CodedVideo,
    first: int,
    last: int,
    *,
    file_format: str = "matroska",
    reel: Reel | None = None,
) -> bytes:
    """Return what the camera exports from a key frame up to another frame, which is excluded."""
    reel, timeline = reel or Reel(), coded_video.timeline
    muxer = Muxer(coded_video, FORMATS[file_format], first)
    excerpt = Excerpt(timeline, first, last, "needed")
    pieces = [muxer.begin()]
    group = timeline.group_at(first)
    while group < last:
        samples = reel.read(coded_video, group, 0, 1_000_000)
        pieces += [muxer.add(sample) for sample in excerpt.pick(samples)]
        group = timeline.group_after(group)
    pieces.append(muxer.finish())
    return b"".join(pieces)


def movie_of(init: bytes | None, *segments: Segment) -> Movie:
    """Return what a player makes of segments that follow each other."""
    assert init
    return Movie(b"".join([init, *(segment.data for segment in segments)]))
