"""Which of the coded frames and pieces of sound go into a file."""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .samples import Sample
    from .timeline import Timeline

type End = Literal["needed", "first"]


class Excerpt:
    """Picks what lies from frame `first` up to `last`, which is excluded, out of what is sent.

    It begins with that frame and goes on as it was coded: what is shown before, but sent after a key
    frame, comes with it. It ends with all that the frames before `last` need (`needed`), or at the
    `first` one that is shown later.
    """

    def __init__(self, timeline: Timeline, first: int, last: int, end: End) -> None:
        """Begin; nothing is picked yet."""
        self._first, self._last, self._end = first, last, end
        self._start, self._stop = first / timeline.rate, last / timeline.rate
        self._is_begun = self._is_over = False
        self._beyond: list[Sample] = []

    def pick(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Go on with what follows."""
        for sample in samples:
            if sample.kind == "audio":
                if self._start <= sample.time < self._stop:
                    yield sample
                continue
            self._is_begun = self._is_begun or sample.place == self._first
            if not self._is_begun or self._is_over:
                continue
            if sample.place < self._last:
                yield from self._beyond
                self._beyond.clear()
                yield sample
            elif self._end == "needed":
                self._beyond.append(sample)
            else:
                self._is_over = True
