"""Remember which files are not whole yet, so that none stays when Home Assistant ends without a warning.

A file that is begun has a note: a link to it, beside the caches, which are no part of backups. Everything here
waits: for a thread.
"""

from contextlib import suppress
from pathlib import Path
import time
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.core import HomeAssistant

ENDING: Final = ".part"
LONGEST_SECONDS: Final = 30 * 86_400.0
"""A disk that has been away for so long does not come back."""


def note(hass: HomeAssistant, path: Path) -> Path:
    """Note a file before it is begun. Returns the note, to be removed once it is whole or gone."""
    made = _folder(hass) / f"{uuid4().hex}.{_identity(path.parent)}"
    # Where there is no room for a note, a file that is left over is all that it costs.
    with suppress(OSError):
        made.parent.mkdir(parents=True, exist_ok=True)
        made.symlink_to(path)
    return made


def find_notes(hass: HomeAssistant) -> list[Path]:
    """Return the notes that there are."""
    with suppress(OSError):
        return list(_folder(hass).iterdir())
    return []


def remove_unfinished(notes: Iterable[Path]) -> None:
    """Remove the files that notes of an earlier life lead to, and the notes.

    What can't be reached now, as its disk is not there, is left for the next start: where a disk is to come,
    there may be an empty folder.
    """
    for each in notes:
        with suppress(OSError):
            path = each.readlink()
            identity = _identity(path.parent)
            is_there = bool(identity) and each.name.endswith(f".{identity}")
            if (
                _remove(path)
                or is_there
                or time.time() - each.lstat().st_mtime > LONGEST_SECONDS
            ):
                each.unlink()


def _remove(path: Path) -> bool:
    """Remove a file that is not whole: under its own name, only one without content. False if there is none."""
    try:
        if path.suffix != ENDING and path.lstat().st_size:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _identity(folder: Path) -> str:
    """Return what distinguishes a folder from the one over which its disk is mounted; nothing if it is not there."""
    with suppress(OSError):
        status = folder.stat()
        return f"{status.st_dev}-{status.st_ino}"
    return ""


def _folder(hass: HomeAssistant) -> Path:
    return Path(hass.config.cache_path(DOMAIN, "unfinished"))
