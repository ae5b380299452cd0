"""Which codecs are played, and which are decoded."""

from typing import TYPE_CHECKING, Final

from .errors import UnplayableError

if TYPE_CHECKING:
    from ..vapix import Recording

PLAYABLE: Final = ("h264", "hevc", "av1")
"""What is copied as it is, in FFmpeg's words. All else would have to be coded anew."""
DECODABLE: Final = (*PLAYABLE, "mjpeg")
"""What cameras record. Nothing else is given to a decoder, whatever a video says that it holds."""
_NAMES: Final = {"mjpeg": "MJPEG"}
_NOT_PLAYABLE: Final = {"jpeg": "MJPEG"}
"""What the camera's list calls the codecs that no browser plays."""


def require_playable(codec: str) -> None:
    """Raise UnplayableError if players can't show a codec."""
    if codec not in PLAYABLE:
        raise UnplayableError(_NAMES.get(codec, codec))


def require_decodable(codec: str) -> None:
    """Raise UnplayableError if no camera records a codec."""
    if codec not in DECODABLE:
        raise UnplayableError(_NAMES.get(codec, codec))


def is_listed_as_playable(recording: Recording) -> bool:
    """Return whether the camera's list does not say that players can't show a recording."""
    return _listed_as_unplayable(recording) is None


def require_listed_as_playable(recording: Recording) -> None:
    """Raise UnplayableError where the camera's list says already that players can't show a recording."""
    if (name := _listed_as_unplayable(recording)) is not None:
        raise UnplayableError(name)


def _listed_as_unplayable(recording: Recording) -> str | None:
    """Return the codec of a recording by its name, if no player shows it."""
    for track in recording.video[:1]:
        for word, name in _NOT_PLAYABLE.items():
            if word in (track.mime_type or "").lower():
                return name
    return None
