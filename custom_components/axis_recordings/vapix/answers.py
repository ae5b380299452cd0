"""What a camera has answered."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from .errors import UnexpectedAnswerError
from .failures import translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A camera's answer with status 2xx."""

    body: bytes
    content_type: str
    time: datetime | None
    """The camera's clock when it answered (VAPIX sends whole seconds)."""
    monotonic: float
    """Our monotonic clock at that moment, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """An answer as it came, whatever its status."""

    status: int
    headers: Mapping[str, str]
    challenges: list[str]
    """What the camera says of logging in."""
    version: str
    """Of HTTP, such as 1.1."""
    body: bytes
    """No more of it than was asked for."""
    seconds: float
    """How long the camera took until the answer began."""


class Stream:
    """An answer with status 2xx whose body comes bit by bit."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        """Take an answer of which only the headers have been read."""
        self._response = response
        self.content_type = response.content_type

    async def chunks(self) -> AsyncIterator[bytes]:
        """Return the body as it comes. CameraConnectionError if it breaks off."""
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise translate(err) from err


async def read_whole(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body. UnexpectedAnswerError if it has more bytes than an answer can have."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            # Closes the connection: the rest is not worth reading.
            response.close()
            message = f"The answer is larger than {most} bytes"
            raise UnexpectedAnswerError(message)
    return bytes(body)
