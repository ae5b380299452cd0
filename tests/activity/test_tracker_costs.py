"""What polls and walks cost beside the requests: threads, transactions, and memory."""

import asyncio
from collections import Counter
from contextlib import closing
from datetime import timedelta
import gc
import sqlite3
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from custom_components.axis_recordings.activity import audit
from custom_components.axis_recordings.index.file import IndexFile
from custom_components.axis_recordings.vapix import Recording, RecordingKey
from tests.camera import Camera, CameraServer

from .follower import Follower

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from custom_components.axis_recordings.vapix import VapixClient

    from .conftest import Connect


class Costs(Counter[str]):
    """Counts what is done in threads, by its name, and ``transactions``."""

    async def of_a_poll(
        self, follower: Follower, freezer: FrozenDateTimeFactory
    ) -> dict[str, int]:
        """Poll once, and return what that costs."""
        freezer.tick(10)
        self.clear()
        await follower.tracker.process(await follower.watch.poll())
        return dict(self)


@pytest.fixture
async def follower(
    camera: Camera, server: CameraServer, connect: Connect, tmp_path: Path
) -> AsyncGenerator[Follower]:
    """Return a client that knows what is on the camera."""
    follower = Follower(camera, connect(server), tmp_path / "ledger.db")
    await follower.start()
    yield follower
    await follower.stop()


@pytest.fixture
def costs() -> Generator[Costs]:
    """Count from now on."""
    counts = Costs()
    in_thread, transaction = asyncio.to_thread, IndexFile.transaction

    async def note_thread(work: Callable[..., Any], *args: Any) -> Any:
        counts[work.__name__] += 1
        return await in_thread(work, *args)

    def note_transaction(
        file: IndexFile,
    ) -> AbstractContextManager[sqlite3.Connection]:
        counts["transactions"] += 1
        return transaction(file)

    with (
        patch.object(asyncio, "to_thread", note_thread),
        patch.object(IndexFile, "transaction", note_transaction),
    ):
        yield counts


async def test_polls(
    follower: Follower, camera: Camera, freezer: FrozenDateTimeFactory, costs: Costs
) -> None:
    """What is news takes one question and one transaction, and what is not takes nothing."""
    one_change = {"look_up": 1, "apply": 1, "transactions": 1}
    await costs.of_a_poll(follower, freezer)
    assert await costs.of_a_poll(follower, freezer) == {}
    recording_id = camera.start_recording()
    assert await costs.of_a_poll(follower, freezer) == one_change
    # Another list is looked up, and the same one is not.
    for nothing in ({"look_up": 1}, {}, {}):
        found = await costs.of_a_poll(follower, freezer)
        assert found in ({}, nothing)
    others = [camera.start_recording() for _ in range(3)]
    assert await costs.of_a_poll(follower, freezer) == one_change
    for each in (recording_id, *others):
        camera.end_recording(each)
    assert await costs.of_a_poll(follower, freezer) == one_change
    assert len(follower.ledger.pending()) == 8
    camera.remove_recording(recording_id)
    found = await costs.of_a_poll(follower, freezer)
    assert found["transactions"] == 1
    assert found["apply"] == 1


async def test_memory_of_a_walk(
    connect: Connect,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It remembers numbers: thousands of objects would keep Python busy with looking through them."""
    monkeypatch.setattr(audit, "WALK_PAGE_SIZE", 50)
    camera = Camera(recordings=2000)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        await follower.start()
        freezer.tick(timedelta(days=1))
        # Else a part of the list would do.
        camera.miscount = 1
        most = 0
        pages = follower.client.pages

        async def note_pages(*args: Any, **kwargs: Any) -> Any:
            nonlocal most
            async for page in pages(*args, **kwargs):
                yield page
                kinds = Counter(map(type, gc.get_objects()))
                most = max(most, kinds[RecordingKey] + kinds[Recording])

        client: VapixClient = follower.client
        with patch.object(client, "pages", note_pages):
            await follower.tracker.walk()
        # The last pages are remembered to find the way back, where the list moves.
        assert 0 < most < 1000
        assert follower.reported == []
        await follower.stop()


async def test_tracks_become_known(
    follower: Follower, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """Of a file of version 1, with the next walk, and that is no news."""
    recording_id = camera.start_recording()
    freezer.tick(10)
    await follower.poll()
    follower.activities.clear()
    await follower.stop()
    with closing(sqlite3.connect(follower.path)) as db:
        db.execute("UPDATE recordings SET layout = NULL")
        db.commit()
    await follower.start()
    assert not any(each.recording.video for each in every_known(follower))
    freezer.tick(10)
    await follower.poll()
    await follower.tracker.walk()
    assert all(each.recording.video for each in every_known(follower))
    assert follower.reported == []
    camera.end_recording(recording_id)
    freezer.tick(10)
    await follower.poll()
    assert [each.kind for each in follower.reported] == ["finished"]


def every_known(follower: Follower) -> list[Any]:
    """Return all known recordings."""
    index = follower.ledger.index
    found = [each for disk_id in index.counts for each in index.on_disk(disk_id)]
    assert found
    return found
