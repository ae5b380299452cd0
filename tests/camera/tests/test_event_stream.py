"""The event stream over WebSocket: log-in, filters and what goes over it."""

import asyncio
from datetime import UTC, datetime, timedelta
import json
import re
from typing import Any

import aiohttp
import pytest

from tests.camera import Account, Camera, CameraServer, Fault, Level, Quirks

from .caller import Caller, Serve, digest, plain
from .listener import (
    DISRUPTION,
    PATH,
    PORT,
    RECORDING,
    listening,
    opened,
    refused,
)

TOKEN = "wssession.cgi"


async def test_notification(serve: Serve) -> None:
    """A notification has the documented shape, to the letter."""
    camera = plain(clock_offset=timedelta(hours=-3))
    async with serve(camera) as caller, listening(caller, PORT) as listener:
        camera.events.emit(
            PORT, {"state": "1"}, source={"port": "1"}, key={}, stateful=True
        )
        reported = await listener.socket.receive_str()
        (event,) = camera.events.history
        milliseconds = int(
            (event.time - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)
        )
        assert reported == (
            '{"apiVersion":"1.0","method":"events:notify","params":{"notification":'
            f'{{"timestamp":{milliseconds},"topic":"tns1:Device/tnsaxis:IO/VirtualPort",'
            '"message":{"source":{"port":"1"},"key":{},"data":{"state":"1"}}}}}'
        )
        assert caller.server.event_streams[0].sent[-1] == reported
        shift = datetime.now(UTC) - datetime.fromtimestamp(milliseconds / 1000, UTC)
        assert abs(shift - timedelta(hours=3)) < timedelta(seconds=5)


async def test_answer(serve: Serve) -> None:
    """The answer repeats context and method; its data are empty."""
    async with serve(plain()) as caller, opened(caller) as listener:
        assert await listener.configure(PORT, context="mine") == {
            "apiVersion": "1.0",
            "context": "mine",
            "method": "events:configure",
            "data": {},
        }
        assert "context" not in await listener.configure(PORT)
        (stream,) = caller.server.event_streams
        assert (stream.user, stream.filters) == ("administrator", [PORT])
        assert (caller.server.event_streams_open, len(stream.requests)) == (1, 2)
    assert stream.close_code == 1000


async def test_nothing_before_configuration(serve: Serve) -> None:
    """Nothing is reported to who has not said what it wants to hear, or hears something else."""
    camera = plain()
    async with serve(camera) as caller, opened(caller) as listener:
        camera.start_recording()
        await listener.hears_nothing()
    async with serve(camera) as caller, listening(caller, DISRUPTION) as listener:
        camera.start_recording()
        await listener.hears_nothing()


@pytest.mark.parametrize("policy", ["digest", "basic", "basic_digest"])
@pytest.mark.parametrize("tls", [False, True])
async def test_log_in(session: aiohttp.ClientSession, policy: Any, tls: bool) -> None:
    """The handshake takes Digest or Basic, as everything else does."""
    async with CameraServer(Camera(auth=policy), tls=tls) as server:
        caller = Caller(session, server)
        caller.user = "viewer"
        if policy == "basic":
            async with opened(caller) as listener:
                assert (await listener.configure(PORT))["data"] == {}
            return
        path = f"{PATH}?sources=events"
        reply = await caller.request("GET", path)
        assert reply.status == 401
        header = digest(reply.headers["WWW-Authenticate"], path)
        async with opened(
            caller, login=False, headers={"Authorization": header}
        ) as listener:
            assert (await listener.configure(PORT))["data"] == {}
        exchange = server.requests[-1]
        assert (exchange.scheme, exchange.user, exchange.status) == (
            "Digest",
            "viewer",
            101,
        )


async def test_wrong_log_in(serve: Serve) -> None:
    """Without credentials or with wrong ones there is a challenge and no stream."""
    camera = plain()
    async with serve(camera) as caller:
        assert await refused(caller, login=False) == 401
        camera.accounts["other"] = Account("other-secret")
        caller.user = "other"
        async with opened(caller):
            pass
        header = caller.authorization
        camera.accounts["other"].password = "changed"
        assert await refused(caller, login=False, headers=header) == 401
        assert len(caller.server.event_streams) == 1


async def test_token(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token stands for a login once, for 15 s."""
    camera = plain()
    async with serve(camera) as caller:
        caller.user = "viewer"
        reply = await caller.get(TOKEN)
        assert reply.headers["Content-Type"] == "text/plain"
        assert re.fullmatch(r"\d{19}", reply.text)
        query = f"wssession={reply.text}&sources=events"
        async with opened(caller, query, login=False) as listener:
            assert (await listener.configure(PORT))["data"] == {}
        assert caller.server.event_streams[0].user == "viewer"
        assert caller.server.requests[-1].scheme is None
        assert await refused(caller, query, login=False) == 401
        camera.quirks = Quirks(session_token="many", session_token_newline=True)
        reply = await caller.get(TOKEN)
        assert reply.text.endswith("\n")
        query = f"wssession={reply.text.strip()}&sources=events"
        for _ in range(2):
            async with opened(caller, query, login=False):
                pass
        camera.quirks = Quirks(session_token="many", session_token_refused=403)
        assert await refused(caller, "wssession=1&sources=events", login=False) == 403
        later = asyncio.get_running_loop().time() + 15.1
        monkeypatch.setattr("tests.camera.tokens.monotonic", lambda: later)
        assert await refused(caller, query, login=False) == 403
        camera.quirks = Quirks()
        # A login makes up for a token that is too old.
        async with opened(caller, query):
            pass


async def test_token_needs_log_in(serve: Serve) -> None:
    """There is no token for strangers; tokens and their CGI may be missing."""
    camera = plain()
    async with serve(camera) as caller:
        assert (await caller.request("GET", TOKEN)).status == 401
        token = (await caller.get(TOKEN)).text
        camera.reboot()
        query = f"wssession={token}&sources=events"
        assert await refused(caller, query, login=False) == 401
        camera.faults.set(TOKEN, Fault.ERROR, message="No", times=1)
        assert (await caller.get(TOKEN)).text == "# Error: No\n"
        camera.quirks = Quirks(session_token=None)
        assert (await caller.get(TOKEN)).status == 404


async def test_viewer(serve: Serve) -> None:
    """A viewer may listen or not; it is reported at the handshake or after it."""
    camera = plain()
    async with serve(camera) as caller:
        caller.user = "viewer"
        token = (await caller.get(TOKEN)).text
        camera.quirks = Quirks(event_rights="handshake")
        assert await refused(caller) == 401
        query = f"wssession={token}&sources=events"
        assert await refused(caller, query, login=False) == 401
        camera.quirks = Quirks(event_rights="handshake", insufficient_rights=403)
        assert await refused(caller) == 403
        camera.quirks = Quirks(event_rights="configure")
        async with opened(caller) as listener:
            answer = await listener.configure(PORT)
            assert answer["error"]["code"] == 2105
        for quirk in ("handshake", "configure"):
            camera.quirks = Quirks(event_rights=quirk)
            caller.user = "operator"
            async with opened(caller) as listener:
                assert "data" in await listener.configure(PORT)


async def test_account_changes(serve: Serve) -> None:
    """Who is removed or gets another password can't configure an open stream."""
    camera = plain()
    camera.accounts["other"] = Account("other-secret", Level.OPERATOR)
    async with serve(camera) as caller:
        caller.user = "other"
        async with opened(caller) as listener:
            assert "data" in await listener.configure(PORT)
            camera.accounts["other"].password = "changed"
            assert (await listener.configure(PORT))["error"]["code"] == 2106
            del camera.accounts["other"]
            assert (await listener.configure(PORT))["error"]["code"] == 2106


async def test_absent(serve: Serve) -> None:
    """An old camera has no event stream, and API discovery says so."""
    camera = plain()
    asked = {"apiVersion": "1.0", "method": "getApiList"}

    async def apis() -> dict[str, str]:
        reply = await caller.request("POST", "apidiscovery.cgi", json=asked)
        return {
            api["id"]: api["version"]
            for api in json.loads(reply.body)["data"]["apiList"]
        }

    async with serve(camera) as caller:
        assert (await apis())["event-streaming-over-websocket"] == "1.0"
        camera.quirks = Quirks(event_stream=None)
        assert "event-streaming-over-websocket" not in await apis()
        assert await refused(caller) == 404


async def test_no_handshake(serve: Serve) -> None:
    """What is no handshake, or wants something else, is refused."""
    async with serve(plain()) as caller:
        path = f"{PATH}?sources=events"
        assert (
            await caller.request("GET", path, headers=caller.authorization)
        ).status == 400
        assert (
            await caller.request("POST", path, headers=caller.authorization)
        ).status == 405
        assert await refused(caller, "") == 400
        assert await refused(caller, "sources=audio") == 400
        async with opened(caller, "sources=audio,events"):
            pass


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("{", 2101),
        ("", 2101),
        ("[]", 2101),
        ({"method": "events:configure"}, 2103),
        ({"apiVersion": "1.0"}, 2103),
        ({"apiVersion": "1.0", "method": "events:configure"}, 2103),
        ({"apiVersion": "1.0", "method": "events:configure", "params": {}}, 2103),
        ({"apiVersion": "2.0", "method": "events:configure"}, 2100),
        ({"apiVersion": "1.7", "method": "events:configure"}, 2100),
        ({"apiVersion": "one", "method": "events:configure"}, 2104),
        ({"apiVersion": 1.0, "method": "events:configure"}, 2104),
        ({"apiVersion": "1.0", "method": "events:forget"}, 2102),
        ({"apiVersion": "1.0", "method": "events:configure", "context": 1}, 2104),
        ({"apiVersion": "1.0", "method": "events:configure", "params": []}, 2104),
        (
            {
                "apiVersion": "1.0",
                "method": "events:configure",
                "params": {"eventFilterList": {}},
            },
            2104,
        ),
        ("x" * 65_537, 2107),
    ],
)
async def test_errors(serve: Serve, request_: object, code: int) -> None:
    """Each error has its documented code; the stream goes on after it."""
    async with serve(plain()) as caller, listening(caller, RECORDING) as listener:
        answer = await listener.ask(request_)
        assert answer["error"]["code"] == code
        assert answer["error"]["message"]
        assert answer["apiVersion"] == "1.0"
        assert "data" not in answer
        caller.server.camera.start_recording()
        assert await listener.values(1) == [(RECORDING, "1")]


@pytest.mark.parametrize(
    ("filter_", "code"),
    [
        ({}, 2103),
        ("tnsaxis:Storage/Recording", 2104),
        ({"topicFilter": 1}, 2104),
        ({"topicFilter": ""}, 2104),
        ({"topicFilter": "Storage/Recording"}, 2104),
        ({"topicFilter": "other:Storage/Recording"}, 2104),
        ({"topicFilter": "tnsaxis:Storage/*"}, 2104),
        ({"topicFilter": "tnsaxis:Storage//Recording"}, 2104),
        ({"topicFilter": f"{RECORDING} |"}, 2104),
        ({"contentFilter": 'boolean(//SimpleItem[@Name="port"])'}, 1100),
    ],
)
async def test_bad_filters(serve: Serve, filter_: object, code: int) -> None:
    """A filter that can't be read is an error, and what was configured before stays."""
    async with serve(plain()) as caller, listening(caller, RECORDING) as listener:
        answer = await listener.ask(
            {
                "apiVersion": "1.0",
                "method": "events:configure",
                "params": {"eventFilterList": [{"topicFilter": PORT}, filter_]},
            }
        )
        assert answer["error"]["code"] == code
        assert caller.server.event_streams[0].filters == [RECORDING]


@pytest.mark.parametrize(
    ("topic", "hears"),
    [
        (RECORDING, True),
        ("tnsaxis:Storage/tnsaxis:Recording", True),
        ("axis:Storage/Recording", True),
        ("tnsaxis:Storage/Recording//.", True),
        ("tnsaxis:Storage//.", True),
        ("tnsaxis:Storage//", True),
        ("//.", True),
        (f"{PORT} | {RECORDING}", True),
        (f"{PORT}|{RECORDING}", True),
        ("tnsaxis:Storage", False),
        ("tnsaxis:Storage/Rec//.", False),
        ("tns1:Storage/Recording", False),
        ("tns1:Device//.", False),
        (DISRUPTION, False),
    ],
)
async def test_filters(serve: Serve, topic: str, hears: bool) -> None:
    """Filters are topics, with what lies below them, with `|` between them."""
    camera = plain()
    async with serve(camera) as caller, listening(caller, topic) as listener:
        camera.start_recording()
        if hears:
            assert await listener.values(1) == [(RECORDING, "1")]
        await listener.hears_nothing()


async def test_only_the_latest_filter_counts(serve: Serve) -> None:
    """Another configuration takes the place of the one before."""
    camera = plain()
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        await listener.configure(DISRUPTION)
        assert await listener.values(1) == [(DISRUPTION, "SD_DISK", "0")]
        camera.start_recording()
        await listener.hears_nothing()


async def test_several_filters_duplicate(serve: Serve) -> None:
    """Each filter is a subscription of its own; one with `|` is one."""
    camera = plain()
    async with serve(camera) as caller:
        async with listening(caller, RECORDING, "tnsaxis:Storage//.") as listener:
            camera.start_recording()
            assert await listener.values(2) == [(RECORDING, "1")] * 2
            await listener.hears_nothing()
        (recording,) = camera.recordings.ongoing
        async with listening(caller, f"{RECORDING} | tnsaxis:Storage//.") as listener:
            camera.end_recording(recording.recording_id)
            assert await listener.values(1) == [(RECORDING, "0")]
            await listener.hears_nothing()
        camera.quirks = Quirks(event_copies=2)
        async with listening(caller, RECORDING) as listener:
            camera.start_recording()
            assert await listener.values(2) == [(RECORDING, "1")] * 2


async def test_spelling(serve: Serve) -> None:
    """Cameras may write topics in full, and may want filters in one way only."""
    camera, full = plain(), "tnsaxis:Storage/tnsaxis:Recording"
    async with serve(camera) as caller:
        camera.quirks = Quirks(event_topics="full")
        async with listening(caller, RECORDING) as listener:
            camera.start_recording()
            assert await listener.values(1) == [(full, "1")]
        for spelling, topic, other in (
            ("short", RECORDING, full),
            ("full", full, RECORDING),
        ):
            camera.quirks = Quirks(event_filter_spelling=spelling)  # type: ignore[arg-type]
            async with opened(caller) as listener:
                assert (await listener.configure(other))["data"] == {}
                await listener.hears_nothing()
                assert (await listener.configure(topic))["data"] == {}
                assert await listener.values(1) == [(RECORDING, "1")]


async def test_open_filters(serve: Serve) -> None:
    """A subtree right below the root, and no filters at all, are open points."""
    camera, root = plain(), "tnsaxis:Storage//."
    async with serve(camera) as caller, opened(caller) as listener:
        camera.quirks = Quirks(event_root_filter="nothing")
        assert (await listener.configure(root))["data"] == {}
        await listener.hears_nothing()
        assert (await listener.configure())["data"] == {}
        await listener.hears_nothing()
        camera.quirks = Quirks(event_root_filter="error", event_empty_filter="error")
        assert (await listener.configure(root))["error"]["code"] == 2104
        assert (await listener.configure())["error"]["code"] == 2104
        camera.quirks = Quirks(event_empty_filter="everything")
        assert (await listener.configure())["data"] == {}
        topics = {topic for topic, *_ in await listener.values(8)}
        assert {RECORDING, DISRUPTION, PORT} < topics


async def test_states(serve: Serve) -> None:
    """The states that things are in are reported after the answer, before it, or not at all."""
    camera = plain()
    camera.start_recording()
    request = {
        "apiVersion": "1.0",
        "method": "events:configure",
        "params": {
            "eventFilterList": [{"topicFilter": RECORDING}, {"topicFilter": DISRUPTION}]
        },
    }
    async with serve(camera) as caller, opened(caller) as listener:
        for quirk, methods in (
            ("after_answer", ["configure", "notify", "notify"]),
            ("before_answer", ["notify", "notify", "configure"]),
            ("never", ["configure"]),
        ):
            camera.quirks = Quirks(event_initial=quirk)  # type: ignore[arg-type]
            await listener.socket.send_json(request)
            read = [(await listener.read())["method"] for _ in methods]
            assert read == [f"events:{method}" for method in methods]
            await listener.hears_nothing()


@pytest.mark.parametrize(
    ("changes", "now"), [("reported", "1"), ("unreported", "1"), ("stale", "0")]
)
async def test_changes(serve: Serve, changes: Any, now: str) -> None:
    """They may not be reported, so that only the states say so that are reported anew, or not even those."""
    camera = plain(quirks=Quirks(event_changes=changes))
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        camera.start_recording()
        if changes == "reported":
            assert await listener.values(1) == [(RECORDING, "1")]
        else:
            await listener.hears_nothing()
        await listener.configure(RECORDING)
        assert await listener.values(1) == [(RECORDING, now)]


async def test_another_topic(serve: Serve) -> None:
    """A camera may call things by names that are not documented."""
    camera = plain(quirks=Quirks(event_topics="other"))
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        camera.start_recording()
        assert await listener.values(1) == [(f"{RECORDING}State", "1")]


async def test_shape_varies(serve: Serve) -> None:
    """A timestamp may be missing or of local time, and so may empty parts."""
    camera = plain(time_zone="Asia/Taipei")
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        camera.quirks = Quirks(event_timestamp="absent", event_empty_parts=False)
        recording_id = camera.start_recording()
        assert await listener.hear() == {
            "topic": RECORDING,
            "message": {"data": {"recording": "1"}},
        }
        camera.quirks = Quirks(event_timestamp="local")
        camera.end_recording(recording_id)
        reported = await listener.hear()
        local = datetime.fromtimestamp(reported["timestamp"] / 1000, UTC)
        hours = (local - camera.clock.now()) / timedelta(hours=1)
        assert hours == pytest.approx(8, abs=0.01)


@pytest.mark.parametrize("compresses", [True, False])
@pytest.mark.parametrize("offered", [15, 0])
async def test_compression(serve: Serve, compresses: bool, offered: int) -> None:
    """`permessage-deflate` is taken if it is offered, or not."""
    camera = plain(quirks=Quirks(event_compression=compresses))
    async with (
        serve(camera) as caller,
        opened(caller, compress=offered) as listener,
    ):
        assert bool(listener.socket.compress) == bool(compresses and offered)
        assert caller.server.event_streams[0].is_compressed == bool(
            compresses and offered
        )
        await listener.configure("//.")
        assert len(await listener.values(5)) == 5


async def test_pings(serve: Serve) -> None:
    """The camera answers pings, or not."""
    camera = plain()
    async with serve(camera) as caller, opened(caller, autoping=False) as listener:
        await listener.socket.ping(b"you there?")
        message = await listener.socket.receive(2)
        assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"you there?")
    camera.quirks = Quirks(event_pong=False)
    async with serve(camera) as caller, opened(caller, autoping=False) as listener:
        await listener.socket.ping()
        await listener.hears_nothing()
        assert (await listener.configure(PORT))["data"] == {}


async def test_pings_of_the_camera(serve: Serve) -> None:
    """A camera may ping, and hang up on who does not answer."""
    camera = plain(quirks=Quirks(event_ping=0.6))
    async with serve(camera) as caller:
        async with opened(caller) as listener:
            await listener.hears_nothing(1.5)
            assert caller.server.event_streams_open == 1
        async with opened(caller, autoping=False) as listener:
            message = await listener.socket.receive(2)
            assert message.type == aiohttp.WSMsgType.PING
            assert await listener.ends() == 1006
        assert caller.server.event_streams[-1].close_code == 1006


async def test_limit(serve: Serve) -> None:
    """One stream too many is refused, closed, or drops the oldest."""
    camera = plain()
    async with serve(camera) as caller, opened(caller) as first:
        camera.quirks = Quirks(event_stream_limit=1)
        assert await refused(caller) == 503
        camera.quirks = Quirks(event_stream_limit=1, event_stream_busy="closed")
        async with opened(caller) as second:
            assert await second.ends() == 1013
        assert "data" in await first.configure(PORT)
        camera.quirks = Quirks(event_stream_limit=1, event_stream_busy="oldest")
        async with opened(caller) as third:
            assert "data" in await third.configure(PORT)
            await first.values(1)
            assert await first.ends() == 1006
            assert caller.server.event_streams_open == 1


async def test_two_streams(serve: Serve) -> None:
    """Each stream has filters of its own."""
    camera = plain()
    async with (
        serve(camera) as caller,
        listening(caller, RECORDING) as one,
        listening(caller, PORT) as other,
    ):
        camera.start_recording()
        camera.events.emit(PORT, {"state": "1"}, source={"port": "1"})
        assert await one.values(1) == [(RECORDING, "1")]
        assert await other.values(1) == [(PORT, "1", "1")]


async def test_delay_and_order(serve: Serve) -> None:
    """Notifications may come late, and those of a burst in reverse; their times show the order."""
    camera = plain(quirks=Quirks(event_delay=0.4))
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        recording_id = camera.start_recording()
        await listener.hears_nothing(0.2)
        assert await listener.values(1) == [(RECORDING, "1")]
        camera.quirks = Quirks(event_order="reversed")
        camera.end_recording(recording_id)
        camera.start_recording()
        late, early = await listener.hear(), await listener.hear()
        assert late["message"]["data"] == {"recording": "1"}
        assert early["message"]["data"] == {"recording": "0"}
        assert early["timestamp"] <= late["timestamp"]
