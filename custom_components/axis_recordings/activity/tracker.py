"""Make of what a camera lists what happened to its recordings.

VAPIX has no event for a recording that has started, ended or was removed: there are lists, and a count of all.
So each list is compared with all recordings that were known before:

* An unknown one is new, unless its disk is: what is on a card that is put in is not news.
* One that went on and has ended is finished or interrupted.
* Where the count is another than that of the known ones, some are gone, or new ones were not seen. The
  newest and the oldest page nearly always show which; else counts of windows of time do, or a walk through
  the whole list.

Nothing is taken for removed while its disk is away, nor while it may be the list that is short for a while.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from ..index.models import Stage
from ..vapix.bounds import MOST_ONGOING
from .audit import Audit
from .cards import Cards
from .comparison import ListComparison
from .counting import CountCheck
from .doubts import Doubts
from .endings import Endings
from .exchange import ExchangeDetector
from .knowledge import Knowledge
from .lookups import Lookups
from .models import ChangeSet, Moments
from .presence import DiskPresence
from .timeline import Timeline
from .unlisted import UnlistedRecordings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from ..recordings.watch import Snapshot
    from ..vapix import RecordingKey, VapixClient
    from .ledger import Ledger


class RecordingTracker:
    """Follows the recordings of one camera. What it finds is in the ledger, to be reported."""

    def __init__(self, client: VapixClient, ledger: Ledger) -> None:
        """Use an open ledger."""
        self._ledger = ledger
        # A walk and the polls take turns, page by page.
        self._lock = asyncio.Lock()
        self._timeline = Timeline(ledger, client.http.clock)
        self._known = known = Knowledge(ledger, self._timeline)
        self._cards = cards = Cards(ledger.index, client.find_recording)
        self._lookups = lookups = Lookups(client, cards, self._timeline)
        self._presence = presence = DiskPresence(known, lookups, cards)
        self._endings = Endings(client, known, lookups)
        exchange = ExchangeDetector(client, known, lookups, cards)
        self._comparison = comparison = ListComparison(
            client, known, lookups, cards, presence, exchange, self._endings
        )
        self._unlisted = unlisted = UnlistedRecordings(
            client, known, lookups, cards, presence, exchange, comparison
        )
        self._counting = counting = CountCheck(
            client, known, presence, comparison, unlisted
        )
        self._audit = Audit(
            client, known, lookups, presence, comparison, counting, self._lock
        )
        self._kept = Moments()
        """What an earlier tracker knew that the ledger does not hold, until it is recalled."""
        self._has_processed = False
        self._seen: tuple[object, ...] | None = None
        """What the last poll has shown, if nothing was left to be asked for."""

    @property
    def needs_walk(self) -> bool:
        """Return whether only a walk through all recordings can show what has happened."""
        return self._audit.needs_walk

    @property
    def is_heard(self) -> bool:
        """Return whether somebody is to hear of what happens; else only the index is kept."""
        return self._known.is_heard

    @is_heard.setter
    def is_heard(self, is_heard: bool) -> None:
        self._known.is_heard = is_heard

    @property
    def whole_disks(self) -> frozenset[str] | None:
        """Return the disks that are there if all recordings on them are known, as far as the camera has shown.

        None before that: in the first walk, or where the camera's count says that some are not known.
        """
        known = self._known
        is_whole = self._has_processed and known.is_learned and not known.needs_walk
        present = [disk for disk in known.disks.values() if disk.is_present]
        if not (is_whole and all(disk.is_complete for disk in present)):
            return None
        return frozenset(known.present)

    @property
    def is_waiting(self) -> bool:
        """Return whether to poll again soon: a recording can't be played yet, or may be gone."""
        return bool(self._known.not_yet_playable or self._known.missing)

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find a fault."""
        known, last = self._known, self._timeline.last
        return {
            "disks": [
                {
                    "disk_id": disk_id,
                    "known": known.counts.get(disk_id),
                    "is_present": disk.is_present,
                    "is_complete": disk.is_complete,
                }
                for disk_id, disk in known.disks.items()
            ],
            "last_poll": last and last.time,
            "not_yet_playable": len(known.not_yet_playable),
            "in_doubt": len(self.in_doubt),
            "needs_walk": self.needs_walk,
            "tolerated": known.tolerated,
        }

    @property
    def in_doubt(self) -> frozenset[RecordingKey]:
        """Return what is known and not listed, while it may be the list that is short."""
        return frozenset(self._known.missing)

    @property
    def suspects(self) -> frozenset[RecordingKey]:
        """Return those to be asked for in the next poll."""
        return frozenset(self._known.suspects)

    def suspect(self, keys: Iterable[RecordingKey]) -> None:
        """Ask for some recordings in the next poll: something may have happened to them."""
        self._known.suspects.update(keys)

    def take_over(self, earlier: RecordingTracker) -> None:
        """Take up what an earlier tracker knows that could not be stored, before anything is recalled."""
        self.suspect(earlier.suspects)
        self._kept = earlier.moments
        self._known.needs_walk = earlier._known.needs_walk

    @property
    def moments(self) -> Moments:
        """Return what only the memory knows."""
        known = self._known
        moments = Moments(
            seen=known.seen_ongoing,
            missing=known.missing.times(),
            unseen=dict.fromkeys(known.missing.unseen, self._timeline.now.time),
            lost=known.lost,
            polled=known.missing.polled,
            walked=known.walked,
            epoch=self._timeline.ours.epoch,
        )
        return moments | self._kept

    async def recall(self) -> tuple[RecordingKey, ...]:
        """Take up where an earlier tracker has ended. Returns what went on then."""
        await self._timeline.recall()
        self._known.disks = await asyncio.to_thread(self._ledger.disks)
        self._known.is_learned = self._timeline.last is not None
        self._known.needs_walk |= self._timeline.last is None or any(
            not disk.is_complete
            for disk in self._known.disks.values()
            if disk.is_present
        )
        await self._settle_beyond()
        stored = await asyncio.to_thread(self._ledger.take_moments)
        await self._recall_moments(self._kept | stored)
        self._kept = Moments()
        return tuple(self._known.unsettled)

    async def _recall_moments(self, moments: Moments) -> None:
        """Take up what the memory knew of what is in the index: that may be another one since."""
        known = self._known
        doubted = {*moments.missing, *moments.unseen, *moments.lost}
        listed = await asyncio.to_thread(known.index.find, doubted)
        unsettled = known.unsettled
        known.seen_ongoing = {
            key: time for key, time in moments.seen.items() if key in unsettled
        }
        known.lost = moments.lost & listed.keys()
        missing = {key: time for key, time in moments.missing.items() if key in listed}
        known.missing = Doubts()
        known.missing.recall(
            missing, moments.polled, moments.unseen.keys() & listed.keys()
        )
        known.walked = moments.walked if self._timeline.last else None
        self._timeline.ours.recall(self._timeline.last, moments.epoch)

    async def _settle_beyond(self) -> None:
        """Of more that went on than a camera can have, take all but the newest for over."""
        if beyond := self._known.index.unsettled[:-MOST_ONGOING]:
            change = ChangeSet()
            for each in beyond:
                change.update(each.recording, Stage.ENDED)
            await asyncio.to_thread(self._ledger.apply, change)

    def has_paused_until(self, snapshot: Snapshot) -> bool:
        """Return whether there was no poll for so long that nobody wants to hear of what has happened since."""
        return self._timeline.has_paused_until(snapshot)

    async def process(self, snapshot: Snapshot) -> None:
        """Hold what a poll has shown against what is known.

        Raises VapixError if the camera could not answer all that is asked in addition; the next poll makes
        up for it.
        """
        known = self._known
        async with self._lock:
            # What was listed before a disk has gone may be what is listed once it is back.
            seen = (snapshot.listed, snapshot.total, known.away)
            await self._begin(snapshot)
            if seen == self._seen and not (known.suspects or self.is_waiting):
                await self._end()
                return
            self._seen = None
            self._unlisted.note_total(snapshot.total)
            suspects = frozenset(known.suspects)
            if known.away:
                # One may be back while the count is the same, as others are gone.
                await self._presence.update()
            await self._comparison.process(snapshot.listed)
            is_complete = await self._unlisted.look_up(snapshot.listed, suspects)
            self._counting.drop_doubts(snapshot.total)
            await self._counting.confirm_missing(known.missing.due, snapshot.total)
            if snapshot.total is not None:
                await self._counting.check(snapshot.total)
            await self._end()
            known.suspects -= suspects
            self._seen = seen if is_complete else None

    async def walk(self) -> tuple[RecordingKey, ...]:
        """Walk through all recordings, in pages. Returns what goes on.

        Where all of a long list is known, and as many as the camera counts, it is only the part of this day.
        Raises VapixError, and then the next walk makes up for it.
        """
        known = self._known
        known.is_learned = known.is_learned and not known.needs_walk
        ongoing = await self._audit.walk()
        known.is_learned = True
        return ongoing

    async def close(self) -> None:
        """Remember when the camera was last polled."""
        async with self._lock:
            if last := self._timeline.last:
                await asyncio.to_thread(
                    self._ledger.leave, last, self._presence.last_seen, self.moments
                )

    async def _begin(self, snapshot: Snapshot) -> None:
        self._presence.begin()
        self._endings.begin()
        self._known.missing.note_poll()
        # What began since then is in none of the lists yet.
        if by := self._timeline.setting(snapshot):
            await self._shift(by)
        await self._timeline.begin(snapshot)
        self._lookups.forget_disks()

    async def _shift(self, by: timedelta) -> None:
        """Put all that is known where it is by our clock as it has been set since the last poll."""
        await asyncio.to_thread(self._ledger.shift, by)
        self._timeline.shift(by)
        self._known.shift(by)
        self._presence.shift(by)

    async def _end(self) -> None:
        if not self._has_processed:
            # To know the cards by their sizes, and those on which there is nothing yet.
            await self._presence.follow_empty()
            self._has_processed = True
        if not self._known.missing:
            self._timeline.last = self._timeline.now
            self._cards.young.clear()
        self._audit.note_walked()
        self._presence.end()
        await self._known.store_poll_time()
