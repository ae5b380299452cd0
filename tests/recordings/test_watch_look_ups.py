"""However many recordings go on by what a camera lists, a poll asks for few of them one by one."""

from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.recordings.watch import RecordingWatch
from custom_components.axis_recordings.vapix import (
    RecordingKey,
    bounds,
    client as client_module,
)
from tests.camera import Camera, CameraServer, Quirks
from tests.crowd import crowd

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

MANY = 1200


def end(camera: Camera, ids: list[str]) -> None:
    """Let them be over."""
    for recording_id in ids:
        camera.recordings.remove(recording_id)


@pytest.mark.parametrize("in_window", [True, False])
async def test_many_go_on(
    freezer: FrozenDateTimeFactory, connect: Connect, in_window: bool
) -> None:
    """As many are shown as a camera can have; each poll takes some requests, not hundreds."""
    camera = Camera(quirks=Quirks(ongoing_in_window=in_window))
    ids = crowd(camera, MANY)
    async with CameraServer(camera) as server:
        client = connect(server)
        watch = RecordingWatch(client)
        for _ in range(4):
            # A walk finds what no window shows.
            watch.suspect(RecordingKey("SD_DISK", each) for each in ids)
            before = len(server.requests)
            snapshot = await watch.poll()
            assert len(server.requests) - before < 120
            freezer.tick(10)
        assert len(snapshot.ongoing) == bounds.MOST_ONGOING
        assert snapshot.total == MANY
        assert "ongoing recordings" in client.bounds.take_news()


@pytest.mark.parametrize("old", [0, 600])
async def test_many_went_on(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    old: int,
) -> None:
    """Those that are among the newest are found in the list, the others bit by bit; all are over in the end."""
    monkeypatch.setattr(client_module, "MOST_LISTED", 500)
    camera = Camera()
    ids = crowd(camera, 600, old=old)
    async with CameraServer(camera) as server:
        client = connect(server)
        watch = RecordingWatch(client)
        watch.suspect(RecordingKey("SD_DISK", each) for each in ids)
        await watch.poll()
        assert len(watch._suspects) <= bounds.MOST_ONGOING
        end(camera, ids[:-1])
        for _ in range(12):
            freezer.tick(10)
            before = len(server.requests)
            snapshot = await watch.poll()
            assert len(server.requests) - before < 120
        assert {each.recording_id for each in snapshot.ongoing} <= {ids[-1]}
        assert not watch._suspects
