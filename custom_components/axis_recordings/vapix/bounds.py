"""How much a camera may say. What is beyond that is left out, and the rest goes on.

An answer that is longer or deeper than any can be is an error.

The numbers are what AXIS cameras have, some ten times over: two card slots and a network share, up to
sixteen channels of an encoder, ids of some forty characters.
"""

import asyncio
from contextlib import asynccontextmanager
from contextvars import ContextVar
import time
from typing import TYPE_CHECKING, Final

from .errors import TooMuchEffortError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

MOST_ANSWER_BYTES: Final = 2 * 1024 * 1024
"""The largest page of recordings that is asked for has some 350 kB."""
MOST_ERROR_BYTES: Final = 64 * 1024
"""Of an error that comes in place of an export."""
MOST_MESSAGE_BYTES: Final = 256 * 1024
"""One of an event stream has some hundred."""
DEEPEST_ELEMENTS: Final = 50
"""Within each other in XML; VAPIX has up to five."""
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
MOST_STATES: Final = 4 * MOST_DISKS
"""Of which a stream of events reports at a time: four topics of each disk."""
MOST_EVENTS: Final = 500
"""In `EVENTS_SECONDS`; beyond that the stream is no source of news but a flood."""
EVENTS_SECONDS: Final = 5.0
MOST_ONGOING: Final = 500
"""Recordings that go on: three rules for each of sixteen channels."""
MOST_LOOK_UPS: Final = 50
"""Recordings that are asked for by their ids in one poll; where they are more, the list is read."""
MOST_LISTED: Final = 5000
"""Recordings that one poll reads, or that one answer has: those of a day of a busy camera."""
NEWS_PER_SECOND: Final = 5.0
"""New recordings that are reported in the long run, beside `MOST_LISTED` at once: those of a second of sixteen channels."""
MOST_TRACKS: Final = 16
"""Of one recording, of each kind."""
MOST_RECORDINGS: Final = 300_000
"""Of one list that is walked: a card of a terabyte has room for as many of five seconds."""
MOST_PAGES: Final = 20_000
"""Of one list, whatever the camera says it has."""
MOST_POLL_REQUESTS: Final = 200
MOST_POLL_SECONDS: Final = 3600.0
"""Some cameras with 100,000 recordings need two minutes for each list, and a poll waits for those of a walk, too."""
MOST_WALK_REQUESTS: Final = 5000
MOST_WALK_SECONDS: Final = 24 * 3600.0
"""Of 200 such lists, between which the polls come."""


class Effort:
    """How much is asked of a camera for one thing."""

    def __init__(self, most_requests: int, most_seconds: float) -> None:
        """Begin now."""
        self.most_requests = most_requests
        self.most_seconds = most_seconds
        self._requests = 0
        self._began = time.monotonic()

    @property
    def is_half_spent(self) -> bool:
        """Return whether only what has to be known should be asked for in addition."""
        seconds = time.monotonic() - self._began
        return (
            2 * self._requests >= self.most_requests or 2 * seconds >= self.most_seconds
        )

    def count(self) -> None:
        """Count a request. Raises TooMuchEffortError if there may be no more."""
        self._requests += 1
        if self._requests > self.most_requests:
            message = (
                f"The camera keeps us busy with more than {self.most_requests} requests"
            )
            raise TooMuchEffortError(message)


_effort: ContextVar[Effort | None] = ContextVar("effort", default=None)


def count_request() -> None:
    """Count a request of whatever it is made for. Raises TooMuchEffortError if there may be no more."""
    if effort := _effort.get():
        effort.count()


@asynccontextmanager
async def limited_effort(
    most_requests: int, most_seconds: float
) -> AsyncGenerator[Effort]:
    """Do something that asks the camera for no more than this. Raises TooMuchEffortError if it needs more."""
    effort = Effort(most_requests, most_seconds)
    token = _effort.set(effort)
    timeout = asyncio.timeout(most_seconds)
    try:
        async with timeout:
            yield effort
    except TimeoutError as err:
        if not timeout.expired():
            raise
        message = f"The camera keeps us busy for more than {most_seconds:.0f} seconds"
        raise TooMuchEffortError(message) from err
    finally:
        _effort.reset(token)


class Allowance:
    """How many of something there may be: many at once, but not again and again."""

    def __init__(self, most: int, per_second: float) -> None:
        """Allow so many at once, and in the long run so many in a second."""
        self._most = most
        self._per_second = per_second
        self._left = float(most)
        self._counted = time.monotonic()

    def take(self) -> bool:
        """Return whether there may be one more, and count it."""
        now = time.monotonic()
        more = (now - self._counted) * self._per_second
        self._left, self._counted = min(self._left + more, self._most), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Bounds:
    """What one camera said beyond its bounds."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.left_out: dict[str, int] = {}
        """The most of each kind that was left out of one answer, by the kind's name."""
        self._news: list[str] = []
        self.new_recordings = Allowance(MOST_LISTED, NEWS_PER_SECOND)
        """How many may be reported."""

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


_bounds: ContextVar[Bounds | None] = ContextVar("bounds", default=None)


def note_left_out_to(bounds: Bounds) -> None:
    """Note from now on, in this task, what is left out of this camera's answer: it is read next."""
    _bounds.set(bounds)


def note_left_out(kind: str, number: int) -> None:
    """Note how many of a kind are left out of the answer that is read."""
    if bounds := _bounds.get():
        bounds.note(kind, number)


def keep[K, V](kept: dict[K, V], key: K, value: V, most: int) -> bool:
    """Keep a value, and forget the one whose key is known longest if there are more than so many.

    Return whether one was forgotten.
    """
    kept[key] = value
    if len(kept) <= most:
        return False
    del kept[next(iter(kept))]
    return True
