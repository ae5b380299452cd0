"""Help where a search has found nothing, so that nobody sees an empty list without a word."""

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from homeassistant.components.media_player import MediaType
from homeassistant.components.media_source import BrowseMediaSource

from ..const import DOMAIN
from .items import SEARCHABLE
from .paths import FolderKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from homeassistant.components.media_player import MediaClass

    from ..phrases.asking import Hint


def make_hint(
    place: str, hint: Hint, classes: Collection[MediaClass] | None
) -> list[BrowseMediaSource]:
    """Return items of one of the wanted classes, of which none can be played.

    The front end cuts long titles, so each example is an item of its own. It opens what it finds in the whole camera,
    as the folder of a day holds little. What says that nothing was found opens the folder that was searched.
    """
    shown = next(
        each for each in reversed(SEARCHABLE) if not classes or each in classes
    )
    camera, _, _folder = place.partition("/")
    folders = {place: hint.text} | {
        "/".join(filter(None, (camera, FolderKind.SEARCH, quote(each, safe="")))): each
        for each in hint.examples
    }
    return [
        BrowseMediaSource(
            domain=DOMAIN,
            identifier=identifier,
            media_class=shown,
            media_content_type=MediaType.VIDEO,
            title=title,
            can_play=False,
            can_expand=True,
        )
        for identifier, title in folders.items()
    ]


def read_example(identifier: str) -> tuple[str, str] | None:
    """Return which folder an example searches, and for what; None if the name means something else."""
    match identifier.split("/"):
        case [_, FolderKind.RECORDING, *_]:
            return None
        case [*place, FolderKind.SEARCH, text] if text:
            return "/".join(place), unquote(text)
        case _:
            return None
