"""Find out, without a log-in, whether and with which certificate a camera speaks HTTPS."""

from dataclasses import replace
from errno import ECONNREFUSED

import aiohttp

from .address import DEFAULT_PORTS, Address
from .errors import CameraConnectionError, HttpsRequiredError, UnexpectedAnswerError
from .failures import translate

TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)


async def fetch_fingerprint(session: aiohttp.ClientSession, address: Address) -> str:
    """Return the SHA-256 fingerprint (hex) of the certificate that the camera shows.

    Raises CameraConnectionError, and UnexpectedAnswerError where there is no certificate. Nothing is sent
    to the camera beyond the TLS handshake: a fingerprint that can't match makes aiohttp stop there and
    state the true one.
    """
    if address.protocol == "https":
        try:
            impossible = aiohttp.Fingerprint(bytes(32))
            (
                await session.get(address.url("/"), ssl=impossible, timeout=TIMEOUT)
            ).close()
        except aiohttp.ServerFingerprintMismatch as err:
            return err.got.hex()
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise translate(err) from err
    message = "The camera shows no certificate"
    raise UnexpectedAnswerError(message)


async def raise_if_https_answers(
    session: aiohttp.ClientSession, address: Address, err: Exception
) -> None:
    """Distinguish a camera that has closed HTTP, but not HTTPS, from one that is not there."""
    if (
        not isinstance(err, aiohttp.ClientConnectorError)
        or err.errno != ECONNREFUSED
        or (address.protocol, address.port) != ("http", DEFAULT_PORTS["http"])
    ):
        return
    port = DEFAULT_PORTS["https"]
    try:
        await fetch_fingerprint(session, replace(address, protocol="https", port=port))
    except CameraConnectionError:
        return
    message = f"The camera does not answer over HTTP, but over HTTPS on port {port}"
    raise HttpsRequiredError(message, port) from err
