"""Jobs that the camera does on its disks, which take their time."""

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import asyncio

type Action = Literal["mount", "unmount"]

DONE = 100


@dataclass
class Job:
    """A job on a disk; `failure` says how it went wrong, once it is done."""

    number: str
    disk_id: str
    action: Action
    duration: float
    began: float = field(init=False)
    done: bool = False
    failure: str | None = None
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Begin."""
        self.began = monotonic()

    @property
    def progress(self) -> int:
        """How much of it is done, in percent."""
        if self.done:
            return DONE
        share = (monotonic() - self.began) / self.duration
        return max(0, min(DONE - 1, int(DONE * share)))

    def cancel(self) -> None:
        """Never finish."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
