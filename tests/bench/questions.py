"""What questions to the index take, by the number of recordings in it."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.index.wanted import Wanted, Word
from custom_components.axis_recordings.recordings.days import day_of, day_span
from custom_components.axis_recordings.vapix import RecordingType
from tests.index.made import START, fill, made

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTS = (1_000, 10_000, 100_000)
REPETITIONS = 15
DISKS = ("SD_DISK",)
ZONE = ZoneInfo("Europe/Stockholm")


def day_with(moment: datetime) -> tuple[datetime, datetime]:
    """Return the day that holds a moment."""
    span = day_span(day_of(moment, ZONE), ZONE)
    return span.start, span.end


def word(text: str) -> tuple[Word, ...]:
    """Return a word that some recordings have."""
    return (Word(is_in=lambda each: text in each.casefold()),)


def questions(index: RecordingIndex, count: int) -> dict[str, Callable[[], object]]:
    """Return what is asked: most of it about a time in the middle, or about everything."""
    ask, everything = index.questions, Wanted(disks=DISKS)
    start, end = day_with(START + timedelta(minutes=count // 2))
    day = Wanted(disks=DISKS, start=start, end=end)
    keys = [made(number).key for number in range(100)]
    return {
        "a day, 100 of it": lambda: ask.find(day, limit=100),
        "a day, all of it": lambda: ask.find(day, limit=10_000),
        "a day, counted": lambda: ask.count(day),
        "a moment": lambda: ask.find(
            Wanted(disks=DISKS, start=start, end=start + timedelta(microseconds=1)),
            limit=20,
        ),
        "the newest 100": lambda: ask.find(everything, limit=100),
        "the newest 100 from the middle on": lambda: ask.find(
            everything, limit=100, offset=count // 2
        ),
        "a frequent word": lambda: ask.find(
            Wanted(disks=DISKS, words=word("recording 2")), limit=100
        ),
        "a word that none has": lambda: ask.find(
            Wanted(disks=DISKS, words=word("nothing")), limit=100
        ),
        "a word in a day": lambda: ask.find(
            Wanted(disks=DISKS, words=word("recording 2"), start=start, end=end),
            limit=100,
        ),
        "a type that none has": lambda: ask.find(
            Wanted(disks=DISKS, type=RecordingType.SCHEDULED), limit=100
        ),
        "all, counted": lambda: ask.count(everything),
        "all days, counted": lambda: ask.count_by(everything, day_with, end),
        "100 by name": lambda: index.find(keys),
    }


def measure(count: int, path: Path) -> None:
    """Print a row for each question."""
    index = RecordingIndex(path)
    index.file.open()
    fill(index, count)
    index.file.close()
    size = path.stat().st_size / count
    index.file.open()
    for name, ask in questions(index, count).items():
        durations = []
        for _ in range(REPETITIONS):
            started = time.perf_counter()
            ask()
            durations.append(1000 * (time.perf_counter() - started))
        print(
            f"| {count:>7,} | {name:<33} "
            f"| {median(durations):>8.2f} | {max(durations):>8.2f} |",
            flush=True,
        )
    print(f"| {count:>7,} | {'bytes for each recording':<33} | {size:>8.1f} | |")
    index.file.close()


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument(
        "counts", nargs="*", type=int, default=COUNTS, help="how many recordings"
    )
    print("| recordings | question | median, ms | worst, ms |\n|---|---|---|---|")
    for count in parser.parse_args().counts:
        with TemporaryDirectory() as folder:
            measure(count, Path(folder) / "index.db")


if __name__ == "__main__":
    main()
