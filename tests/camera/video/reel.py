"""Video that was coded of late, as the same moments are often asked for again."""

from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .coded_video import CodedVideo
    from .samples import Sample

LIMIT: Final = 32 * 1024 * 1024
MOST_UNFINISHED: Final = 12


class _Group:
    """What is decoded together, as far as it is coded."""

    def __init__(self, rest: Iterator[Sample]) -> None:
        self.coded: list[Sample] = []
        self.size = 0
        self.finished = False
        self._rest = rest

    def code(self, number: int) -> None:
        """Go on until there are so many samples, or no more."""
        wanted = max(0, number - len(self.coded))
        more = list(islice(self._rest, wanted))
        self.coded += more
        self.size += sum(len(sample.data) for sample in more)
        self.finished = len(more) < wanted


class Reel:
    """The coded groups of pictures of one camera; for the use of one thread."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Keep up to `limit` bytes."""
        self._limit = limit
        self._groups: OrderedDict[tuple[CodedVideo, int], _Group] = OrderedDict()

    def read(
        self, coded_video: CodedVideo, first: int, begin: int, number: int
    ) -> list[Sample]:
        """Give samples of the group of a frame from the one at `begin` on; none at its end.

        They are coded when they are asked for, few at a time, so that others get their turn.
        """
        place = (coded_video, first)
        group = self._groups.get(place)
        if group is None:
            last = coded_video.timeline.group_after(first)
            group = self._groups[place] = _Group(coded_video.shoot(first, last))
            self._make_room()
        self._groups.move_to_end(place)
        if not group.finished:
            group.code(begin + number)
        return group.coded[begin : begin + number]

    def _make_room(self) -> None:
        """Drop the oldest; what is not finished holds an encoder, so there may be few."""
        size = unfinished = 0
        for place, group in reversed(list(self._groups.items())):
            size += group.size
            unfinished += not group.finished
            too_many = not group.finished and unfinished > MOST_UNFINISHED
            if size > self._limit or too_many:
                del self._groups[place]
                size -= group.size
