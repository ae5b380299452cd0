"""How often, and how much, of the whole list is read."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.activity.audit import WALK_PAGE_SIZE
from tests.camera import Camera, CameraServer

from .follower import Follower
from .many import NOW, Many, followed, make_camera, remember

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from custom_components.axis_recordings.vapix import RecordingKey
    from tests.camera import Exchange

    from .conftest import Connect

LIST = "/axis-cgi/record/list.cgi"
NUMBER = 1300
PARTS = 3


@pytest.fixture
async def many(
    tmp_path: Path, connect: Connect, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[Many]:
    """Return a camera with three pages of recordings, all of which are known."""
    freezer.move_to(NOW)
    camera = make_camera(NUMBER)
    remember(camera, tmp_path / "ledger.db")
    async with followed(camera, tmp_path / "ledger.db", connect, freezer) as many:
        yield many


def pages(requests: list[Exchange]) -> int:
    """Return how many long pages were read."""
    size = str(WALK_PAGE_SIZE)
    return sum(each.query.get("maxnumberofresults") == size for each in requests)


async def look(many: Many) -> list[Exchange]:
    """Do what is done each day, and return what is asked for that."""
    many.take_requests()
    await many.follower.tracker.walk()
    return many.take_requests()


async def test_one_request_a_day(many: Many) -> None:
    """While all adds up, though something goes on."""
    many.camera.start_recording()
    await many.poll(times=4)
    for _ in range(PARTS):
        (request,) = await look(many)
        assert request.path == LIST
        await many.poll(after=timedelta(hours=23).total_seconds())
    assert not pages(many.take_requests())


async def test_all_is_read_in_some_days(many: Many) -> None:
    """Whatever has changed of a recording, and shows in no count, is known then."""
    camera = many.camera
    for each in list(camera.recordings)[::100]:
        camera.recordings.put(replace(each, event_id="Renamed"))
    for _ in range(PARTS):
        await look(many)
        await many.poll(after=timedelta(hours=23).total_seconds())
        many.freezer.tick(timedelta(hours=1))
    known = many.follower.ledger.index.on_disk("SD_DISK")
    renamed = [each for each in known if each.recording.event_id == "Renamed"]
    assert len(renamed) == NUMBER // 100
    assert not many.reported


async def test_pages_that_are_shorter(many: Many) -> None:
    """What is read in a day is as much, with more requests."""
    many.camera.quirks = replace(many.camera.quirks, page_limit=200)
    read = 0
    for _ in range(PARTS):
        requests = await look(many)
        read += len(requests)
        await many.poll(after=timedelta(hours=23).total_seconds())
    # Two parts take three pages each, and the shorter one two.
    assert read == 3 + 3 + 2


async def test_oldest_start_within_an_hour(many: Many) -> None:
    """A clean-up that removes nothing moves it, and no count tells."""
    camera = many.camera
    oldest = list(camera.recordings)[-1]
    camera.recordings.put(replace(oldest, start=oldest.start + timedelta(seconds=9)))
    for _ in range(13):
        await many.poll(after=300)
    (known,) = many.follower.ledger.index.named([oldest.recording_id])
    assert known.recording.start == oldest.start + timedelta(seconds=9)
    assert not pages(many.take_requests())


@pytest.mark.parametrize(("gone", "begun"), [(1, 0), (0, 1), (1, 1), (2, 1)])
async def test_count_that_is_not_that_of_the_last_poll(
    many: Many, gone: int, begun: int
) -> None:
    """Nothing is walked for that."""
    wanted = many.remove(*range(600, 600 + gone))
    wanted += [("started", many.camera.start_recording()) for _ in range(begun)]
    assert pages(await look(many)) == 1
    await many.poll()
    assert many.reported == sorted(wanted)
    assert not pages(many.take_requests())


async def test_exchanged_for_a_card_with_as_many(many: Many) -> None:
    """No count shows that, but any page does: what was on the former one has not been removed."""
    camera = many.camera
    other = make_camera(NUMBER, seed=2)
    camera.swap_card("SD_DISK", other.recordings)
    await many.poll()
    await look(many)
    await many.poll(times=3)
    known = {key.recording_id for key in keys(many.follower)}
    assert known == {each.recording_id for each in camera.recordings}
    assert not many.reported


async def test_count_that_says_nothing(many: Many) -> None:
    """Where it is off, the whole list is read each day, as there is no other way to know."""
    many.camera.miscount = 5
    await many.poll(times=2)
    # The first walk does not explain it, and the second one shows that it stays so.
    assert pages(many.take_requests()) == 2 * PARTS
    assert pages(await look(many)) == 1 + PARTS


async def test_not_whole_while_it_is_walked_through(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the part of a day shows that something is missing, not all is known before the walk is over."""
    tracker = many.follower.tracker
    assert tracker.whole_disks
    read = many.follower.client.pages
    shown: list[object] = []

    async def pages(*args: Any, **more: Any) -> AsyncGenerator[Any]:
        shown.append(tracker.whole_disks)
        async for page in read(*args, **more):
            yield page

    monkeypatch.setattr(many.follower.client, "pages", pages)
    monkeypatch.setattr(many.follower.tracker._known, "tolerated", 1)
    await tracker.walk()
    assert shown == [None]
    assert tracker.whole_disks


async def test_walked_once(
    connect: Connect, tmp_path: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Neither a poll in the middle of a walk leads to another one, nor a restart after it."""
    camera = Camera(recordings=NUMBER, nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        freezer.tick(600)
        watching = True

        def note(exchange: Exchange) -> None:
            nonlocal watching
            if watching and exchange.query.get("startatresultnumber"):
                watching = False
                camera.end_recording(camera.start_recording())

        server.request_listeners.append(note)
        await follower.start()
        assert not watching
        for _ in range(3):
            freezer.tick(10)
            await follower.poll()
        for _ in range(3):
            await follower.stop()
            freezer.tick(timedelta(hours=5))
            await follower.start()
            await follower.poll()
        walks = [
            each
            for each in server.requests
            if each.query.get("maxnumberofresults") == str(WALK_PAGE_SIZE)
            and "startatresultnumber" not in each.query
        ]
        assert len(walks) == 1
        assert len(keys(follower)) == len(camera.recordings)
        await follower.stop()


async def test_gone_while_its_page_is_under_way(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll finds that out before the walk has come to the page: what that lists is not there any more."""
    many.camera.miscount = 2
    tracker, watch = many.follower.tracker, many.follower.watch
    many.freezer.tick(10)
    await tracker.process(await watch.poll())
    assert tracker.needs_walk
    read = many.follower.client.pages
    gone: list[tuple[str, str]] = []

    async def pages(*args: Any, **more: Any) -> AsyncGenerator[Any]:
        async for page in read(*args, **more):
            if not gone:
                gone.extend(many.remove(50))
                many.freezer.tick(10)
                await tracker.process(await watch.poll())
            yield page

    with monkeypatch.context() as patched:
        patched.setattr(many.follower.client, "pages", pages)
        await tracker.walk()
    await many.poll(times=2)
    assert many.reported == gone
    assert len(keys(many.follower)) == NUMBER - 1


def keys(follower: Follower) -> set[RecordingKey]:
    """Return the names of all known recordings."""
    index = follower.ledger.index
    return {
        each.recording.key
        for disk_id in index.counts
        for each in index.on_disk(disk_id)
    }
