"""Where playlists, files and images are found. Nothing in them says where the camera itself is."""

from typing import TYPE_CHECKING, Final

from ..const import DOMAIN

if TYPE_CHECKING:
    from ..recordings.part import RecordingPart

ROOT: Final = f"/api/{DOMAIN}"


def _played(token: str, name: str) -> str:
    return f"{ROOT}/play/{token}/{name}"


def _clip(entry_id: str, part: str) -> str:
    return f"{ROOT}/clip/{entry_id}/{part}.mp4"


def _thumbnail(entry_id: str, part: str) -> str:
    return f"{ROOT}/still/{entry_id}/{part}.jpg"


def _original(entry_id: str, part: str) -> str:
    return f"{ROOT}/original/{entry_id}/{part}"


def _shared(token: str) -> str:
    return f"{ROOT}/s/{token}"


# What the views are registered with. The path of a part holds slashes.
_ANY: Final = ("{entry_id}", "{part:.+}")
_PLAYLIST: Final = "index.m3u8"
PLAYLIST_URL: Final = _played("{token}", _PLAYLIST)
SEGMENT_URL: Final = _played("{token}", "{name}")
INDEXED_SEGMENT_URL: Final = _played("{token}", "{index}/{name}")
CLIP_URL: Final = _clip(*_ANY)
THUMBNAIL_URL: Final = _thumbnail(*_ANY)
ORIGINAL_URL: Final = _original(*_ANY)
SHARE_URL: Final = _shared("{token}")
SHARED_FILE_URL: Final = f"{SHARE_URL}/{{name}}"
SHARED_SEGMENT_URL: Final = f"{SHARE_URL}/{{session}}/{{name}}"

CLIP_NAME: Final = "clip.mp4"
ORIGINAL_NAME: Final = "original"
PICTURE_NAME: Final = "picture.jpg"
PLAY_NAME: Final = "play"
PLAYLIST_NAME: Final = _PLAYLIST
VIDEO_NAME: Final = "video.mp4"


def playlist_path(token: str) -> str:
    """Return the address of a session's playlist."""
    return _played(token, _PLAYLIST)


def clip_path(entry_id: str, part: RecordingPart) -> str:
    """Return the address of a part of a recording as MP4."""
    return _clip(entry_id, part.path)


def thumbnail_path(entry_id: str, part: RecordingPart) -> str:
    """Return the address of the thumbnail of a part."""
    return _thumbnail(entry_id, part.path)


def original_path(entry_id: str, part: RecordingPart) -> str:
    """Return the address of the camera's own file of a part."""
    return _original(entry_id, part.path)


def share_path(token: str, *names: str) -> str:
    """Return the address of the page of a share, or of what belongs to it."""
    return "/".join([_shared(token), *names])
