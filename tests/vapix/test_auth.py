"""Logging in: Digest and Basic as the camera asks, no failed log-in more than needed."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.vapix import (
    AuthenticationError,
    BusyError,
    InsecureLoginError,
    MissingRightsError,
    NotSupportedError,
    RecordingQuery,
    VapixClient,
)
from custom_components.axis_recordings.vapix.auth import parse_challenges
from tests.camera import Account, Camera, CameraServer, Fault, Level, Quirks

from .conftest import address_of
from .scripted import ScriptedServer, http, xml

if TYPE_CHECKING:
    import aiohttp
    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

ALL = RecordingQuery(recording_id="all")
DIGEST = 'Digest realm="AXIS", nonce="one", algorithm=MD5, qop="auth"'
BASIC = 'Basic realm="AXIS"'


def challenge(*headers: str) -> bytes:
    """Make an answer that asks to log in."""
    return http(
        "<html/>",
        status="401 Unauthorized",
        headers=tuple(f"WWW-Authenticate: {header}" for header in headers),
    )


def failures(server: CameraServer) -> int:
    """Count the log-ins that the camera refused."""
    return sum(1 for each in server.requests if each.scheme and each.status == 401)


@pytest.mark.parametrize("qop", [True, False])
async def test_digest_takes_one_round_trip_once_known(
    camera: Camera, server: CameraServer, client: VapixClient, qop: bool
) -> None:
    """The first call asks how to log in, the others know."""
    camera.qop = qop
    for _ in range(4):
        assert len((await client.fetch_recordings(ALL)).recordings) == 8
    assert [each.status for each in server.requests] == [401, 200, 200, 200, 200]
    assert [each.scheme for each in server.requests] == [None] + ["Digest"] * 4
    assert server.connections_made == 1


async def test_aged_nonce(
    camera: Camera,
    server: CameraServer,
    client: VapixClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The camera says that it is stale, and the same call goes on with a new one."""
    await client.fetch_recordings(ALL)
    freezer.tick(timedelta(seconds=camera.nonce_lifetime + 1))
    await client.fetch_recordings(ALL)
    await client.fetch_recordings(ALL)
    assert [each.status for each in server.requests] == [401, 200, 401, 200, 200]


async def test_restarted_camera_knows_no_nonce(
    camera: Camera, server: CameraServer, client: VapixClient
) -> None:
    """A restart costs a round trip, not the log-in."""
    await client.fetch_recordings(ALL)
    camera.reboot()
    await client.fetch_recordings(ALL)
    assert [each.status for each in server.requests] == [401, 200, 401, 200]


async def test_restarted_camera_does_not_say_stale(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """Not every camera says ``stale`` of a nonce that it has forgotten."""
    other = DIGEST.replace("one", "two")
    scripted.answers = [
        challenge(DIGEST),
        xml("<recordings/>"),
        challenge(other),
        xml("<recordings/>"),
    ]
    client = connect(scripted)
    await client.fetch_recordings(ALL)
    await client.fetch_recordings(ALL)
    assert len(scripted.requests) == 4
    assert 'nonce="two"' in scripted.requests[-1]
    assert "nc=00000001" in scripted.requests[-1]


@pytest.mark.parametrize("qop", [True, False])
async def test_nonces_that_are_good_once(
    camera: Camera, server: CameraServer, client: VapixClient, qop: bool
) -> None:
    """It is learned soon, so that a walk of many requests does not lock us out."""
    camera.qop = qop
    camera.quirks = Quirks(nonce_uses="once")
    for _ in range(30):
        await client.fetch_recordings(ALL)
    assert failures(server) == 2
    # A camera with another firmware is asked as before once it takes them again.
    camera.quirks = Quirks()
    for _ in range(5):
        await client.fetch_recordings(ALL)
    assert failures(server) == 2


async def test_missing_rights_are_no_used_nonce(
    server: CameraServer, connect: Connect
) -> None:
    """A viewer is refused often, and still needs one round trip for a list."""
    client = connect(server, "viewer")
    for _ in range(4):
        await client.fetch_recordings(ALL)
        with pytest.raises(MissingRightsError):
            await client.fetch_disks()
    for _ in range(2):
        await client.fetch_recordings(ALL)
    assert [each.status for each in server.requests[-2:]] == [200, 200]


@pytest.mark.parametrize("auth", ["recommended", "digest", "basic_digest"])
@pytest.mark.parametrize("tls", [False, True])
async def test_each_policy(connect: Connect, auth: str, tls: bool) -> None:
    """Basic only over HTTPS, Digest where it is offered."""
    camera = Camera(recordings=1)
    camera.auth = auth  # type: ignore[assignment]
    async with CameraServer(camera, tls=tls) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        await client.fetch_recordings(ALL)
    used = "Basic" if tls and auth == "recommended" else "Digest"
    assert [each.scheme for each in server.requests] == [None, used, used]
    assert server.connections_made == 1


@pytest.mark.parametrize("password", ["wrong", "operator-secret"])
async def test_basic_is_never_sent_in_clear_text(
    camera: Camera,
    server: CameraServer,
    connect: Connect,
    password: str,
    recwarn: pytest.WarningsRecorder,
) -> None:
    """Over plain HTTP a password that everybody can read is not sent, whatever the camera asks for."""
    camera.auth = "basic"
    client = connect(server, password=password)
    for _ in range(2):
        with pytest.raises(InsecureLoginError):
            await client.fetch_recordings(ALL)
    assert [each.scheme for each in server.requests] == [None, None]
    camera.auth = "digest"
    if password == "operator-secret":
        await client.fetch_recordings(ALL)
    # The refused answers were let go of.
    assert server.connections_made == 1
    assert not [each for each in recwarn if each.category is ResourceWarning]


@pytest.mark.parametrize(
    "headers",
    [
        (DIGEST, BASIC),
        (BASIC, DIGEST),
        (f"{DIGEST}, {BASIC}",),
        (f"{BASIC}, {DIGEST}",),
        (f"Negotiate abc==, {BASIC},{DIGEST}",),
        ('Digest realm="AXIS", nonce="x", algorithm=MD5-sess', DIGEST),
        ('Digest realm="AXIS", nonce="x", qop="auth-int"', DIGEST),
        ('Digest realm="AXIS"', DIGEST),
        ('Digest nonce="x"', DIGEST),
        # A byte that is no UTF-8.
        ('Digest realm="AXIS", nonce="\udcff"', DIGEST),
    ],
)
async def test_digest_beside_others(
    scripted: ScriptedServer, connect: Connect, headers: tuple[str, ...]
) -> None:
    """Digest is found among several challenges, in one header or several, in any order."""
    scripted.answers = [challenge(*headers), xml("<recordings/>")]
    await connect(scripted).fetch_recordings(ALL)
    assert "Authorization: Digest" in scripted.requests[1]
    assert 'nonce="one"' in scripted.requests[1]


def test_parse_challenges() -> None:
    """Quotes, escapes, blanks and commas inside and around values."""
    assert parse_challenges(
        [
            'digest  Realm = "a \\" , Basic b=c" ,nonce=abc==, qop="auth,auth-int", opaque=""',
            'lost="x"',
            "BASIC",
            "Basic realm=second",
            "",
        ]
    ) == {
        "digest": {
            "realm": 'a \\" , Basic b=c',
            "nonce": "abc==",
            "qop": "auth,auth-int",
            "opaque": "",
        },
        "basic": {},
    }


def test_parse_challenges_in_one_header() -> None:
    """Each parameter belongs to the scheme before it."""
    assert parse_challenges(['Basic realm="b", Digest realm="d", nonce="n"']) == {
        "basic": {"realm": "b"},
        "digest": {"realm": "d", "nonce": "n"},
    }


async def test_answer_by_the_book(scripted: ScriptedServer, connect: Connect) -> None:
    """The example of RFC 2617 without qop, and SHA-256 with ``opaque``."""
    scripted.answers = [
        challenge('Digest realm="testrealm@host.com", nonce="n", opaque="o", qop=""'),
        challenge('Digest realm="r", nonce="m", algorithm=SHA-256, qop="auth"'),
        xml("<recordings/>"),
    ]
    client = connect(scripted)
    with pytest.raises(AuthenticationError):
        await client.fetch_recordings(ALL)
    assert 'opaque="o"' in scripted.requests[1]
    assert "qop" not in scripted.requests[1]
    scripted.answers = [
        challenge('Digest realm="r", nonce="m", algorithm=SHA-256, qop="auth"'),
        xml("<recordings/>"),
    ]
    await client.fetch_recordings(ALL)
    assert "algorithm=SHA-256" in scripted.requests[-1]
    response = scripted.requests[-1].split('response="')[1].split('"')[0]
    assert len(response) == 64


@pytest.mark.parametrize("tls", [False, True])
async def test_wrong_password_is_one_failed_login(connect: Connect, tls: bool) -> None:
    """Each call counts once towards the lock-out, also when it is tried again later."""
    async with CameraServer(Camera(), tls=tls) as server:
        client = connect(server, password="wrong")
        for expected in (1, 2, 3):
            with pytest.raises(AuthenticationError) as caught:
                await client.fetch_recordings(ALL)
            assert "wrong" not in str(caught.value)
            assert failures(server) == expected


async def test_password_is_changed(
    camera: Camera, server: CameraServer, client: VapixClient
) -> None:
    """The list is there for every account, so a 401 is about the log-in even after it was good."""
    await client.fetch_recordings(ALL)
    camera.accounts["operator"] = Account("another", Level.OPERATOR)
    with pytest.raises(AuthenticationError):
        await client.fetch_recordings(ALL)
    assert failures(server) <= 2


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("status", [401, 403])
async def test_missing_rights(connect: Connect, tls: bool, status: int) -> None:
    """A viewer is refused without doubt about the password, and without many tries."""
    camera = Camera(recordings=1, quirks=Quirks(insufficient_rights=status))  # type: ignore[arg-type]
    async with CameraServer(camera, tls=tls) as server:
        client = connect(server, "viewer")
        await client.fetch_recordings(ALL)
        for call in (client.fetch_disks(), client.start_recording("SD_DISK")):
            before = len(server.requests)
            with pytest.raises(MissingRightsError, match=r"\.cgi"):
                await call
            sent = [each for each in server.requests[before:] if each.scheme]
            # A nonce may be to blame, so Digest has a second try.
            assert len(sent) <= (1 if tls else 2)
        await client.fetch_recordings(ALL)
    assert not camera.recordings.ongoing


async def test_rights_are_not_known_before_a_good_answer(
    server: CameraServer, connect: Connect
) -> None:
    """Without a good answer before, a 401 is taken for a wrong password."""
    with pytest.raises(AuthenticationError):
        await connect(server, "viewer").fetch_disks()


async def test_unauthorized_in_spite_of_the_right_password(
    camera: Camera, server: CameraServer, client: VapixClient
) -> None:
    """The list refused is the log-in refused."""
    await client.fetch_recordings(ALL)
    camera.faults.set("record/list.cgi", Fault.UNAUTHORIZED)
    with pytest.raises(AuthenticationError):
        await client.fetch_recordings(ALL)
    camera.faults.clear()
    await client.fetch_recordings(ALL)


async def test_lock_out(
    camera: Camera,
    server: CameraServer,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
) -> None:
    """After 20 failed log-ins within a second the camera wants 10 s of peace, and gets it."""
    bad, good = connect(server, password="wrong"), connect(server)
    await good.fetch_recordings(ALL)
    for _ in range(20):
        with pytest.raises(AuthenticationError):
            await bad.fetch_recordings(ALL)
    for client in (bad, good):
        with pytest.raises(BusyError) as caught:
            await client.fetch_recordings(ALL)
        assert caught.value.retry_after == 10
    freezer.tick(timedelta(seconds=caught.value.retry_after + 0.1))
    await good.fetch_recordings(ALL)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("operator", "p:a+s&s%20w\"o'r\\d=ä/ö ?ü€,"),
        ("operator", ""),
        ("Jörg", "geheim"),
        ('back\\slash "quoted"', "secret"),
    ],
)
async def test_special_characters(
    connect: Connect, tls: bool, username: str, password: str
) -> None:
    """Names and passwords come through as they are."""
    camera = Camera(recordings=1)
    camera.accounts[username] = Account(password, Level.VIEWER)
    async with CameraServer(camera, tls=tls) as server:
        client = connect(server, username, password)
        await client.fetch_recordings(ALL)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("username", ["a:b", "line\r\nX-Evil: 1", ""])
async def test_impossible_user_names(
    connect: Connect, tls: bool, username: str
) -> None:
    """They are refused, and nothing of them gets into the headers."""
    async with CameraServer(Camera(), tls=tls) as server:
        with pytest.raises(AuthenticationError):
            await connect(server, username, "x").fetch_recordings(ALL)


@pytest.mark.parametrize("headers", [(), ("Bearer",), ('Digest realm="x"',)])
async def test_no_way_to_log_in(
    scripted: ScriptedServer, connect: Connect, headers: tuple[str, ...]
) -> None:
    """A 401 that offers nothing we know is not repeated."""
    scripted.answers = [challenge(*headers)]
    with pytest.raises(AuthenticationError):
        await connect(scripted).fetch_recordings(ALL)
    assert len(scripted.requests) == 1


async def test_old_camera_without_any_login(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """Nothing is sent to a camera that does not ask."""
    scripted.answers = [xml("<recordings/>")]
    client = connect(scripted)
    await client.fetch_recordings(ALL)
    await client.fetch_recordings(ALL)
    assert all("Authorization" not in each for each in scripted.requests)


async def test_policy_is_changed(session: aiohttp.ClientSession) -> None:
    """The camera's owner may switch between Digest and Basic at any time."""
    camera = Camera(recordings=1)
    async with CameraServer(camera, tls=True) as server:
        client = VapixClient(session, address_of(server), "viewer", "viewer-secret")
        for auth, scheme in (
            ("digest", "Digest"),
            ("basic", "Basic"),
            ("digest", "Digest"),
        ):
            camera.auth = auth  # type: ignore[assignment]
            await client.fetch_recordings(ALL)
            assert server.requests[-1].scheme == scheme
            assert server.requests[-1].status == 200


async def test_json_is_sent_again_after_the_challenge(
    server: CameraServer, client: VapixClient
) -> None:
    """The body of a POST survives the round trip for the nonce."""
    assert await client.fetch_time() is not None
    assert [each.status for each in server.requests] == [401, 200]


async def test_anonymous_calls_carry_no_login(
    camera: Camera, server: CameraServer, client: VapixClient
) -> None:
    """What anybody may know is asked without a password, even when one is known."""
    await client.fetch_recordings(ALL)
    assert (await client.fetch_boot()).boot_id == camera.boot_id
    assert server.requests[-1].scheme is None


async def test_anonymous_call_is_refused(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """That says nothing about the password."""
    scripted.answers = [challenge(DIGEST)]
    with pytest.raises(MissingRightsError):
        await connect(scripted).fetch_boot()
    scripted.answers = [http("", status="404 Not Found")]
    with pytest.raises(NotSupportedError):
        await connect(scripted).fetch_boot()
