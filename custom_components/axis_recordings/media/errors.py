"""Say in the media browser why a folder does not open."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from homeassistant.components.media_player import BrowseError

from ..exceptions import translated_error, translated_errors

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from ..runtime import AxisRecordingsData

_LONGEST_QUOTE: Final = 100


class NoSuchFolderError(Exception):
    """The name of a folder makes no sense."""


def unknown_media(identifier: str) -> BrowseError:
    """Return the error for a name that means nothing."""
    return translated_error(
        BrowseError, "unknown_media", identifier=identifier[:_LONGEST_QUOTE]
    )


@contextmanager
def browse_errors(camera: AxisRecordingsData, path: Sequence[str]) -> Generator[None]:
    """Raise BrowseError for a folder that is not there, or a camera that does not answer."""
    with translated_errors(camera.name, BrowseError):
        try:
            yield
        except NoSuchFolderError as err:
            raise unknown_media("/".join([camera.entry.entry_id, *path])) from err
