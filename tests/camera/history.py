"""A made-up past of any length, held in a few bytes for each recording."""

from array import array
from bisect import bisect_left, bisect_right
from datetime import datetime
from itertools import accumulate, chain
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from .clock import EPOCH, from_microseconds, to_microseconds
from .recordings import Recording, RecordingType, Selection, Video

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from zoneinfo import ZoneInfo

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


class Kind(NamedTuple):
    """Why a recording was made, and how often that is so (out of 65 536)."""

    share: int
    recording_type: RecordingType
    event_id: str
    event_trigger: str
    shortest: int
    longest: int


# Lengths of weeks were seen on a real camera: they are what a client must be ready for.
KINDS = (
    Kind(8, "continuous", "continuous", "continuous", 2 * DAY, 20 * DAY),
    Kind(600, "continuous", "continuous", "continuous", HOUR, 12 * HOUR),
    Kind(6_000, "scheduled", "Office hours", "Record video", 60 * SECOND, 600 * SECOND),
    Kind(
        18_000, "triggered", "Line crossing", "Record video", 20 * SECOND, 120 * SECOND
    ),
    Kind(
        40_928,
        "triggered",
        "Motion Recording",
        "Record video while the rule is active",
        20 * SECOND,
        600 * SECOND,
    ),
)
SHARES = tuple(accumulate(kind.share for kind in KINDS))

VIDEOS = (
    *[Video()] * 12,
    *[Video(framerate="30:1")] * 2,
    Video(mimetype="video/x-h265", width=2592, height=1944),
    Video(mimetype="image/jpeg", width=1280, height=720, framerate="30:1"),
)

MEAN_PAUSE = 300


class Setting(NamedTuple):
    """The camera that the past is made for."""

    serial: str
    now: datetime
    zone: ZoneInfo
    disk_ids: tuple[str, ...]
    sources: int


class History:
    """Past recordings, drawn from a seed and spread backwards from now.

    Each is a row of numbers: start and stop (µs since 1970), the latest stop so far, 64 random
    bits that everything else follows from, and the disk (0: removed). Rows are in the order of
    their starts, so a window is found by bisection.
    """

    def __init__(self, count: int, *, seed: int, setting: Setting) -> None:
        """Make `count` recordings."""
        self.setting = setting
        random = Random(seed)  # noqa: S311 - a past that can be made again, not a secret
        rows: list[tuple[int, int, int]] = []
        cursor = to_microseconds(setting.now)
        for _ in range(count):
            traits = random.getrandbits(64)
            kind = KINDS[bisect_right(SHARES, traits & 0xFFFF)]
            stop = cursor - int(random.expovariate(1 / MEAN_PAUSE) * SECOND) - 1
            length = kind.shortest + int(
                (kind.longest - kind.shortest) * random.random() ** 2,
            )
            rows.append((stop - length, stop, traits))
            # A continuous recording goes on beside those that rules make.
            cursor = stop if kind.recording_type == "continuous" else stop - length
        rows.sort()
        self._starts = array("q", (row[0] for row in rows))
        self._stops = array("q", (row[1] for row in rows))
        self._latest_stops = array("q", accumulate(self._stops, max))
        self._traits = array("Q", (row[2] for row in rows))
        self._places = bytearray(1 + self._disk(row[2]) for row in rows)

    def __getitem__(self, index: int) -> Recording:
        """Give one row in full."""
        traits = self._traits[index]
        kind = KINDS[bisect_right(SHARES, traits & 0xFFFF)]
        return Recording(
            recording_id=self._recording_id(index),
            disk_id=self.setting.disk_ids[self._disk(traits)],
            start=from_microseconds(self._starts[index]),
            stop=from_microseconds(self._stops[index]),
            recording_type=kind.recording_type,
            event_id=kind.event_id,
            event_trigger=kind.event_trigger,
            source=self._source(traits),
            video=VIDEOS[(traits >> 48) % len(VIDEOS)],
        )

    def start(self, index: int) -> int:
        """Give the start of a row, in µs since 1970."""
        return self._starts[index]

    def find(self, recording_id: str) -> int | None:
        """Look up the row of an id, by the local time that it begins with."""
        try:
            local = datetime.strptime(recording_id[:15], "%Y%m%d_%H%M%S")  # noqa: DTZ007
        except ValueError:
            return None
        for fold in (0, 1):
            aware = local.replace(tzinfo=self.setting.zone, fold=fold)
            second = to_microseconds(aware)
            first = bisect_left(self._starts, second)
            for index in range(first, bisect_left(self._starts, second + SECOND)):
                if self._places[index] and self._recording_id(index) == recording_id:
                    return index
        return None

    def discard(self, recording_id: str) -> None:
        """Remove the row of an id, if there is one."""
        index = self.find(recording_id)
        if index is not None:
            self._places[index] = 0

    def number(self, selection: Selection) -> int:
        """Count the rows that are meant."""
        if selection.event_id is not None or selection.source is not None:
            return sum(1 for _ in self.select(selection, newest_first=True))
        places = self._wanted(selection.disk_ids)
        first, inner, last = self._span(selection)
        crossing = sum(
            1 for _ in self._crossing(selection, places, range(first, inner))
        )
        return crossing + sum(
            self._places.count(place, inner, last) for place in places
        )

    def select(self, selection: Selection, *, newest_first: bool) -> Iterator[int]:
        """Give the rows that are meant, by start."""
        places = self._wanted(selection.disk_ids)
        first, inner, last = self._span(selection)
        before, within = range(first, inner), range(inner, last)
        if newest_first:
            before, within = before[::-1], within[::-1]
        crossing = self._crossing(selection, places, before)
        inside = (index for index in within if self._places[index] in places)
        found = chain(inside, crossing) if newest_first else chain(crossing, inside)
        if selection.event_id is None and selection.source is None:
            return found
        return (
            index for index in found if self._made_by(selection, self._traits[index])
        )

    def event_ids(self, disk_ids: Collection[str]) -> set[str]:
        """Collect the events of the rows on these disks."""
        return {
            KINDS[bisect_right(SHARES, traits & 0xFFFF)].event_id
            for traits in self._on(disk_ids)
        }

    def sources(self, disk_ids: Collection[str]) -> set[str]:
        """Collect the sources of the rows on these disks."""
        return {self._source(traits) for traits in self._on(disk_ids)}

    def _on(self, disk_ids: Collection[str]) -> Iterator[int]:
        places = self._wanted(disk_ids)
        return (
            traits
            for traits, place in zip(self._traits, self._places, strict=True)
            if place in places
        )

    def _wanted(self, disk_ids: Collection[str] | None) -> frozenset[int]:
        return frozenset(
            place
            for place, disk_id in enumerate(self.setting.disk_ids, start=1)
            if disk_ids is None or disk_id in disk_ids
        )

    def _span(self, selection: Selection) -> tuple[int, int, int]:
        """Give the first row that may reach the window, the first that starts in it, and the end."""
        last = len(self._starts)
        if selection.stop is not None:
            last = bisect_right(self._starts, to_microseconds(selection.stop))
        if selection.start is None:
            return 0, 0, last
        start = to_microseconds(selection.start)
        inner = min(bisect_left(self._starts, start), last)
        return min(bisect_left(self._latest_stops, start), inner), inner, last

    def _crossing(
        self,
        selection: Selection,
        places: frozenset[int],
        rows: range,
    ) -> Iterator[int]:
        start = to_microseconds(selection.start or EPOCH)
        return (
            index
            for index in rows
            if self._stops[index] >= start and self._places[index] in places
        )

    def _made_by(self, selection: Selection, traits: int) -> bool:
        kind = KINDS[bisect_right(SHARES, traits & 0xFFFF)]
        return selection.event_id in (None, kind.event_id) and selection.source in (
            None,
            self._source(traits),
        )

    def _recording_id(self, index: int) -> str:
        local = from_microseconds(self._starts[index]).astimezone(self.setting.zone)
        mark = self._traits[index] >> 16 & 0xFFFF
        return f"{local:%Y%m%d_%H%M%S}_{mark:04X}_{self.setting.serial}"

    def _disk(self, traits: int) -> int:
        """Favour the first disk: a camera has a main one."""
        others = len(self.setting.disk_ids) - 1
        draw = traits >> 32 & 0xFF
        return 0 if others == 0 or draw < 192 else 1 + draw % others

    def _source(self, traits: int) -> str:
        return str(1 + (traits >> 40 & 0xFF) % self.setting.sources)
