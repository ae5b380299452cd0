"""Poll the recordings of a camera, and publish what they are."""

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from .const import CONF_READ_ONLY, LOGGER
from .exceptions import camera_error
from .helpers.listeners import Listeners
from .helpers.log_in import async_try_again
from .helpers.polling import PollingCoordinator
from .recordings.watch import RecordingWatch, Snapshot
from .vapix import (
    AuthenticationError,
    BusyError,
    CertificateError,
    DeviceInformation,
    RecordingKey,
    VapixClient,
    VapixError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterable
    from datetime import datetime
    from typing import Any

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

# People watch the state of a recording that goes on more often than an idle camera. Both are far
# from what the smallest cameras can bear: one request, and some hundred bytes.
RECORDING_INTERVAL: Final = timedelta(seconds=10)
IDLE_INTERVAL: Final = timedelta(seconds=30)
# A camera that reports what happens reports only whether anything is being recorded at all: what begins or
# ends beside another recording is seen by polls alone. Of an idle one, they see only what is removed or
# cleaned up. Below the pause after which the watch learns everything anew.
RESTING_INTERVAL: Final = timedelta(minutes=5)


class RecordingsCoordinator(PollingCoordinator[Snapshot]):
    """The recordings of one camera, and who it is."""

    device: DeviceInformation
    """Known from the first poll on, as is the next one. Set by ``note_device`` alone."""
    is_operator: bool
    """Whether the account may record."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        client: VapixClient,
        *,
        recall: Callable[[], Awaitable[Iterable[RecordingKey]]],
        settle: Callable[[Snapshot], Awaitable[None]],
        may_rest: Callable[[], bool],
    ) -> None:
        """Poll with the client.

        ``recall`` is awaited before the first poll, and returns which recordings went on when they were
        seen last. ``settle`` is awaited after each poll, before it is published. ``may_rest`` returns
        whether polls may be rare while nothing is being recorded.
        """
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name="",
            update_interval=IDLE_INTERVAL,
        )
        self.client = client
        self.snapshots: Listeners[Snapshot] = Listeners(entry)
        """Who hears of each poll that worked, while ``last_update_success`` still is that of the one before."""
        self.failures: Listeners[VapixError] = Listeners(entry)
        """Who hears of each error of the client that failed a poll, unless the owner is asked to log in."""
        self._recall = recall
        self._settle = settle
        self._may_rest = may_rest
        self._watch = RecordingWatch(client)
        self._was_refused = False

    @property
    def camera_now(self) -> datetime:
        """Return the camera's clock."""
        return dt_util.utcnow() + (self.data.clock_offset or timedelta(0))

    async def async_show(self, keys: Iterable[RecordingKey]) -> None:
        """Show recordings that go on, as was found elsewhere, if no poll has shown them."""
        if self._watch.suspect(keys):
            await self.async_refresh()

    def note_device(self, device: DeviceInformation) -> None:
        """Take in who the camera says that it is."""
        self.device = device

    @override
    async def _async_setup(self) -> None:
        with self._translated_errors():
            # Recordings are shown also while the disks are not.
            found = await self.client.fetch_camera(
                assume_operator=not self.config_entry.data.get(CONF_READ_ONLY)
            )
        self.note_device(found.device)
        self.is_operator = found.is_operator
        if self.is_operator and CONF_READ_ONLY in self.config_entry.data:
            self._forget_read_only()
        self._watch.suspect(await self._recall())

    def _forget_read_only(self) -> None:
        """Note that the account has got more rights: if it loses them again, the owner is to hear of it."""
        data = {
            name: value
            for name, value in self.config_entry.data.items()
            if name != CONF_READ_ONLY
        }
        self.hass.config_entries.async_update_entry(self.config_entry, data=data)

    @override
    async def _async_poll(self) -> Snapshot:
        # Also where the poll fails: the events may have ended since the last one.
        self.update_interval = self._choose_interval(self.data)
        with self._translated_errors():
            snapshot = await self._watch.poll()
        await self._settle(snapshot)
        self.snapshots.async_notify(snapshot)
        self.update_interval = self._choose_interval(snapshot)
        for kind in self.client.bounds.take_news():
            LOGGER.warning(
                "%s: The camera reports more %s than a camera can have; the rest is left out",
                self.name,
                kind,
            )
        return snapshot

    def _choose_interval(self, snapshot: Snapshot | None) -> timedelta:
        if snapshot and snapshot.ongoing:
            return RECORDING_INTERVAL
        return RESTING_INTERVAL if self._may_rest() else IDLE_INTERVAL

    @contextmanager
    def _translated_errors(self) -> Generator[None]:
        """Turn the client's errors into those that Home Assistant's coordinator knows."""
        try:
            yield
        except VapixError as err:
            self.client.doubt()
            was_refused, self._was_refused = (
                self._was_refused,
                isinstance(err, AuthenticationError),
            )
            # A camera that starts may refuse every log-in for some seconds: after an outage, once is nothing.
            if self._was_refused and (self.last_update_success or was_refused):
                async_try_again(self.hass, self.config_entry, self.async_refresh)
                raise camera_error(ConfigEntryAuthFailed, err, self.name) from err
            if isinstance(err, CertificateError):
                # Not a wrong password, but the same form lets the owner compare and agree.
                self.config_entry.async_start_reauth(self.hass)
            self.failures.async_notify(err)
            failed = camera_error(UpdateFailed, err, self.name)
            if isinstance(err, BusyError):
                failed.retry_after = err.retry_after
            raise failed from err
