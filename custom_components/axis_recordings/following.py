"""Follow what of a camera changes rarely: its software, its name, its time zone, its sources."""

from dataclasses import replace
from datetime import timedelta
import time
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN, LOGGER
from .entity import async_update_camera_device, camera_titles, free_title
from .log_in import async_withdraw
from .supervision import Guard, survive
from .vapix import VapixError

if TYPE_CHECKING:
    import asyncio

    from .coordinator import AxisRecordingsCoordinator
    from .vapix import DeviceInformation

# New software comes with a restart, which is noticed. The rest may change at any time.
INTERVAL: Final = timedelta(hours=1)
# After a look that has failed, while the recordings are told.
RETRY_INTERVAL: Final = timedelta(minutes=1)


class CameraFollower:
    """Looks at a camera anew when it may have changed."""

    def __init__(
        self, hass: HomeAssistant, coordinator: AxisRecordingsCoordinator
    ) -> None:
        """Begin with what is known from the setup."""
        self._hass = hass
        self._coordinator = coordinator
        self._identified = coordinator.client.identified
        self._was_away = False
        self._was_nameless = False
        self._next = time.monotonic() + INTERVAL.total_seconds()
        self._task: asyncio.Task[None] | None = None
        self._looking = Guard(coordinator.config_entry, "camera")

    @callback
    def async_follow(self) -> None:
        """Look anew after the camera was away, when it says something else of itself, and once an hour."""
        coordinator = self._coordinator
        if not coordinator.last_update_success:
            self._was_away = True
            return
        async_withdraw(self._hass, coordinator.config_entry)
        is_due = (
            self._was_away
            or coordinator.client.identified != self._identified
            or time.monotonic() >= self._next
        )
        if is_due and (self._task is None or self._task.done()):
            self._was_away = False
            self._identified = coordinator.client.identified
            self._task = coordinator.config_entry.async_create_background_task(
                self._hass, survive(self._looking, self._look()), f"{DOMAIN} camera"
            )

    async def _look(self) -> None:
        coordinator = self._coordinator
        interval = RETRY_INTERVAL
        try:
            device = await coordinator.client.fetch_device()
            is_told = self._may_be_nameless(device)
            if not is_told:
                device = replace(device, name=coordinator.camera.device.name)
            self._show(device)
            coordinator.catalogue.async_forget()
            await coordinator.catalogue.async_sources()
            if is_told:
                interval = INTERVAL
        except VapixError as err:
            LOGGER.debug("%s could not be looked at: %s", coordinator.name, err)
        finally:
            self._next = time.monotonic() + interval.total_seconds()
        coordinator.async_update_listeners()

    def _may_be_nameless(self, device: DeviceInformation) -> bool:
        """Return whether a camera has a name, never had one, or tells for the second time that it has none.

        One that has just started may not tell it yet.
        """
        is_new = (
            device.name is None and self._coordinator.camera.device.name is not None
        )
        was_nameless, self._was_nameless = self._was_nameless, is_new
        return was_nameless or not is_new

    @callback
    def _show(self, device: DeviceInformation) -> None:
        coordinator = self._coordinator
        before = coordinator.camera.device
        if device == before:
            return
        coordinator.camera = replace(coordinator.camera, device=device)
        self._rename(before, device)
        async_update_camera_device(coordinator)
        if device.firmware != before.firmware:
            # Cameras get events with new software.
            coordinator.push.async_retry()

    def _rename(self, before: DeviceInformation, device: DeviceInformation) -> None:
        """Take over a new name, unless the owner has chosen another one here."""
        entry = self._coordinator.config_entry
        title, longer = camera_titles(self._hass, before)
        if entry.title == title:
            new = free_title(self._hass, device)
        elif entry.title == longer:
            _, new = camera_titles(self._hass, device)
        else:
            return
        self._hass.config_entries.async_update_entry(entry, title=new)
        self._coordinator.name = new
