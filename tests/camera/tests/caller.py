"""A plain client, just enough to ask a camera things."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from hashlib import md5
import re
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import xmltodict
from yarl import URL

from tests.camera import Camera, CameraServer
from tests.camera.topics import write_topic

LISTS = (
    "recording",
    "disk",
    "remove",
    "eventid",
    "source",
    "continuousrecordingconfiguration",
)


@dataclass(frozen=True)
class Reply:
    """An answer, read whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def root(self) -> dict[str, Any]:
        """The content of the root of an XML body."""
        parsed: dict[str, Any] = xmltodict.parse(self.body, force_list=LISTS)["root"]
        return parsed

    @property
    def recordings(self) -> list[dict[str, Any]]:
        """The recordings of a list."""
        found: list[dict[str, Any]] = self.root["recordings"].get("recording", [])
        return found

    @property
    def ids(self) -> list[str]:
        """The recording ids of a list."""
        return [recording["@recordingid"] for recording in self.recordings]

    @property
    def counters(self) -> tuple[int, int]:
        """Total and matching number of a list."""
        recordings = self.root["recordings"]
        return (
            int(recordings["@totalnumberofrecordings"]),
            int(recordings["@numberofrecordings"]),
        )


class Caller:
    """Calls CGIs with HTTP Basic."""

    def __init__(self, session: aiohttp.ClientSession, server: CameraServer) -> None:
        """Call one camera, as an administrator unless asked otherwise."""
        self.session = session
        self.server = server
        self.user = "administrator"

    def url(self, path: str) -> URL:
        """Give the address of a path as it is, or of a CGI."""
        root = "" if path.startswith("/") else "/axis-cgi/"
        return URL(f"{self.server.url}{root}{path}", encoded=True)

    async def request(self, method: str, path: str, **options: Any) -> Reply:
        """Ask without credentials."""
        async with self.session.request(
            method,
            self.url(path),
            ssl=False,
            allow_redirects=False,
            **options,
        ) as response:
            return Reply(response.status, dict(response.headers), await response.read())

    async def get(self, cgi: str, **arguments: str) -> Reply:
        """Ask a CGI with arguments."""
        query = urlencode(arguments, quote_via=quote)
        return await self.request("GET", f"{cgi}?{query}", headers=self.authorization)

    async def post(self, cgi: str, **options: Any) -> Reply:
        """Post to a CGI."""
        return await self.request("POST", cgi, headers=self.authorization, **options)

    async def list(self, **arguments: str) -> Reply:
        """Ask record/list.cgi."""
        return await self.get("record/list.cgi", **arguments)

    @property
    def authorization(self) -> dict[str, str]:
        """The credentials of the user, as a header."""
        account = self.server.camera.accounts[self.user]
        return {"Authorization": aiohttp.encode_basic_auth(self.user, account.password)}


type Serve = Callable[[Camera], AbstractAsyncContextManager[Caller]]


@asynccontextmanager
async def serving(
    session: aiohttp.ClientSession, camera: Camera
) -> AsyncIterator[Caller]:
    """Put a camera on the network."""
    async with CameraServer(camera) as server:
        yield Caller(session, server)


def plain(**settings: Any) -> Camera:
    """Make a camera that takes HTTP Basic, to keep tests of other things short."""
    return Camera(**{"auth": "basic", "time_zone": "America/New_York", **settings})


def reported(camera: Camera, *topics: str) -> list[tuple[str, ...]]:
    """Give what a camera reported so far: each topic with its sources and values."""
    return [
        (topic, *event.source.values(), *event.data.values())
        for event in camera.events.history
        if (topic := write_topic(event.topic, full=False)) in topics
    ]


def digest(
    challenge: str,
    uri: str,
    *,
    user: str = "viewer",
    password: str | None = None,
    count: int = 1,
    method: str = "GET",
) -> str:
    """Answer a Digest challenge as RFC 7616 says."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.removeprefix("Digest ")))
    secret = _md5(f"{user}:{given['realm']}:{password or f'{user}-secret'}")
    request = _md5(f"{method}:{uri}")
    parts = f'username="{user}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}"'
    if "qop" not in given:
        return (
            f'Digest {parts}, response="{_md5(f"{secret}:{given['nonce']}:{request}")}"'
        )
    middle = f"{given['nonce']}:{count:08x}:c0ffee:auth"
    return (
        f'Digest {parts}, algorithm=MD5, qop=auth, nc={count:08x}, cnonce="c0ffee", '
        f'response="{_md5(f"{secret}:{middle}:{request}")}"'
    )


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
