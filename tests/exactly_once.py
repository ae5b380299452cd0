"""Holds what a client reported of recordings against what happened to them: each thing once, and nothing else."""

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from tests.camera import Fact

REPORTED_AS: Final = {
    "started": "started",
    "stopped": "finished",
    "interrupted": "interrupted",
    "removed": "removed",
}
"""The facts of a journal that are reported, and the types of their events."""
ENDS: Final = {"finished": "interrupted", "interrupted": "finished"}

# What a client that polls now and then can't know.
INVISIBLE: Final = "started and removed between two polls"
ENDED_UNSEEN: Final = "removed before its end was seen"
AMBIGUOUS_END: Final = "ended while power or its disk was lost unseen"
UNSEEN_CLOCK: Final = "began while its clock was set as nobody has seen it"
EXCHANGED: Final = "its card was exchanged before it was certain"
READING_SECONDS: Final = 2.0
"""A poll takes several requests. What is lost meanwhile leaves it without an end."""
DOUBT_SECONDS: Final = 60.0
"""For so long a recording may have to be missing until it is certain that it was removed. A longer pause of the
polls lets that begin anew, and so does a start of the camera, after which a list may be short."""

type Key = tuple[str, str]
"""Disk and id of a recording."""


class Reported(NamedTuple):
    """An event that a client fired."""

    kind: str
    disk_id: str
    recording_id: str


class Poll(NamedTuple):
    """A moment at which a client was shown a list: after so many facts, of the disks that were there."""

    facts: int
    disks: frozenset[str]
    time: float = 0.0
    """In seconds, by any clock that only goes on."""
    until: int | None = None
    """After how many facts all of it was read, if that took several requests."""

    def since(self, facts: int) -> Self:
        """Return it as counted from a later fact on."""
        until = None if self.until is None else self.until - facts
        return self._replace(facts=self.facts - facts, until=until)


class Loss(NamedTuple):
    """A loss of power, or of a disk, after so many facts."""

    facts: int
    disk_id: str | None = None
    is_exchange: bool = False
    """Whether another card is in its place at once, so that nobody notices."""
    is_hidden: bool = False
    """Whether there are as many recordings on that one, so that no count shows it."""
    time: float | None = None
    """By the clock of the polls; None if none can be under way."""

    def since(self, facts: int) -> Self:
        """Return it as counted from a later fact on."""
        return self._replace(facts=self.facts - facts)

    def breaks_off(self, poll: Poll) -> bool:
        """Return whether a poll may not have come to its end before this."""
        return self.time is not None and 0 <= self.time - poll.time < READING_SECONDS


@dataclass
class Report:
    """What came of the comparison."""

    facts: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    exceptions: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(
    facts: Sequence[Fact],
    events: Iterable[Reported],
    polls: Iterable[Poll],
    losses: Sequence[Loss] = (),
    settings: Sequence[int] = (),
) -> Report:
    """Compare a whole journal with all events, in their order.

    Polls, losses and settings of the camera's clock are counted in facts, as that clock shows no order.
    """
    report = Report()
    lives: defaultdict[Key, list[tuple[int, Fact]]] = defaultdict(list)
    reported: defaultdict[Key, list[str]] = defaultdict(list)
    for place, fact in enumerate(facts):
        if fact.what in REPORTED_AS:
            report.facts[fact.what] += 1
            lives[fact.disk_id, fact.recording_id].append((place, fact))
    for event in events:
        report.events[event.kind] += 1
        reported[event.disk_id, event.recording_id].append(event.kind)
    removals = [place for place, fact in enumerate(facts) if fact.what == "removed"]
    ordered = sorted(polls, key=lambda poll: (poll.facts, poll.time))
    whole = [
        poll for poll in ordered if not any(loss.breaks_off(poll) for loss in losses)
    ]
    view = _View(whole, ordered, losses, removals, settings)
    for key in lives | reported:
        for wanted, exceptions in _possible(lives[key], view):
            if reported[key] == wanted:
                report.exceptions.update(exceptions)
                break
        else:
            report.differences.append(_difference(key, lives[key], reported[key]))
    return report


@dataclass
class _View:
    """What could be seen when."""

    polls: list[Poll]
    """Those that certainly came to their end."""
    begun: list[Poll]
    """All of them: one that was broken off may have been read nevertheless."""
    losses: Sequence[Loss]
    removals: Sequence[int]
    settings: Sequence[int]

    def is_clock_unseen(self, place: int) -> bool:
        """Return whether nobody saw how the clock was set at a fact, as it was set again before any poll."""
        begin = max((each for each in self.settings if each <= place), default=None)
        end = min((each for each in self.settings if each > place), default=None)
        return (
            begin is not None
            and end is not None
            and not any(begin <= poll.facts <= end for poll in self.begun)
        )

    def is_between(self, disk_id: str, first: float, last: int) -> bool:
        """Return whether a disk was listed after one fact and before another."""
        return any(
            first < poll.facts
            and (poll.until or poll.facts) <= last
            and disk_id in poll.disks
            for poll in self.polls
        )

    def is_end_ambiguous(self, place: int, fact: Fact, *, was_seen: bool) -> bool:
        """Return whether nobody can know how a recording ended, as both ways were possible."""
        return fact.recording.recording_status != "unknown" and any(
            self._is_ambiguous_after(polls, place, fact, was_seen=was_seen)
            for polls in (self.polls, self.begun)
        )

    def _is_ambiguous_after(
        self, polls: list[Poll], place: int, fact: Fact, *, was_seen: bool
    ) -> bool:
        seen = [poll.facts for poll in polls if fact.disk_id in poll.disks]
        after = bisect_right(seen, place)
        begin = seen[after - 1] if after else 0
        end = seen[after] if after < len(seen) else float("inf")
        return any(
            begin <= loss.facts <= end
            for loss in self.losses
            if loss.disk_id in (None, fact.disk_id)
            and not (
                fact.what == "interrupted" and was_seen and self._is_noticed(loss, end)
            )
        )

    def is_certain(self, fact: Fact, place: int, exchange: int) -> bool:
        """Return whether a fact could be made sure of before the card was exchanged."""
        polls = [
            poll
            for poll in self.polls
            if place < poll.facts < exchange and fact.disk_id in poll.disks
        ]
        if fact.what != "removed":
            return bool(polls)
        since, before = inf, None
        for now in polls:
            if before is None or self._begins_anew(before, now):
                since = now.time
            if now.time - since >= DOUBT_SECONDS:
                return True
            before = now
        return False

    def _begins_anew(self, before: Poll, now: Poll) -> bool:
        """Return whether what was missing in one poll may have been listed before the next one, or may be after a start."""
        return not 0 <= now.time - before.time <= DOUBT_SECONDS or any(
            loss.disk_id is None and before.facts <= loss.facts <= now.facts
            for loss in self.losses
        )

    def is_exchange_seen(self, exchange: Loss, disk_id: str, last: int) -> bool:
        """Return whether a list could show the other card before a fact.

        One with as many recordings shows once something is removed, as nobody asks for more before.
        """
        shown: float = exchange.facts
        if exchange.is_hidden:
            later = (each for each in self.removals if each >= exchange.facts)
            shown = next(later, float("inf"))
        return self.is_between(disk_id, shown, last)

    def exchanges(self, life: list[tuple[int, Fact]]) -> list[Loss]:
        """Give the exchanges of the card that a recording was on."""
        return [
            loss
            for loss in self.losses
            if loss.is_exchange and life and loss.disk_id == life[0][1].disk_id
        ]

    def _is_noticed(self, loss: Loss, end: float) -> bool:
        """Return whether the disk was missing when somebody polled."""
        return loss.disk_id is not None and any(
            loss.facts <= poll.facts <= end and loss.disk_id not in poll.disks
            for poll in self.polls
        )


def _possible(
    life: list[tuple[int, Fact]], view: _View
) -> Iterator[tuple[list[str], list[str]]]:
    """Give the events that may be reported of a recording, with the exceptions that allow them."""
    whole = [REPORTED_AS[fact.what] for _, fact in life]
    yield whole, []
    end = next((each for each in life if REPORTED_AS[each[1].what] in ENDS), None)
    is_ambiguous = end is not None and view.is_end_ambiguous(
        *end, was_seen=_was_seen(life, end, view)
    )
    if is_ambiguous:
        yield _end_otherwise(whole), [AMBIGUOUS_END]
    for reported in _exchanged(life, view):
        yield reported, [EXCHANGED]
        if is_ambiguous:
            yield _end_otherwise(reported), [EXCHANGED, AMBIGUOUS_END]
    if whole[:1] == ["started"] and view.is_clock_unseen(life[0][0]):
        # It may have been there for long.
        for first in range(1, len(whole) + 1):
            yield whole[first:], [UNSEEN_CLOCK]
            yield _end_otherwise(whole[first:]), [UNSEEN_CLOCK]
    if not whole or whole[-1] != "removed":
        return
    last, removed = life[-1]
    if end and not view.is_between(removed.disk_id, end[0], last):
        yield [kind for kind in whole if kind not in ENDS], [ENDED_UNSEEN]
    if whole[0] == "started" and not view.is_between(removed.disk_id, life[0][0], last):
        yield [], [INVISIBLE]


def _end_otherwise(reported: list[str]) -> list[str]:
    return [ENDS.get(kind, kind) for kind in reported]


def compare_index(
    listed: Collection[Key], known: Collection[Key], doubted: Collection[Key]
) -> list[str]:
    """Return by what an index differs from the list of a camera, but for what is in doubt.

    While something in doubt is there again, the count adds up though as much is gone.
    """
    gone, unknown = {*known} - {*listed} - {*doubted}, {*listed} - {*known}
    if len(gone) <= len({*doubted} & {*listed}):
        gone = set()
    return [
        *(f"{name} on {disk_id} is gone, and still known" for disk_id, name in gone),
        *(f"{name} on {disk_id} is listed, and not known" for disk_id, name in unknown),
    ]


def _exchanged(life: list[tuple[int, Fact]], view: _View) -> Iterator[list[str]]:
    """Give what may be reported of a recording whose card was exchanged before everything was certain."""
    for loss in view.exchanges(life):
        exchange = loss.facts
        before = [REPORTED_AS[fact.what] for place, fact in life if place < exchange]
        after = [REPORTED_AS[fact.what] for place, fact in life if place >= exchange]
        # What was removed was listed before that.
        last = min(
            [exchange, *(place + 1 for place, fact in life if fact.what == "removed")]
        )
        certain = sum(
            view.is_certain(fact, place, exchange if fact.what == "removed" else last)
            for place, fact in life
            if place < exchange
        )
        for count in range(certain, len(before) + 1):
            reported = before[:count]
            yield reported + after
            if "removed" in reported:
                yield [kind for kind in reported if kind not in ENDS] + after
            elif not ENDS.keys() & {*reported}:
                yield [*reported, "interrupted", *after]
        if before == [] and not view.is_exchange_seen(
            loss, life[0][1].disk_id, life[-1][0]
        ):
            # It has come with a card, and was removed before anybody polled.
            yield []


def _was_seen(life: list[tuple[int, Fact]], end: tuple[int, Fact], view: _View) -> bool:
    """Return whether somebody polled while it went on: else nobody knows what it went through."""
    first, fact = life[0]
    return fact.what != "started" or view.is_between(fact.disk_id, first, end[0])


def _difference(key: Key, life: list[tuple[int, Fact]], reported: list[str]) -> str:
    disk_id, recording_id = key
    happened = ", ".join(
        f"{fact.what} by {fact.by} at {fact.time:%H:%M:%S} (#{place})"
        for place, fact in life
    )
    return (
        f"{recording_id} on {disk_id}: {happened or 'nothing happened'}; "
        f"reported: {', '.join(reported) or 'nothing'}"
    )
