"""A sample of `tests.bench.kill`: a process that is ended at a random moment. The comparison itself can fail."""

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from pytest_socket import socket_allow_hosts

from tests.bench.kill.process import try_seed
from tests.bench.kill.reported import Line, judge_files, leftovers, lives, once
from tests.exactly_once import Reported

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = (1, 6, 7)


@pytest.fixture
def _processes() -> None:
    """Let other processes be started, which takes sockets of the system."""
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)


@pytest.mark.usefixtures("_processes")
async def test_sample() -> None:
    """Nothing is lost or reported twice but what was being reported, and no file is left that is not whole."""
    trials = await asyncio.gather(*map(try_seed, SEEDS))
    for seed, (trial, problems) in zip(SEEDS, trials, strict=True):
        assert not problems, seed
        assert trial.report.events.total(), seed


def lines(*names: str) -> list[Line]:
    """Return what was reported in a life."""
    return [Line(Reported("started", "SD_DISK", name)) for name in names]


def test_reported_again() -> None:
    """Only the last thing before an end may be the first one after it as well."""
    assert once([lines("a", "b"), lines("b", "c")]) == (
        [each.reported for each in lines("a", "b", "c")],
        1,
    )
    assert once([lines("a", "b"), [], lines("b")])[1] == 1
    for wrong in (
        [lines("a", "b"), lines("a", "c")],
        [lines("a", "b"), lines("c", "b")],
        [lines("a", "a")],
    ):
        reported, again = once(wrong)
        assert not again
        assert len(reported) > len({*reported})


def test_lives(tmp_path: Path) -> None:
    """Each begins with a word of its own."""
    path = tmp_path / "reported"
    assert lives(path) == []
    reported = ("started", "SD_DISK", "a")
    words = (
        ["begun"],
        ["ready"],
        reported,
        ["begun"],
        [*reported, "event.camera", 7.0],
    )
    path.write_text("".join(f"{json.dumps(each)}\n" for each in words))
    assert lives(path) == [
        [Line(Reported(*reported))],
        [Line(Reported(*reported), "event.camera", 7)],
    ]


def test_files_that_are_not_whole(tmp_path: Path) -> None:
    """What looks like a video has to be one."""
    (tmp_path / "mp4-1.mp4").write_bytes(b"")
    (tmp_path / "original-1.mkv").write_bytes(b"video")
    (tmp_path / ".mp4-2.part").write_bytes(b"video")
    assert sorted(judge_files(tmp_path)) == [
        "mp4-1.mp4: -1 frames",
        "original-1.mkv: -1 frames",
    ]
    assert leftovers(tmp_path) == [".mp4-2.part"]
