"""Copy what is shared of one camera to Home Assistant's disk, in the background."""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from ..exceptions import translated_error
from ..helpers.backoff import Backoff
from ..helpers.supervision import Worker
from ..helpers.threads import in_thread
from ..playback.clips import LAG_SECONDS
from ..playback.images import SNAPSHOT_WIDTH
from ..playback.single_flight import SingleFlight
from .copies import PICTURE, VIDEO
from .models import share_visited_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from homeassistant.config_entries import ConfigEntry

    from ..playback.player import Player
    from .models import Share
    from .shares import Shares

# In seconds. A camera that is away, or a disk that is full, may be so for long.
FIRST_DELAY: Final = 30.0
LONGEST_DELAY: Final = 3600.0
_NEVER: Final = frozenset({"recording_gone", "unplayable"})
"""What does not pass."""


@dataclass(slots=True)
class _Failure:
    """Why something is not copied."""

    error: HomeAssistantError
    backoff: Backoff

    @property
    def is_final(self) -> bool:
        """Return whether it is no use to try again."""
        return self.error.translation_key in _NEVER

    @property
    def is_due(self) -> bool:
        """Return whether it is time to try again."""
        return not self.is_final and self.backoff.is_due

    @classmethod
    def after(cls, known: _Failure | None, error: HomeAssistantError) -> _Failure:
        """Return a failure, which may be one more."""
        backoff = (
            known.backoff
            if known
            else Backoff(first=FIRST_DELAY, longest=LONGEST_DELAY)
        )
        backoff.note_failure()
        return cls(error, backoff)


class ShareCopier:
    """Copies the shares of one camera, one after the other, whenever nobody watches."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        shares: Shares,
        player: Player,
        *,
        camera_now: Callable[[], datetime],
    ) -> None:
        """Prepare; nothing is copied before it is started.

        ``camera_now`` returns the camera's clock.
        """
        self._entry = entry
        self._shares = shares
        self._player = player
        self._camera_now = camera_now
        self._failures: dict[str, _Failure] = {}
        self._picture_failures: dict[str, _Failure] = {}
        self._pictures: SingleFlight[None] = SingleFlight()
        self._worker = Worker(hass, entry, "copies of shares", self._copy_all)

    @callback
    def async_start(self) -> None:
        """Copy what is not copied yet, and whatever is shared from now on."""
        self._entry.async_on_unload(self._shares.async_add_listener(self._async_follow))
        self._worker.async_start()

    async def async_close(self) -> None:
        """End what is under way. What was not copied is copied when the camera is loaded again."""
        await self._worker.async_stop()
        await self._pictures.give_up()

    def problem(self, share: Share) -> str | None:
        """Return why a share is not copied, in the user's words."""
        failure = self._failures.get(share.share_id)
        return str(failure.error) if failure else None

    async def async_picture(self, share: Share) -> Path | None:
        """Return the picture of the beginning of a share, which is made if there is none.

        Raises HomeAssistantError; for a while the same one again, as anybody may ask for it.
        """
        if not self._shares.copies.has(share.share_id, PICTURE):
            failure = self._picture_failures.get(share.share_id)
            if failure is not None and not failure.is_due:
                raise failure.error.with_traceback(None)
            try:
                with self._player.translated_errors():
                    await self._pictures.run(
                        share.share_id, partial(self._make_picture, share)
                    )
            except HomeAssistantError as err:
                if self._shares.is_shared(share.share_id):
                    self._picture_failures[share.share_id] = _Failure.after(
                        failure, err
                    )
                raise
            self._picture_failures.pop(share.share_id, None)
        return await self._shares.copies.async_find(share.share_id, PICTURE)

    @callback
    def _async_follow(self, entry_id: str) -> None:
        if entry_id != self._entry.entry_id:
            return
        for failures in (self._failures, self._picture_failures):
            for share_id in list(failures):
                if not self._shares.is_shared(share_id):
                    del failures[share_id]
        for token, session in list(self._player.sessions.items()):
            visited = share_visited_by(session.requester)
            if visited is not None and not self._shares.is_shared(visited):
                del self._player.sessions[token]
        self._worker.async_start()

    async def _copy_all(self) -> None:
        while (share := self._next()) is not None:
            await self._copy(share)
        delays = [
            failure.backoff.seconds_left
            for failure in self._failures.values()
            if not failure.is_final
        ]
        delays += filter(None, map(self._seconds_unwritten, self._to_copy()))
        if delays:
            self._worker.async_start_later(min(delays))

    def _next(self) -> Share | None:
        """Return what to copy next, the oldest first: the camera cleans that up first."""
        for share in self._to_copy():
            failure = self._failures.get(share.share_id)
            if not self._seconds_unwritten(share) and (
                failure is None or failure.is_due
            ):
                return share
        return None

    def _to_copy(self) -> list[Share]:
        has, shares = self._shares.copies.has, self._shares.of(self._entry.entry_id)
        return [share for share in shares if not has(share.share_id, VIDEO)]

    def _seconds_unwritten(self, share: Share) -> float:
        """Return how long to wait until the camera has surely written the end of what may be recorded just now."""
        end = share.span.end
        left = LAG_SECONDS + (end - self._camera_now()).total_seconds()
        # Nothing is shared before it is recorded: otherwise the clock was set back.
        return left if 0 < left <= LAG_SECONDS else 0.0

    async def _copy(self, share: Share) -> None:
        try:
            with self._player.translated_errors():
                async with self._shares.while_shared(share):
                    with suppress(HomeAssistantError):
                        await self.async_picture(share)
                    await self._write(share)
        except Unauthorized:
            # It has ended, or its maker may not share any more.
            await self._shares.async_end([share])
        except HomeAssistantError as err:
            self._note(share, err)
        else:
            self._failures.pop(share.share_id, None)

    def _note(self, share: Share, err: HomeAssistantError) -> None:
        if err.translation_key == "no_room":
            err = translated_error(
                HomeAssistantError, "no_room_for_share", camera=self._entry.title
            )
        known = self._failures.get(share.share_id)
        self._failures[share.share_id] = _Failure.after(known, err)

    async def _make_picture(self, share: Share) -> None:
        await self._shares.copies.async_require_room(0)
        recording, span = await self._player.find(share.part)
        picture, _ = await self._player.images.async_snapshot_at(
            recording, span.start, width=SNAPSHOT_WIDTH
        )
        async with self._shares.copies.create(share.share_id, PICTURE) as path:
            await in_thread(path.write_bytes, picture)

    async def _write(self, share: Share) -> None:
        copies, player = self._shares.copies, self._player
        recording, span = await player.find(share.part)
        properties = await player.client.fetch_export_properties(
            recording.key, span.start, span.end
        )
        await copies.async_require_room(properties.size or 0)
        async with copies.create(share.share_id, VIDEO) as path:
            await player.async_write_clip(
                recording,
                span,
                path,
                None,
                require_room=copies.async_require_room,
                # It is kept, and later there will be more.
                needs_end=recording.is_ongoing,
            )
