"""What can go wrong between us and a camera."""


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


class WrongCameraError(CameraConnectionError):
    """Another camera answers at the address."""

    def __init__(self, serial: str, model: str) -> None:
        """Keep which one. The text does not tell, as it may be shown to others."""
        super().__init__("Another camera answers at its address")
        self.serial = serial
        self.model = model


class AuthenticationError(VapixError):
    """The camera does not accept the user name and password."""


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


class RefusedError(VapixError):
    """The camera understood the request and refused it; the text is the camera's own."""

    def __init__(self, message: str, code: int | None = None) -> None:
        """Keep the number of the error, where its API has numbers."""
        super().__init__(message)
        self.code = code


class UnexpectedAnswerError(VapixError):
    """The answer is not what the API page describes."""


class NotSupportedError(UnexpectedAnswerError):
    """The camera does not have this API (HTTP 404 or 405)."""


class NotAxisError(UnexpectedAnswerError):
    """The device does not say that it is made by AXIS."""
