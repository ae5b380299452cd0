"""What was reported in several lives that ended without a warning, and what is left of them on the disk."""

import json
import sqlite3
from typing import TYPE_CHECKING, Final, NamedTuple

import av

from tests.exactly_once import Reported

from .videos import RATE, SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BEGUN: Final = "begun"
READY: Final = "ready"


class Line(NamedTuple):
    """Something that was reported."""

    reported: Reported
    entity_id: str = ""
    time: float = 0.0


def lives(path: Path) -> list[list[Line]]:
    """Read what was reported, life by life."""
    found: list[list[Line]] = []
    for text in path.read_text().splitlines() if path.exists() else ():
        what, *rest = json.loads(text)
        if what == BEGUN:
            found.append([])
        elif what != READY:
            found[-1].append(Line(Reported(what, *rest[:2]), *rest[2:]))
    return found


def once(lives: Iterable[Iterable[Line]]) -> tuple[list[Reported], int]:
    """Leave out what may be reported again, and return how often it was.

    That is the last thing before an end, if it is the first one after it.
    """
    reported: list[Reported] = []
    again = 0
    for life in lives:
        for number, line in enumerate(life):
            if number == 0 and reported[-1:] == [line.reported]:
                again += 1
            else:
                reported.append(line.reported)
    return reported, again


def judge_ledger(path: Path) -> list[str]:
    """Return what is wrong with a ledger from which everything should have been reported."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as ledger:
        (answer,) = ledger.execute("PRAGMA integrity_check").fetchone()
        (unreported,) = ledger.execute("SELECT count(*) FROM activities").fetchone()
    ledger.close()
    problems = [] if answer == "ok" else [f"the ledger: {answer}"]
    return problems + ([f"{unreported} not reported"] if unreported else [])


def judge_files(folder: Path, seconds: int = SECONDS) -> list[str]:
    """Return what is wrong with the saved files, of videos of so many seconds.

    Their names begin with what they are. A range is two videos, in one file or in two; of two, the one that
    has the name that was asked for comes last.
    """
    problems: list[str] = []
    video = seconds * RATE
    for path in folder.iterdir():
        if path.suffix == ".part":
            continue
        second = path.with_stem(f"{path.stem}_2")
        wanted: tuple[int, ...] = {"picture": (1,), "range": (2 * video,)}.get(
            path.name.partition("-")[0], (video,)
        )
        if path.stem.endswith("_2") or second.exists():
            wanted = (video, 2 * video)
        if (found := _frames(path)) not in wanted:
            problems.append(f"{path.name}: {found} frames")
    return problems


def leftovers(folder: Path) -> list[str]:
    """Return the files that were begun and not finished."""
    return [path.name for path in folder.iterdir() if path.suffix == ".part"]


def _frames(path: Path) -> int:
    try:
        with av.open(path, "r") as container:
            return sum(1 for _ in container.decode(video=0))
    except av.FFmpegError, IndexError:
        return -1
