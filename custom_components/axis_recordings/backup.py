"""Let Home Assistant's backups hold the index of each camera as it was at one moment.

A backup copies the file of an index and its log one after the other, while recordings go on. So the file is held
meanwhile: changes go into the log alone, of which any beginning makes sense.
"""

from typing import TYPE_CHECKING

from .runtime import async_hold_indexes

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Hold the files. A camera of which that fails keeps nobody from making a backup."""
    await async_hold_indexes(hass, hold=True)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Let go of the files."""
    await async_hold_indexes(hass, hold=False)
