"""What can go wrong between us and a camera."""

from typing import Final

LOCK_OUT_SECONDS = 10.0


class VapixError(Exception):
    """Base of all errors of this package. Never holds a password."""


class CameraConnectionError(VapixError):
    """The camera can't be reached, or the connection broke."""

    def __init__(self, message: str, *, sent: bool = False) -> None:
        """Keep whether the request may have reached the camera, which then may have obeyed."""
        super().__init__(message)
        self.sent = sent


class CameraTimeoutError(CameraConnectionError):
    """The camera took too long to connect or to answer."""


class CertificateError(CameraConnectionError):
    """The camera's certificate is neither trusted by an authority nor the pinned one."""

    def __init__(self, message: str, fingerprint: str | None = None) -> None:
        """Keep the SHA-256 fingerprint (hex) that the camera showed, where it is known."""
        super().__init__(message)
        self.fingerprint = fingerprint


class HttpsRequiredError(CameraConnectionError):
    """The camera is reached over HTTP, but requires HTTPS."""

    def __init__(self, message: str, port: int) -> None:
        """Keep the port at which HTTPS answers, or is said to."""
        super().__init__(message)
        self.port = port


class WrongCameraError(CameraConnectionError):
    """Another camera answers at the address."""

    def __init__(self, serial: str, model: str) -> None:
        """Keep which one. The text does not say, as it may be shown to others."""
        super().__init__("Another camera answers at its address")
        self.serial = serial
        self.model = model


class AuthenticationError(VapixError):
    """The camera does not accept the username and password."""


class InsecureLoginError(AuthenticationError):
    """The camera asks for the password in clear text over plain HTTP; it was not sent."""


class MissingRightsError(VapixError):
    """The account is good, but may not do this (VAPIX: 401, or 403 on some daemons)."""


class BusyError(VapixError):
    """The camera asks to come back later."""

    def __init__(self, message: str, retry_after: float) -> None:
        """Keep the seconds to wait before the next try."""
        super().__init__(message)
        self.retry_after = retry_after


class LockedOutError(BusyError):
    """The camera answers nobody at our address (VAPIX: for 10 s after 20 failed log-ins in a second).

    They need not be ours: another client at the same address may have the wrong password.
    """

    def __init__(self) -> None:
        """Ask to wait until it is over."""
        message = "The camera refuses us for a while, as after too many failed logins"
        super().__init__(message, LOCK_OUT_SECONDS)


class RefusedError(VapixError):
    """The camera understood the request and refused it; the text is the camera's own."""

    def __init__(self, message: str, code: int | None = None) -> None:
        """Keep the number of the error, where its API has numbers."""
        super().__init__(message)
        self.code = code


class UnexpectedAnswerError(VapixError):
    """The answer is not what the API page describes."""

    def __init__(self, message: str, status: int | None = None) -> None:
        """Keep the status of HTTP, where the answer says nothing else."""
        super().__init__(message)
        self.status = status


class UnnamedRecordingError(UnexpectedAnswerError):
    """The camera may have started a recording, but did not give the ID by which it could be stopped."""


class NotSupportedError(UnexpectedAnswerError):
    """The camera does not have this API (HTTP 404, 405 or 410)."""


class ForbiddenError(UnexpectedAnswerError):
    """The camera refuses everybody (HTTP 403), and not because of log-ins that failed."""


class RedirectError(UnexpectedAnswerError):
    """The answer sends us elsewhere, where nobody goes with a password."""


class NotAxisError(UnexpectedAnswerError):
    """The device does not say that it is made by AXIS."""


NOT_AVAILABLE: Final = (MissingRightsError, UnexpectedAnswerError)
"""What is raised for something that not every camera has, or not for every account."""


class TooMuchEffortError(VapixError):
    """The camera's answers lead to ever more requests, or take too long altogether."""
