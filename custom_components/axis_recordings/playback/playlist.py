"""The playlist of a part of a recording (RFC 8216)."""

from math import ceil, inf
from typing import TYPE_CHECKING, Final

from .timeline import FRAMES_PER_SEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..recordings.extent import TimeRange
    from .segment_source import SegmentSource

MIME_TYPE: Final = "application/x-mpegURL"
"""Home Assistant's front end knows HLS by exactly this type."""
INIT_NAME: Final = "init.mp4"
# What the camera says of a recording's end may be a little later than its last frame, and a segment that
# is listed but does not exist is an error to players.
TAIL_SECONDS: Final = 0.25
_SHORTEST: Final = 0.001


def numbers(source: SegmentSource, span: TimeRange) -> range:
    """Return the segments that hold a span."""
    frame = min(1.5 / (source.frame_rate or inf), source.grid.length)
    tail = max(TAIL_SECONDS, frame)
    first = source.grid.containing(source.seconds(span.start))
    last = source.grid.containing(max(0.0, source.seconds(span.end) - tail))
    return range(first, max(first, last) + 1)


def write_playlist(source: SegmentSource, span: TimeRange, *, begin: float) -> str:
    """Return a playlist of everything, to be played from ``begin`` on, in seconds on the timeline.

    It lists the whole span although most of it is not yet there, so that players can seek anywhere:
    a segment is exported when it is asked for. Lengths are exact for the segments that are known, and
    otherwise at most one segment length off, which players correct when they have got them.
    """
    listed = numbers(source, span)
    starts = [source.start_of(number) for number in listed]
    end = max(source.seconds(span.end), starts[-1] + _SHORTEST)
    lengths = [
        max(_SHORTEST, following - start)
        for start, following in zip(starts, [*starts[1:], end], strict=True)
    ]
    longest = max(*lengths, source.grid.length * (2 + 1 / FRAMES_PER_SEGMENT))
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        # Segments may be longer than they are listed: by up to another one and a frame.
        f"#EXT-X-TARGETDURATION:{ceil(longest)}",
        f"#EXT-X-MEDIA-SEQUENCE:{listed.start}",
        f"#EXT-X-START:TIME-OFFSET={max(0.0, begin - starts[0]):.3f},PRECISE=YES",
        f'#EXT-X-MAP:URI="{INIT_NAME}"',
        f"#EXT-X-PROGRAM-DATE-TIME:{source.moment(starts[0]).isoformat(timespec='milliseconds')}",
        *_segments(listed, lengths),
        "#EXT-X-ENDLIST",
    ]
    return "\n".join(lines) + "\n"


def _segments(listed: range, lengths: list[float]) -> Iterator[str]:
    for number, length in zip(listed, lengths, strict=True):
        yield f"#EXTINF:{length:.6f},"
        yield f"{number}.m4s"
