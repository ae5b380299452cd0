"""Say in the user's words what went wrong between Home Assistant and a camera."""

from .vapix import (
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    CertificateError,
    InsecureLoginError,
    MissingRightsError,
    RefusedError,
    VapixError,
)

# The first match counts, so a subclass comes before its base.
_TRANSLATION_KEYS: tuple[tuple[type[VapixError], str], ...] = (
    (CertificateError, "certificate_changed"),
    (CameraTimeoutError, "time_out"),
    (CameraConnectionError, "cannot_connect"),
    (InsecureLoginError, "insecure_login"),
    (AuthenticationError, "invalid_auth"),
    (MissingRightsError, "missing_rights"),
    (BusyError, "busy"),
    (RefusedError, "refused"),
    (VapixError, "unexpected_answer"),
)


def translation_key(err: VapixError) -> str:
    """Return the key of the sentence for an error, the same for exceptions and forms."""
    return next(key for kind, key in _TRANSLATION_KEYS if isinstance(err, kind))
