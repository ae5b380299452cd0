"""How much a camera may say. What is beyond that is left out, and the rest goes on.

The numbers are what AXIS cameras have, some ten times over: two card slots and a network share, up to
sixteen channels of an encoder, ids of some forty characters.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_DISKS: Final = 32
USUAL_SOURCES: Final = 16
"""No camera or encoder has more."""
MOST_SOURCES: Final = 160
MOST_EVENT_NAMES: Final = 1000
LONGEST_ID: Final = 128
"""Characters. Something with a longer id is left out, as half an id names something else."""
LONGEST_TEXT: Final = 500
"""Characters. Longer names and messages are cut."""
MOST_EVENT_VALUES: Final = 50
"""Of one event."""
MOST_EVENTS: Final = 500
"""In `EVENTS_SECONDS`; beyond that the stream is no source of news but a flood."""
EVENTS_SECONDS: Final = 5.0
MOST_PAGES: Final = 20_000
"""Of one list, whatever the camera says it has."""


class Bounds:
    """What one camera said beyond its bounds."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.left_out: dict[str, int] = {}
        """The most of each kind that was left out of one answer, by the kind's name."""
        self._news: list[str] = []

    def first[T](self, kind: str, found: Iterable[T], most: int) -> tuple[T, ...]:
        """Return no more than so many, and note how many are left out."""
        everything = tuple(found)
        if (beyond := len(everything) - most) > 0:
            self.note(kind, beyond)
        return everything[:most]

    def note(self, kind: str, number: int) -> None:
        """Note how many of a kind were left out of an answer."""
        if number > 0:
            if kind not in self.left_out:
                self._news.append(kind)
            self.left_out[kind] = max(number, self.left_out.get(kind, 0))

    def take_news(self) -> list[str]:
        """Return the kinds that were left out for the first time, each once."""
        news, self._news = self._news, []
        return news
