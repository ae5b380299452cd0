"""Open a WebSocket, or find out how the camera refuses it."""

import asyncio
from typing import TYPE_CHECKING, TypeGuard

import aiohttp
from aiohttp import hdrs

from .bounds import MOST_MESSAGE_BYTES
from .failures import translate
from .interim import read_few_interim
from .status import REDIRECTS, UNAUTHORIZED

if TYPE_CHECKING:
    from yarl import URL

type Outcome = aiohttp.ClientWebSocketResponse | aiohttp.WSServerHandshakeError
"""The socket, or the refusal."""


async def shake_hands(
    session: aiohttp.ClientSession,
    url: URL,
    *,
    authorization: str | None,
    ssl: aiohttp.Fingerprint | bool,
    seconds: float,
) -> Outcome:
    """Return the socket, or how the camera refuses it.

    CameraConnectionError if it does not answer within the seconds.
    """
    headers = {hdrs.AUTHORIZATION: authorization} if authorization else None
    own = _without_redirects(session)
    try:
        async with asyncio.timeout(seconds):
            return await own.ws_connect(
                url,
                # Pings show whether the camera is there, so whoever listens has to see the answers.
                autoping=False,
                headers=headers,
                max_msg_size=MOST_MESSAGE_BYTES,
                ssl=ssl,
                # Whoever closes does not wait for the camera, which may be gone.
                timeout=aiohttp.ClientWSTimeout(ws_close=0),
            )
    except aiohttp.WSServerHandshakeError as err:
        return err
    except (aiohttp.ClientError, TimeoutError, OSError) as err:
        failure = translate(err)
    finally:
        own.detach()
    # Not from the error, whose text may hold the address, and that a token.
    raise failure


def _without_redirects(session: aiohttp.ClientSession) -> aiohttp.ClientSession:
    """Return one more session, over the connections of another one, to be detached in the end.

    There is no other way to keep aiohttp from following a handshake's redirects.
    """
    return type(session)(
        connector=session.connector,
        connector_owner=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=session.headers,
        middlewares=[refuse_redirects, read_few_interim],
    )


async def refuse_redirects(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Client middleware for handshakes, of which aiohttp would follow redirects."""
    response = await handler(request)
    if response.status in REDIRECTS:
        response.close()
        raise aiohttp.WSServerHandshakeError(
            response.request_info,
            response.history,
            status=response.status,
            headers=response.headers,
        )
    return response


def is_refused(outcome: Outcome) -> TypeGuard[aiohttp.WSServerHandshakeError]:
    """Return whether the camera wants another log-in."""
    return (
        isinstance(outcome, aiohttp.WSServerHandshakeError)
        and outcome.status == UNAUTHORIZED
    )


def challenges_of(refusal: aiohttp.WSServerHandshakeError) -> list[str]:
    """Return what the camera says of logging in."""
    headers = refusal.headers
    return headers.getall(hdrs.WWW_AUTHENTICATE, []) if headers else []
