"""Fixtures: an index in a folder that it has to make itself."""

from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.index.store import RecordingIndex

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the index is."""
    return tmp_path / "new folder" / "index.db"


@pytest.fixture
def index(path: Path) -> Generator[RecordingIndex]:
    """Return an open index."""
    index = RecordingIndex(path)
    index.file.open()
    yield index
    index.file.close()
