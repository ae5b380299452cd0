"""The playlist of parts of recordings (RFC 8216)."""

from itertools import pairwise
from math import ceil, inf
from typing import TYPE_CHECKING, Final

from .timeline import FRAMES_PER_SEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

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


class Listing:
    """What a playlist lists of one recording: the whole span, although most of it is not yet there.

    So players can seek anywhere: a segment is exported when it is asked for. Lengths are exact for the segments
    that are known by now, and otherwise at most one segment length off, which players correct when they have got them.
    """

    def __init__(self, source: SegmentSource, span: TimeRange) -> None:
        """List what holds a span."""
        self._source = source
        self.numbers = numbers(source, span)
        known = {*source.known, *(each + 1 for each in source.known), *source.empty}
        self._known = {
            each: source.start_of(each) for each in known if each in self.numbers
        }
        last = self.start_of(self.numbers[-1])
        self.ends = max(source.seconds(span.end), last + _SHORTEST)
        """In seconds on the recording's timeline."""

    def start_of(self, number: int) -> float:
        """Return where a segment is listed to begin, in seconds on the recording's timeline."""
        return self._known.get(number, self._source.grid.at(number))

    @property
    def begins(self) -> float:
        """Return where it begins, in seconds on the recording's timeline."""
        return self.start_of(self.numbers[0])

    @property
    def length(self) -> float:
        """Return how long it is, in seconds."""
        return self.ends - self.begins

    @property
    def start(self) -> datetime:
        """Return when it begins."""
        return self._source.moment(self.begins)

    @property
    def end(self) -> datetime:
        """Return when it ends."""
        return self._source.moment(self.ends)

    @property
    def longest(self) -> float:
        """Return how long a segment may be: by up to another one and a frame longer than it is listed."""
        return self._source.grid.length * (2 + 1 / FRAMES_PER_SEGMENT)

    @property
    def lengths(self) -> list[float]:
        """Return how long each segment is."""
        cuts = [*map(self.start_of, self.numbers), self.ends]
        return [max(_SHORTEST, end - start) for start, end in pairwise(cuts)]


def write_playlist(
    listings: Sequence[Listing], *, begin: float, is_indexed: bool = False
) -> str:
    """Return a playlist of all that is listed, to be played from ``begin`` on, in seconds from its beginning.

    Where addresses are indexed, they say which of the recordings is meant.
    """
    lengths = [each.lengths for each in listings]
    longest = max(
        *(max(each) for each in lengths), *(each.longest for each in listings)
    )
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f"#EXT-X-TARGETDURATION:{ceil(longest)}",
        f"#EXT-X-MEDIA-SEQUENCE:{0 if is_indexed else listings[0].numbers[0]}",
        f"#EXT-X-START:TIME-OFFSET={max(0.0, begin):.3f},PRECISE=YES",
    ]
    for index, listing in enumerate(listings):
        if index:
            lines.append("#EXT-X-DISCONTINUITY")
        place = f"{index}/" if is_indexed else ""
        lines += _part(listing, lengths[index], place)
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def _part(listing: Listing, lengths: list[float], place: str) -> Iterator[str]:
    yield f'#EXT-X-MAP:URI="{place}{INIT_NAME}"'
    moment = listing.start.isoformat(timespec="milliseconds")
    yield f"#EXT-X-PROGRAM-DATE-TIME:{moment}"
    for number, length in zip(listing.numbers, lengths, strict=True):
        yield f"#EXTINF:{length:.6f},"
        yield f"{place}{number}.m4s"
