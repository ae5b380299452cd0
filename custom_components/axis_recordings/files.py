"""Write files where Home Assistant may, whole or not at all. Everything here waits: for a thread."""

from contextlib import suppress
from errno import ENOTDIR
import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.core import HomeAssistant


def check_target(hass: HomeAssistant, filename: str, endings: tuple[str, ...]) -> Path:
    """Return where to write.

    ServiceValidationError if the path leads out of the folders that Home Assistant may write to, or ends
    like another kind of file. A path that is not absolute is one in the folder for media.
    """
    path = Path(filename)
    if not path.is_absolute():
        folders = hass.config.media_dirs
        path = Path(folders.get("local") or next(iter(folders.values()), "/")) / path
    if (
        not _is_name(filename)
        or ".." in path.parts
        or path.is_dir()
        or not hass.config.is_allowed_path(str(path))
    ):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="path_not_allowed",
            translation_placeholders={"path": filename},
        )
    if path.suffix.lower() not in ("", *endings):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="wrong_ending",
            translation_placeholders={"path": filename, "endings": ", ".join(endings)},
        )
    return path if path.suffix else path.with_suffix(endings[0])


def _is_name(filename: str) -> bool:
    """Return whether a file system can have it: other functions raise what nobody expects of them."""
    try:
        os.fsencode(filename)
    except UnicodeEncodeError:
        return False
    return "\0" not in filename


def prepare(target: Path, *, overwrite: bool) -> None:
    """Make the folder, and see that a file can be written there.

    OSError if not; ServiceValidationError if the file is there and must not be overwritten.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as err:
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR)) from err
    _raise_if_there(target, overwrite=overwrite)
    # Better now than after a long export.
    trial = temporary_for(target)
    trial.touch()
    trial.unlink()


def _raise_if_there(target: Path, *, overwrite: bool) -> None:
    if not overwrite and os.path.lexists(target):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="file_exists",
            translation_placeholders={"path": str(target)},
        )


def temporary_for(target: Path) -> Path:
    """Return a path beside the target, so that it only needs another name in the end."""
    return target.with_name(f".{target.stem}.{uuid4().hex}.part")


def publish(files: Iterable[tuple[Path, Path]], *, overwrite: bool) -> list[int]:
    """Give finished files their names, all or none, and return their sizes in bytes.

    Where files may be overwritten, those that were are lost.
    """
    sizes: list[int] = []
    published: list[Path] = []
    try:
        for path, target in files:
            sizes.append(path.stat().st_size)
            _rename(path, target, overwrite=overwrite)
            published.append(target)
    except BaseException:
        if not overwrite:
            remove(*published)
        raise
    return sizes


def _rename(path: Path, target: Path, *, overwrite: bool) -> None:
    _raise_if_there(target, overwrite=overwrite)
    if not overwrite:
        # Fails where somebody else was faster, which a replacement would not. Not every disk can do it.
        with suppress(OSError):
            os.link(path, target)
            return
        _raise_if_there(target, overwrite=False)
    path.replace(target)


def remove(*paths: Path) -> None:
    """Remove files that may not be there."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def append(path: Path, data: bytes) -> int:
    """Add to a file, and return how much."""
    with path.open("ab") as file:
        return file.write(data)


def write(target: Path, data: bytes, *, overwrite: bool) -> None:
    """Write a small file. HomeAssistantError, in the user's words, if that is not possible."""
    path = temporary_for(target)
    try:
        prepare(target, overwrite=overwrite)
        path.write_bytes(data)
        publish([(path, target)], overwrite=overwrite)
    except OSError as err:
        raise cannot_write(target, err) from err
    finally:
        remove(path)


def cannot_write(target: Path, err: Exception) -> HomeAssistantError:
    """Return the error for a file that can't be written."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="cannot_write",
        translation_placeholders={
            "path": str(target),
            "reason": getattr(err, "strerror", None) or type(err).__name__,
        },
    )
