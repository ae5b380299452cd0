"""The names of recordings in the media browser."""

from typing import TYPE_CHECKING, Final

from ..const import DOMAIN
from .part import RecordingPart

if TYPE_CHECKING:
    from ..vapix import RecordingKey

PLAY: Final = "play"


def play_identifier(entry_id: str, part: RecordingPart) -> str:
    """Return the name of something to play, within this media source."""
    return f"{entry_id}/{PLAY}/{part.path}"


def media_content_id(entry_id: str, key: RecordingKey) -> str:
    """Return the name of a recording for players. It stays true while its start moves."""
    return part_content_id(entry_id, RecordingPart(key=key))


def part_content_id(entry_id: str, part: RecordingPart) -> str:
    """Return the name of a part of a recording for players."""
    return f"media-source://{DOMAIN}/{play_identifier(entry_id, part)}"
