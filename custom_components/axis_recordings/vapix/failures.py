"""Say in our own words how a connection failed, and whether the request may have reached the camera."""

import os

import aiohttp

from .errors import (
    CameraConnectionError,
    CameraTimeoutError,
    CertificateError,
)


def translate(err: Exception) -> CameraConnectionError:  # noqa: PLR0911 - one for each kind
    """Return our error for one of aiohttp's, without its address, which may hold arguments."""
    match err:
        case aiohttp.ServerFingerprintMismatch():
            message = "The camera shows another certificate than the pinned one"
            return CertificateError(message, err.got.hex())
        case aiohttp.ClientConnectorCertificateError():
            return CertificateError("No authority vouches for the camera's certificate")
        case aiohttp.ConnectionTimeoutError():
            return CameraTimeoutError("The camera can't be reached: time-out")
        case TimeoutError():
            return CameraTimeoutError("The camera did not answer in time", sent=True)
        case aiohttp.ClientResponseError():
            return CameraConnectionError("The camera does not speak HTTP", sent=True)
        case aiohttp.ClientConnectorError():
            return CameraConnectionError(_why_unreachable(err))
    return CameraConnectionError("The connection to the camera broke", sent=True)


def _why_unreachable(err: aiohttp.ClientConnectorError) -> str:
    match err:
        case aiohttp.ClientConnectorDNSError():
            return "The camera's name can't be resolved"
        case aiohttp.ClientConnectorSSLError():
            return "The camera does not speak HTTPS"
    reason = os.strerror(err.errno) if err.errno else "connection failed"
    return f"The camera can't be reached: {reason}"
