"""How recordings have ended: in good order, cut off, and whether they can be played."""

from dataclasses import replace
import logging
import time
from typing import TYPE_CHECKING, Final

from ..index.models import Stage
from ..vapix import NOT_AVAILABLE, RecordingStatus, RefusedError
from .clock import SECOND
from .models import ActivityType

if TYPE_CHECKING:
    from ..vapix import Recording, VapixClient
    from .knowledge import Knowledge
    from .lookups import Lookups
    from .models import ChangeSet

LOGGER: Final = logging.getLogger(__package__)

# A recording that can't be played after this time never will be.
PLAYABLE_SECONDS: Final = 300.0
# So many that have ended are asked for whether they can be played, between two polls.
MAX_PLAYABLE: Final = 200
# VAPIX (Export Recording API): what is wrong with times and formats does not come right by waiting.
FINAL_CODES: Final = range(120, 190)


class Endings:
    """Reports how recordings have ended."""

    def __init__(
        self,
        client: VapixClient,
        knowledge: Knowledge,
        lookups: Lookups,
    ) -> None:
        """Begin before the first poll."""
        self._client = client
        self._known = knowledge
        self._lookups = lookups
        self._playable_asked = 0
        """How often it was asked since the last poll began whether something can be played."""

    def begin(self) -> None:
        """Begin a poll."""
        self._playable_asked = 0

    async def on_ended(
        self,
        recording: Recording,
        change: ChangeSet,
        was: Stage = Stage.ONGOING,
        *,
        is_cut: bool = False,
    ) -> None:
        """Report how a recording has ended; whether it was interrupted shows at once or never.

        Where nobody hears of it, the camera is not asked how.
        """
        if not self._known.is_heard:
            self._known.not_yet_playable.pop(recording.key, None)
            change.update(recording, Stage.ENDED)
            return
        if was is Stage.ONGOING and (is_cut or await self._was_interrupted(recording)):
            change.interrupt(recording)
        elif await self._is_playable(recording):
            change.report(ActivityType.FINISHED, recording)
            change.update(recording, Stage.ENDED)
        else:
            change.update(recording, Stage.ENDING)

    async def _was_interrupted(self, recording: Recording) -> bool:
        if recording.status is RecordingStatus.UNKNOWN:
            return True
        disks = await self._lookups.disks()
        if disks is not None:
            disk = disks.get(recording.disk_id)
            # A lock ends recordings in good order; everything else that keeps a disk from being written
            # to cuts them off.
            if disk is None or not replace(disk, locked=False).is_recordable:
                return True
        return await self._has_rebooted_since(recording)

    async def _has_rebooted_since(self, recording: Recording) -> bool:
        """Return whether the camera has started after it was seen going on, and it ended before that."""
        boot, asked = await self._lookups.start()
        last = self._known.timeline.last
        if boot.uptime is None or last is None:
            return False
        # What was never seen going on has begun since the poll before.
        seen = self._known.seen_ongoing.get(
            recording.key, self._known.walked or last.time
        )
        # The time since the start comes in whole seconds.
        if not boot.is_after(seen + SECOND, asked):
            return False
        if recording.end is None:
            return True
        began = asked - boot.uptime
        return (
            self._known.timeline.passed(seen, recording.end)
            <= began - seen + 2 * SECOND
        )

    async def _is_playable(self, recording: Recording) -> bool:
        """Return whether a recording can be exported; True if that can't be found out.

        Where that many have ended at once, most of them did so a while ago.
        """
        key, waiting = recording.key, self._known.not_yet_playable
        self._playable_asked += 1
        if self._playable_asked > MAX_PLAYABLE:
            waiting.pop(key, None)
            return True
        try:
            if recording.start is not None:
                await self._client.fetch_export_properties(
                    key, recording.start, recording.end
                )
        except RefusedError as err:
            since = waiting.setdefault(key, time.monotonic())
            is_early = time.monotonic() - since < PLAYABLE_SECONDS
            if is_early and err.code not in FINAL_CODES:
                return False
            LOGGER.debug("%s will never be playable: %s", key.recording_id, err)
        except NOT_AVAILABLE:
            pass
        waiting.pop(key, None)
        return True
