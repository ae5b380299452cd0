"""Where playlists, files and pictures are found. Nothing in them tells of the camera's own address."""

from typing import TYPE_CHECKING, Final

from .const import DOMAIN

if TYPE_CHECKING:
    from .playback.window import Window

ROOT: Final = f"/api/{DOMAIN}"
PLAYLIST: Final = "index.m3u8"


def playlist_path(token: str) -> str:
    """Return the address of a session's playlist."""
    return f"{ROOT}/play/{token}/{PLAYLIST}"


def clip_path(entry_id: str, window: Window) -> str:
    """Return the address of a window as MP4."""
    return f"{ROOT}/clip/{entry_id}/{window.path}.mp4"


def still_path(entry_id: str, window: Window) -> str:
    """Return the address of a small picture of a window's beginning."""
    return f"{ROOT}/still/{entry_id}/{window.path}.jpg"


def original_path(entry_id: str, window: Window) -> str:
    """Return the address of the camera's own file of a window."""
    return f"{ROOT}/original/{entry_id}/{window.path}"
