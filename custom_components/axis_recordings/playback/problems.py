"""Say in the user's words why something can't be played."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import HomeAssistantError

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.errors import translation_key
from custom_components.axis_recordings.vapix import (
    NotSupportedError,
    RefusedError,
    VapixError,
)

from .errors import (
    BusyError,
    ClosedError,
    NoFootageError,
    NoKeyFrameError,
    NoRoomError,
    NotAFilmError,
    PlaybackError,
    UnplayableError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

_KEYS: Final[tuple[tuple[type[PlaybackError], str], ...]] = (
    (UnplayableError, "unplayable"),
    (NoFootageError, "no_footage"),
    (NoKeyFrameError, "no_key_frame"),
    (NotAFilmError, "not_a_film"),
    (NoRoomError, "no_room"),
    (BusyError, "export_busy"),
    (ClosedError, "playback_closed"),
)
# VAPIX (Export Recording API): its documented numbers, as far as they can come of what is asked here.
_CODES: Final = {
    10: "export_failed",
    20: "export_not_understood",
    40: "export_not_understood",
    110: "recording_gone",
    120: "no_footage",
    130: "no_footage",
    140: "no_footage",
    150: "no_footage",
    160: "no_footage",
    170: "export_format",
    180: "export_format",
    220: "export_busy",
}


@contextmanager
def translated(camera: str) -> Generator[None]:
    """Raise HomeAssistantError for what goes wrong with a camera's films."""
    try:
        yield
    except TimeoutError as err:
        raise _error(camera, "export_busy") from err
    except NotSupportedError as err:
        raise _error(camera, "no_export_api") from err
    except RefusedError as err:
        key = _CODES.get(err.code or 0, "export_refused")
        raise _error(camera, key, reason=str(err)) from err
    except VapixError as err:
        raise _error(camera, translation_key(err), reason=str(err)) from err
    except PlaybackError as err:
        key = next(key for kind, key in _KEYS if isinstance(err, kind))
        codec = err.codec if isinstance(err, UnplayableError) else ""
        raise _error(camera, key, reason=str(err), codec=codec) from err


def _error(camera: str, key: str, **placeholders: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"camera": camera, **placeholders},
    )
