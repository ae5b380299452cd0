"""Make of what a camera lists what happened to its recordings.

VAPIX tells of no recording that it has started, ended or was removed: there are lists, and a count of all.
So each list is held against all recordings that were known before:

* An unknown one is new, unless its disk is: what is on a card that is put in is not news.
* One that went on and has ended is finished or interrupted.
* Where the count is another than that of the known ones, some are gone, or new ones were not seen. The
  newest and the oldest page nearly always show which; else a walk through the whole list does.

Nothing is taken for removed while its disk is away, nor while it may be the list that is short for a while.
"""

import asyncio
from collections import defaultdict
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from ..vapix import (
    Disk,
    Recording,
    RecordingKey,
    RecordingQuery,
    RecordingStatus,
    RefusedError,
    Snapshot,
    VapixClient,
)
from ..vapix.errors import MissingRightsError, UnexpectedAnswerError
from .cards import Cards
from .doubts import CERTAIN_SECONDS, MANY_CERTAIN_SECONDS, Doubts
from .models import ActivityType, Change, Entry, KnownDisk, Look, Moments, Stage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from .ledger import Ledger

LOGGER: Final = logging.getLogger(__package__)

# After a longer pause nobody wants to hear of each recording any more.
LONGEST_PAUSE: Final = timedelta(days=1)
# Times of looks are stored with what they show, and else no more often than this.
LOOK_INTERVAL: Final = timedelta(minutes=10)
# A recording that can't be played after this time never will be.
PLAYABLE_SECONDS: Final = 300.0
# ``Date`` and ``uptime`` count whole seconds.
SECOND: Final = timedelta(seconds=1)
# VAPIX (Export Recording API): what is wrong with times and formats does not come right by waiting.
FINAL_CODES: Final = range(120, 190)

PAGE_SIZE: Final = 100
WALK_PAGE_SIZE: Final = 500
# So many that are gone are asked for one by one, unless the count says that all of them are.
MAX_CHECKED: Final = 50
# More that are gone at the same time may be the doing of the list, and need more time the more they are.
FEW: Final = 3
MANY: Final = 10
# So many that are unknown at once, though they are old, were left out by a short list.
STRANGERS: Final = 3
# A recording may be listed some time after it has begun, and with what the camera has buffered before that.
LATE: Final = timedelta(minutes=5)
# A camera that has just started may not list everything yet.
STARTING: Final = timedelta(seconds=30)
YOUNG: Final = timedelta(minutes=2)
# A count that a walk does not explain is not walked for again before this time.
VAIN_WALK_SECONDS: Final = 600.0

_NEWEST: Final = RecordingQuery(recording_id="all", limit=PAGE_SIZE)
_OLDEST: Final = RecordingQuery(recording_id="all", limit=PAGE_SIZE, oldest_first=True)
_ALL: Final = RecordingQuery(recording_id="all")


class Observer:
    """Follows the recordings of one camera. What it finds is in the ledger to be told."""

    def __init__(self, client: VapixClient, ledger: Ledger) -> None:
        """Use an open ledger."""
        self._client = client
        self._ledger = ledger
        self._began = time.monotonic()
        # A walk and the looks take turns, page by page.
        self._lock = asyncio.Lock()
        self._disks: dict[str, KnownDisk] = {}
        self._last: Look | None = None
        """The last look before this one."""
        self._now = _look_at(datetime.now(UTC), None)
        self._stored: datetime | None = None
        self._mounted: dict[str, Disk] | None = None
        """The camera's disks as they are in this look; None if not yet asked for, or not told."""
        self._disks_asked = False
        self._asked_anew: set[str] = set()
        """The disks for whose sake they were asked for once more in this look."""
        self._ending: dict[RecordingKey, float] = {}
        """What can't be played yet, and since when, by our monotonic clock."""
        self._alive: dict[RecordingKey, datetime] = {}
        """When each was last seen going on, which may be later than the last look without a doubt."""
        self._missing = Doubts()
        self._lost: set[RecordingKey] = set()
        """What was missing when its disk went: that has interrupted it only if it was there after all."""
        self._cards = Cards(ledger, self._find)
        self._has_looked = False
        self._seen: tuple[object, ...] | None = None
        self._suspects: set[RecordingKey] = set()
        self._counts: dict[str, int] = {}
        """How many recordings are known on each disk."""
        self._total: int | None = None
        """How many there were on all disks at the last poll, by the camera's count."""
        self._last_seen: dict[str, Look] = {}
        """When each disk was certainly there."""
        self._earlier: set[RecordingKey] = set()
        """What was in doubt before that number changed."""
        self._tolerated = 0
        """By how many the camera's count is off, even after a walk."""
        self._difference = 0
        """By how many it was off after the last walk."""
        self._vain_walk: float | None = None
        """When a walk has left the count unexplained, by our monotonic clock."""
        self._walk_needed = self._is_walking = False
        self._looked: datetime | None = None
        """When was looked last, with nothing left to walk through."""

    @property
    def needs_walk(self) -> bool:
        """Return whether only a walk through all recordings can tell what has happened."""
        # A short list is walked through once it is clear whether it is short for good.
        is_short = 2 * len(self._missing) > sum(self._counts.values())
        return self._walk_needed and not (is_short and self._missing.waiting)

    @property
    def is_waiting(self) -> bool:
        """Return whether to look again soon: a recording can't be played yet, or may be gone."""
        return bool(self._ending or self._missing)

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find a fault."""
        return {
            "disks": [
                {
                    "disk_id": disk_id,
                    "known": self._counts.get(disk_id),
                    "is_present": disk.is_present,
                    "is_complete": disk.is_complete,
                }
                for disk_id, disk in self._disks.items()
            ],
            "last_look": self._last and self._last.time,
            "not_yet_playable": len(self._ending),
            "in_doubt": len(self._missing),
            "needs_walk": self.needs_walk,
            "tolerated": self._tolerated,
        }

    def suspect(self, keys: Iterable[RecordingKey]) -> None:
        """Ask for some recordings in the next look: something may have happened to them."""
        self._suspects.update(keys)

    async def recall(self) -> tuple[RecordingKey, ...]:
        """Take up where an earlier observer has ended. Returns what went on then."""
        self._last = await asyncio.to_thread(self._ledger.last_look)
        if self._last and datetime.now(UTC) - self._last.time > LONGEST_PAUSE:
            await asyncio.to_thread(self._ledger.clear)
            self._last = None
        self._disks = await asyncio.to_thread(self._ledger.disks)
        self._walk_needed = self._last is None or any(
            not disk.is_complete for disk in self._disks.values() if disk.is_present
        )
        unsettled = await asyncio.to_thread(self._ledger.unsettled)
        moments = await asyncio.to_thread(self._ledger.take_moments)
        self._alive |= moments.seen
        self._looked = moments.looked
        self._missing.recall(moments.missing, moments.kept)
        return tuple(entry.recording.key for entry in unsettled)

    async def look(self, snapshot: Snapshot) -> None:
        """Hold what a poll has shown against what is known.

        Raises VapixError if the camera could not tell all that is asked in addition; the next look makes
        up for it.
        """
        seen = (snapshot.listed, snapshot.total)
        async with self._lock:
            self._begin(snapshot)
            if seen == self._seen and not (self._suspects or self.is_waiting):
                await self._end()
                return
            self._seen = None
            if snapshot.total is None or snapshot.total != self._total:
                self._earlier = {*self._missing}
            self._total = snapshot.total
            suspects = frozenset(self._suspects)
            if not all(disk.is_present for disk in self._disks.values()):
                # One may be back while the count is the same, as others are gone.
                await self._follow_disks()
            await self._take_in(snapshot.listed)
            await self._look_up(snapshot.listed, suspects)
            await self._drop_doubts(snapshot.total)
            await self._miss(self._missing.due, snapshot.total)
            if snapshot.total is not None:
                await self._count(snapshot.total)
            await self._end()
            self._suspects -= suspects
            self._seen = seen

    async def walk(self) -> tuple[RecordingKey, ...]:
        """Walk through all recordings, in pages. Returns what goes on."""
        seen: set[RecordingKey] = set()
        ongoing: list[RecordingKey] = []
        self._walk_needed, self._is_walking = False, True
        began = self._now.time
        try:
            before = await asyncio.to_thread(self._ledger.keys)
            disks = dict(self._disks)
            pages = self._client.pages(_ALL, page_size=WALK_PAGE_SIZE)
            async with aclosing(pages):
                async for page in pages:
                    seen.update(each.key for each in page.recordings)
                    ongoing += [each.key for each in page.recordings if each.is_ongoing]
                    async with self._lock:
                        await self._take_in(page.recordings, is_walk=True)
            async with self._lock:
                self._forget_disks()
                await self._conclude_walk(before - seen, disks)
                if not self._walk_needed:
                    self._looked = began
        except BaseException:
            self._walk_needed = True
            raise
        finally:
            self._is_walking = False
        return tuple(ongoing)

    async def close(self) -> None:
        """Remember when the camera was last looked at."""
        async with self._lock:
            if self._last:
                await asyncio.to_thread(self._ledger.note_look, self._last)
                moments = Moments(
                    seen=self._alive,
                    missing=self._missing.times(),
                    looked=self._looked,
                    kept=self._now.time,
                )
                await asyncio.to_thread(self._ledger.keep_moments, moments)

    def _begin(self, snapshot: Snapshot) -> None:
        self._asked_anew.clear()
        self._missing.look()
        # What began since then is in none of the lists yet.
        self._now = _look_at(snapshot.time, snapshot.clock_offset)
        self._forget_disks()

    async def _end(self) -> None:
        if not self._has_looked:
            # To know the cards by their sizes, and those on which there is nothing yet.
            await self._ask_disks()
            await self._note_empty_disks()
            self._has_looked = True
        if not self._missing:
            self._last = self._now
            self._cards.young.clear()
        if not (self._walk_needed or self._is_walking):
            self._looked = self._now.time
        for disk_id in {*self._counts, *self._mounted_ids()}:
            self._last_seen[disk_id] = self._now
        if self._stored is None or self._now.time - self._stored >= LOOK_INTERVAL:
            await self._note_look()

    async def _note_empty_disks(self) -> None:
        """Follow the disks on which nothing has been listed yet: what is recorded there is news."""
        change = Change()
        for disk_id in {*self._mounted_ids()} - self._disks.keys():
            self._learn_anew(disk_id, change, self._last or self._now)
        await self._store(change)

    async def _take_in(
        self, recordings: Iterable[Recording], *, is_walk: bool = False
    ) -> None:
        """Compare recordings that the camera lists with what is known of them."""
        listed = {each.key: each for each in recordings}
        known = await asyncio.to_thread(self._ledger.find, listed)
        unknown = listed.keys() - known.keys()
        former = await asyncio.to_thread(self._ledger.find_former, unknown)
        change = Change()
        for disk_id in {key.disk_id for key in listed}:
            await self._note_disk(disk_id, change)
        strangers = [
            each
            for key, each in listed.items()
            if key in unknown
            and self._is_strange(each, change, is_walk=is_walk, is_former=key in former)
        ]
        await self._note_strangers(strangers, known, former, change)
        # Things are told in the order in which they happened.
        for key, recording in reversed(listed.items()):
            if entry := known.get(key):
                await self._compare(entry, recording, change)
            else:
                await self._meet(recording, change, is_former=key in former)
        await self._store(change)
        self._missing.forget(listed)

    async def _note_strangers(
        self,
        strangers: Iterable[Recording],
        known: Collection[RecordingKey],
        former: Collection[RecordingKey],
        change: Change,
    ) -> None:
        """See whether recordings that are unknown, and were there before the last look, are new at all.

        They are not on a card that has taken the place of another one between two looks, nor where a list
        is whole again that was short for longer than could be waited for.
        """
        by_disk: defaultdict[str, list[Recording]] = defaultdict(list)
        for each in strangers:
            by_disk[each.disk_id].append(each)
        for disk_id, theirs in by_disk.items():
            assert self._last  # noqa: S101 - before the first look, nothing is known completely
            disk = self._disks[disk_id]
            look = self._look_before(disk)
            is_old = [
                each.key in former or not self._began_since(each, look, LATE)
                for each in theirs
            ]
            is_flood = disk.is_complete and sum(is_old) >= STRANGERS
            # By the time at which nothing known is found, the list may have become empty.
            is_other = not await self._cards.is_same(
                disk_id, self._missing
            ) and await self._find(theirs[0].key)
            if is_other:
                await self._forget_card(disk_id, change, known)
            if is_other or is_flood:
                self._learn_anew(disk_id, change, self._last)

    def _is_strange(
        self, recording: Recording, change: Change, *, is_walk: bool, is_former: bool
    ) -> bool:
        """Return whether an unknown recording should have been known."""
        disk = self._disks.get(recording.disk_id)
        return (
            disk is not None
            and disk.is_present
            # A walk meets strangers wherever not all is known yet.
            and (disk.is_complete or not is_walk)
            and recording.disk_id not in change.disks
            and self._last is not None
            and (is_former or not self._began_since(recording, self._look_before(disk)))
        )

    def _look_before(self, disk: KnownDisk) -> Look:
        """Return the last look at a disk: of one that has been away, that before it went."""
        return self._last if self._last and disk.is_complete else disk.last_look

    async def _meet(
        self, recording: Recording, change: Change, *, is_former: bool
    ) -> None:
        """Make acquaintance with a recording."""
        # What was told once is not told again, whatever the clocks say.
        is_news = not is_former and self._is_news(recording, change)
        if is_news:
            change.tell(ActivityType.STARTED, recording)
            self._cards.young.add(recording.key)
        if recording.is_ongoing:
            self._alive[recording.key] = self._now.time
            change.put(recording, Stage.ONGOING)
        elif is_news:
            await self._conclude(recording, change)
        else:
            change.put(recording, Stage.ENDED)

    def _is_news(self, recording: Recording, change: Change) -> bool:
        """Return whether an unknown recording began while its disk was followed."""
        disk = change.disks.get(recording.disk_id) or self._disks[recording.disk_id]
        if not disk.is_present or not self._is_recent(recording):
            return False
        if disk.is_complete:
            return True
        # Since the disk was there last, the camera's clock may have been set more than once.
        return self._last is not None and any(
            self._began_since(recording, look) for look in (disk.last_look, self._last)
        )

    def _began_since(
        self, recording: Recording, look: Look, tolerance: timedelta = SECOND
    ) -> bool:
        """Return whether a recording began after a look, or not long before it."""
        if recording.start is None:
            return recording.is_ongoing
        # The camera's clock may have been set since, and the recording may have begun before that or after.
        passed = self._now.time - look.time
        earliest = min(look.camera_time, self._now.camera_time - passed)
        latest = max(look.camera_time + passed, self._now.camera_time) + LATE
        return earliest - tolerance <= recording.start <= latest

    def _is_recent(self, recording: Recording) -> bool:
        if recording.is_ongoing or recording.stop is None:
            return True
        return recording.stop > self._now.camera_time - LONGEST_PAUSE

    async def _compare(self, entry: Entry, found: Recording, change: Change) -> None:
        """Note what has become of a known recording."""
        if found.is_ongoing:
            self._alive[found.key] = self._now.time
        if entry.stage is not Stage.ENDED and not found.is_ongoing:
            # It went on when its disk was lost, or seemed to be.
            is_cut = (
                found.key in self._lost or not self._disks[found.disk_id].is_present
            )
            self._lost.discard(found.key)
            await self._conclude(found, change, was=entry.stage, is_cut=is_cut)
        elif _without_tracks(found) != entry.recording:
            change.put(found, entry.stage)

    async def _conclude(
        self,
        recording: Recording,
        change: Change,
        was: Stage = Stage.ONGOING,
        *,
        is_cut: bool = False,
    ) -> None:
        """Tell how a recording has ended; whether it was interrupted shows at once or never."""
        if was is Stage.ONGOING and (is_cut or await self._was_interrupted(recording)):
            change.tell(ActivityType.INTERRUPTED, recording)
            change.put(recording, Stage.ENDED)
        elif await self._is_playable(recording):
            change.tell(ActivityType.FINISHED, recording)
            change.put(recording, Stage.ENDED)
        else:
            change.put(recording, Stage.ENDING)

    async def _was_interrupted(self, recording: Recording) -> bool:
        if recording.status is RecordingStatus.UNKNOWN:
            return True
        disks = await self._ask_disks()
        if disks is not None:
            disk = disks.get(recording.disk_id)
            # A lock ends recordings in good order; everything else that keeps a disk from being written
            # to cuts them off.
            if disk is None or not replace(disk, locked=False).is_recordable:
                return True
        return await self._has_rebooted_since(recording)

    async def _has_rebooted_since(self, recording: Recording) -> bool:
        """Return whether the camera has started after it was seen going on, and it ended before that."""
        uptime = await self._ask_uptime()
        if uptime is None or self._last is None:
            return False
        # What was never seen going on has begun since the look before.
        seen = self._alive.get(recording.key, self._looked or self._last.time)
        if datetime.now(UTC) - uptime <= seen:
            return False
        if recording.stop is None:
            return True
        return recording.stop <= self._now.camera_time - uptime + 2 * SECOND

    async def _is_young(self) -> bool:
        """Return whether the camera has started not long ago, as far as it tells or we have seen."""
        uptime = await self._ask_uptime()
        if uptime is None:
            uptime = timedelta(seconds=time.monotonic() - self._began)
        return uptime < YOUNG

    async def _ask_uptime(self) -> timedelta | None:
        """Return for how long the camera has been up; None if it can't tell."""
        try:
            return (await self._client.fetch_boot()).uptime
        except UnexpectedAnswerError, MissingRightsError:
            # Older than AXIS OS 9.50.
            return None

    async def _is_playable(self, recording: Recording) -> bool:
        """Return whether a film can be made of a recording; True if that can't be found out."""
        key = recording.key
        try:
            if recording.start is not None:
                await self._client.fetch_export_properties(
                    key, recording.start, recording.stop
                )
        except RefusedError as err:
            since = self._ending.setdefault(key, time.monotonic())
            is_early = time.monotonic() - since < PLAYABLE_SECONDS
            if is_early and err.code not in FINAL_CODES:
                return False
            LOGGER.debug("%s will never be playable: %s", key.recording_id, err)
        except UnexpectedAnswerError, MissingRightsError:
            pass
        self._ending.pop(key, None)
        return True

    async def _look_up(
        self, listed: Iterable[Recording], suspects: Collection[RecordingKey]
    ) -> None:
        """Ask for those by their ids that may have ended and are not in the list."""
        unsettled = await asyncio.to_thread(self._ledger.unsettled)
        for key in self._alive.keys() - {entry.recording.key for entry in unsettled}:
            del self._alive[key]
        # What is on a disk that is away can't be asked for.
        away = {each for each, disk in self._disks.items() if not disk.is_present}
        await self._cut_off(
            entry.recording
            for entry in unsettled
            if entry.recording.disk_id in away
            and entry.stage is Stage.ONGOING
            and entry.recording.key not in self._lost
        )
        keys = {entry.recording.key for entry in unsettled} - self._missing.waiting
        keys = {key for key in keys.union(suspects) if key.disk_id not in away}
        await self._check(keys - {each.key for each in listed})

    async def _cut_off(self, recordings: Iterable[Recording]) -> None:
        """Tell what was interrupted by the loss of a disk, of which at first only the list was empty."""
        change = Change()
        for each in recordings:
            if self._missing.is_certain(each.key):
                change.tell(ActivityType.INTERRUPTED, each)
                change.put(each, Stage.ENDED)
                self._missing.forget([each.key])
        await self._store(change)

    async def _check(self, keys: Iterable[RecordingKey]) -> None:
        """Ask for recordings by their ids: each is still there, or gone."""
        if not (missing := await self._find_missing(keys)):
            return
        # A disk may have gone just before, or come back since, and the list may have been short. So a
        # recording is removed if it is missing on both sides of a moment at which its disk was there, and
        # others on it were listed.
        await self._follow_disks_anew(missing)
        doubts = await self._doubt(missing)
        await self._lose(await self._find_missing(missing), doubts)

    async def _find_missing(self, keys: Iterable[RecordingKey]) -> set[RecordingKey]:
        """Return those that the camera does not have, and take in the others."""
        missing: set[RecordingKey] = set()
        for key in sorted(keys):
            if here := await self._find(key):
                await self._take_in([here])
            else:
                missing.add(key)
        return missing

    async def _find(self, key: RecordingKey) -> Recording | None:
        """Ask for a recording by its id; None if the camera does not list it on that disk."""
        found = await self._client.fetch_recording(key.recording_id)
        return next((each for each in found if each.key == key), None)

    async def _follow_disks_anew(self, keys: Iterable[RecordingKey]) -> None:
        self._forget_disks()
        if not await self._follow_disks():
            await self._follow_lists({key.disk_id for key in keys})

    async def _doubt(self, lost: Collection[RecordingKey]) -> dict[RecordingKey, float]:
        """Return which of those that are lost it may be the list that has lost, and for how many seconds."""
        # Those that a short list lacks are met with bit by bit; the count shows how many there are.
        expected = await self._known_count() + self._tolerated
        lack = 0 if self._total is None else expected - self._total
        # What was in doubt before the count fell says nothing of what is lost in addition.
        earlier = self._earlier.intersection(self._missing)
        is_short = lack - len(earlier) > min(FEW, self._total or 0)
        uptime = await self._ask_uptime()
        is_new = uptime is not None and uptime < STARTING
        is_young = uptime is not None and uptime < YOUNG
        doubts: dict[RecordingKey, float] = {}
        for disk_id in filter(self._is_present, {key.disk_id for key in lost}):
            theirs = {key for key in lost if key.disk_id == disk_id}
            gone = theirs | {key for key in self._missing if key.disk_id == disk_id}
            new = theirs - earlier
            others = self._counts.get(disk_id, 0) - len(gone)
            is_sure = not (is_new or is_short or len(new) > min(FEW, others))
            if is_sure and new and await self._cards.is_same(disk_id, gone):
                theirs -= new
            else:
                await self._look_for_strangers(disk_id)
            is_slow = is_young or max(len(gone), lack) > MANY
            seconds = MANY_CERTAIN_SECONDS if is_slow else CERTAIN_SECONDS
            doubts |= dict.fromkeys(theirs, seconds)
        if uptime is not None:
            self._missing.begin_at_start(uptime.total_seconds())
        return doubts

    async def _look_for_strangers(self, disk_id: str) -> None:
        """Look whether another card is there, which the oldest recordings on it show."""
        query = replace(_OLDEST, disk_id=disk_id)
        with suppress(RefusedError, UnexpectedAnswerError):
            page = await self._client.fetch_recordings(query)
            await self._take_in(page.recordings)

    async def _lose(
        self, keys: Collection[RecordingKey], doubts: Mapping[RecordingKey, float]
    ) -> None:
        """Tell that recordings are gone, unless their disk is, or it is not yet certain."""
        change = Change()
        for disk_id in filter(self._is_present, {key.disk_id for key in doubts}):
            disk = (await self._ask_disks() or {}).get(disk_id)
            is_other = disk and await self._cards.is_blank(disk)
            if is_other or await self._has_come_back_blank(disk_id, doubts):
                await self._forget_card(disk_id, change)
                self._learn_anew(disk_id, change, self._last or self._now)
        known = await asyncio.to_thread(self._ledger.find, keys)
        for key, entry in known.items():
            if not self._is_present(key.disk_id) or key.disk_id in change.disks:
                continue
            seconds = doubts.get(key)
            # What we have removed ourselves is gone.
            if (
                seconds is None
                or key in self._suspects
                or self._missing.is_certain(key, seconds)
            ):
                if entry.stage is Stage.ENDING:
                    # It will never be playable, but it has ended.
                    change.tell(ActivityType.FINISHED, entry.recording)
                change.tell(ActivityType.REMOVED, entry.recording)
                change.removed.append(key)
        await self._store(change)
        self._let_go(change.removed)

    async def _has_come_back_blank(
        self, disk_id: str, doubts: Mapping[RecordingKey, float]
    ) -> bool:
        """Return whether a disk has been away, and for certain, nothing known is on it any more."""
        return (
            not self._disks[disk_id].is_complete
            and all(
                self._missing.is_certain(key, seconds)
                for key, seconds in doubts.items()
                if key.disk_id == disk_id
            )
            and await self._cards.is_gone(disk_id)
        )

    def _let_go(self, keys: Collection[RecordingKey]) -> None:
        self._missing.forget(keys)
        self._lost.difference_update(keys)
        for key in keys:
            self._ending.pop(key, None)

    async def _count(self, total: int) -> None:
        """Find out what the camera's count tells that its list does not."""
        if await self._adds_up(total):
            return
        if await self._follow_disks() and await self._adds_up(total):
            return
        for query in (_NEWEST, _OLDEST):
            page = await self._client.fetch_recordings(query)
            if page.total is not None:
                total = page.total
            await self._take_in(page.recordings)
            await self._check_range(page.recordings, query, total)
            if await self._adds_up(total):
                return
        if (
            self._vain_walk is None
            or time.monotonic() - self._vain_walk >= VAIN_WALK_SECONDS
        ):
            self._walk_needed = True

    async def _drop_doubts(self, total: int | None) -> None:
        """Begin anew where the count tells that much of what is in doubt is there: the list was short."""
        if total is None or not self._missing:
            return
        lack = await self._known_count() + self._tolerated - total
        if len(self._missing) > max(lack, 0) + FEW and self._vain_walk is None:
            self._missing.forget(self._missing)
            self._walk_needed = True

    async def _adds_up(self, total: int) -> bool:
        expected = await self._known_count() + self._tolerated
        if total == expected:
            self._missing.forget(self._missing)
        return total == expected - len(self._missing)

    async def _known_count(self) -> int:
        self._counts = await asyncio.to_thread(self._ledger.counts)
        return sum(self._counts.values())

    async def _check_range(
        self, listed: tuple[Recording, ...], query: RecordingQuery, total: int
    ) -> None:
        """Look for known recordings that should be on a page and are not."""
        starts = [each.start for each in listed if each.start is not None]
        is_all = len(listed) < PAGE_SIZE
        after = None if query.oldest_first or is_all else min(starts, default=None)
        before = (
            max(starts, default=None) if query.oldest_first and not is_all else None
        )
        if not is_all and after is before is None:
            return
        between = await asyncio.to_thread(self._ledger.settled_between, after, before)
        keys = {entry.recording.key for entry in between}
        await self._miss(keys - {each.key for each in listed}, total)

    async def _miss(
        self, missing: set[RecordingKey], total: int | None, *, is_sure: bool = False
    ) -> None:
        """Tell that known recordings are gone that should have been listed, if they really are."""
        missing = missing - self._missing.waiting
        if len(missing) <= MAX_CHECKED:
            await self._check(missing)
            return
        if is_sure or total == await self._count_without(missing):
            # That many are not asked for one by one; the count has to say the same.
            await self._follow_disks_anew(missing)
            page = await self._client.fetch_recordings(_NEWEST)
            if page.total == await self._count_without(missing):
                await self._lose(missing, await self._doubt(missing))
            elif is_sure:
                await self._check(missing)

    async def _count_without(self, missing: set[RecordingKey]) -> int:
        return await self._known_count() - len(missing.union(self._missing))

    async def _conclude_walk(
        self, missing: set[RecordingKey], disks: dict[str, KnownDisk]
    ) -> None:
        """Tell what a walk has not met, and what is known completely from now on.

        ``disks`` are those that were known at its beginning.
        """
        await self._follow_disks()
        await self._miss(missing, None, is_sure=True)
        page = await self._client.fetch_recordings(_NEWEST)
        await self._take_in(page.recordings)
        if page.total is not None:
            self._explain(page.total - await self._count_without(set()))
        doubted = {key.disk_id for key in self._missing}
        change = Change()
        for disk_id, disk in self._disks.items():
            # One that has come meanwhile, or may not be listed as a whole, is walked through again.
            is_walked = disks.get(disk_id, disk) is disk and disk_id not in doubted
            if (
                disk.is_present
                and not disk.is_complete
                and is_walked
                # Where nothing is known yet, a camera that has just started may only not list it yet.
                and (self._counts.get(disk_id) or not await self._is_young())
            ):
                change.disks[disk_id] = replace(disk, is_complete=True)
        await self._store(change)
        if any(
            each.is_present and not each.is_complete for each in self._disks.values()
        ):
            self._walk_needed = True

    def _explain(self, difference: int) -> None:
        """Note by how many the camera's count is off after a walk: the list may have moved under it."""
        is_explained = difference in (0, self._difference)
        self._walk_needed = not is_explained and self._vain_walk is None
        self._vain_walk = None if is_explained else time.monotonic()
        self._difference = self._tolerated = difference

    async def _note_disk(self, disk_id: str, change: Change) -> None:
        """See that a disk on which something is listed is there."""
        disk = self._disks.get(disk_id)
        if disk and disk.is_present:
            return
        if disk and disk_id not in self._asked_anew:
            # The list is younger: the disk may have come since they were asked for.
            self._asked_anew.add(disk_id)
            self._forget_disks()
        disks = await self._ask_disks()
        is_mounted = disks is None or _is_mounted(disks.get(disk_id))
        if disk is None or is_mounted:
            self._set_present(disk_id, change)

    def _set_present(self, disk_id: str, change: Change) -> None:
        """Note that a disk is there; if it has been away, it may come back as another one."""
        before = self._disks.get(disk_id)
        look = before.last_look if before else self._last_seen.get(disk_id)
        self._learn_anew(disk_id, change, look or self._last or self._now)
        self._cards.forget_size(disk_id)

    def _learn_anew(self, disk_id: str, change: Change, look: Look) -> None:
        """Note that not all on a disk is known: what began before a look is not news."""
        change.disks[disk_id] = KnownDisk(
            is_present=True, is_complete=False, last_look=look
        )
        self._walk_needed = True

    async def _forget_card(
        self, disk_id: str, change: Change, known: Collection[RecordingKey] = ()
    ) -> None:
        """Forget what was on a card that another one has replaced: it has not been removed.

        What is known to be on the new one already stays: it is among what began since the last look, or
        went on then.
        """
        gone = []
        for entry in await asyncio.to_thread(self._ledger.on_disk, disk_id):
            key = entry.recording.key
            is_young = entry.stage is not Stage.ENDED or (
                self._last is not None
                and self._began_since(entry.recording, self._last)
            )
            if key in known or (is_young and await self._find(key)):
                continue
            if entry.stage is Stage.ONGOING:
                change.tell(ActivityType.INTERRUPTED, entry.recording)
            gone.append(key)
        change.removed += gone
        self._let_go(gone)
        self._cards.forget_size(disk_id)

    def _set_away(self, disk_id: str, change: Change) -> None:
        """Note that a disk is away."""
        known = self._disks[disk_id]
        change.disks[disk_id] = KnownDisk(
            is_present=False,
            is_complete=False,
            last_look=self._last_seen.get(disk_id, known.last_look),
        )
        missing = {key for key in self._missing if key.disk_id == disk_id}
        self._lost |= missing
        self._missing.forget(missing)

    async def _interrupt(self, disk_id: str, change: Change) -> None:
        """Tell that the loss of a disk has interrupted what went on there."""
        for entry in await asyncio.to_thread(self._ledger.unsettled):
            if (
                entry.recording.disk_id == disk_id
                and entry.stage is Stage.ONGOING
                and entry.recording.key not in self._lost
            ):
                change.tell(ActivityType.INTERRUPTED, entry.recording)
                change.put(entry.recording, Stage.ENDED)

    async def _follow_disks(self) -> bool:
        """Note which disks have come and gone. False if the camera does not tell this account."""
        disks = await self._ask_disks()
        if disks is None:
            return False
        change = Change()
        for disk_id, known in self._disks.items():
            is_mounted = _is_mounted(disks.get(disk_id))
            if known.is_present and not is_mounted:
                self._set_away(disk_id, change)
                await self._interrupt(disk_id, change)
            elif is_mounted and not known.is_present:
                self._set_present(disk_id, change)
        await self._store(change)
        return True

    async def _follow_lists(self, disk_ids: set[str]) -> None:
        """Take those disks for away on which nothing is listed any more.

        It may be the list that is empty: what went on there has been interrupted once it stays so, or if
        it has ended when the list is back.
        """
        change = Change()
        for disk_id in filter(self._is_present, disk_ids):
            query = RecordingQuery(recording_id="all", disk_id=disk_id, limit=1)
            with suppress(RefusedError, UnexpectedAnswerError):
                if (await self._client.fetch_recordings(query)).recordings:
                    continue
            self._set_away(disk_id, change)
        await self._store(change)

    def _is_present(self, disk_id: str) -> bool:
        # Something may have been done to a recording on a disk on which none has ever been listed.
        disk = self._disks.get(disk_id)
        return disk is not None and disk.is_present

    def _mounted_ids(self) -> list[str]:
        return [
            disk_id
            for disk_id, disk in (self._mounted or {}).items()
            if _is_mounted(disk)
        ]

    def _forget_disks(self) -> None:
        self._mounted, self._disks_asked = None, False

    async def _ask_disks(self) -> dict[str, Disk] | None:
        """Return the camera's disks, asked for once in a look; None if it does not tell this account."""
        if not self._disks_asked:
            try:
                self._mounted = {
                    disk.disk_id: disk for disk in await self._client.fetch_disks()
                }
            except MissingRightsError, UnexpectedAnswerError:
                self._mounted = None
            self._disks_asked = True
            for disk in filter(_is_mounted, (self._mounted or {}).values()):
                self._cards.note_size(disk)
        return self._mounted

    async def _store(self, change: Change) -> None:
        if not (change.entries or change.removed or change.activities or change.disks):
            return
        await asyncio.to_thread(self._ledger.apply, change)
        self._disks |= change.disks
        if change.activities or change.disks:
            await self._note_look()

    async def _note_look(self) -> None:
        # What is in doubt is not yet looked at.
        look = (self._last if self._missing else None) or self._now
        await asyncio.to_thread(self._ledger.note_look, look)
        self._stored = self._now.time


def _is_mounted(disk: Disk | None) -> bool:
    return disk is not None and disk.status == "OK"


def _without_tracks(recording: Recording) -> Recording:
    return replace(recording, video=(), audio=())


def _look_at(time: datetime, clock_offset: timedelta | None) -> Look:
    return Look(time=time, camera_time=time + (clock_offset or timedelta(0)))
