"""HTTP authentication: Digest and Basic, levels, and the guard against guessing."""

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.camera import Account, Camera, CameraServer, Level, Quirks

from .caller import Caller, Reply, Serve, digest, plain

if TYPE_CHECKING:
    from tests.camera.auth import AuthenticationPolicy

LIST = (
    "/axis-cgi/record/list.cgi?starttime=2025-10-20T12:00:00%2B02:00&eventid=a%20b'(c)"
)


class Clock:
    """A clock that is set by hand, in seconds."""

    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give the clock that nonces and failures age by."""
    clock = Clock()
    monkeypatch.setattr("tests.camera.auth.monotonic", lambda: clock.now)
    return clock


async def answer(
    caller: Caller, authorization: str | None = None, path: str = LIST
) -> Reply:
    """Ask with an `Authorization` header or without."""
    headers = {"Authorization": authorization} if authorization else {}
    return await caller.request("GET", path, headers=headers)


async def challenge(caller: Caller, path: str = LIST) -> str:
    """Get a challenge."""
    reply = await answer(caller, path=path)
    assert reply.status == 401
    return reply.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("policy", "tls", "schemes"),
    [
        ("recommended", False, ["Digest"]),
        ("recommended", True, ["Basic"]),
        ("digest", False, ["Digest"]),
        ("digest", True, ["Digest"]),
        ("basic", False, ["Basic"]),
        ("basic_digest", True, ["Digest", "Basic"]),
    ],
)
async def test_policies(
    session: aiohttp.ClientSession,
    policy: AuthenticationPolicy,
    tls: bool,
    schemes: list[str],
) -> None:
    """The policy decides on the schemes that are offered and taken."""
    async with CameraServer(Camera(auth=policy), tls=tls) as server:
        caller = Caller(session, server)
        async with session.get(caller.url(LIST), ssl=False) as response:
            offered = response.headers.getall("WWW-Authenticate")
        assert [line.split()[0] for line in offered] == schemes
        basic = await answer(
            caller, aiohttp.encode_basic_auth("viewer", "viewer-secret")
        )
        assert basic.status == (200 if "Basic" in schemes else 401)
        if "Digest" in schemes:
            assert (await answer(caller, digest(offered[0], LIST))).status == 200


async def test_digest(serve: Serve) -> None:
    """A nonce serves many requests, whose target is taken as it was sent."""
    async with serve(Camera()) as caller:
        asked = await challenge(caller)
        assert asked.startswith('Digest realm="AXIS_B8A44F0A1B2C", nonce="')
        assert asked.endswith('", algorithm=MD5, qop="auth"')
        assert (await answer(caller, digest(asked, LIST))).status == 200
        assert (await answer(caller, digest(asked, LIST, count=2))).status == 200
        other = LIST.replace("%2B", "+")
        assert (
            await answer(caller, digest(asked, other, count=3), other)
        ).status == 200
        assert (await answer(caller, digest(asked, other, count=4))).status == 401
        assert (
            await answer(caller, digest(asked, LIST, count=5, user="nobody"))
        ).status == 401
        assert (
            await answer(caller, digest(asked, LIST, count=5, password="no"))
        ).status == 401
        assert (
            await answer(caller, digest(asked, LIST, count=5, method="POST"))
        ).status == 401
        assert (await answer(caller, "Digest nonsense")).status == 401
        assert (await answer(caller, "Basic nonsense")).status == 401
        assert (await answer(caller, "Bearer nonsense")).status == 401
        exchange = caller.server.requests[1]
        assert (exchange.scheme, exchange.user, exchange.status) == (
            "Digest",
            "viewer",
            200,
        )
        assert exchange.query == {
            "starttime": "2025-10-20T12:00:00+02:00",
            "eventid": "a b'(c)",
        }


async def test_digest_without_qop(serve: Serve) -> None:
    """An older camera offers no qop and takes none."""
    camera = Camera(qop=False)
    async with serve(camera) as caller:
        asked = await challenge(caller)
        assert "qop" not in asked
        assert (await answer(caller, digest(asked, LIST))).status == 200
        assert (await answer(caller, digest(asked, LIST))).status == 200
        assert (
            await answer(caller, digest(f'{asked}, qop="auth"', LIST))
        ).status == 401


async def test_stale(serve: Serve, clock: Clock) -> None:
    """An aged nonce, a used count and a nonce from before a start are stale."""
    camera = Camera(nonce_lifetime=60)
    async with serve(camera) as caller:
        asked = await challenge(caller)
        assert (await answer(caller, digest(asked, LIST, count=2))).status == 200
        replayed = await answer(caller, digest(asked, LIST, count=2))
        assert replayed.headers["WWW-Authenticate"].endswith("stale=true")
        fresh = replayed.headers["WWW-Authenticate"]
        assert (await answer(caller, digest(fresh, LIST))).status == 200
        wrong = await answer(caller, digest(asked, LIST, count=2, password="no"))
        assert "stale" not in wrong.headers["WWW-Authenticate"]
        clock.now += 61
        aged = await answer(caller, digest(fresh, LIST, count=2))
        assert aged.headers["WWW-Authenticate"].endswith("stale=true")
        camera.reboot()
        lost = await answer(caller, digest(fresh, LIST, count=3))
        assert lost.headers["WWW-Authenticate"].endswith("stale=true")


LEVELS = {
    "record/list.cgi?recordingid=all": Level.VIEWER,
    "record/record.cgi?diskid=SD_DISK": Level.OPERATOR,
    "record/stop.cgi?recordingid=x": Level.OPERATOR,
    "record/remove.cgi?recordingid=x": Level.OPERATOR,
    "record/continuous/addconfiguration.cgi?diskid=x": Level.OPERATOR,
    "record/continuous/removeconfiguration.cgi?profile=9": Level.OPERATOR,
    "record/continuous/listconfiguration.cgi": Level.VIEWER,
    "disks/list.cgi?diskid=all": Level.OPERATOR,
    "param.cgi?action=list": Level.VIEWER,
    "usergroup.cgi": Level.VIEWER,
}


@pytest.mark.parametrize("status", [401, 403])
async def test_levels(serve: Serve, status: int) -> None:
    """Each CGI has its lowest level; too low a one is 401, on some cameras 403."""
    camera = plain(quirks=Quirks(insufficient_rights=403 if status == 403 else 401))
    async with serve(camera) as caller:
        for path, lowest in LEVELS.items():
            assert (await caller.request("GET", path)).status == 401
            for user, account in camera.accounts.items():
                caller.user = user
                reply = await caller.request("GET", path, headers=caller.authorization)
                assert reply.status == (200 if account.level >= lowest else status)


async def test_accounts_change(serve: Serve) -> None:
    """Accounts may change while the camera runs."""
    camera = plain()
    async with serve(camera) as caller:
        caller.user = "zoë"
        camera.accounts["zoë"] = Account("pä:ss", Level.OPERATOR)
        assert (await caller.get("disks/list.cgi", diskid="all")).status == 200
        old = caller.authorization
        camera.accounts["zoë"].password = "new"
        assert (await caller.request("GET", "usergroup.cgi", headers=old)).status == 401
        assert (await caller.get("usergroup.cgi")).status == 200


async def test_guard(serve: Serve, clock: Clock) -> None:
    """Twenty failed logins within a second lock an address out for ten."""
    camera = plain()
    wrong = aiohttp.encode_basic_auth("viewer", "guess")
    async with serve(camera) as caller:
        caller.user = "viewer"
        for _ in range(25):
            assert (await answer(caller)).status == 401
        for _ in range(19):
            assert (await answer(caller, wrong)).status == 401
        assert (await caller.get("usergroup.cgi")).status == 200
        clock.now += 1.5
        for _ in range(19):
            assert (await answer(caller, wrong)).status == 401
        assert (await caller.get("usergroup.cgi")).status == 200
        assert (await answer(caller, wrong)).status == 401
        assert (await caller.get("usergroup.cgi")).status == 403
        clock.now += 9.9
        assert (await caller.get("usergroup.cgi")).status == 403
        clock.now += 0.2
        assert (await caller.get("usergroup.cgi")).status == 200
        camera.quirks = Quirks(brute_force_guard=False)
        for _ in range(25):
            await answer(caller, wrong)
        assert (await caller.get("usergroup.cgi")).status == 200


async def test_too_low_a_level_is_no_failed_login(serve: Serve) -> None:
    """Missing rights never lock anybody out."""
    async with serve(plain()) as caller:
        caller.user = "viewer"
        for _ in range(25):
            assert (await caller.get("disks/list.cgi", diskid="all")).status == 401
        assert (await caller.get("usergroup.cgi")).status == 200
