"""Say in the user's words what went wrong between Home Assistant and a camera."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
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

if TYPE_CHECKING:
    from collections.abc import Generator

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


def translated_error[ErrorT: HomeAssistantError](
    kind: type[ErrorT], key: str, **placeholders: str
) -> ErrorT:
    """Return an error of a kind that says the sentence with a key."""
    return kind(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )


def camera_error[ErrorT: HomeAssistantError](
    kind: type[ErrorT], err: VapixError, camera: str
) -> ErrorT:
    """Return an error of a kind that says what went wrong with a camera."""
    return translated_error(kind, translation_key(err), camera=camera, reason=str(err))


@contextmanager
def translated_errors(
    camera: str, kind: type[HomeAssistantError] = HomeAssistantError
) -> Generator[None]:
    """Raise what goes wrong with a camera as another kind of error, in the user's words."""
    try:
        yield
    except VapixError as err:
        raise camera_error(kind, err, camera) from err


def recording_gone[ErrorT: HomeAssistantError](
    camera: str, kind: type[ErrorT]
) -> ErrorT:
    """Return the error for a recording that a camera does not list any more."""
    return translated_error(kind, "recording_gone", camera=camera)


def camera_not_loaded[ErrorT: HomeAssistantError](
    camera: str, kind: type[ErrorT]
) -> ErrorT:
    """Return the error for a camera that can't be asked at present."""
    return translated_error(kind, "camera_not_loaded", camera=camera)


def raise_as(kind: type[HomeAssistantError], err: BaseException | None) -> NoReturn:
    """Raise an error anew as another kind, with the same text."""
    if isinstance(err, HomeAssistantError) and err.translation_key:
        raise kind(
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        ) from err
    raise kind(str(err)) from err
