"""What a CGI is: the call that it gets and the answer that it gives."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.camera.accounts import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.camera.answers import Answer
    from tests.camera.camera import Camera
    from tests.camera.quirks import Quirks

GET = frozenset({"GET"})
POST = frozenset({"POST"})


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was understood; `path` is the CGI's below /axis-cgi/.

    `user` and `level` are those of a login, if the CGI wants one.
    """

    camera: Camera
    method: str
    path: str
    arguments: Mapping[str, str]
    body: bytes = b""
    user: str = ""
    level: Level = Level.ANONYMOUS


def always(_: Quirks) -> bool:
    """Say that every camera has the CGI."""
    return True


class Api(NamedTuple):
    """An entry of the API discovery service."""

    id: str
    version: str
    name: str


@dataclass(frozen=True, slots=True)
class Route:
    """A CGI: its handler, how it reports errors, and who may call it by which methods.

    `level` depends on the call where methods inside the body differ; `available` on the firmware.
    """

    handler: Callable[[Call], Answer]
    error: Callable[[str], Answer]
    level: Level | Callable[[Call], Level]
    methods: frozenset[str] = field(default=GET)
    available: Callable[[Quirks], bool] = always

    def required_level(self, call: Call) -> Level:
        """Give the lowest level that this call takes."""
        return self.level if isinstance(self.level, Level) else self.level(call)
