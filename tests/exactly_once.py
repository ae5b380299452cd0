"""Holds what a client told of recordings against what happened to them: each thing once, and nothing else."""

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.camera import Fact

TOLD_AS: Final = {
    "started": "started",
    "stopped": "finished",
    "interrupted": "interrupted",
    "removed": "removed",
}
"""The facts of a journal that are told, and the types of their events."""
ENDS: Final = {"finished": "interrupted", "interrupted": "finished"}

# What a client that looks now and then can't know.
INVISIBLE: Final = "started and removed between two looks"
ENDED_UNSEEN: Final = "removed before its end was seen"
AMBIGUOUS_END: Final = "ended while power or its disk was lost unseen"
EXCHANGED: Final = "its card was exchanged before it was certain"
DOUBTED: Final = {"started": 1, "stopped": 1, "interrupted": 1, "removed": 12}
"""How many looks it may take until something is certain: up to a minute."""

type Key = tuple[str, str]
"""Disk and id of a recording."""


class Told(NamedTuple):
    """An event that a client fired."""

    kind: str
    disk_id: str
    recording_id: str


class Look(NamedTuple):
    """A moment at which a client was shown a list: after so many facts, of the disks that were there."""

    facts: int
    disks: frozenset[str]


class Loss(NamedTuple):
    """A loss of power, or of a disk, after so many facts."""

    facts: int
    disk_id: str | None = None
    is_exchange: bool = False
    """Whether another card is in its place at once, so that nobody is told."""
    is_hidden: bool = False
    """Whether there are as many recordings on that one, so that no count shows it."""


@dataclass
class Report:
    """What came of the comparison."""

    facts: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    exceptions: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(
    facts: Sequence[Fact],
    events: Iterable[Told],
    looks: Iterable[Look],
    losses: Sequence[Loss] = (),
) -> Report:
    """Compare a whole journal with all events, in their order.

    Looks and losses are counted in facts, so the clock of the camera may be set meanwhile.
    """
    report = Report()
    lives: defaultdict[Key, list[tuple[int, Fact]]] = defaultdict(list)
    told: defaultdict[Key, list[str]] = defaultdict(list)
    for place, fact in enumerate(facts):
        if fact.what in TOLD_AS:
            report.facts[fact.what] += 1
            lives[fact.disk_id, fact.recording_id].append((place, fact))
    for event in events:
        report.events[event.kind] += 1
        told[event.disk_id, event.recording_id].append(event.kind)
    removals = [place for place, fact in enumerate(facts) if fact.what == "removed"]
    view = _View(sorted(looks), losses, removals)
    for key in lives | told:
        for wanted, exceptions in _possible(lives[key], view):
            if told[key] == wanted:
                report.exceptions.update(exceptions)
                break
        else:
            report.differences.append(_difference(key, lives[key], told[key]))
    return report


@dataclass
class _View:
    """What could be seen when."""

    looks: list[Look]
    losses: Sequence[Loss]
    removals: Sequence[int]

    def is_between(self, disk_id: str, first: float, last: int) -> bool:
        """Tell whether a disk was looked at after one fact and before another."""
        return any(
            first < look.facts <= last and disk_id in look.disks for look in self.looks
        )

    def is_end_ambiguous(self, place: int, fact: Fact, *, was_seen: bool) -> bool:
        """Tell whether nobody can know how a recording ended, as both ways were possible."""
        if fact.recording.recording_status == "unknown":
            return False
        seen = [look.facts for look in self.looks if fact.disk_id in look.disks]
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

    def looks_between(self, disk_id: str, first: int, last: int) -> int:
        """Count how often a disk was certainly looked at after one fact and before an exchange."""
        return sum(
            first < look.facts < last and disk_id in look.disks for look in self.looks
        )

    def is_exchange_seen(self, exchange: Loss, disk_id: str, last: int) -> bool:
        """Tell whether a list could show the other card before a fact.

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
        """Tell whether the disk was missing when somebody looked."""
        return loss.disk_id is not None and any(
            loss.facts <= look.facts <= end and loss.disk_id not in look.disks
            for look in self.looks
        )


def _possible(
    life: list[tuple[int, Fact]], view: _View
) -> Iterator[tuple[list[str], list[str]]]:
    """Give the events that may be told of a recording, with the exceptions that allow them."""
    whole = [TOLD_AS[fact.what] for _, fact in life]
    yield whole, []
    end = next((each for each in life if TOLD_AS[each[1].what] in ENDS), None)
    is_ambiguous = end is not None and view.is_end_ambiguous(
        *end, was_seen=_was_seen(life, end, view)
    )
    if is_ambiguous:
        yield _end_otherwise(whole), [AMBIGUOUS_END]
    for told in _exchanged(life, view):
        yield told, [EXCHANGED]
        if is_ambiguous:
            yield _end_otherwise(told), [EXCHANGED, AMBIGUOUS_END]
    if not whole or whole[-1] != "removed":
        return
    last, removed = life[-1]
    if end and not view.is_between(removed.disk_id, end[0], last):
        yield [kind for kind in whole if kind not in ENDS], [ENDED_UNSEEN]
    if whole[0] == "started" and not view.is_between(removed.disk_id, life[0][0], last):
        yield [], [INVISIBLE]


def _end_otherwise(told: list[str]) -> list[str]:
    return [ENDS.get(kind, kind) for kind in told]


def _exchanged(life: list[tuple[int, Fact]], view: _View) -> Iterator[list[str]]:
    """Give what may be told of a recording whose card was exchanged before everything was certain."""
    for loss in view.exchanges(life):
        exchange = loss.facts
        before = [TOLD_AS[fact.what] for place, fact in life if place < exchange]
        after = [TOLD_AS[fact.what] for place, fact in life if place >= exchange]
        # What was removed was looked at before that.
        last = min(
            [exchange, *(place + 1 for place, fact in life if fact.what == "removed")]
        )
        certain = sum(
            view.looks_between(
                fact.disk_id, place, exchange if fact.what == "removed" else last
            )
            >= DOUBTED[fact.what]
            for place, fact in life
            if place < exchange
        )
        for count in range(certain, len(before) + 1):
            told = before[:count]
            yield told + after
            if "removed" in told:
                yield [kind for kind in told if kind not in ENDS] + after
            elif not ENDS.keys() & {*told}:
                yield [*told, "interrupted", *after]
        if before == [] and not view.is_exchange_seen(
            loss, life[0][1].disk_id, life[-1][0]
        ):
            # It has come with a card, and was removed before anybody looked.
            yield []


def _was_seen(life: list[tuple[int, Fact]], end: tuple[int, Fact], view: _View) -> bool:
    """Tell whether somebody looked while it went on: else nobody knows what it went through."""
    first, fact = life[0]
    return fact.what != "started" or view.is_between(fact.disk_id, first, end[0])


def _difference(key: Key, life: list[tuple[int, Fact]], told: list[str]) -> str:
    disk_id, recording_id = key
    happened = ", ".join(
        f"{fact.what} by {fact.by} at {fact.time:%H:%M:%S} (#{place})"
        for place, fact in life
    )
    return (
        f"{recording_id} on {disk_id}: {happened or 'nothing happened'}; "
        f"told: {', '.join(told) or 'nothing'}"
    )
