"""Known recordings that a list does not show: they are asked for by their ids, and are there, over or gone."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ..index.models import Stage
from ..vapix import RecordingKey, RefusedError, UnexpectedAnswerError
from .doubts import CERTAIN_SECONDS, MANY_CERTAIN_SECONDS
from .lookups import OLDEST, SHORT_PAGE_SIZE, YOUNG
from .models import ActivityType, ChangeSet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..vapix import Recording, VapixClient
    from .cards import Cards
    from .comparison import ListComparison
    from .exchange import ExchangeDetector
    from .knowledge import Knowledge
    from .lookups import Lookups
    from .presence import DiskPresence

# So many that may be gone or have ended are asked for one by one in one poll, and more in turn.
MAX_CHECKED: Final = 50
# More that are gone at the same time may be the doing of the list, and need more time the more they are.
FEW: Final = 3
MANY: Final = 10
# For so long after a camera's start, even a single recording that it does not list is in doubt.
STARTING: Final = timedelta(seconds=30)


class UnlistedRecordings:
    """Finds out what has become of recordings that are not listed."""

    def __init__(
        self,
        client: VapixClient,
        knowledge: Knowledge,
        lookups: Lookups,
        cards: Cards,
        presence: DiskPresence,
        exchange: ExchangeDetector,
        comparison: ListComparison,
    ) -> None:
        """Begin before the first poll."""
        self._client = client
        self._known = knowledge
        self._lookups = lookups
        self._cards = cards
        self._presence = presence
        self._exchange = exchange
        self._comparison = comparison
        self._last_asked = RecordingKey("", "")
        """Up to which those were asked for that are too many for one poll."""
        self._total: int | None = None
        """How many there were on all disks at the last poll, by the camera's count."""
        self._missing_before: set[RecordingKey] = set()
        """What was in doubt before that number changed."""

    def note_total(self, total: int | None) -> None:
        """Note how many recordings the camera counts in this poll."""
        if total is None or total != self._total:
            self._missing_before = {*self._known.missing}
        self._total = total

    async def look_up(
        self, listed: Iterable[Recording], suspects: Collection[RecordingKey]
    ) -> bool:
        """Ask for those that may have ended and are not in the list: by their ids, if they are few.

        Of many, those that are not among the newest are asked for in turn. Returns whether these were all.
        """
        ongoing = self._known.seen_ongoing
        for key in ongoing.keys() - self._known.unsettled:
            del ongoing[key]
        await self._presence.report_cut_off()
        keys = self._known.unsettled - self._known.missing.waiting
        # What is on a disk that is away can't be asked for.
        away = self._known.away
        keys = {key for key in keys.union(suspects) if key.disk_id not in away}
        keys -= {each.key for each in listed}
        if len(keys) > MAX_CHECKED:
            found = await self._client.find_among_newest(keys)
            await self._comparison.process(found.values())
            keys -= found.keys()
        chosen = self.in_turn(keys)
        await self.check(chosen.union(keys & {*suspects}))
        return len(chosen) == len(keys)

    def in_turn(self, keys: Collection[RecordingKey]) -> set[RecordingKey]:
        """Return as many as can be asked for in one poll, other ones each time."""
        if len(keys) <= MAX_CHECKED:
            return {*keys}
        ordered = sorted(keys, key=lambda key: (key <= self._last_asked, key))
        self._last_asked = ordered[MAX_CHECKED - 1]
        return {*ordered[:MAX_CHECKED]}

    async def check(
        self, keys: Iterable[RecordingKey], *, are_unlisted: bool = False
    ) -> None:
        """Ask for recordings by their ids: each is still there, or gone.

        Of some it is known already that they are not listed.
        """
        missing = {*keys} if are_unlisted else await self._find_missing(keys)
        if not missing:
            return
        # A disk may have gone just before, or come back since, and the list may have been short. So a
        # recording is removed if it is missing on both sides of a moment at which its disk was there, and
        # others on it were listed.
        await self._presence.update_anew(missing)
        doubts = await self.assess(missing)
        await self.mark_removed(await self._find_missing(missing), doubts)

    async def _find_missing(self, keys: Iterable[RecordingKey]) -> set[RecordingKey]:
        """Return those that the camera does not have, and process the others."""
        missing: set[RecordingKey] = set()
        for key in sorted(keys):
            if here := await self._client.find_recording(key):
                await self._comparison.process([here])
            else:
                missing.add(key)
        return missing

    async def assess(
        self, missing: Collection[RecordingKey]
    ) -> dict[RecordingKey, float]:
        """Return which of those that are missing may only not be listed, and for how many seconds."""
        # Those that a short list lacks are found bit by bit; the count shows how many there are.
        expected = self._known.expected_count
        lack = 0 if self._total is None else expected - self._total
        # What was in doubt before the count fell says nothing of what is missing in addition.
        earlier = self._missing_before.intersection(self._known.missing)
        is_short = lack - len(earlier) > min(FEW, self._total or 0)
        uptime = await self._lookups.uptime()
        is_new = uptime is not None and uptime < STARTING
        is_young = uptime is not None and uptime < YOUNG
        doubts: dict[RecordingKey, float] = {}
        present = filter(self._known.is_present, {key.disk_id for key in missing})
        for disk_id in present:
            theirs = {key for key in missing if key.disk_id == disk_id}
            gone = theirs | {
                key for key in self._known.missing if key.disk_id == disk_id
            }
            new = theirs - earlier
            others = self._known.counts.get(disk_id, 0) - len(gone)
            is_sure = not (is_new or is_short or len(new) > min(FEW, others))
            if is_sure and new and await self._cards.is_same(disk_id, gone):
                theirs -= new
            else:
                await self._process_oldest(disk_id)
            is_slow = is_young or max(len(gone), lack) > MANY
            seconds = MANY_CERTAIN_SECONDS if is_slow else CERTAIN_SECONDS
            doubts |= dict.fromkeys(theirs, seconds)
        if uptime is not None:
            self._known.missing.begin_at_start(uptime.total_seconds())
        return doubts

    async def _process_oldest(self, disk_id: str) -> None:
        """See whether another card is there, which the oldest recordings on it show."""
        query = replace(OLDEST, disk_id=disk_id, limit=SHORT_PAGE_SIZE)
        with suppress(RefusedError, UnexpectedAnswerError):
            page = await self._client.fetch_recordings(query)
            await self._comparison.process(page.recordings)

    async def mark_removed(
        self, keys: Collection[RecordingKey], doubts: Mapping[RecordingKey, float]
    ) -> None:
        """Report that recordings are gone, unless their disk is, or it is not yet certain."""
        change = ChangeSet()
        is_present, missing = self._known.is_present, self._known.missing
        for disk_id in filter(is_present, {key.disk_id for key in doubts}):
            if await self._exchange.is_exchanged(disk_id, doubts):
                await self._exchange.forget_card(disk_id, change)
                self._known.mark_incomplete(disk_id, change)
        known = await asyncio.to_thread(self._known.index.find, keys)
        for key, each in known.items():
            if not is_present(key.disk_id) or key.disk_id in change.disks:
                continue
            seconds = doubts.get(key)
            # What we have removed ourselves is gone.
            if (
                seconds is None
                or key in self._known.suspects
                or missing.is_certain(key, seconds)
            ):
                if each.stage is Stage.ENDING:
                    # It will never be playable, but it has ended.
                    change.report(ActivityType.FINISHED, each.recording)
                change.report(ActivityType.REMOVED, each.recording)
                change.removed.append(key)
        await self._known.store(change)
        self._known.settle(change.removed)
