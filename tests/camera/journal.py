"""What happened to recordings, to hold against what a client makes of it."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from .recordings import Recording


class Fact(NamedTuple):
    """Something that happened to a recording, in camera time.

    `what` is `added` (in the past), `started`, `stopped`, `interrupted` (power or disk lost, or
    the disk can't be written to any more), `moved` (its start, by clean-up), `removed` or
    `exported` (from the beginning of the export); `by` is a user, or `rule`, `profile`, `camera`.
    `recording` is what it was like after that, or before it was removed.
    """

    time: datetime
    what: str
    recording_id: str
    disk_id: str
    by: str
    recording: Recording


class Journal(list[Fact]):
    """All that happened to the recordings of a camera, in order.

    Nothing is left out: each change that a list of all recordings could show is one fact, except
    for disks that come and go with what is on them, and recordings that a power cut leaves
    going on.
    """

    def of(self, *kinds: str, since: int = 0) -> list[Fact]:
        """Give the facts of some kinds, from the `since`-th on."""
        return [fact for fact in self[since:] if fact.what in kinds]

    def lives(self, since: int = 0) -> dict[str, list[str]]:
        """Return what happened to each recording, by its id, such as started, moved, stopped."""
        lives: dict[str, list[str]] = {}
        for fact in self[since:]:
            lives.setdefault(fact.recording_id, []).append(fact.what)
        return lives
