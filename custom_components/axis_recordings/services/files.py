"""Write files where Home Assistant may, whole or not at all. What touches a file waits: for a thread."""

from contextlib import closing, suppress
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..exceptions import translated_error
from .unfinished import ENDING, note

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        or not hass.config.is_allowed_path(str(path))
    ):
        raise _not_allowed(filename)
    target = path if path.suffix else path.with_suffix(endings[0])
    if path.is_dir() or target.is_dir():
        raise _is_folder(filename)
    if path.suffix.lower() not in ("", *endings):
        raise translated_error(
            ServiceValidationError,
            "wrong_ending",
            path=filename,
            endings=", ".join(endings),
        )
    return target


def _is_name(filename: str) -> bool:
    """Return whether a file system can have it: other functions raise what nobody expects of them."""
    try:
        os.fsencode(filename)
    except UnicodeEncodeError:
        return False
    return "\0" not in filename


def _not_allowed(path: Path | str) -> ServiceValidationError:
    return translated_error(ServiceValidationError, "path_not_allowed", path=str(path))


_NOT_OPEN: Final = -1


class Place:
    """Where a file is written: in a folder that stays the same, wherever its name may lead meanwhile.

    Exports take hours, and others write to folders for media, too: a link to another folder may take the
    place of one that was checked.
    """

    def __init__(self, hass: HomeAssistant, target: Path, *, overwrite: bool) -> None:
        """Nothing is done before ``prepare``. Whatever comes of that, ``close`` has to be called."""
        self._hass = hass
        self._target = target
        self._overwrite = overwrite
        self._folder = _NOT_OPEN
        self._path = target
        self._temporary: list[tuple[Path, Path]] = []
        """With their notes."""

    def prepare(self) -> None:
        """Make the folder, and see that a file can be written there.

        OSError if not; ServiceValidationError if nothing may be written there, or if the file is there and
        must not be overwritten.
        """
        self._folder = _open_folder(self._hass, self._target)
        anchor = Path(f"/proc/self/fd/{self._folder}")
        # Where a system has no such names, the folder's own has to do.
        self._path = (
            anchor if anchor.exists() else self._target.parent
        ) / self._target.name
        if self._path.is_dir():
            raise _is_folder(self._target)
        if not self._overwrite and os.path.lexists(self._path):
            raise _taken(self._target)
        # Better now than after a long export.
        trial = self.new_temporary()
        trial.touch(exist_ok=False)
        trial.unlink()

    def close(self) -> None:
        """Leave nothing behind that is not finished, and let go of the folder."""
        for path, noted in self._temporary:
            # What can't be removed now is removed at the next start.
            with suppress(OSError):
                path.unlink(missing_ok=True)
                noted.unlink(missing_ok=True)
        if self._folder != _NOT_OPEN:
            os.close(self._folder)
            self._folder = _NOT_OPEN

    def new_temporary(self) -> Path:
        """Return a path beside the target, so that what is there only needs another name in the end."""
        name = f".{self._target.stem}.{uuid4().hex}{ENDING}"
        path = self._path.with_name(name)
        self._temporary.append((path, note(self._hass, self._target.with_name(name))))
        return path

    def publish(self, files: Sequence[tuple[Path, Path]]) -> list[int]:
        """Give finished files the names of targets in the folder, and return their sizes in bytes.

        All get their names, or none does that was not there before: what was overwritten is lost. Should Home
        Assistant end meanwhile, the first name is new only if all others are.
        """
        if not os.path.samestat(os.fstat(self._folder), self._target.parent.stat()):
            raise _not_allowed(self._target)
        stored = [_store(path) for path, _ in files]
        new: list[Path] = []
        try:
            for (path, target), status in reversed(
                list(zip(files, stored, strict=True))
            ):
                named = path.with_name(target.name)
                is_new = not os.path.lexists(named)
                self._rename(path, target)
                if is_new:
                    new.append(named)
                _check_same(named, status, target)
        except BaseException:
            remove(*new)
            raise
        return [status.st_size for status in stored]

    def _rename(self, path: Path, target: Path) -> None:
        named = path.with_name(target.name)
        if self._overwrite:
            path.replace(named)
            return
        # Fails where somebody else was faster, which a replacement would not. Not every disk can do it.
        with suppress(OSError):
            os.link(path, named, follow_symlinks=False)
            return
        noted = note(self._hass, target)
        try:
            named.touch(exist_ok=False)
            try:
                path.replace(named)
            except OSError:
                remove(named)
                raise
        except FileExistsError as err:
            raise _taken(target) from err
        finally:
            remove(noted)


def _store(path: Path) -> os.stat_result:
    """Wait until a file is on the disk, where its name could come before its content; return its status."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        os.fsync(file)
    except OSError as err:
        # Not every disk can do it.
        if err.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        status = os.fstat(file)
        os.close(file)
    return status


def _check_same(path: Path, status: os.stat_result, target: Path) -> None:
    """See that what has a name now is what was written: something else may have taken its place."""
    if not os.path.samestat(path.lstat(), status):
        remove(path)
        raise _not_allowed(target)


def _open_folder(hass: HomeAssistant, target: Path) -> int:
    """Make the folder of a target, and return a descriptor of it."""
    there, missing = target.parent, [target.name]
    while True:
        try:
            folder = os.open(there, os.O_RDONLY | os.O_DIRECTORY)
            break
        except FileNotFoundError:
            there, missing = there.parent, [there.name, *missing]
    if not _may_hold(hass, folder, there, missing):
        os.close(folder)
        raise _not_allowed(target)
    for name in missing[:-1]:
        try:
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=folder)
            # A link that has come meanwhile is not followed.
            inner = os.open(
                name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder
            )
        finally:
            os.close(folder)
        folder = inner
    return folder


def _may_hold(hass: HomeAssistant, folder: int, path: Path, missing: list[str]) -> bool:
    """Return whether an open folder, which had this path, may be written to."""
    with suppress(OSError):
        real = path.resolve()
        # Otherwise the path has led to another one since.
        return os.path.samestat(
            os.fstat(folder), real.stat()
        ) and hass.config.is_allowed_path(str(real.joinpath(*missing)))
    return False


def _is_folder(path: Path | str) -> ServiceValidationError:
    return translated_error(ServiceValidationError, "path_is_folder", path=str(path))


def _taken(target: Path) -> ServiceValidationError:
    return translated_error(ServiceValidationError, "file_exists", path=str(target))


def remove(*paths: Path) -> None:
    """Remove files that may not be there."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def append(path: Path, data: bytes) -> int:
    """Add to a file, and return how much."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    with open(os.open(path, flags, 0o666), "ab") as file:  # noqa: PTH123 - a descriptor
        return file.write(data)


def write(hass: HomeAssistant, target: Path, data: bytes, *, overwrite: bool) -> None:
    """Write a small file. HomeAssistantError, in the user's words, if that is not possible."""
    with closing(Place(hass, target, overwrite=overwrite)) as place:
        try:
            place.prepare()
            path = place.new_temporary()
            append(path, data)
            place.publish([(path, target)])
        except OSError as err:
            raise cannot_write(target, err) from err


def cannot_write(target: Path, err: Exception) -> HomeAssistantError:
    """Return the error for a file that can't be written."""
    return translated_error(
        HomeAssistantError,
        "cannot_write",
        path=str(target),
        reason=getattr(err, "strerror", None) or type(err).__name__,
    )
