"""Faults between the camera and its clients."""

import asyncio
from datetime import UTC, datetime, timedelta
import re
import time

import aiohttp
import pytest

from tests.camera import Camera, CameraServer, Fault

from .caller import Caller, Serve, plain

NOON = datetime(2025, 10, 20, 12, tzinfo=UTC)
LIST = "record/list.cgi"
PROMPTLY = 2.0


def with_two() -> Camera:
    """Make a camera with two recordings."""
    camera = plain()
    for minutes in (0, 10):
        start = NOON + timedelta(minutes=minutes)
        camera.add_recording(
            start, start + timedelta(minutes=5), recording_id=f"at{minutes}"
        )
    return camera


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        (Fault.UNAVAILABLE, 503, "text/html", b"<h1>503 Service Unavailable</h1>"),
        (Fault.UNAUTHORIZED, 401, "text/html", b"<h1>401 Unauthorized</h1>"),
        (Fault.FORBIDDEN, 403, "text/html", b"<h1>403 Forbidden</h1>"),
        (Fault.NOT_FOUND, 404, "text/html", b"<h1>404 Not Found</h1>"),
        (Fault.REDIRECT, 302, "text/html", b"<h1>302 Found</h1>"),
        (Fault.HTML, 200, "text/html", b"<html>"),
        (Fault.EMPTY, 200, "text/xml", b""),
        (Fault.STATUS, 500, "text/html", b"Something is wrong."),
        (Fault.ERROR, 200, "text/xml", b'result="ERROR" errormsg="Internal error"'),
        (Fault.WRONG_CONTENT_TYPE, 200, "application/octet-stream", b"<recording "),
    ],
)
async def test_answers(
    serve: Serve,
    fault: Fault,
    status: int,
    content_type: str,
    body: bytes,
) -> None:
    """Each fault gives its answer, as often as it was asked to."""
    camera = with_two()
    camera.faults.set(LIST, fault, times=2)
    async with serve(camera) as caller:
        for _ in range(2):
            reply = await caller.list(recordingid="all")
            assert reply.status == status
            assert reply.headers["Content-Type"].startswith(content_type)
            assert body in reply.body
        assert (await caller.list(recordingid="all")).ids == ["at10", "at0"]
        assert caller.server.requests[0].status == status


async def test_which_cgi(serve: Serve) -> None:
    """A fault hits one CGI or all, until it is cleared; a challenge does not use it up."""
    camera = with_two()
    camera.faults.set(LIST, Fault.FORBIDDEN, times=1)
    async with serve(camera) as caller:
        assert (await caller.request("GET", LIST)).status == 401
        assert (await caller.get("usergroup.cgi")).status == 200
        assert (await caller.list()).status == 403
        camera.faults.set("*", Fault.NOT_FOUND)
        camera.faults.set(LIST, Fault.FORBIDDEN)
        assert (await caller.get("usergroup.cgi")).status == 404
        assert (await caller.list()).status == 403
        camera.faults.clear(LIST)
        assert (await caller.list()).status == 404
        camera.faults.clear()
        assert (await caller.list()).status == 200


async def test_spoilt_lists(serve: Serve) -> None:
    """Lists may lack attributes, hold a bad time, or tell a recording twice."""
    camera = with_two()
    async with serve(camera) as caller:
        camera.faults.set(
            LIST, Fault.MISSING_ATTRIBUTES, attributes=("stoptime", "eventid")
        )
        reply = await caller.list(recordingid="all")
        assert not re.search(r' (stoptime|eventid)="', reply.text)
        assert 'stoptimelocal="' in reply.text
        camera.faults.set(LIST, Fault.BAD_TIME)
        reply = await caller.list(recordingid="all")
        assert [recording["@starttime"] for recording in reply.recordings] == [
            "2025-10-20T010:30:30Z",
            "2025-10-20T12:00:00.000000Z",
        ]
        camera.faults.set(LIST, Fault.DUPLICATE_IDS)
        reply = await caller.list(recordingid="all")
        assert (reply.ids, reply.counters) == (["at10", "at10", "at0"], (2, 2))
        camera.faults.set(
            "disks/list.cgi", Fault.MISSING_ATTRIBUTES, attributes=("freesize",)
        )
        assert "freesize" not in (await caller.get("disks/list.cgi", diskid="all")).text


async def test_replaced(serve: Serve) -> None:
    """Whatever a pattern matches may be anything else, also in a list that is streamed."""
    camera = plain(recordings=1000)
    async with serve(camera) as caller:
        camera.faults.set(
            LIST, Fault.REPLACED, pattern=r"(?<=eventid=)\"[^\"]*\"", message='"\\1"'
        )
        reply = await caller.list(recordingid="all")
        assert {recording["@eventid"] for recording in reply.recordings} == {r"\1"}
        assert len(reply.ids) == 1000


async def test_lists_of_nothing(serve: Serve) -> None:
    """An answer may hold nothing, whatever there is."""
    camera = with_two()
    async with serve(camera) as caller:
        camera.faults.set(LIST, Fault.NO_RECORDINGS, times=1)
        reply = await caller.list(recordingid="all")
        assert (reply.ids, reply.counters) == ([], (0, 0))
        camera.faults.set(LIST, Fault.BARE_ROOT, times=1)
        assert (await caller.list(recordingid="all")).text.endswith("<root/>\n")
        assert (await caller.list(recordingid="all")).counters == (2, 2)


async def test_spoilt_long_lists(serve: Serve) -> None:
    """A list that is streamed is spoilt in the same way."""
    camera = plain(recordings=1000)
    async with serve(camera) as caller:
        camera.faults.set(LIST, Fault.DUPLICATE_IDS)
        ids = (await caller.list(recordingid="all")).ids
        assert (len(ids), len(set(ids))) == (1001, 1000)
        camera.faults.set(LIST, Fault.MISSING_ATTRIBUTES, attributes=("recordingid",))
        assert "recordingid=" not in (await caller.list(recordingid="all")).text


@pytest.mark.parametrize(("after_effect", "number"), [(False, 0), (True, 1)])
@pytest.mark.parametrize(
    "fault", [Fault.RESET, Fault.TIMEOUT, Fault.UNAVAILABLE, Fault.EMPTY]
)
async def test_effect_without_answer(
    serve: Serve,
    fault: Fault,
    after_effect: bool,
    number: int,
) -> None:
    """A command may take effect although its answer is lost."""
    camera = plain()
    camera.faults.set("record/record.cgi", fault, times=1, after_effect=after_effect)
    async with serve(camera) as caller:
        # aiohttp sends a GET again by itself when its connection is lost, even a command.
        caller.session._retry_connection = False
        try:
            async with asyncio.timeout(0.3):
                reply = await caller.get("record/record.cgi", diskid="SD_DISK")
        except aiohttp.ClientOSError:
            assert fault == Fault.RESET
            assert caller.server.requests[-1].status is None
        except TimeoutError:
            assert fault == Fault.TIMEOUT
            assert caller.server.requests[-1].status is None
        else:
            assert "result=" not in reply.text
        assert len(camera.recordings) == number


async def test_reset_is_a_reset(serve: Serve) -> None:
    """The peer sees a reset, not an orderly end."""
    camera = plain()
    camera.faults.set("systemready.cgi", Fault.RESET)
    async with serve(camera) as caller:
        reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
        writer.write(b"POST /axis-cgi/systemready.cgi HTTP/1.1\r\nHost: camera\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


@pytest.mark.parametrize("number", [2, 1000])
async def test_truncated(serve: Serve, number: int) -> None:
    """An answer that stops half way is seen as such."""
    camera = plain(recordings=number)
    camera.faults.set(LIST, Fault.TRUNCATED, keep=0.5)
    async with serve(camera) as caller:
        with pytest.raises(aiohttp.ClientPayloadError):
            await caller.list(recordingid="all")


async def test_slow(serve: Serve) -> None:
    """A slow answer arrives whole, in drops."""
    camera = with_two()
    camera.faults.set(LIST, Fault.SLOW, times=1, step=400, delay=0.05)
    async with serve(camera) as caller:
        start = time.perf_counter()
        assert (await caller.list(recordingid="all")).ids == ["at10", "at0"]
        assert time.perf_counter() - start > 0.15


async def test_huge(serve: Serve) -> None:
    """A huge answer is made while it is read."""
    camera = plain()
    camera.faults.set("*", Fault.HUGE, size=20_000_000)
    async with serve(camera) as caller:
        reply = await caller.list(recordingid="all")
        assert 19_000_000 < len(reply.body) < 21_000_000
        assert len(reply.body.splitlines()) > 200_000


async def test_entity_bomb(serve: Serve) -> None:
    """The bomb is small until somebody lights it."""
    camera = plain()
    camera.faults.set("*", Fault.ENTITY_BOMB)
    async with serve(camera) as caller:
        reply = await caller.list(recordingid="all")
        assert reply.headers["Content-Type"] == "text/xml"
        assert b'<!ENTITY l10 "&l9;' in reply.body
        assert len(reply.body) < 2000


async def test_closing_is_prompt(session: aiohttp.ClientSession) -> None:
    """Nothing that hangs, dribbles or streams keeps the server from closing."""
    camera = plain(recordings=100_000)
    server = CameraServer(camera)
    await server.start()
    caller = Caller(session, server)
    camera.faults.set("usergroup.cgi", Fault.TIMEOUT)
    camera.faults.set("param.cgi", Fault.SLOW, delay=30)
    hanging = [
        asyncio.ensure_future(request)
        for request in (
            caller.get("usergroup.cgi"),
            caller.get("param.cgi", action="list"),
            caller.list(recordingid="all"),
        )
    ]
    await asyncio.sleep(0.1)
    assert server.connections == 3
    start = time.perf_counter()
    await server.close()
    assert time.perf_counter() - start < PROMPTLY
    results = await asyncio.gather(*hanging, return_exceptions=True)
    assert all(isinstance(result, aiohttp.ClientError | OSError) for result in results)
    assert server.connections == 0


async def test_client_that_leaves(serve: Serve) -> None:
    """A client that gives up leaves no connection behind."""
    camera = plain()
    camera.faults.set("*", Fault.TIMEOUT)
    async with serve(camera) as caller:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await caller.list()
        await asyncio.sleep(0.05)
        assert caller.server.connections == 0
