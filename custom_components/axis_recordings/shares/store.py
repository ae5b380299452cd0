"""Keep what is shared over a restart, in a file of Home Assistant's storage."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryError,
    HomeAssistantError,
    UnsupportedStorageVersionError,
)
from homeassistant.helpers.storage import Store

from ..const import DOMAIN, LOGGER
from ..exceptions import translated_error
from .models import Share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

STORAGE_VERSION: Final = 1
# How often something was opened may be lost if Home Assistant is killed.
_COUNT_SECONDS: Final = 30.0


class ShareStore:
    """The file. It holds no token, only what is left of it when it has been hashed."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare; nothing is read yet."""
        self._store: Store[list[dict[str, Any]]] = Store(
            hass, STORAGE_VERSION, f"{DOMAIN}.shares"
        )

    @property
    def path(self) -> str:
        """Return where the file is."""
        return str(self._store.path)

    async def async_load(self) -> list[Share]:
        """Return what is shared. ConfigEntryError if a newer version has written it."""
        try:
            found: Any = await self._store.async_load() or []
        except UnsupportedStorageVersionError as err:
            raise translated_error(
                ConfigEntryError, "newer_version", path=self._store.path
            ) from err
        shares: list[Share] = []
        for item in found if isinstance(found, list) else [found]:
            try:
                shares.append(Share.from_json(item))
            except TypeError, ValueError, LookupError:
                LOGGER.warning(
                    "What %s holds of something shared makes no sense; its address leads nowhere",
                    self._store.path,
                )
        return shares

    async def async_save(self, shares: Iterable[Share]) -> bool:
        """Write what is shared, and return whether it is on the disk. Without any there is no file."""
        wanted = [share.to_json() for share in shares]
        with suppress(OSError, HomeAssistantError):
            if not wanted:
                await self._store.async_remove()
                return True
            await self._store.async_save(wanted)
            # What can't be written, to a full disk for example, is logged but not raised.
            found: Any = await self._store.async_load()
            return bool(found and _uncounted(found) == _uncounted(wanted))
        return False

    @callback
    def async_save_soon(self, shares: Callable[[], Iterable[Share]]) -> None:
        """Write what nobody would miss, a little later."""
        self._store.async_delay_save(
            lambda: [share.to_json() for share in shares()], _COUNT_SECONDS
        )


def _uncounted(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return shares without what is written a little later anyhow, and may have changed meanwhile."""
    return [
        {name: item[name] for name in item.keys() - {"openings", "last_opened"}}
        for item in items
    ]
