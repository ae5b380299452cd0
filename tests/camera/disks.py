"""The disks that a camera may keep recordings on."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, override

if TYPE_CHECKING:
    from collections.abc import Callable

type DiskStatus = Literal[
    "OK",
    "connected",
    "disconnected",
    "failed",
    "no passphrase",
    "wrong passphrase",
    "not encrypted",
]

NOT_SUPPORTED, ERROR, ABSENT = -1, -2, -3
"""What stands for a value of a disk's health (VAPIX: Edge storage API, gethealth.cgi)."""

MEGABYTE = 1000
"""In kB, the unit of sizes."""
FULL = 75 * MEGABYTE
"""A disk with less than this free is full (AXIS OS knowledge base)."""
RESERVE = 750 * MEGABYTE
"""Below this the camera makes room, whatever the age of recordings (the same)."""
RESERVE_SHARE = 0.05
"""Likewise on an SD card, if it is more: a share of its size."""


@dataclass
class Disk:
    """A slot or share with all that disks/list.cgi says of it (VAPIX: Edge storage API).

    Sizes are in kB. The id names the slot or drive, not the card in it. Left empty, `filesystem`
    follows from the id and the camera gives a `group`. Of its health, -1 is not supported and -2 an
    error; None leaves the attribute out. What is set while a camera has the disk has its effect at
    once. At which wear (%) and temperature (K) a camera raises an alert is made up.
    """

    id: str = "SD_DISK"
    name: str = ""
    total_kb: int = 116_109_036
    free_kb: int = 63_126_240
    cleanup_level: int = 99
    cleanup_max_age: int = 7
    cleanup_policy: Literal["fifo", "none"] = "fifo"
    locked: bool = False
    full: bool = False
    readonly: bool = False
    status: DiskStatus = "OK"
    filesystem: str = ""
    group: str = ""
    required_filesystem: Literal["none", "ext4"] = "none"
    encryption_enabled: bool = False
    encrypted: bool = False
    wear: int | None = NOT_SUPPORTED
    temperature_kelvin: int | None = None
    overall_health: int | None = None
    alert_wear: int = 90
    alert_temperature: int = 343
    limit_kb: int = 0
    listener: Callable[[], None] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Choose the file system that a disk of this id has as a rule."""
        if not self.filesystem:
            self.filesystem = "cifs" if self.is_share else "ext4"

    @override
    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        if name != "listener" and self.listener is not None:
            self.listener()

    @property
    def is_share(self) -> bool:
        """Whether the disk is on the network."""
        return self.id.startswith("NetworkShare")

    @property
    def attached(self) -> bool:
        """Whether the camera can reach what is on the disk."""
        return self.status == "OK"

    @property
    def disrupted(self) -> bool:
        """Whether the camera reports a disruption (VAPIX: Edge storage events)."""
        return not self.attached or self.locked or self.readonly or self.full

    @property
    def alarming(self) -> bool:
        """Whether the camera raises an alert because of the disk's health."""
        if self.status == "disconnected":
            return False
        wear, temperature = self.wear or 0, self.temperature_kelvin or 0
        return (
            self.overall_health == 0
            or wear >= self.alert_wear
            or temperature >= self.alert_temperature
        )

    @property
    def reserve_kb(self) -> int:
        """What the camera keeps free (AXIS OS knowledge base)."""
        if self.is_share:
            return RESERVE
        return max(RESERVE, int(self.total_kb * RESERVE_SHARE))

    @property
    def refusal(self) -> str | None:
        """Why nothing can be written to or removed from the disk, None if it can.

        The texts are made up: no real `errormsg` is known.
        """
        if not self.attached:
            return f"Disk {self.id} is not available ({self.status})"
        if self.locked:
            return f"Disk {self.id} is locked"
        if self.readonly:
            return f"Disk {self.id} is read-only"
        return None
