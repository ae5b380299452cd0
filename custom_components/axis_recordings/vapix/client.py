"""The one thing that the rest of the integration talks to."""

import asyncio
from collections import deque
from dataclasses import replace
import itertools
from typing import TYPE_CHECKING

from . import (
    device,
    disk_health,
    disk_jobs,
    disk_limits,
    disks,
    events,
    exports,
    lists,
    recordings,
)
from .bounds import MOST_PAGES, Bounds
from .errors import (
    CameraTimeoutError,
    MissingRightsError,
    NotSupportedError,
    RefusedError,
    UnexpectedAnswerError,
    WrongCameraError,
)
from .http import CameraHttp
from .models import (
    Boot,
    Camera,
    DeviceInformation,
    Disk,
    DiskHealth,
    DiskJob,
    ExportProperties,
    Recording,
    RecordingKey,
    RecordingPage,
    RecordingQuery,
    StorageLimit,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    import aiohttp

    from .address import Address

PAGE_SIZE = 100
# How much of a walk is remembered, to find the way back when the list has moved.
_REMEMBERED_PAGES = 8
# More pages than a short list has.
_SPARE_PAGES = 20
# Several disks may hold the same id. Some cameras list only one recording where no number is asked for.
_SAME_ID = 16
# A disk is mounted within seconds, unless its file system has to be looked through first.
_JOB_INTERVAL = 1.0
_JOB_POLLS = 600


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
        *,
        serial: str | None = None,
    ) -> None:
        """Use the session, which stays its owner's to close.

        With a serial number, as ``fetch_camera`` tells it, WrongCameraError is raised wherever another
        camera answers, before anything is believed or done.
        """
        self.identified: DeviceInformation | None = None
        """What the camera told last to prove that it is the one, without its name."""

        async def prove(http: CameraHttp) -> None:
            found = await device.identify(http)
            if found.serial != serial:
                raise WrongCameraError(found.serial, found.model)
            self.identified = found

        self._http = CameraHttp(
            session,
            address,
            username,
            password,
            prove=None if serial is None else prove,
        )
        self._base: int | None = None
        self._is_clockless = False
        self._formats: tuple[str, ...] | None = None

    @property
    def address(self) -> Address:
        """Return where the camera is."""
        return self._http.address

    @property
    def bounds(self) -> Bounds:
        """Return what the camera has said beyond its bounds."""
        return self._http.bounds

    @property
    def http(self) -> CameraHttp:
        """Return the connection, for those who look at single answers."""
        return self._http

    def doubt(self) -> None:
        """Make sure, before the next request, that it is still the same camera that answers."""
        self._is_clockless = False
        self._http.doubt()

    async def fetch_device(self) -> DeviceInformation:
        """Ask who the camera is."""
        return await device.fetch_device(self._http)

    async def fetch_camera(self, *, assume_operator: bool | None = None) -> Camera:
        """Ask who the camera is, and find out what the account may do.

        NotAxisError if it is another device, NotSupportedError if it has no Recording API. Where its disks
        are out of order, so that nobody knows about the account, there is an error unless it is assumed.
        """
        try:
            # Open to every account, so it proves the log-in before anything needs more rights.
            await self.fetch_recordings(RecordingQuery(recording_id="all", limit=1))
        except UnexpectedAnswerError as err:
            # A mere status does not tell what is there.
            if err.status is None:
                await self.fetch_device()
            raise
        information = await self.fetch_device()
        is_operator = True
        found: tuple[Disk, ...] = ()
        try:
            found = await self.fetch_disks()
        except MissingRightsError:
            is_operator = False
        except NotSupportedError:
            # Older than the disk API: a start will show whether there is a disk.
            pass
        except RefusedError, UnexpectedAnswerError:
            if assume_operator is None:
                raise
            is_operator = assume_operator
        return Camera(device=information, is_operator=is_operator, disks=found)

    async def fetch_boot(self) -> Boot:
        """Ask when the camera started."""
        return await device.fetch_boot(self._http)

    async def fetch_time(self) -> datetime | None:
        """Ask for the camera's clock, where its answers carry no date."""
        if self._is_clockless:
            message = "The camera does not tell its time"
            raise NotSupportedError(message)
        try:
            return await device.fetch_time(self._http)
        except NotSupportedError:
            # Asked for with each poll, where answers carry no date.
            self._is_clockless = True
            raise

    async def fetch_time_zone(self) -> str | None:
        """Ask for the camera's time zone: a name of the IANA database, or a rule that PosixZone reads."""
        return await device.fetch_time_zone(self._http)

    async def fetch_event_ids(self) -> tuple[str, ...]:
        """Ask for the names of the events that have made recordings."""
        return await lists.fetch_names(self._http, "eventid")

    async def fetch_sources(self) -> tuple[str, ...]:
        """Ask for the sources that there are recordings of."""
        return await lists.fetch_names(self._http, "source")

    def listen(self) -> AbstractAsyncContextManager[events.EventStream]:
        """Let the camera tell of its recordings and disks, until the context is left.

        NotSupportedError where it has no events over WebSocket; MissingRightsError where the account may
        not listen.
        """
        return events.listen(self._http)

    async def fetch_disks(self) -> tuple[Disk, ...]:
        """Ask for the disks. MissingRightsError for a viewer account."""
        return await disks.fetch_disks(self._http)

    async def fetch_disk_health(self) -> dict[str, DiskHealth]:
        """Ask how the disks are, by their ids. NotSupportedError before AXIS OS 7.20."""
        return await disk_health.fetch_health(self._http)

    async def fetch_storage_limits(self) -> dict[str, StorageLimit]:
        """Ask how much of the disks may be filled, by their ids. NotSupportedError before AXIS OS 5.70."""
        return await disk_limits.fetch_limits(self._http)

    def mount_disk(self, disk_id: str) -> AsyncGenerator[DiskJob]:
        """Take a disk into use, and yield how far the camera is until it is done.

        MissingRightsError unless the account is an administrator. RefusedError holds the camera's words.
        """
        return self._do_on_disk(disk_id, "mount")

    def unmount_disk(self, disk_id: str) -> AsyncGenerator[DiskJob]:
        """Let go of a disk, as ``mount_disk``. What is being recorded on it is interrupted."""
        return self._do_on_disk(disk_id, "unmount")

    async def _do_on_disk(
        self, disk_id: str, action: disk_jobs.MountAction
    ) -> AsyncGenerator[DiskJob]:
        job = await disk_jobs.start(self._http, disk_id, action)
        for _ in range(_JOB_POLLS):
            job = await disk_jobs.follow(self._http, job)
            yield job
            if job.is_done:
                return
            await asyncio.sleep(_JOB_INTERVAL)
        message = f"The camera is not done with {disk_id} in time"
        raise CameraTimeoutError(message, sent=True)

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
        if recording_id.lower() in ("", "all"):
            return ()
        try:
            page = await self.fetch_recordings(
                RecordingQuery(recording_id=recording_id, limit=_SAME_ID)
            )
        except RefusedError:
            return ()
        return tuple(
            found for found in page.recordings if found.recording_id == recording_id
        )

    async def pages(
        self, query: RecordingQuery, *, page_size: int = PAGE_SIZE, offset: int = 0
    ) -> AsyncGenerator[RecordingPage]:
        """Walk all matching recordings in pages, at least one; each recording comes once.

        ``offset`` passes over so many of them. A camera may send smaller pages than asked for, and a list
        may grow or shrink meanwhile. So each page begins with the last recording of the one before, by
        the camera's own numbers; where that is missing, the walk goes back until it finds it again.
        """
        query = replace(query, limit=page_size)
        # Only what a way back may meet again is remembered, not the whole list.
        recent: deque[RecordingKey] = deque(maxlen=_REMEMBERED_PAGES * page_size)
        beginning = offset + await self._first_number() if offset else 0
        number, count = beginning, offset
        previous: tuple[RecordingKey, ...] = ()
        repeated = 0
        is_first = True
        largest = 1
        for requests in itertools.count(1):
            page = await self.fetch_recordings(query, first=number or None)
            keys = _keys(page)
            largest = max(largest, len(keys))
            if requests > _most_requests(page, largest):
                message = "The camera lists more recordings than it has"
                raise UnexpectedAnswerError(message)
            known = set(recent)
            new = tuple(each for each in page.recordings if each.key not in known)
            if len(previous) > 1 and len(new) == len(keys) and number > beginning:
                number = max(number - len(previous) + 1, beginning)
                continue
            if new or is_first:
                yield replace(page, recordings=new)
            recent.extend(recording.key for recording in new)
            count += len(new)
            # A camera that counts from 1 may repeat a page of two once; one that ignores the number
            # repeats itself for ever.
            repeated = repeated + 1 if keys == previous else 0
            if not keys or repeated > 1 or _is_last(page, number, count):
                return
            previous, is_first = keys, False
            # The first result has number 0 or 1, which is not documented. If it is 1, the second page
            # overlaps the first by two.
            number += max(len(keys) - 1, 1)

    async def _first_number(self) -> int:
        """Return the number that this camera gives its first result: 0 or 1."""
        if self._base is not None:
            return self._base
        oldest = RecordingQuery(recording_id="all", limit=1, oldest_first=True)
        before = await self.fetch_recordings(oldest)
        number_one = await self.fetch_recordings(oldest, first=1)
        after = await self.fetch_recordings(oldest)
        base = int(_keys(before) == _keys(number_one))
        # An empty list tells nothing, nor one that has moved meanwhile.
        if before.recordings and _keys(before) == _keys(after):
            self._base = base
        return base

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

    async def fetch_export_formats(self) -> tuple[str, ...]:
        """Ask, once, in which formats the camera exports. NotSupportedError if it can't at all."""
        if self._formats is None:
            self._formats = await exports.fetch_formats(self._http)
        return self._formats

    async def choose_export_format(self) -> str:
        """Return the format to ask for: Matroska where it is offered, as it can be read while it comes.

        NotSupportedError where there is no Export API.
        """
        formats = await self.fetch_export_formats()
        if exports.MATROSKA in formats or not formats:
            return exports.MATROSKA
        return formats[0]

    async def fetch_export_properties(
        self, key: RecordingKey, start: datetime, stop: datetime | None = None
    ) -> ExportProperties:
        """Ask where an export would begin: at the key frame before the start."""
        export_format = await self.choose_export_format()
        # Without a format the camera answers for Matroska, which is an error where it has none.
        has_matroska = export_format == exports.MATROSKA
        return await exports.fetch_properties(
            self._http, key, start, stop, None if has_matroska else export_format
        )

    def open_export(
        self,
        key: RecordingKey,
        start: datetime,
        stop: datetime | None = None,
        *,
        export_format: str = exports.MATROSKA,
    ) -> AbstractAsyncContextManager[exports.Export]:
        """Let the camera send a part of a recording, until the context is left."""
        return exports.open_export(self._http, key, start, stop, export_format)


def _keys(page: RecordingPage) -> tuple[RecordingKey, ...]:
    return tuple(recording.key for recording in page.recordings)


def _most_requests(page: RecordingPage, largest: int) -> int:
    """Return how often a list may be asked for, of which pages hold up to so many recordings.

    Pages overlap, and a list that moves is gone back in; a camera that does not count has no more than
    any has.
    """
    if page.matches is None:
        return MOST_PAGES
    return min(MOST_PAGES, _SPARE_PAGES + 4 * page.matches // largest)


def _is_last(page: RecordingPage, number: int, count: int) -> bool:
    """Return whether a page, from this number on, reaches the end of a list of which ``count`` are known.

    Nothing is sure where they don't agree, because the list has moved: then the next page tells.
    """
    end = number + len(page.recordings)
    return page.matches is not None and (
        end > page.matches or end == count == page.matches
    )
