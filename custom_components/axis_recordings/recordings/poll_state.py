"""What a part of the list has shown, and what one poll hands to the next."""

from dataclasses import dataclass, field
from datetime import timedelta
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..vapix.models import Recording, RecordingKey, RecordingPage

# Recordings may be listed some seconds after they began, and ``Date`` counts whole seconds.
OVERLAP = timedelta(seconds=30)
# How far the camera's clock may move away from ours between two polls before it counts as set anew.
CLOCK_JUMP = timedelta(seconds=10)
# What no count shows: a clean-up has moved the start of the oldest recording, a disk was exchanged for
# another one with as many recordings. Cameras clean up once an hour.
REFRESH_SECONDS = 3600.0
# After a longer pause a window would list what has come and gone meanwhile.
LONGEST_PAUSE_SECONDS = 600.0


@dataclass(slots=True, kw_only=True)
class ListView:
    """What a part of the list has shown."""

    time: datetime | None
    """The camera's clock at the first answer."""
    monotonic: float
    """Ours at that moment, in seconds."""
    total: int | None
    listed: dict[RecordingKey, Recording] = field(default_factory=dict)
    """In the camera's order, newest first."""
    fresh: set[RecordingKey] = field(default_factory=set)
    """Those that the last poll need not have shown."""

    looked_up: dict[RecordingKey, Recording] = field(default_factory=dict)
    """What else was asked for, by its id."""
    unasked: dict[RecordingKey, Recording] = field(default_factory=dict)
    """What went on before, and is asked for in one of the next polls."""

    @property
    def recordings(self) -> dict[RecordingKey, Recording]:
        """Return all that were shown."""
        return self.listed | self.looked_up

    def add(
        self, page: RecordingPage, is_old: Callable[[ListView, Recording], bool]
    ) -> bool:
        """Take in a page. False if it holds old recordings, so that no more need to be read."""
        listed = {each.key: each for each in page.recordings}
        fresh = {key for key, each in listed.items() if not is_old(self, each)}
        self.listed |= listed
        self.fresh |= fresh
        return len(fresh) == len(listed)


@dataclass(slots=True, kw_only=True)
class PollState:
    """What one poll hands to the next."""

    time: datetime | None
    """The camera's clock at the poll; None if it is not known."""
    monotonic: float
    """Ours at that moment, in seconds."""
    renewed: float
    """When everything was last learned again, by our monotonic clock."""
    total: int | None
    ongoing: dict[RecordingKey, Recording]
    recent: dict[RecordingKey, Recording]
    """All that the poll has shown."""
    fresh: int
    """How many of them began about then, or later by a clock that has been set back since."""
    newest: Recording | None
    oldest: Recording | None


def is_stale(last: PollState) -> bool:
    """Return whether all has to be learned again."""
    now = time.monotonic()
    return (
        now - last.monotonic >= LONGEST_PAUSE_SECONDS
        or now - last.renewed >= REFRESH_SECONDS
    )


def _last_poll(last: PollState, view: ListView) -> datetime | None:
    """Return when the last poll was by today's clock of the camera; None if it does not send its time."""
    if view.time is None:
        return None
    return view.time - timedelta(seconds=view.monotonic - last.monotonic)


def clock_was_set(last: PollState, view: ListView) -> bool:
    """Return whether the camera's clock was set since the last poll, as far as it sends its time."""
    then, now = last.time, _last_poll(last, view)
    return then is None or now is None or abs(now - then) > CLOCK_JUMP


def began_before(recording: Recording, last: PollState | None, view: ListView) -> bool:
    """Return whether a recording has begun before the last poll; True if there was none."""
    if last is None:
        return True
    then, now = last.time, _last_poll(last, view)
    if then is None or now is None:
        return recording.key in last.recent
    # If the clock was set meanwhile, the recording may have begun before that or after.
    since = min(then, now) - OVERLAP
    return recording.start is not None and recording.start < since


def ended_before(recording: Recording, since: datetime) -> bool:
    """Return whether a recording is over, and was at that time."""
    return recording.end is not None and recording.end < since
