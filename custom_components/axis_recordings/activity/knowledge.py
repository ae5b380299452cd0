"""What is known of a camera's recordings and disks: in the index and the ledger, and beside them in the memory."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from .doubts import Doubts
from .models import ChangeSet, KnownDisk

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ..vapix import RecordingKey
    from .ledger import Ledger
    from .models import PollTime
    from .timeline import Timeline

# Times of polls are stored with what they show, and else no more often than this.
POLL_TIME_INTERVAL: Final = timedelta(minutes=10)


class Knowledge:
    """What all who follow a camera's recordings share. It changes only by what is stored, or for a while."""

    def __init__(self, ledger: Ledger, timeline: Timeline) -> None:
        """Know nothing before it is recalled."""
        self.ledger = ledger
        self.index = ledger.index
        self.timeline = timeline
        self.disks: dict[str, KnownDisk] = {}
        self.tolerated = 0
        """By how many the camera's count is off, even after a walk."""
        self.missing = Doubts()
        self.lost: set[RecordingKey] = set()
        """What was missing when its disk went: that has interrupted it only if it was there after all."""
        self.seen_ongoing: dict[RecordingKey, datetime] = {}
        """When each was last seen going on, which may be later than the last poll without a doubt."""
        self.not_yet_playable: dict[RecordingKey, float] = {}
        """What can't be played yet, and since when, by our monotonic clock."""
        self.suspects: set[RecordingKey] = set()
        """What is asked for in the next poll: something may have happened to it."""
        self.needs_walk = False
        """Whether not all is known that a walk through all recordings would show."""
        self.is_walking = False
        """Whether one is under way."""
        self.gone: set[RecordingKey] = set()
        """What has been forgotten since the last page of a walk."""
        self.is_learned = False
        """Whether what was there before the first walk is known."""
        self.is_heard = True
        """Whether anybody is to hear of what happens."""
        self.walked: datetime | None = None
        """When the camera was polled last with nothing left to walk through."""
        self._stored: datetime | None = None

    def is_present(self, disk_id: str) -> bool:
        """Return whether a disk is known to be there."""
        # Something may have been done to a recording on a disk on which none has ever been listed.
        disk = self.disks.get(disk_id)
        return disk is not None and disk.is_present

    @property
    def present(self) -> set[str]:
        """Return the disks that are known to be there."""
        return {each for each, disk in self.disks.items() if disk.is_present}

    @property
    def away(self) -> set[str]:
        """Return the disks that are known to be away."""
        return {each for each, disk in self.disks.items() if not disk.is_present}

    @property
    def missing_here(self) -> set[RecordingKey]:
        """Return what is missing on disks that are there: no others are counted."""
        return {key for key in self.missing if self.is_present(key.disk_id)}

    @property
    def counts(self) -> dict[str, int]:
        """Return how many recordings are known on each disk that is there, if there are any."""
        counts = self.index.counts.items()
        return {disk_id: count for disk_id, count in counts if self.is_present(disk_id)}

    @property
    def count(self) -> int:
        """Return how many recordings are known on the disks that are there."""
        return sum(self.counts.values())

    @property
    def expected_count(self) -> int:
        """Return what the camera should count."""
        return self.count + self.tolerated

    @property
    def unsettled(self) -> set[RecordingKey]:
        """Return what goes on, and what has ended but can't be played yet."""
        return {each.recording.key for each in self.index.unsettled}

    def mark_incomplete(
        self, disk_id: str, change: ChangeSet, poll: PollTime | None = None
    ) -> None:
        """Note that not all on a disk is known: what began before a poll, or else the last, is not news."""
        change.disks[disk_id] = KnownDisk(
            is_present=True,
            is_complete=False,
            last_poll=poll or self.timeline.last or self.timeline.now,
        )
        self.needs_walk = True

    def settle(self, keys: Collection[RecordingKey]) -> None:
        """Follow some no longer, as it is known what became of them."""
        self.missing.settle(keys)
        self.lost.difference_update(keys)
        for key in keys:
            self.not_yet_playable.pop(key, None)

    async def store(self, change: ChangeSet) -> None:
        """Store all of a change, and that everything was known when it was seen.

        While nobody hears of what happens, it is not kept for later either.
        """
        if not self.is_heard:
            change.activities.clear()
        if not change:
            return
        is_news = change.activities or change.disks
        poll, now = (self._poll if is_news else None), self.timeline.now.time
        await asyncio.to_thread(self.ledger.apply, change, poll)
        self.disks |= change.disks
        if self.is_walking:
            self.gone.update(change.removed)
        if poll:
            self._stored = now

    async def store_poll_time(self) -> None:
        """Store when the camera was polled, once in a while, though there is nothing new."""
        now = self.timeline.now.time
        if self._stored is None or abs(now - self._stored) >= POLL_TIME_INTERVAL:
            await asyncio.to_thread(self.ledger.note_poll, self._poll)
            self._stored = now

    @property
    def _poll(self) -> PollTime:
        """Return when everything was known: what is in doubt is not yet known."""
        return (self.timeline.last if self.missing else None) or self.timeline.now

    def shift(self, by: timedelta) -> None:
        """Put all of it where it is by our clock as it has been set since the last poll."""
        self.disks = {
            disk_id: replace(disk, last_poll=disk.last_poll.shifted(by))
            for disk_id, disk in self.disks.items()
        }
        self.seen_ongoing = {key: seen + by for key, seen in self.seen_ongoing.items()}
        self.walked = self.walked and self.walked + by
        self._stored = self._stored and self._stored + by
