"""Walking a list: each recording once, whatever the camera counts from, also when the list moves."""

from contextlib import aclosing
from datetime import timedelta
import gc
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingPage,
    RecordingQuery,
    VapixClient,
)
from tests.camera import Camera, CameraServer, Quirks

from .scripted import xml

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from .conftest import Connect
    from .scripted import ScriptedServer

ALL = RecordingQuery(recording_id="all")
OLDEST_FIRST = RecordingQuery(recording_id="all", oldest_first=True)

base = pytest.mark.parametrize("base", [0, 1])


def ids(camera: Camera) -> list[str]:
    """Return all ids, newest first."""
    return [each.recording_id for each in camera.recordings]


async def walk(
    pages: AsyncGenerator[RecordingPage],
    happen: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """Return the ids of all pages; something may happen after each."""
    found: list[str] = []
    number = 0
    async with aclosing(pages):
        async for page in pages:
            number += 1
            found += [each.recording_id for each in page.recordings]
            happen(number)
    return found


def quirks(base: int, **others: Any) -> Quirks:
    """Return a camera's ways to count."""
    return Quirks(first_result_number=base, **others)  # type: ignore[arg-type]


@base
@pytest.mark.parametrize("limit", [None, 1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 11, 20, 23])
async def test_each_recording_once(
    connect: Connect, base: int, limit: int | None, count: int
) -> None:
    """In the camera's order, also if it sends smaller pages than asked for."""
    camera = Camera(recordings=count, quirks=quirks(base, page_limit=limit))
    async with CameraServer(camera) as server:
        client = connect(server)
        assert await walk(client.pages(ALL, page_size=10)) == ids(camera)
        assert await walk(client.pages(OLDEST_FIRST, page_size=10)) == ids(camera)[::-1]
        for size in (1, 2):
            assert await walk(client.pages(ALL, page_size=size)) == ids(camera)


@base
async def test_requests(connect: Connect, base: int) -> None:
    """No more of them than the overlap takes."""
    camera = Camera(recordings=1000, quirks=quirks(base))
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        for size, requests in ((100, 11), (1000, 1), (2000, 1), (500, 3)):
            before = len(server.requests)
            await walk(client.pages(ALL, page_size=size))
            assert len(server.requests) - before == requests


@base
@pytest.mark.parametrize("limit", [None, 1, 3, 30])
async def test_longer_and_longer_pages(
    connect: Connect, base: int, limit: int | None
) -> None:
    """Whoever reads on gets more at a time, and each recording once."""
    camera = Camera(recordings=300, quirks=quirks(base, page_limit=limit))
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        for size, longest in ((1, 500), (3, 100), (20, 30), (20, 20)):
            before = len(server.requests)
            pages = client.pages(ALL, page_size=size, longest=longest)
            assert await walk(pages) == ids(camera)
            if limit is None and longest >= 100:
                assert len(server.requests) - before <= 10


@base
async def test_list_without_counters(
    scripted: ScriptedServer, connect: Connect, base: int
) -> None:
    """Without counters the walk ends where nothing more comes."""
    pages = [
        [0, 1, 2],
        [2, 3, 4] if base == 0 else [1, 2, 3],
        [4] if base == 0 else [3, 4],
        [] if base == 0 else [4],
        [],
    ]
    scripted.answers = [
        xml(
            "<recordings>"
            + "".join(f'<recording recordingid="{each}"/>' for each in page)
            + "</recordings>"
        )
        for page in pages
    ]
    assert await walk(connect(scripted).pages(ALL, page_size=3)) == list("01234")


@base
@pytest.mark.parametrize("order", [ALL, OLDEST_FIRST])
async def test_list_grows(connect: Connect, base: int, order: RecordingQuery) -> None:
    """What was there at the beginning comes once; what is new may come or not."""
    camera = Camera(recordings=60, quirks=quirks(base))
    before = ids(camera)

    def start(number: int) -> None:
        if number < 10:
            camera.start_recording()
            camera.start_recording()

    async with CameraServer(camera) as server:
        found = await walk(connect(server).pages(order, page_size=10), start)
    assert len(found) == len(set(found))
    assert set(before) <= set(found)


@base
@pytest.mark.parametrize("order", [ALL, OLDEST_FIRST])
@pytest.mark.parametrize("removed", [1, 5, 9, 10, 25])
async def test_list_shrinks_behind(
    connect: Connect, base: int, order: RecordingQuery, removed: int
) -> None:
    """What is removed where the walk has been moves the rest, of which nothing is passed over."""
    camera = Camera(recordings=150, quirks=quirks(base))
    everything = ids(camera) if order is ALL else ids(camera)[::-1]

    def remove(number: int) -> None:
        if number in (4, 6, 11):
            for each in [each for each in everything if camera.recordings.find(each)][
                :removed
            ]:
                camera.remove_recording(each)

    async with CameraServer(camera) as server:
        found = await walk(connect(server).pages(order, page_size=10), remove)
    assert found == everything


@base
async def test_list_shrinks_ahead(connect: Connect, base: int) -> None:
    """What is removed before the walk gets there is not in it."""
    camera = Camera(recordings=90, quirks=quirks(base))
    everything = ids(camera)

    def remove(number: int) -> None:
        if number == 2:
            for each in everything[15:]:
                camera.remove_recording(each)

    async with CameraServer(camera) as server:
        found = await walk(connect(server).pages(ALL, page_size=10), remove)
    assert found[:15] == everything[:15]
    assert len(found) < 25


@base
async def test_everything_is_removed(connect: Connect, base: int) -> None:
    """The walk ends."""
    camera = Camera(recordings=50, quirks=quirks(base))

    def remove(number: int) -> None:
        for each in ids(camera):
            camera.remove_recording(each)

    async with CameraServer(camera) as server:
        assert len(await walk(connect(server).pages(ALL, page_size=10), remove)) == 10


@base
async def test_list_is_exchanged(connect: Connect, base: int) -> None:
    """Where nothing is left of what was seen, the walk begins anew with what is there."""
    camera = Camera(recordings=60, quirks=quirks(base))
    everything = ids(camera)

    def remove(number: int) -> None:
        if number == 1:
            for each in everything[:10]:
                camera.remove_recording(each)

    async with CameraServer(camera) as server:
        found = await walk(connect(server).pages(ALL, page_size=10), remove)
    assert found == everything


async def test_number_is_ignored(camera: Camera, client: VapixClient) -> None:
    """A camera that always sends the first page does not send the walk round forever."""
    asked = 0
    fetch = client.fetch_recordings

    async def ignore(
        query: RecordingQuery, *, first: int | None = None
    ) -> RecordingPage:
        nonlocal asked
        asked += 1
        return await fetch(query)

    client.fetch_recordings = ignore  # type: ignore[method-assign]
    assert await walk(client.pages(ALL, page_size=3)) == ids(camera)[:3]
    assert asked <= 4


async def test_number_is_ignored_without_counters(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """There the repetition alone tells."""
    scripted.answers = [
        xml('<recordings><recording recordingid="1"/></recordings>'),
    ]
    assert await walk(connect(scripted).pages(ALL)) == ["1"]
    assert len(scripted.requests) <= 4


@base
@pytest.mark.parametrize("limit", [None, 2])
@pytest.mark.parametrize("offset", [1, 2, 10, 23, 24])
async def test_offset(
    connect: Connect, base: int, limit: int | None, offset: int
) -> None:
    """Exactly so many are passed over, in either order."""
    camera = Camera(recordings=23, quirks=quirks(base, page_limit=limit))
    async with CameraServer(camera) as server:
        client = connect(server)
        for size in (10, 1):
            pages = client.pages(ALL, page_size=size, offset=offset)
            assert await walk(pages) == ids(camera)[offset:]
        pages = client.pages(OLDEST_FIRST, page_size=10, offset=offset)
        assert await walk(pages) == ids(camera)[::-1][offset:]


@base
@pytest.mark.parametrize("count", [0, 1, 2])
async def test_offset_in_a_short_list(connect: Connect, base: int, count: int) -> None:
    """With so few, too, and again when there are more."""
    camera = Camera(recordings=count, quirks=quirks(base))
    async with CameraServer(camera) as server:
        client = connect(server)
        for offset in (1, 2):
            assert await walk(client.pages(ALL, offset=offset)) == ids(camera)[offset:]
        start = camera.clock.now()
        for minute in range(5):
            camera.add_recording(start - timedelta(minutes=minute), start)
        for offset in (1, 3):
            assert await walk(client.pages(ALL, offset=offset)) == ids(camera)[offset:]


@base
async def test_offset_while_the_list_moves(connect: Connect, base: int) -> None:
    """A list that moves while the camera's way to count is tried out teaches nothing wrong."""
    camera = Camera(recordings=9, quirks=quirks(base))
    async with CameraServer(camera) as server:
        client = connect(server)
        fetch = client.fetch_recordings

        async def move(
            query: RecordingQuery, *, first: int | None = None
        ) -> RecordingPage:
            page = await fetch(query, first=first)
            if query.oldest_first:
                camera.remove_recording(ids(camera)[-1])
            return page

        client.fetch_recordings = move  # type: ignore[method-assign]
        await walk(client.pages(ALL, offset=1))
        client.fetch_recordings = fetch  # type: ignore[method-assign]
        assert await walk(client.pages(ALL, offset=2)) == ids(camera)[2:]


@base
async def test_offset_asks_how_the_camera_counts_only_once(
    connect: Connect, base: int
) -> None:
    """Then a page costs one request."""
    camera = Camera(recordings=50, quirks=quirks(base))
    async with CameraServer(camera) as server:
        client = connect(server)
        await walk(client.pages(ALL, page_size=50, offset=20))
        before = len(server.requests)
        await walk(client.pages(ALL, page_size=50, offset=20))
        assert len(server.requests) == before + 1


async def test_camera_that_counts_otherwise_with_new_software(connect: Connect) -> None:
    """It is found out again once the camera was away."""
    camera = Camera(recordings=50, quirks=quirks(0))
    async with CameraServer(camera) as server:
        client = connect(server)
        for counts_from in (0, 1, 0):
            camera.quirks = quirks(counts_from)
            assert await walk(client.pages(ALL, offset=20)) == ids(camera)[20:]
            client.doubt()


@base
async def test_filters_hold_on_each_page(connect: Connect, base: int) -> None:
    """The walk goes through what matches."""
    camera = Camera(recordings=300, quirks=quirks(base))
    everything = list(camera.recordings)
    since = everything[70].start
    query = RecordingQuery(start=since, event_id="Motion Recording")
    async with CameraServer(camera) as server:
        found = await walk(connect(server).pages(query, page_size=10))
    assert found == [
        each.recording_id
        for each in everything
        if each.event_id == "Motion Recording"
        and each.stop is not None
        and each.stop >= since
    ]


async def test_memory_is_bounded(connect: Connect) -> None:
    """A walk through thousands of recordings holds a few pages."""
    camera = Camera(recordings=3000)
    number = held = 0
    async with CameraServer(camera) as server:
        async for page in connect(server).pages(ALL, page_size=100):
            number += len(page.recordings)
            del page
            alive = sum(isinstance(each, Recording) for each in gc.get_objects())
            held = max(held, alive)
    assert number == 3000
    assert held <= 300
