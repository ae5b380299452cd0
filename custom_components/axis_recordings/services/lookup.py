"""Find recordings by their IDs on several cameras, of which some may be silent."""

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from ..exceptions import translated_errors
from ..helpers.wording import joined
from ..vapix import is_single_id
from .targets import invalid

if TYPE_CHECKING:
    from homeassistant.exceptions import ServiceValidationError
    from homeassistant.util.json import JsonObjectType

    from ..runtime import AxisRecordingsData
    from ..vapix import Recording
    from .targets import Target

# So long, a camera that has not answered may still hold what nobody else does.
LOOKUP_SECONDS: Final = 10.0
# So long, one that has not answered may hold what another one does.
SECOND_ANSWER_SECONDS: Final = 0.5


class Lookup:
    """Which camera holds what.

    All cameras are asked at the same time. Each one learns what to act upon as soon as the others can't change
    that any more, as nothing is done if an ID is not known.
    """

    def __init__(
        self,
        target: Target,
        wanted: list[str],
        *,
        disk: str | None = None,
        is_unique: bool,
    ) -> None:
        """Take the IDs that an action is about; what can't be one is refused.

        With ``is_unique``, nothing is done if several disks or cameras hold the same.
        """
        self._ids = read_ids(wanted)
        self._disk = disk
        self._is_unique = is_unique
        self._open = set(target.cameras)
        self._answered: list[str] = []
        self._unable = [failure.entry.title for failure in target.failures]
        self._found: defaultdict[str, list[Recording]] = defaultdict(list)
        self._refusal: ServiceValidationError | None = None
        self._decided = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._timers = [loop.call_later(LOOKUP_SECONDS, self._decide)]
        self._judge()

    def is_open(self, camera: AxisRecordingsData) -> bool:
        """Return whether a camera has not answered yet."""
        return camera in self._open

    async def find(self, camera: AxisRecordingsData) -> list[Recording]:
        """Return what to act upon on a camera.

        Raises HomeAssistantError in the user's words, also if another camera has made it clear that nothing
        can be done.
        """
        try:
            found = await look_up_recordings(camera, self._ids, self._disk)
        except Exception:
            self._unable.append(camera.name)
            raise
        else:
            self._answered.append(camera.name)
            is_late = self._decided.is_set()
            if is_late and self._is_unique:
                # What another camera holds is done already, or is refused.
                found = [each for each in found if each.recording_id in self._missing]
            for recording in found:
                self._found[recording.recording_id].append(recording)
        finally:
            self._open.discard(camera)
            self._judge()
        await self._decided.wait()
        if self._refusal and not (is_late and found and not self._double):
            raise self._refusal
        return found

    def failed(self) -> list[JsonObjectType]:
        """Return results for what was not found, while something else was."""
        return [
            {
                "recording_id": recording_id,
                "disk": self._disk,
                "result": "failed",
                "error": str(self._unknown(recording_id)),
                "camera": None,
                "device_id": None,
            }
            for recording_id in self._missing
        ]

    @property
    def _missing(self) -> list[str]:
        return [each for each in self._ids if not self._found[each]]

    @property
    def _double(self) -> list[str]:
        """Return what must not be held by several, but is."""
        return [
            each for each in self._ids if self._is_unique and len(self._found[each]) > 1
        ]

    def _judge(self) -> None:
        """Decide, if no further answer can change anything."""
        if self._decided.is_set():
            return
        if not self._open or self._double or not (self._missing or self._is_unique):
            self._decide()
        elif not self._missing and len(self._timers) == 1:
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(SECOND_ANSWER_SECONDS, self._decide))

    def _decide(self) -> None:
        for timer in self._timers:
            timer.cancel()
        missing = self._missing
        is_complete = not (self._open or self._unable)
        if self._double:
            self._refusal = invalid(
                translation_key="ambiguous_recording", recording_id=self._double[0]
            )
        elif missing and (is_complete or missing == self._ids):
            self._refusal = self._unknown(missing[0])
        self._decided.set()

    def _unknown(self, recording_id: str) -> ServiceValidationError:
        silent = [*self._unable, *(camera.name for camera in self._open)]
        answered = joined(self._answered)
        if not silent:
            return invalid(
                translation_key="unknown_recording",
                recording_id=recording_id,
                camera=answered,
            )
        return invalid(
            translation_key="recording_not_found",
            recording_id=recording_id,
            cameras=answered,
            silent=joined(silent),
        )


async def look_up_recording(
    camera: AxisRecordingsData, recording_id: str, disk: str | None
) -> Recording:
    """Return one recording of one camera. Raises HomeAssistantError in the user's words."""
    (wanted,) = read_ids([recording_id])
    found = await look_up_recordings(camera, [wanted], disk)
    if not found:
        raise invalid(
            translation_key="unknown_recording",
            recording_id=wanted,
            camera=camera.name,
        )
    if len(found) > 1:
        raise invalid(translation_key="ambiguous_recording", recording_id=wanted)
    return found[0]


def read_ids(wanted: list[str]) -> list[str]:
    """Return each ID once; what can't be one is refused."""
    if not wanted:
        raise invalid(translation_key="no_recording_id")
    ids = list(dict.fromkeys(item.strip() for item in wanted))
    for recording_id in ids:
        if not is_single_id(recording_id):
            raise invalid(
                translation_key="not_a_recording_id", recording_id=recording_id
            )
    return ids


async def look_up_recordings(
    camera: AxisRecordingsData, ids: list[str], disk: str | None
) -> list[Recording]:
    """Return which of the recordings a camera lists. Raises HomeAssistantError in the user's words."""
    with translated_errors(camera.name):
        return [
            recording
            for recording_id in ids
            for recording in await camera.client.fetch_recording(recording_id)
            if disk in (None, recording.disk_id)
        ]
