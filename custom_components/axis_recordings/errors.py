"""Say in the user's words what went wrong between Home Assistant and a camera."""

from typing import NoReturn

from homeassistant.exceptions import HomeAssistantError

from .vapix import (
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    CertificateError,
    ForbiddenError,
    HttpsRequiredError,
    InsecureLoginError,
    MissingRightsError,
    NotAxisError,
    RedirectError,
    RefusedError,
    VapixError,
    WrongCameraError,
)

# The first match counts, so a subclass comes before its base.
_TRANSLATION_KEYS: tuple[tuple[type[VapixError], str], ...] = (
    (CertificateError, "certificate_changed"),
    (HttpsRequiredError, "https_required"),
    (WrongCameraError, "wrong_camera"),
    (CameraTimeoutError, "time_out"),
    (CameraConnectionError, "cannot_connect"),
    (InsecureLoginError, "insecure_login"),
    (AuthenticationError, "invalid_auth"),
    (MissingRightsError, "missing_rights"),
    (BusyError, "busy"),
    (RefusedError, "refused"),
    (RedirectError, "redirected"),
    (ForbiddenError, "forbidden"),
    (NotAxisError, "not_axis"),
    (VapixError, "unexpected_answer"),
)


def translation_key(err: VapixError) -> str:
    """Return the key of the sentence for an error, the same for exceptions and forms."""
    return next(key for kind, key in _TRANSLATION_KEYS if isinstance(err, kind))


def raise_as(kind: type[HomeAssistantError], err: BaseException | None) -> NoReturn:
    """Raise an error anew as another kind, with the same text."""
    if isinstance(err, HomeAssistantError) and err.translation_key:
        raise kind(
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        ) from err
    raise kind(str(err)) from err
