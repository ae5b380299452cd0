"""The file of an index: whether it is sound, and how it is locked, bounded, and written."""

from contextlib import ExitStack, contextmanager, suppress
from shutil import disk_usage
import sqlite3
from threading import Lock
from typing import TYPE_CHECKING, Final

from .schema import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BUSY_SECONDS: Final = 1.0
"""How long to wait for another program that uses the file. A thread waits meanwhile, and polls try again."""
MOST_BYTES: Final = 128 * 1024 * 1024
"""Of the file: several times what the recordings of a card of a terabyte take."""
PAGE_BYTES: Final = 1024
"""A change of a few rows writes a few pages in whole, so they are small."""
CACHE_BYTES: Final = 64 * 1024
"""Of the file in memory, for each camera: the system keeps what is read often anyway."""
SPILL_BYTES: Final = 2 * 1024 * 1024
"""A change that is smaller is written once, in whole."""
LOG_BYTES: Final = 256 * 1024
"""Of the write-ahead log, before what it holds is written into the file, and which it is cut to after a large change."""
MOST_LOG_BYTES: Final = 32 * LOG_BYTES
"""Of the log that another program keeps from being written into the file, as it reads for long."""
MOST_HELD_BYTES: Final = 64 * 1024 * 1024
"""Of the log while the file is held: what thousands of recordings take."""
_SENSELESS: Final = (ValueError, LookupError, TypeError, ArithmeticError)


def outside_index[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that is called while an index is read, but whose errors say nothing about the index.

    It raises sqlite3.ProgrammingError instead, which is not taken for damage.
    """

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except _SENSELESS as err:
            message = f"The question makes no sense: {type(err).__name__}"
            raise sqlite3.ProgrammingError(message) from err

    return call


def remove_index(path: Path) -> None:
    """Remove an index, with what SQLite leaves beside it where it was ended without a warning."""
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


class IndexFile:
    """A SQLite database that is used from several threads, by one at a time.

    Raises sqlite3.Error wherever it can't be used, or holds what nobody has written so.
    """

    def __init__(
        self, path: Path, recall: Callable[[sqlite3.Connection], None]
    ) -> None:
        """Keep the file there; ``recall`` reads it once it is open, and after each change."""
        self._path = path
        self._recall = recall
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._is_held = False
        self.is_spoilt = False
        """Whether it holds what nobody has written so: it will be begun anew."""
        self.is_too_large = False
        """Whether there was no room in the file, which will be begun anew."""

    def open(self) -> bool:
        """Read the file, and return whether what it holds could be read.

        One that can't be is begun anew: then the past is not news. Raises sqlite3.Error if there may be
        nothing wrong with the file.
        """
        try:
            if not self.is_spoilt:
                self._connect()
                return True
        except sqlite3.OperationalError:
            # It may be good, and only can't be reached.
            raise
        except sqlite3.DatabaseError:
            pass
        with _using_folder():
            remove_index(self._path)
        self._connect()
        self.is_spoilt = self.is_too_large = False
        return False

    def hold(self) -> None:
        """Write what changes from now on into the log alone, also if it is opened later.

        Whoever copies the file and then the log, one after the other, gets what makes sense together, though
        both may be written meanwhile.
        """
        self._is_held = True
        with suppress(sqlite3.ProgrammingError), self._using() as db:
            db.execute("PRAGMA wal_autocheckpoint = 0")
            _empty_log(db)

    def release(self) -> None:
        """Write into the file again."""
        self._is_held = False
        with suppress(sqlite3.ProgrammingError), self._using() as db:
            _limit(db, "wal_autocheckpoint", LOG_BYTES)
            _empty_log(db)

    def close(self) -> None:
        """Let go of the file, of which nothing is left beside it then, unless it is held."""
        with self._lock:
            if self._connection:
                self._connection.setconfig(
                    sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, self._is_held
                )
                self._connection.close()
                self._connection = None

    def size(self) -> int:
        """Return how many bytes there are on the disk, with those of the log; 0 if that can't be read."""
        size = 0
        for ending in ("", "-wal"):
            with suppress(OSError):
                size += self._path.with_name(self._path.name + ending).stat().st_size
        return size

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._connection is None:
                message = "The index is closed"
                raise sqlite3.ProgrammingError(message)
            try:
                yield self._connection
            except sqlite3.DatabaseError as err:
                self.is_too_large |= self._is_about_size(err, self._connection)
                # A page that is spoilt shows only when it is read.
                is_damage = type(err) is sqlite3.DatabaseError
                self.is_spoilt |= is_damage or self.is_too_large
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read, and take what makes no sense for damage."""
        with self._using() as db, self.making_sense():
            yield db

    @contextmanager
    def making_sense(self) -> Iterator[None]:
        """Take rows that nobody has written so for damage."""
        try:
            yield
        except _SENSELESS as err:
            self.is_spoilt = True
            message = f"The index holds what makes no sense: {type(err).__name__}"
            raise sqlite3.DatabaseError(message) from err

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Change all or nothing, tables included."""
        with self._using() as db:
            self._see_that_it_is_there()
            self._bound_log(db)
            with _all_or_nothing(db):
                yield db
            with self.making_sense():
                self._recall(db)

    def _connect(self) -> None:
        with _using_folder():
            self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, ExitStack() as failing:
            db = sqlite3.connect(
                self._path,
                timeout=BUSY_SECONDS,
                # Each call may come from another thread, but one at a time.
                check_same_thread=False,
                isolation_level=None,
                # Few come again soon, and their memory would be kept for each camera.
                cached_statements=0,
            )
            failing.callback(db.close)
            self._identity = self._find_identity()
            with self.making_sense():
                _make_usable(db, is_held=self._is_held)
                self._recall(db)
            failing.pop_all()
            self._connection = db

    def _find_identity(self) -> tuple[int, int]:
        with _using_folder():
            found = self._path.stat()
        return found.st_dev, found.st_ino

    def _see_that_it_is_there(self) -> None:
        """Raise OperationalError if the file was moved or removed: SQLite would go on writing the log."""
        if self._find_identity() != self._identity:
            message = "The index was moved or removed"
            raise sqlite3.OperationalError(message)

    def _bound_log(self, db: sqlite3.Connection) -> None:
        """Raise OperationalError if the log is far too long, and can't be made shorter."""
        size = 0
        with suppress(OSError):
            size = self._path.with_name(f"{self._path.name}-wal").stat().st_size
        if size <= (MOST_HELD_BYTES if self._is_held else MOST_LOG_BYTES):
            return
        if not _empty_log(db):
            message = "The index is being read by another program for too long"
            raise sqlite3.OperationalError(message)

    def _is_about_size(self, err: sqlite3.Error, db: sqlite3.Connection) -> bool:
        """Return whether there is no room in the file, where there is on the disk."""
        if getattr(err, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
            return False
        with suppress(OSError, sqlite3.Error):
            # What had no room is not in it any more.
            is_large = _count(db, "page_count") * _count(db, "page_size") > (
                MOST_BYTES // 2
            )
            return is_large and disk_usage(self._path.parent).free > MOST_BYTES // 2
        return False


def _make_usable(db: sqlite3.Connection, *, is_held: bool) -> None:
    """See that the file is sound, and of this version."""
    # What is no text is damage, and not, as SQLite's module says, a file that can't be reached.
    db.text_factory = bytes.decode
    # That of a new file, and of an old one once it is compacted.
    db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    _limit_cache(db)
    with _all_or_nothing(db):
        (answer,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            message = "The index is spoilt"
            raise sqlite3.DatabaseError(message)
        prepare(db)
    if not is_held:
        _compact(db)
    _limit_cache(db)
    _use_log(db, 0 if is_held else LOG_BYTES)
    # What is being migrated takes more.
    _limit(db, "max_page_count", MOST_BYTES)


@contextmanager
def _all_or_nothing(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # Some errors have ended it already.
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _count(db: sqlite3.Connection, name: str) -> int:
    (number,) = db.execute(f"PRAGMA {name}").fetchone()
    return int(number)


def _limit(db: sqlite3.Connection, name: str, size: int) -> None:
    """Set a limit that counts pages, in bytes."""
    db.execute(f"PRAGMA {name} = {size // _count(db, 'page_size')}")


def _limit_cache(db: sqlite3.Connection) -> None:
    _limit(db, "cache_size", CACHE_BYTES)
    _limit(db, "cache_spill", SPILL_BYTES)


def _compact(db: sqlite3.Connection) -> None:
    """Make the file smaller where most of it is unused, or its pages are those of version 1.

    That is not worth an error: it works as it is.
    """
    is_full = 2 * _count(db, "freelist_count") <= _count(db, "page_count")
    if is_full and _count(db, "page_size") == PAGE_BYTES:
        return
    with suppress(sqlite3.OperationalError):
        # With a log, the size of pages can't be changed.
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("VACUUM")


def _use_log(db: sqlite3.Connection, most: int) -> None:
    """Write changes into a log first, a few pages for each, and that into the file once it is so large; 0 for never.

    A process that is killed loses nothing of it. It is flushed before it is written into the file, and not
    for each change: when the machine loses its power, the file is as it was a while ago.
    """
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    _limit(db, "wal_autocheckpoint", most)
    db.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")


def _empty_log(db: sqlite3.Connection) -> bool:
    """Write the log into the file, and return whether nothing is left of it: nobody else was reading."""
    is_busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


@contextmanager
def _using_folder() -> Iterator[None]:
    """Say of a folder that can't be used what is said of such a file."""
    try:
        yield
    except OSError as err:
        raise sqlite3.OperationalError(err.strerror) from err
