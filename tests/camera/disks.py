"""The disks that a camera may keep recordings on."""

from dataclasses import dataclass
from typing import Literal

type DiskStatus = Literal[
    "OK",
    "connected",
    "disconnected",
    "failed",
    "no passphrase",
    "wrong passphrase",
    "not encrypted",
]


@dataclass
class Disk:
    """A slot or share with all that disks/list.cgi tells of it (VAPIX: Edge storage API).

    Sizes are in kB. The id names the slot or drive, not the card in it. Left empty, `filesystem`
    follows from the id and the camera gives a `group`.
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

    def __post_init__(self) -> None:
        """Choose the file system that a disk of this id has as a rule."""
        if not self.filesystem:
            self.filesystem = "cifs" if self.id.startswith("NetworkShare") else "ext4"

    @property
    def attached(self) -> bool:
        """Whether the camera can reach what is on the disk."""
        return self.status == "OK"

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
