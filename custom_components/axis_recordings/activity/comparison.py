"""What a camera lists, compared with what is known of it."""

import asyncio
from typing import TYPE_CHECKING

from ..index.models import Stage, differs
from ..vapix.bounds import MOST_DISKS, MOST_ONGOING
from .models import ActivityType, ChangeSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..index.models import KnownRecording
    from ..vapix import Recording, RecordingKey, VapixClient
    from .cards import Cards
    from .endings import Endings
    from .exchange import ExchangeDetector
    from .knowledge import Knowledge
    from .lookups import Lookups
    from .presence import DiskPresence


class ListComparison:
    """Makes of lists what is new, and what has ended."""

    def __init__(
        self,
        client: VapixClient,
        knowledge: Knowledge,
        lookups: Lookups,
        cards: Cards,
        presence: DiskPresence,
        exchange: ExchangeDetector,
        endings: Endings,
    ) -> None:
        """Compare what this client lists."""
        self._client = client
        self._known = knowledge
        self._lookups = lookups
        self._cards = cards
        self._presence = presence
        self._exchange = exchange
        self._endings = endings

    async def process(
        self, recordings: Iterable[Recording], *, is_walk: bool = False
    ) -> set[int]:
        """Compare recordings that the camera lists with what is known of them.

        Returns the numbers of those that were known.
        """
        self._lookups.forget_start()
        await self._known.timeline.note_clock()
        listed = self._on_possible_disks(recordings)
        named, former = await asyncio.to_thread(self._known.ledger.look_up, listed)
        known = {
            each.recording.key: each for each in named if each.recording.key in listed
        }
        starts = {(each.recording.recording_id, each.recording.start) for each in named}
        unknown = listed.keys() - known.keys()
        change = ChangeSet()
        for disk_id in {key.disk_id for key in listed}:
            await self._presence.note_listed(disk_id, change)
        unexpected = [
            each
            for key, each in listed.items()
            if key in unknown
            and self._exchange.is_unexpected(
                each, change, is_walk=is_walk, is_former=key in former
            )
        ]
        await self._exchange.check_unexpected(unexpected, known, former, change)
        # Things are reported in the order in which they happened.
        for key, recording in reversed(listed.items()):
            if before := known.get(key):
                await self._on_known(before, recording, change)
            else:
                # An ID alone may be given twice. With its start, its card was put into another slot.
                name = (recording.recording_id, recording.start)
                was_moved = not recording.is_ongoing and name in starts
                is_former = key in former or was_moved
                await self._on_new(recording, change, is_former=is_former)
        await self._known.store(change)
        self._known.missing.settle(listed)
        return {each.number for each in known.values()}

    def _on_possible_disks(
        self, recordings: Iterable[Recording]
    ) -> dict[RecordingKey, Recording]:
        """Return recordings by their keys, without those on more disks than a camera can have."""
        listed = {each.key: each for each in recordings}
        known = self._known.disks
        disks = dict.fromkeys((*known, *(key.disk_id for key in listed)))
        most = max(MOST_DISKS, len(known))
        possible = {*self._client.bounds.first("disks", disks, most)}
        return {key: each for key, each in listed.items() if key.disk_id in possible}

    async def _on_new(
        self, recording: Recording, change: ChangeSet, *, is_former: bool
    ) -> None:
        """Remember a recording that was not known, and report it if it is news."""
        ongoing = self._known.seen_ongoing
        if recording.is_ongoing and len(ongoing) >= MOST_ONGOING:
            # No camera has that many; it counts as one that is there.
            change.update(recording, Stage.ENDED)
            return
        # What was reported once is not reported again, whatever the clocks say.
        is_news = not is_former and self._is_news(recording, change)
        if is_news and not self._client.bounds.new_recordings.take():
            # Home Assistant stores each event.
            self._client.bounds.note("new recordings", 1)
            is_news = False
        if is_news:
            change.report(ActivityType.STARTED, recording)
            self._cards.young.add(recording.key)
        if recording.is_ongoing:
            ongoing[recording.key] = self._known.timeline.now.time
            change.update(recording, Stage.ONGOING)
        elif is_news:
            await self._endings.on_ended(recording, change)
        else:
            change.update(recording, Stage.ENDED)

    def _is_news(self, recording: Recording, change: ChangeSet) -> bool:
        """Return whether an unknown recording began while its disk was followed, and anybody hears of it."""
        if not self._known.is_heard:
            return False
        disk_id, timeline = recording.disk_id, self._known.timeline
        disk = change.disks.get(disk_id) or self._known.disks[disk_id]
        if not timeline.is_recent(recording):
            return False
        if disk.is_complete:
            return True
        # Its disk may have gone after the list was read.
        return timeline.last is not None and any(
            timeline.has_begun_since(recording, poll)
            for poll in (disk.last_poll, timeline.last)
        )

    async def _on_known(
        self, before: KnownRecording, found: Recording, change: ChangeSet
    ) -> None:
        """Note what has become of a known recording."""
        is_lost = found.key in self._known.lost
        self._known.lost.discard(found.key)
        if found.is_ongoing and before.stage is not Stage.ENDED:
            self._known.seen_ongoing[found.key] = self._known.timeline.now.time
        if before.stage is not Stage.ENDED and not found.is_ongoing:
            # It went on when its disk was lost, or seemed to be.
            is_cut = is_lost or not self._known.disks[found.disk_id].is_present
            await self._endings.on_ended(found, change, was=before.stage, is_cut=is_cut)
        elif differs(found, before.recording):
            change.update(found, before.stage)
