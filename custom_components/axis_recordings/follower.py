"""Follow what of a camera changes rarely: its software, its name, its time zone, its sources."""

from dataclasses import replace
from datetime import timedelta
import time
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback

from .const import LOGGER
from .entity import async_update_camera_device, camera_titles, free_title
from .helpers.context import async_begin
from .helpers.log_in import async_withdraw
from .helpers.supervision import Guard, survive
from .vapix import VapixError

if TYPE_CHECKING:
    import asyncio

    from .coordinator import RecordingsCoordinator
    from .event_listener import EventListener
    from .recordings.metadata import CameraMetadata
    from .vapix import DeviceInformation

# New software comes with a restart, which is noticed. The rest may change at any time.
INTERVAL: Final = timedelta(hours=1)
# After a poll that has failed, while those of the recordings work.
RETRY_INTERVAL: Final = timedelta(minutes=1)


class CameraFollower:
    """Asks a camera anew who it is when that may have changed."""

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: RecordingsCoordinator,
        metadata: CameraMetadata,
        events: EventListener,
    ) -> None:
        """Prepare; nothing is asked."""
        self._hass = hass
        self._coordinator = coordinator
        self._metadata = metadata
        self._events = events
        self._identified: DeviceInformation | None = None
        self._was_away = False
        self._was_nameless = False
        self._next = 0.0
        self._task: asyncio.Task[None] | None = None
        self._polling = Guard(coordinator.config_entry, "camera")

    @callback
    def async_start(self) -> None:
        """Begin with what is known from the setup, and follow the polls."""
        coordinator = self._coordinator
        self._identified = coordinator.client.identified
        self._next = time.monotonic() + INTERVAL.total_seconds()
        coordinator.config_entry.async_on_unload(
            coordinator.async_add_listener(self.async_follow)
        )
        self.async_follow()

    @callback
    def async_follow(self) -> None:
        """Ask anew after the camera was away, when it says something else of itself, and once an hour."""
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
            self._task = async_begin(
                self._hass,
                coordinator.config_entry,
                survive(self._polling, self._poll()),
                "camera",
            )

    async def _poll(self) -> None:
        coordinator = self._coordinator
        interval = RETRY_INTERVAL
        try:
            device = await coordinator.client.fetch_device()
            is_complete = self._may_be_nameless(device)
            if not is_complete:
                device = replace(device, name=coordinator.device.name)
            self._show(device)
            self._metadata.async_forget()
            await self._metadata.async_sources()
            if is_complete:
                interval = INTERVAL
        except VapixError as err:
            LOGGER.debug("%s could not be asked who it is: %s", coordinator.name, err)
        finally:
            self._next = time.monotonic() + interval.total_seconds()
        coordinator.async_update_listeners()

    def _may_be_nameless(self, device: DeviceInformation) -> bool:
        """Return whether a camera has a name, never had one, or says for the second time that it has none.

        One that has just started may not say it yet.
        """
        is_new = device.name is None and self._coordinator.device.name is not None
        was_nameless, self._was_nameless = self._was_nameless, is_new
        return was_nameless or not is_new

    @callback
    def _show(self, device: DeviceInformation) -> None:
        coordinator = self._coordinator
        before = coordinator.device
        if device == before:
            return
        coordinator.note_device(device)
        self._rename(before, device)
        async_update_camera_device(coordinator)
        if device.firmware != before.firmware:
            # Cameras get events with new software.
            self._events.async_retry()

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
