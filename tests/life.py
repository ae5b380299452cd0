"""Lives of a simulated camera, drawn from seeds: whatever can happen to recordings and disks."""

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from freezegun.api import FrozenDateTimeFactory

    from tests.camera import Camera, Disk

CARD, SHARE = "SD_DISK", "NetworkShare"


def truth(camera: Camera) -> list[Any]:
    """Return what the camera lists, newest first."""
    attached = camera.attached_disks
    return [each for each in camera.recordings if each.disk_id in attached]


class Life:
    """What happens to a camera, drawn from a seed."""

    def __init__(
        self, camera: Camera, freezer: FrozenDateTimeFactory, seed: int
    ) -> None:
        """Live with this camera."""
        self.camera = camera
        self.freezer = freezer
        self.random = Random(seed)  # noqa: S311 - a life, not a secret
        self.detached: Disk | None = None
        self.is_silent = False
        """Whether something has happened that shows in no count."""
        self.has_old_news = False
        """Whether old recordings have come back, one of which may have been cut off by a power loss and
        still be listed as going on: what only a walk through everything shows."""

        self.chances: dict[Callable[[], None], int] = {
            self.start: 6,
            self.end: 6,
            self.remove: 3,
            self.exchange: 2,
            self.clean_up: 2,
            self.reboot: 1,
            self.swap_disk: 1,
            self.set_clock: 1,
            self.rest: 1,
        }

    def go_on(self) -> None:
        """Let some things happen, and time pass."""
        for happen in self.random.choices(
            list(self.chances),
            list(self.chances.values()),
            k=self.random.choice((0, 0, 1, 1, 3)),
        ):
            happen()
            self.freezer.tick(timedelta(seconds=self.random.uniform(0.01, 8)))
        self.freezer.tick(timedelta(seconds=self.random.choice((1, 10, 30))))

    def start(self) -> None:
        """Start a recording."""
        writable = [disk.id for disk in self.camera.disks.values() if not disk.refusal]
        if writable:
            self.camera.start_recording(self.random.choice(writable))

    def end(self) -> None:
        """End one that goes on."""
        if ongoing := [
            each
            for each in self.camera.recordings.ongoing
            if each.recording_status == "recording"
        ]:
            self.camera.end_recording(self.random.choice(ongoing).recording_id)

    def remove(self) -> None:
        """Remove any."""
        if listed := truth(self.camera):
            at = self.random.choice(
                (0, -1, self.random.randrange(len(listed)))  # newest, oldest, any
            )
            self.camera.remove_recording(listed[at].recording_id)

    def exchange(self) -> None:
        """Start one and remove another, as a full card does: the count stays."""
        listed = truth(self.camera)
        if listed and not self.camera.disks[listed[-1].disk_id].refusal:
            self.camera.start_recording(listed[-1].disk_id)
            self.camera.remove_recording(listed[-1].recording_id)

    def clean_up(self) -> None:
        """Remove the oldest blocks, which may move a start without removing anything."""
        if listed := truth(self.camera):
            before = len(listed)
            oldest = listed[-1]
            reach = timedelta(seconds=self.random.uniform(1, 4000))
            self.camera.clean_up(min(oldest.start + reach, self.camera.clock.now()))
            if len(truth(self.camera)) == before:
                self.is_silent = True

    def reboot(self) -> None:
        """Lose power for a moment."""
        self.camera.reboot()

    def swap_disk(self) -> None:
        """Pull the network share, or put it back."""
        if self.detached:
            self.camera.attach_disk(self.detached)
            self.detached = None
            self.has_old_news = True
        else:
            self.detached = self.camera.detach_disk(SHARE)
        # One disk out and another in, with as many recordings.
        self.is_silent = True

    def set_clock(self) -> None:
        """Set the clock by hours, and change the time zone."""
        if not (self.camera.quirks.date_header or self.camera.quirks.time_api):
            # Nobody could know.
            return
        hours = self.random.choice((-5, -1, 1, 7))
        self.camera.clock.offset += timedelta(hours=hours)
        self.camera.clock.time_zone = self.random.choice(
            ("Europe/Stockholm", "America/New_York", "Australia/Lord_Howe")
        )

    def rest(self) -> None:
        """Let a long time pass."""
        self.freezer.tick(timedelta(minutes=self.random.choice((5, 20, 90))))
