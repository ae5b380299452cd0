"""The one thing that the rest of the integration talks to."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from . import (
    device,
    disks,
    events,
    exports,
    recordings,
)
from .bounds import MOST_LISTED, Bounds
from .errors import (
    BusyError,
    CameraConnectionError,
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
from .paging import LONG_PAGE_SIZE, PAGE_SIZE, Pager

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    import aiohttp

    from .address import Address

# Some times those of a camera that sends pages as long as it is asked for.
_MOST_NEWEST_PAGES = 4 * MOST_LISTED // LONG_PAGE_SIZE
# Several disks may hold the same id. Some cameras list only one recording where no number is asked for.
_SAME_ID = 16
# A disk is mounted within seconds, unless its file system has to be checked first.
_JOB_INTERVAL = 1.0
_JOB_POLLS = 600
# So many answers in a row may fail.
_JOB_FAILURES = 3


class VapixClient:
    """The recordings and disks of one camera.

    What asks the camera raises a subclass of VapixError where that fails, and sends one request at a time.
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

        With a serial number, as ``fetch_camera`` returns it, WrongCameraError is raised wherever another
        camera answers, before anything is believed or done.
        """
        self.identified: DeviceInformation | None = None
        """What the camera sent last to prove that it is the one, without its name."""

        async def prove(http: CameraHttp) -> None:
            found = await device.identify(http)
            if found.serial != serial:
                raise WrongCameraError(found.serial, found.model)
            if found != self.identified:
                self._forget_habits()
            self.identified = found

        self._http = CameraHttp(
            session,
            address,
            username,
            password,
            prove=None if serial is None else prove,
        )
        self._pager = Pager(
            lambda query, first: self.fetch_recordings(query, first=first), self.bounds
        )
        self._is_clockless = False
        self._formats: tuple[str, ...] = ()

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
        """Return the connection, for those who check single answers."""
        return self._http

    def doubt(self) -> None:
        """Make sure, before the next request, that it is still the same camera that answers."""
        self._forget_habits()
        self._http.doubt()

    def _forget_habits(self) -> None:
        """Find out again how the camera answers, as it may have new software."""
        self._is_clockless = False
        self._formats = ()
        self._pager.forget()

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
            # A mere status does not say what is there.
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
            message = "The camera does not send its time"
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
        return await recordings.fetch_names(self._http, "eventid")

    async def fetch_sources(self) -> tuple[str, ...]:
        """Ask for the sources that there are recordings of."""
        return await recordings.fetch_names(self._http, "source")

    def listen(self) -> AbstractAsyncContextManager[events.EventStream]:
        """Let the camera report its recordings and disks, until the context is left.

        NotSupportedError where it has no events over WebSocket; MissingRightsError where the account may
        not listen.
        """
        return events.listen(self._http)

    async def fetch_disks(self) -> tuple[Disk, ...]:
        """Ask for the disks. MissingRightsError for a viewer account."""
        return await disks.fetch_disks(self._http)

    async def fetch_disk_health(self) -> dict[str, DiskHealth]:
        """Ask how the disks are, by their ids. NotSupportedError before AXIS OS 7.20."""
        return await disks.fetch_health(self._http)

    async def fetch_storage_limits(self) -> dict[str, StorageLimit]:
        """Ask how much of the disks may be filled, by their ids. NotSupportedError before AXIS OS 5.70."""
        return await disks.fetch_limits(self._http)

    def mount_disk(self, disk_id: str) -> AsyncGenerator[DiskJob]:
        """Take a disk into use, and yield how far the camera is until it is done.

        MissingRightsError unless the account is an administrator. RefusedError holds the camera's words.
        """
        return self._do_on_disk(disk_id, "mount")

    def unmount_disk(self, disk_id: str) -> AsyncGenerator[DiskJob]:
        """Let go of a disk, as ``mount_disk``. What is being recorded on it is interrupted."""
        return self._do_on_disk(disk_id, "unmount")

    async def _do_on_disk(
        self, disk_id: str, action: disks.MountAction
    ) -> AsyncGenerator[DiskJob]:
        job = await disks.start_job(self._http, disk_id, action)
        failures = 0
        for _ in range(_JOB_POLLS):
            try:
                job = await disks.follow_job(self._http, job)
            except BusyError, CameraConnectionError:
                # The camera goes on with it all the same.
                failures += 1
                if failures > _JOB_FAILURES:
                    raise
            else:
                failures = 0
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

    async def find_recording(self, key: RecordingKey) -> Recording | None:
        """Ask for the recording with a key; None if the camera does not list it on that disk."""
        found = await self.fetch_recording(key.recording_id)
        return next((each for each in found if each.key == key), None)

    async def find_among_newest(
        self, wanted: Collection[RecordingKey]
    ) -> dict[RecordingKey, Recording]:
        """Return those of many recordings that are not old, with fewer requests than one for each."""
        found: dict[RecordingKey, Recording] = {}
        count = 0
        pages = self.pages(RecordingQuery(recording_id="all"), page_size=LONG_PAGE_SIZE)
        async with aclosing(pages):
            requests = 0
            async for page in pages:
                requests += 1
                count += len(page.recordings)
                found |= {
                    each.key: each for each in page.recordings if each.key in wanted
                }
                if (
                    count >= MOST_LISTED
                    or len(found) >= len(wanted)
                    or requests >= _MOST_NEWEST_PAGES
                ):
                    break
        return found

    def pages(
        self,
        query: RecordingQuery,
        *,
        page_size: int = PAGE_SIZE,
        longest: int | None = None,
        offset: int = 0,
    ) -> AsyncGenerator[RecordingPage]:
        """Walk all matching recordings in pages, at least one; each recording comes once.

        ``longest`` lets each page be twice as long as the one before, up to that. ``offset`` passes over so
        many recordings.
        """
        return self._pager.pages(
            query, page_size=page_size, longest=longest, offset=offset
        )

    async def start_recording(
        self, disk_id: str, options: Mapping[str, str] | None = None
    ) -> RecordingKey:
        """Start a recording, which goes on until it is stopped.

        The options are those of a video stream, for example ``{"camera": "2"}``. RefusedError holds the
        camera's words. A CameraConnectionError with ``sent`` leaves open whether it was started, and so does
        an UnnamedRecordingError, as nobody can stop it by its id.
        """
        recording_id = await recordings.start(self._http, disk_id, options or {})
        return RecordingKey(disk_id, recording_id)

    async def stop_recording(self, key: RecordingKey) -> None:
        """Stop one recording. UnexpectedAnswerError, and nothing is sent, unless the key names exactly one."""
        await recordings.stop(self._http, key.disk_id, key.recording_id)

    async def remove_recording(self, key: RecordingKey) -> None:
        """Remove one recording forever. UnexpectedAnswerError, and nothing is sent, unless the key names exactly one."""
        await recordings.remove(self._http, key.disk_id, key.recording_id)

    async def fetch_export_formats(self) -> tuple[str, ...]:
        """Ask in which formats the camera exports, once it has named any. NotSupportedError if it can't at all."""
        if not self._formats:
            self._formats = await exports.fetch_formats(self._http)
        return self._formats

    async def choose_export_format(self) -> str:
        """Return the format to ask for: Matroska where it is offered, as it can be read while it comes.

        NotSupportedError where there is no Export API.
        """
        formats = await self.fetch_export_formats()
        if exports.MATROSKA not in formats and exports.MP4 in formats:
            return exports.MP4
        return exports.MATROSKA

    async def fetch_export_properties(
        self, key: RecordingKey, start: datetime, end: datetime | None = None
    ) -> ExportProperties:
        """Ask where an export would begin: at the key frame before the start."""
        export_format = await self.choose_export_format()
        # Without a format the camera answers for Matroska, which is an error where it has none.
        has_matroska = export_format == exports.MATROSKA
        return await exports.fetch_properties(
            self._http, key, start, end, None if has_matroska else export_format
        )

    def open_export(
        self,
        key: RecordingKey,
        start: datetime,
        end: datetime | None = None,
        *,
        export_format: str = exports.MATROSKA,
    ) -> AbstractAsyncContextManager[exports.Export]:
        """Let the camera send a part of a recording, until the context is left."""
        return exports.open_export(self._http, key, start, end, export_format)
