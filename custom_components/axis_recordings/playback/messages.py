"""Say in the user's words why something can't be played."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from av.error import FFmpegError
from homeassistant.exceptions import HomeAssistantError

from ..exceptions import translated_error, translation_key
from ..vapix import NotSupportedError, RefusedError, VapixError
from .errors import (
    ClosedError,
    ExportBusyError,
    InvalidVideoError,
    MemoryLimitError,
    NoKeyFrameError,
    NoRoomError,
    NothingRecordedError,
    PlaybackError,
    SlowDiskError,
    SlowError,
    SlowReaderError,
    UnplayableError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

# The first match counts, so a subclass comes before its base.
_KEYS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (TimeoutError, "export_busy"),
    (NotSupportedError, "no_export_api"),
    (UnplayableError, "unplayable"),
    (NothingRecordedError, "no_video"),
    (NoKeyFrameError, "no_key_frame"),
    (MemoryLimitError, "too_much_at_once"),
    (InvalidVideoError, "not_a_video"),
    (FFmpegError, "not_a_video"),
    (NoRoomError, "no_room"),
    (SlowDiskError, "disk_slow"),
    (ExportBusyError, "export_busy"),
    (SlowError, "export_slow"),
    (SlowReaderError, "reader_slow"),
    (ClosedError, "playback_closed"),
)
# VAPIX (Export Recording API): its documented numbers, as far as they can come of what is asked here.
_CODES: Final = {
    10: "export_failed",
    20: "export_not_understood",
    40: "export_not_understood",
    110: "recording_gone",
    120: "no_video",
    130: "no_video",
    140: "no_video",
    150: "no_video",
    160: "no_video",
    170: "export_format",
    180: "export_format",
    220: "export_busy",
}


@contextmanager
def translated(camera: str) -> Generator[None]:
    """Raise HomeAssistantError for what goes wrong with a camera's videos."""
    try:
        yield
    except (TimeoutError, VapixError, PlaybackError, FFmpegError) as err:
        is_strange = isinstance(err, FFmpegError)
        if is_strange and isinstance(err, OSError):
            # It is about a file, of which whoever writes it knows more.
            raise
        raise translated_error(
            HomeAssistantError,
            _playback_key(err),
            camera=camera,
            # FFmpeg's own words are for programmers, and hold paths.
            reason=type(err).__name__ if is_strange else str(err),
            codec=err.codec if isinstance(err, UnplayableError) else "",
            seconds=f"{err.seconds:.0f}" if isinstance(err, SlowError) else "",
        ) from err


def _playback_key(err: Exception) -> str:
    """Return the key of the sentence for an error."""
    for kind, key in _KEYS:
        if isinstance(err, kind):
            return key
    if isinstance(err, RefusedError) and err.code is not None:
        return _CODES.get(err.code, "export_refused")
    assert isinstance(err, VapixError)  # noqa: S101 - all of the other kind are listed
    return translation_key(err)
