"""An AXIS camera: its clock, disks, accounts and recordings, without a network."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
import time
from typing import TYPE_CHECKING, TypedDict, Unpack
from uuid import UUID

from .accounts import Account, Level, default_accounts
from .clock import CameraClock
from .disks import FULL, MEGABYTE, Disk
from .errors import CameraError
from .events import Events, storage_states
from .faults import Faults
from .history import History, Setting
from .jobs import Action, Job
from .journal import Fact, Journal
from .quirks import Quirks
from .recordings import (
    Audio,
    Recording,
    RecordingStatus,
    RecordingStore,
    RecordingType,
    Selection,
    Video,
)
from .stream import DEFAULT_PROFILES, Stream, read_options
from .tokens import SessionTokens
from .video.encoding import Encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .auth import AuthenticationPolicy
    from .exports import Export

BLOCK = timedelta(seconds=300)
"""Recordings are kept, and cleaned away, in blocks of this length (`DefaultSplitDuration`)."""


DEFAULT_BITRATE = 4_000_000
"""Bit/s of a recording on its disk, for a camera without a `bitrate`."""
FORCED_CLEAN_UP = 1000 * MEGABYTE
"""What a camera that runs out of space removes at least (AXIS OS knowledge base)."""


@dataclass
class Profile:
    """A continuous recording profile and the recording that it makes now."""

    number: str
    disk_id: str
    options: str
    event_id: str
    recording_id: str | None = None


class RecordingAttributes(TypedDict, total=False):
    """What may be said of a recording that is put into the past."""

    recording_id: str
    disk_id: str
    recording_type: RecordingType
    event_id: str
    event_trigger: str
    recording_status: RecordingStatus
    source: str
    locked: bool
    video: Video
    audio: Audio | None
    gop: float | tuple[float, ...] | None
    encoding: Encoding | None


class Camera:
    """A camera that records; `CameraServer` puts it on the network.

    What a camera can be set to is open at run time too: `accounts`, `auth`, `qop`,
    `nonce_lifetime`, `quirks`, `faults`, `clock`, `export_speed`, `job_duration`, the attributes
    of each disk, and what becomes of its lists: `listed_part`, `miscount`, `unsorted`. `journal` holds what happened to recordings, `events` what the camera reported.
    """

    def __init__(  # noqa: PLR0913 - a camera has this many settings
        self,
        *,
        serial: str = "B8A44F0A1B2C",
        model: str = "AXIS P3265-LVE",
        full_name: str | None = None,
        product_type: str = "Dome Camera",
        name: str = "Front camera",
        firmware: str = "12.4.59",
        disks: Iterable[Disk] | None = None,
        time_zone: str = "America/New_York",
        clock_offset: timedelta = timedelta(0),
        recordings: int = 0,
        seed: int = 1,
        sources: int = 1,
        auth: AuthenticationPolicy = "recommended",
        qop: bool = True,
        nonce_lifetime: float = 120.0,
        quirks: Quirks | None = None,
        max_profiles: int = 1,
        export_speed: float | None = 2.5,
        gop: float | tuple[float, ...] = 4.0,
        encoding: Encoding | None = None,
        picture_width: int | None = 640,
        bitrate: int | None = None,
        job_duration: float = 1.0,
    ) -> None:
        """Make a camera with `recordings` past ones, drawn from `seed`.

        The disks default to one SD card, `nonce_lifetime` is in seconds. Exports run at
        `export_speed` times real time, as fast as they can if None; 2.5 was seen on a real camera.
        Recordings have a key frame every `gop` seconds, or after several lengths in turn (Axis:
        Zipstream), and differ from even ones as `encoding` says. Exported pictures are `picture_width` wide, whatever size the recording claims,
        to be cheap; None is the claimed size. With a `bitrate`, in bit/s, H.264 and H.265 are
        filled up to what a real camera makes of a picture of the claimed size. Disks are mounted and
        unmounted in `job_duration` seconds, which take a running event loop, or at once if 0.
        """
        self.serial = serial
        self.model = model
        self.full_name = full_name or f"{model} {product_type}"
        self.product_type = product_type
        self.name = name
        self.firmware = firmware
        self.sources = sources
        self.auth = auth
        self.qop = qop
        self.nonce_lifetime = nonce_lifetime
        self.quirks = quirks or Quirks()
        self.max_profiles = max_profiles
        self.export_speed = export_speed
        self.gop = gop
        self.encoding = encoding or Encoding()
        self.picture_width = picture_width
        self.bitrate = bitrate
        self.job_duration = job_duration
        self.exports: list[Export] = []
        self.listed_part = 1.0
        self.miscount = 0
        self.unsorted = False

        self.clock = CameraClock(clock_offset, time_zone)
        self.accounts: dict[str, Account] = default_accounts()
        self.faults = Faults()
        self.profiles: dict[str, Profile] = {}
        self.stream_profiles = dict(DEFAULT_PROFILES)
        self.journal = Journal()
        self.events = Events(self.clock)
        self.session_tokens = SessionTokens()
        self.jobs: dict[str, Job] = {}
        self._unmounted: set[str] = set()
        self.disks: dict[str, Disk] = {}
        for disk in [Disk("SD_DISK")] if disks is None else disks:
            self._insert(disk)

        setting = Setting(
            serial,
            self.clock.now(),
            self.clock.zone,
            tuple(self.disks) or ("SD_DISK",),
            sources,
        )
        self.recordings = RecordingStore(
            History(recordings, seed=seed, setting=setting)
        )

        self.running = False
        self.power_listeners: list[Callable[[], None]] = []
        self._random = Random(seed)  # noqa: S311 - ids, not secrets
        self._manual: set[str] = set()
        self._start_timer: asyncio.TimerHandle | None = None
        self._boot()

    # Identity

    @property
    def realm(self) -> str:
        """The realm of HTTP authentication."""
        return f"AXIS_{self.serial}"

    @property
    def uptime(self) -> int:
        """Seconds since the camera started."""
        return int(time.monotonic() - self._booted)

    def administrators(self) -> list[str]:
        """List the users who may do everything; without one a camera wants to be set up."""
        return [
            user
            for user, account in self.accounts.items()
            if account.level == Level.ADMINISTRATOR
        ]

    # Recordings

    @property
    def readable_part(self) -> float:
        """How much of the recordings a list shows, the oldest first: 1 unless disks are being read anew."""
        if time.monotonic() - self._booted < self.quirks.empty_after_start:
            return 0.0
        return self.listed_part

    def start_recording(
        self,
        disk_id: str = "SD_DISK",
        *,
        recording_type: RecordingType = "triggered",
        event_id: str = "Motion Recording",
        event_trigger: str = "Record video while the rule is active",
        source: str = "1",
        start: datetime | None = None,
    ) -> str:
        """Start a recording as a rule or another client does, and return its id."""
        return self._start(
            Recording(
                recording_id="",
                disk_id=disk_id,
                start=start or self.clock.now(),
                stop=None,
                recording_type=recording_type,
                event_id=event_id,
                event_trigger=event_trigger,
                recording_status="recording",
                source=source,
            ),
            by="rule",
        )

    def start_manual_recording(
        self, disk_id: str, options: str = "", *, by: str
    ) -> str:
        """Start a recording as record.cgi does, with stream options, and return its id."""
        stream = self._stream(options)
        running = [
            recording
            for recording in self.recordings.ongoing
            if recording.disk_id == disk_id and recording.recording_id in self._manual
        ]
        if running and self.quirks.second_recording == "same":
            return running[0].recording_id
        if running and self.quirks.second_recording == "error":
            msg = "A recording is already in progress"
            raise CameraError(msg)
        recording_id = self._start(self._continuous(disk_id, "continuous", stream), by)
        self._manual.add(recording_id)
        return recording_id

    def end_recording(self, recording_id: str, *, by: str = "rule") -> None:
        """End a recording that is going on."""
        recording = self.recordings.find(recording_id)
        if recording is None or recording.recording_status != "recording":
            msg = f"Recording {recording_id} is not going on"
            raise CameraError(msg)
        self._end(recording, "stopped", by)
        if self.quirks.profile_restarts:
            self._start_profiles()

    def add_recording(
        self,
        start: datetime,
        stop: datetime,
        **attributes: Unpack[RecordingAttributes],
    ) -> str:
        """Put a recording into the past, and return its id."""
        given: RecordingAttributes = {
            "recording_id": self._new_id(start),
            "disk_id": next(iter(self.disks), "SD_DISK"),
            **attributes,
        }
        recording = Recording(start=start, stop=stop, **given)
        self.recordings.put(recording)
        self._note("added", recording, "camera")
        return recording.recording_id

    def remove_recording(self, recording_id: str, *, by: str = "rule") -> None:
        """Remove a recording; one that is going on is stopped first."""
        recording = self.recordings.find(recording_id)
        if recording is None:
            msg = f"Recording {recording_id} not found"
            raise CameraError(msg)
        if recording.stop is None:
            recording = self._end(recording, "stopped", by)
        self.recordings.remove(recording_id)
        self._note("removed", recording, by)
        disk = self.disks.get(recording.disk_id)
        if disk is not None and disk.full and self.quirks.removal_frees:
            disk.full = False
        if self.quirks.profile_restarts:
            self._start_profiles()

    # Clean-up

    def clean_up(self, before: datetime, disk_id: str | None = None) -> None:
        """Remove the oldest blocks: all that lie wholly before a time (VAPIX: Edge storage API).

        A recording that reaches across the time keeps its id, and its start moves forward.
        """
        disk_ids = {
            disk.id
            for disk in self.disks.values()
            if disk.refusal is None and disk_id in (None, disk.id)
        }
        for recording in self.recordings.select(
            Selection(disk_ids=disk_ids, stop=before)
        ):
            if not recording.locked:
                self._trim(recording, before)

    def clean_up_by_age(self) -> None:
        """Remove what is older than each disk keeps, as a camera does once an hour.

        An age of 0 days is taken as none, which the documentation leaves open.
        """
        for disk in self.disks.values():
            if disk.cleanup_policy == "fifo" and disk.cleanup_max_age > 0:
                self.clean_up(
                    self.clock.now() - timedelta(days=disk.cleanup_max_age), disk.id
                )

    def clean_up_by_need(self) -> None:
        """Make room on disks that run out of it; those where that fails are full.

        How much is free is what a test sets: it does not shrink with what is recorded.
        """
        for disk in list(self.disks.values()):
            if disk.refusal is not None:
                continue
            if disk.free_kb < disk.reserve_kb and (
                disk.cleanup_policy == "fifo" or self.quirks.forced_clean_up
            ):
                disk.free_kb += self._make_room(disk, FORCED_CLEAN_UP)
            if disk.full != (disk.free_kb < FULL):
                disk.full = not disk.full

    def _make_room(self, disk: Disk, wanted_kb: int) -> int:
        """Remove the oldest blocks of a disk, and tell how many kB they were."""
        block_kb = int(
            (self.bitrate or DEFAULT_BITRATE) / 8 / 1000 * BLOCK.total_seconds()
        )
        freed, now = 0, self.clock.now()
        while freed < wanted_kb:
            oldest = next(
                (
                    recording
                    for recording in self.recordings.select(
                        Selection(disk_ids={disk.id}), newest_first=False
                    )
                    if not recording.locked
                    and (recording.stop is not None or now >= recording.start + BLOCK)
                ),
                None,
            )
            if oldest is None:
                break
            self._trim(oldest, oldest.start + BLOCK)
            length = min(BLOCK, (oldest.stop or now) - oldest.start)
            freed += int(length / BLOCK * block_kb)
        return freed

    def _trim(self, recording: Recording, before: datetime) -> None:
        """Remove the blocks of a recording that lie before a time, or all of it."""
        if recording.stop is not None and recording.stop <= before:
            self.recordings.remove(recording.recording_id)
            self._note("removed", recording, "camera")
        elif (blocks := (before - recording.start) // BLOCK) > 0:
            moved = replace(
                recording,
                start=recording.start + blocks * BLOCK,
                began=recording.origin,
            )
            self.recordings.put(moved)
            self._note("moved", moved, "camera")

    # Exports

    def begin_export(self, export: Export) -> None:
        """Count an export as going on."""
        self.exports.append(export)
        self._note("exported", export.recording, export.user)

    def end_export(self, export: Export) -> None:
        """Count an export as over."""
        self.exports.remove(export)

    # Continuous profiles

    def add_profile(
        self,
        disk_id: str = "SD_DISK",
        event_id: str = "continuous",
        options: str = "",
    ) -> str:
        """Add a continuous recording profile, which starts as soon as its disk can be written."""
        if len(self.profiles) >= self.max_profiles:
            msg = "Maximum number of continuous recording profiles reached"
            raise CameraError(msg)
        if disk_id not in self.disks:
            msg = f"Disk {disk_id} not found"
            raise CameraError(msg)
        self._stream(options)
        number = str(max(map(int, self.profiles), default=0) + 1)
        self.profiles[number] = Profile(number, disk_id, options, event_id)
        self._start_profiles()
        return number

    def remove_profile(self, profile: str) -> None:
        """Stop and remove a continuous recording profile."""
        if profile not in self.profiles:
            msg = f"Profile {profile} not found"
            raise CameraError(msg)
        removed = self.profiles.pop(profile)
        recording = self.recordings.find(removed.recording_id or "")
        if recording is not None and recording.stop is None:
            self._end(recording, "stopped", "profile")

    # Disks

    @property
    def attached_disks(self) -> set[str]:
        """The ids of the disks whose recordings are listed."""
        return {disk.id for disk in self.disks.values() if disk.attached}

    def attach_disk(self, disk: Disk) -> None:
        """Put a disk in; the recordings on the disk of that id are there again."""
        self._insert(disk)
        self.follow_disks()

    def detach_disk(self, disk_id: str) -> Disk:
        """Take a disk out while it may be written to; return it as it was.

        Its slot stays, as a disk without a medium.
        """
        disk = self.disks[disk_id]
        disk.listener = None
        self._insert(replace(disk, total_kb=0, free_kb=0, status="disconnected"))
        self.follow_disks()
        return disk

    def swap_card(
        self, disk_id: str, card: Iterable[Recording] = ()
    ) -> list[Recording]:
        """Exchange a disk's card for another one, so fast that the camera reports nobody.

        What was being recorded ends there. Returns what was on the former card, to be put in again.
        """
        for recording in self._ongoing_on(disk_id):
            self._end(recording, "interrupted", "camera")
        former = list(self.recordings.select(Selection(disk_ids={disk_id})))
        for recording in former:
            self.recordings.remove(recording.recording_id)
        for recording in card:
            self.recordings.put(recording)
        self._start_profiles()
        return former

    def lock_disk(self, disk_id: str) -> None:
        """Lock a disk, which stops what is recorded on it (VAPIX: Edge storage API, lock.cgi)."""
        for recording in self._ongoing_on(disk_id):
            self._end(recording, "stopped", "camera")
        self.disks[disk_id].locked = True

    def unlock_disk(self, disk_id: str) -> None:
        """Let a disk be written to again."""
        self.disks[disk_id].locked = False

    def follow_disks(self) -> None:
        """Let what became of the disks have its effect; it is called when one is changed."""
        if not self.running:
            return
        for recording in self.recordings.ongoing:
            if self._refusal(recording.disk_id) is not None:
                self._end(recording, "interrupted", "camera")
        self._start_profiles()
        self._report_storage()

    def unmount_disk(self, disk_id: str) -> None:
        """Let go of a disk, which interrupts what is recorded on it."""
        self._unmounted.add(disk_id)
        self.disks[disk_id].status = "connected"

    def mount_disk(self, disk_id: str) -> None:
        """Take a disk into use that is there."""
        self._unmounted.discard(disk_id)
        self.disks[disk_id].status = "OK"

    def start_job(self, action: Action, disk_id: str) -> str:
        """Start to mount or unmount a disk as mount.cgi does, and return the job's number."""
        disk = self.disks.get(disk_id)
        if disk is None:
            msg = f"Disk {disk_id} not found"
            raise CameraError(msg)
        if disk.status == "disconnected":
            msg = f"Disk {disk_id} is not connected"
            raise CameraError(msg)
        if any(not job.done and job.disk_id == disk_id for job in self.jobs.values()):
            msg = f"Disk {disk_id} is busy"
            raise CameraError(msg)
        if self.quirks.mount_again == "error" and disk.attached == (action == "mount"):
            msg = f"Disk {disk_id} is {'already' if disk.attached else 'not'} mounted"
            raise CameraError(msg)
        job = Job(str(len(self.jobs) + 1), disk_id, action, self.job_duration)
        self.jobs[job.number] = job
        if job.duration > 0:
            job.timer = asyncio.get_running_loop().call_later(
                job.duration, self._finish, job
            )
        else:
            self._finish(job)
        return job.number

    def cancel_jobs(self) -> None:
        """Forget all jobs, done or not."""
        for job in self.jobs.values():
            job.cancel()
        self.jobs.clear()

    def _finish(self, job: Job) -> None:
        job.done, job.timer = True, None
        disk = self.disks.get(job.disk_id)
        if disk is None or disk.status == "disconnected":
            job.failure = f"Disk {job.disk_id} was removed"
        elif job.action == "unmount":
            if disk.attached:
                self.unmount_disk(disk.id)
        elif disk.status == "connected":
            self.mount_disk(disk.id)
        elif not disk.attached:
            job.failure = f"Disk {disk.id} can't be mounted ({disk.status})"

    # Power

    def reboot(self, down: float = 0.0) -> None:
        """Lose power and start again after `down` seconds, which takes a running event loop."""
        self._lose_power()
        if down > 0:
            self._start_timer = asyncio.get_running_loop().call_later(
                down, self.start_up
            )
        else:
            self._boot()
        self._report_power()

    def shut_down(self) -> None:
        """Lose power until `start_up`."""
        self._lose_power()
        self._report_power()

    def start_up(self) -> None:
        """Start after a loss of power."""
        self.cancel_start()
        self._boot()
        self._report_power()

    def cancel_start(self) -> None:
        """Forget about a start that is due."""
        if self._start_timer is not None:
            self._start_timer.cancel()
            self._start_timer = None

    def _lose_power(self) -> None:
        self.cancel_start()
        self.cancel_jobs()
        self.running = False
        status = self.quirks.after_power_loss
        if status == "continues":
            return
        for recording in self.recordings.ongoing:
            self._end(recording, "interrupted", "camera", status)

    def _boot(self) -> None:
        self._booted = time.monotonic()
        self.boot_id = str(UUID(int=self._random.getrandbits(128), version=4))
        self.session_tokens.clear()
        # A disk that was unmounted is mounted when the system boots (VAPIX: Edge storage API).
        for disk_id in self._unmounted & set(self.disks):
            if self.disks[disk_id].status == "connected":
                self.disks[disk_id].status = "OK"
        self._unmounted.clear()
        self.events.restart()
        self.events.follow(storage_states(self), silent=True)
        self.running = True
        self._start_profiles()

    def _report_power(self) -> None:
        for listener in self.power_listeners:
            listener()

    def _insert(self, disk: Disk) -> None:
        if not disk.group:
            known = self.disks.get(disk.id)
            disk.group = known.group if known else f"S{len(self.disks)}"
        self.disks[disk.id] = disk
        disk.listener = self.follow_disks

    def _report_storage(self) -> None:
        if self.running:
            self.events.follow(storage_states(self))

    def _ongoing_on(self, disk_id: str) -> list[Recording]:
        return [
            recording
            for recording in self.recordings.ongoing
            if recording.disk_id == disk_id
        ]

    def _stream(self, options: str) -> Stream:
        return read_options(
            options, sources=self.sources, profiles=self.stream_profiles
        )

    def _continuous(self, disk_id: str, event_id: str, stream: Stream) -> Recording:
        return Recording(
            recording_id="",
            disk_id=disk_id,
            start=self.clock.now(),
            stop=None,
            recording_type="continuous",
            event_id=event_id,
            event_trigger="continuous",
            recording_status="recording",
            source=stream.source,
            video=stream.video,
            audio=stream.audio,
        )

    def _start_profiles(self) -> None:
        """Start what the profiles should be recording and can."""
        for profile in self.profiles.values():
            recording = self.recordings.find(profile.recording_id or "")
            if recording is not None and recording.stop is None:
                continue
            if self._refusal(profile.disk_id) is None:
                recording = self._continuous(
                    profile.disk_id,
                    profile.event_id,
                    self._stream(profile.options),
                )
                profile.recording_id = self._start(recording, by="profile")

    def _refusal(self, disk_id: str) -> str | None:
        disk = self.disks.get(disk_id)
        if disk is None:
            return f"Disk {disk_id} not found"
        if disk.full and disk.refusal is None:
            return f"Disk {disk_id} is full"
        return disk.refusal

    def _start(self, recording: Recording, by: str) -> str:
        refusal = self._refusal(recording.disk_id)
        if refusal is not None:
            raise CameraError(refusal)
        started = replace(recording, recording_id=self._new_id(recording.start))
        self.recordings.put(started)
        self._note("started", started, by)
        self._report_storage()
        return started.recording_id

    def _end(
        self,
        recording: Recording,
        what: str,
        by: str,
        status: RecordingStatus = "completed",
    ) -> Recording:
        ended = replace(
            recording,
            stop=recording.stop or self.clock.now(),
            recording_status=status,
        )
        self.recordings.put(ended)
        self._note(what, ended, by)
        self._report_storage()
        return ended

    def _new_id(self, start: datetime) -> str:
        """Make an id, which holds local time (VAPIX: Edge storage API)."""
        local = start.astimezone(self.clock.zone)
        while True:
            mark = self._random.getrandbits(16)
            recording_id = f"{local:%Y%m%d_%H%M%S}_{mark:04X}_{self.serial}"
            if self.recordings.find(recording_id) is None:
                return recording_id

    def _note(self, what: str, recording: Recording, by: str) -> None:
        self.journal.append(
            Fact(
                self.clock.now(),
                what,
                recording.recording_id,
                recording.disk_id,
                by,
                recording,
            ),
        )
