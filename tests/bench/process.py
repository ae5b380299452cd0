"""What Linux says of a process."""

from contextlib import suppress
import ctypes
import gc
from pathlib import Path
import re

# Home Assistant's pool keeps its threads once it has needed them.
WORKER = "SyncWorker"


class Process:
    """A running process."""

    def __init__(self, pid: int | str) -> None:
        """Watch the process of this id; `self` is this one."""
        self._folder = Path("/proc") / str(pid)

    @property
    def threads(self) -> int:
        """Return the number of threads."""
        return len(list((self._folder / "task").iterdir()))

    @property
    def workers(self) -> int:
        """Return the number of threads that belong to the pool."""
        names = (self._folder / "task").glob("*/comm")
        return sum(name.read_text().startswith(WORKER) for name in names)

    @property
    def memory(self) -> float:
        """Return how much memory is used, in MB."""
        return self._status("VmRSS")

    @property
    def most_memory(self) -> float:
        """Return the most that was ever used since `forget`, in MB."""
        return self._status("VmHWM")

    def forget(self) -> None:
        """Let the most memory begin anew at what is used now."""
        (self._folder / "clear_refs").write_text("5")

    def _status(self, name: str) -> float:
        status = (self._folder / "status").read_text()
        found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0


def give_back() -> None:
    """Let this process give back what memory it no longer uses, as far as it can."""
    gc.collect()
    # Only glibc keeps what was freed until it is asked.
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
