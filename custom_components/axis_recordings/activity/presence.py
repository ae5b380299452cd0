"""Which disks are there, as far as the camera lists them or its recordings show."""

from typing import TYPE_CHECKING

from ..index.models import Stage
from .doubts import MANY_CERTAIN_SECONDS
from .lookups import is_mounted
from .models import ChangeSet, KnownDisk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import timedelta

    from ..vapix import Recording, RecordingKey
    from .cards import Cards
    from .knowledge import Knowledge
    from .lookups import Lookups
    from .models import PollTime


class DiskPresence:
    """Notes which disks come and go, and what they interrupt."""

    def __init__(self, knowledge: Knowledge, lookups: Lookups, cards: Cards) -> None:
        """Begin before the first poll."""
        self._known = knowledge
        self._lookups = lookups
        self._cards = cards
        self._last_seen: dict[str, PollTime] = {}
        """When each disk was certainly there."""
        self._asked_anew: set[str] = set()
        """The disks for whose sake they were asked for once more in this poll."""

    @property
    def last_seen(self) -> Mapping[str, PollTime]:
        """Return when each disk was certainly there."""
        return self._last_seen

    def shift(self, by: timedelta) -> None:
        """Put all of it where it is by our clock as it has been set since the last poll."""
        self._last_seen = {
            disk_id: poll.shifted(by) for disk_id, poll in self._last_seen.items()
        }

    def begin(self) -> None:
        """Begin a poll."""
        self._asked_anew.clear()

    def end(self) -> None:
        """Note which disks were there in this poll."""
        # Where some are missing, what has begun may be, too.
        unsure = {key.disk_id for key in self._known.missing}
        for disk_id in {*self._known.counts, *self._lookups.mounted_ids} - unsure:
            self._last_seen[disk_id] = self._known.timeline.now

    async def follow_empty(self) -> None:
        """Follow the disks on which nothing has been listed yet: what is recorded there is news."""
        await self._lookups.disks()
        change = ChangeSet()
        for disk_id in {*self._lookups.mounted_ids} - self._known.disks.keys():
            self._known.mark_incomplete(disk_id, change)
        await self._known.store(change)

    async def note_listed(self, disk_id: str, change: ChangeSet) -> None:
        """See that a disk on which something is listed is there."""
        disk = self._known.disks.get(disk_id)
        if disk and disk.is_present:
            return
        if disk and disk_id not in self._asked_anew:
            # The list is younger: the disk may have come since they were asked for.
            self._asked_anew.add(disk_id)
            self._lookups.forget_disks()
        disks = await self._lookups.disks()
        if disk is None or disks is None or is_mounted(disks.get(disk_id)):
            self._mark_present(disk_id, change)

    async def update(self) -> bool:
        """Note which disks have come and gone. False if the camera does not list them for this account."""
        disks = await self._lookups.disks()
        if disks is None:
            return False
        change = ChangeSet()
        for disk_id, known in self._known.disks.items():
            is_here = is_mounted(disks.get(disk_id))
            if known.is_present is is_here:
                continue
            if is_here:
                self._mark_present(disk_id, change)
            else:
                self._mark_away(disk_id, change)
        # Also when one is back: a list that was read before it went may have been processed later.
        for each in self._cut_off(change.disks):
            change.interrupt(each)
        await self._known.store(change)
        return True

    async def update_anew(self, keys: Iterable[RecordingKey]) -> None:
        """Ask for the disks once more; where they are not listed, take the lists of those of some recordings."""
        self._lookups.forget_disks()
        if not await self.update():
            await self._update_by_lists({key.disk_id for key in keys})

    async def _update_by_lists(self, disk_ids: set[str]) -> None:
        """Take those disks for away on which nothing is listed any more.

        It may be the list that is empty: what went on there has been interrupted once it stays so, or if
        it has ended when the list is back.
        """
        gone = [
            disk_id
            for disk_id in filter(self._known.is_present, disk_ids)
            if not await self._lookups.lists_any(disk_id)
        ]
        # Not before all have been asked for: what is not stored is forgotten.
        change = ChangeSet()
        for disk_id in gone:
            self._mark_away(disk_id, change)
        await self._known.store(change)
        await self.report_cut_off()

    async def report_cut_off(self) -> None:
        """Report what was interrupted by the loss of a disk, of which at first only the list was empty."""
        change, missing = ChangeSet(), self._known.missing
        for each in self._cut_off(self._known.away):
            if missing.is_certain(each.key, MANY_CERTAIN_SECONDS):
                change.interrupt(each)
                missing.settle([each.key])
        await self._known.store(change)

    def _cut_off(self, disk_ids: Collection[str]) -> list[Recording]:
        """Return what went on when disks were lost."""
        return [
            known.recording
            for known in self._known.index.unsettled
            if known.recording.disk_id in disk_ids
            and known.stage is Stage.ONGOING
            and known.recording.key not in self._known.lost
        ]

    def _mark_present(self, disk_id: str, change: ChangeSet) -> None:
        """Note that a disk is there; if it has been away, it may come back as another one."""
        before = self._known.disks.get(disk_id)
        poll = before.last_poll if before else self._last_seen.get(disk_id)
        self._known.mark_incomplete(disk_id, change, poll)
        self._cards.forget_size(disk_id)

    def _mark_away(self, disk_id: str, change: ChangeSet) -> None:
        known, missing = self._known.disks[disk_id], self._known.missing
        seen = self._last_seen.get(disk_id) if known.is_complete else None
        change.disks[disk_id] = KnownDisk(
            is_present=False, is_complete=False, last_poll=seen or known.last_poll
        )
        unseen = missing.unseen_on(disk_id)
        self._known.lost |= unseen
        missing.settle(unseen)
