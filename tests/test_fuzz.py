"""Changed answers of cameras: a sample of `python -m tests.bench.fuzz`."""

from typing import TYPE_CHECKING, Final

from .bench.fuzz import readers, videos
from .bench.fuzz.watchers import MOST_GROWTH, MemoryWatcher

if TYPE_CHECKING:
    import pytest

LONGEST_BLOCK: Final = 5.0
"""The bench watches the event loop closely; a measured test run is no place for that."""
VIDEO_GROWTH: Final = 2 * MOST_GROWTH
"""The videos of the simulated cameras, drawn and encoded, are kept meanwhile."""


async def test_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that reads answers and events takes them, or says what is wrong with them."""
    monkeypatch.setattr(readers, "LONGEST_BLOCK", LONGEST_BLOCK)
    assert await readers.fuzz_readers(range(1, 4)) == 0


async def test_videos(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Videos are played, cut, saved and viewed, or it is said what is wrong with them."""
    monkeypatch.setattr(videos, "LONGEST_BLOCK", LONGEST_BLOCK)
    memory = MemoryWatcher()
    memory.growth()
    await videos.work(range(1, 12))
    out = capsys.readouterr().out
    assert "FAULT" not in out
    assert out.count("outcome done") > 0
    assert memory.growth() < VIDEO_GROWTH
