"""The one thing that the rest of the integration talks to."""

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from . import device, disks, recordings
from .errors import (
    MissingRightsError,
    NotSupportedError,
    RefusedError,
    UnexpectedAnswerError,
)
from .http import Address, CameraHttp
from .models import (
    Boot,
    Camera,
    Disk,
    Recording,
    RecordingKey,
    RecordingPage,
    RecordingQuery,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from datetime import datetime

    import aiohttp

PAGE_SIZE = 100
_STEP_BACK_PAGES = 8


class VapixClient:
    """The recordings and disks of one camera.

    Every method raises a subclass of VapixError, and sends one request at a time.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: Address,
        username: str,
        password: str,
    ) -> None:
        """Use the session, which stays its owner's to close."""
        self._http = CameraHttp(session, address, username, password)
        self._base: int | None = None

    @property
    def address(self) -> Address:
        """Return where the camera is."""
        return self._http.address

    async def fetch_camera(self) -> Camera:
        """Ask who the camera is, and find out what the account may do.

        NotAxisError if it is another device, NotSupportedError if it has no Recording API.
        """
        try:
            # Open to every account, so it proves the log-in before anything needs more rights.
            await self.fetch_recordings(RecordingQuery(recording_id="all", limit=1))
        except UnexpectedAnswerError:
            await device.fetch_device(self._http)
            raise
        information = await device.fetch_device(self._http)
        is_operator = True
        found: tuple[Disk, ...] = ()
        try:
            found = await self.fetch_disks()
        except MissingRightsError:
            is_operator = False
        except NotSupportedError:
            # Older than the disk API: a start will show whether there is a disk.
            pass
        return Camera(device=information, is_operator=is_operator, disks=found)

    async def fetch_boot(self) -> Boot:
        """Ask when the camera started."""
        return await device.fetch_boot(self._http)

    async def fetch_time(self) -> datetime | None:
        """Ask for the camera's clock, where its answers carry no date."""
        return await device.fetch_time(self._http)

    async def fetch_disks(self) -> tuple[Disk, ...]:
        """Ask for the disks. MissingRightsError for a viewer account."""
        return await disks.fetch_disks(self._http)

    async def fetch_recordings(
        self, query: RecordingQuery, *, first: int | None = None
    ) -> RecordingPage:
        """Ask for one page of recordings, from the given result number on."""
        return await recordings.fetch_page(self._http, query, first)

    async def fetch_recording(self, recording_id: str) -> tuple[Recording, ...]:
        """Ask for one recording by its id; empty if the camera does not list it.

        Usually one; several disks may hold the same id. What a camera answers for an unknown id is not
        documented, so an error in its words means the same as an empty list.
        """
        if not recordings.is_single_id(recording_id):
            return ()
        try:
            page = await recordings.fetch_page(
                self._http, RecordingQuery(recording_id=recording_id)
            )
        except RefusedError:
            return ()
        return tuple(
            found for found in page.recordings if found.recording_id == recording_id
        )

    async def pages(
        self, query: RecordingQuery, *, page_size: int = PAGE_SIZE, offset: int = 0
    ) -> AsyncGenerator[RecordingPage]:
        """Walk all matching recordings in pages; each recording comes once.

        ``offset`` passes over so many of them. It is not documented whether the first result has number
        0 or 1, so each page overlaps the one before by at least one recording. Where the overlap is
        missing, the list has moved meanwhile, and the walk goes back until it finds it again.
        """
        query = replace(query, limit=page_size)
        # Only what a step back may meet again is remembered, not the whole list.
        recent: deque[RecordingKey] = deque(maxlen=_STEP_BACK_PAGES * page_size)
        first = offset + await self._first_number() if offset else 0
        position = first
        count = offset
        step_back = 1
        while True:
            page = await self.fetch_recordings(query, first=first or None)
            known = set(recent)
            new = tuple(found for found in page.recordings if found.key not in known)
            overlaps = not known or len(new) < len(page.recordings)
            if new and first and not overlaps:
                step_back *= 4
                first = max(position - step_back, 0)
                continue
            if known and not new:
                return
            yield replace(page, recordings=new)
            recent.extend(recording.key for recording in new)
            count += len(new)
            if not new or (page.matches is not None and count >= page.matches):
                return
            position = first + len(page.recordings)
            step_back = 1
            first = max(position - step_back, 0)

    async def _first_number(self) -> int:
        """Return the number that this camera gives its first result."""
        if self._base is None:
            query = RecordingQuery(recording_id="all", limit=1)
            default = await self.fetch_recordings(query)
            numbered = await self.fetch_recordings(query, first=1)
            same = [found.key for found in default.recordings] == [
                found.key for found in numbered.recordings
            ]
            # With fewer than two recordings both answers mean the same.
            if (default.matches or 0) < 2:  # noqa: PLR2004
                return int(same)
            self._base = int(same)
        return self._base

    async def start_recording(
        self, disk_id: str, options: Mapping[str, str] | None = None
    ) -> RecordingKey:
        """Start a recording, which goes on until it is stopped.

        The options are those of a video stream, for example ``{"camera": "2"}``. RefusedError holds the
        camera's words. A CameraConnectionError with ``sent`` leaves open whether it was started.
        """
        recording_id = await recordings.start(self._http, disk_id, options or {})
        return RecordingKey(disk_id, recording_id)

    async def stop_recording(self, key: RecordingKey) -> None:
        """Stop one recording."""
        await recordings.stop(self._http, key.disk_id, key.recording_id)

    async def remove_recording(self, key: RecordingKey) -> None:
        """Remove one recording for ever. ValueError unless it names exactly one."""
        await recordings.remove(self._http, key.disk_id, key.recording_id)
