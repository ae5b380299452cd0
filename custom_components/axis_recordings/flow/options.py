"""The options of a camera: the disk to record to, how much may be kept of what was played, and when to warn."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.const import UnitOfInformation, UnitOfTime
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    CONF_DISK,
    CONF_NOTHING_RECORDED_HOURS,
    DEFAULT_CACHE_HOURS,
    DEFAULT_CACHE_SIZE,
)
from ..vapix import Disk, VapixError
from .schemas import number_field

if TYPE_CHECKING:
    from ..runtime import AxisRecordingsConfigEntry, AxisRecordingsData


class AxisRecordingsOptionsFlow(OptionsFlowWithReload):
    """Choose the disk to record to, how much may be kept of what was played, and when to warn."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the disks that the camera has, if the account may record."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        entry: AxisRecordingsConfigEntry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="camera_not_loaded")
        disks = await _fetch_disks(entry.runtime_data)
        fields: dict[vol.Marker, Any] = {}
        if disks:
            options = [
                SelectOptionDict(value=disk.disk_id, label=_disk_label(disk))
                for disk in disks
            ]
            fields[vol.Optional(CONF_DISK)] = SelectSelector(
                SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
            )
        fields[vol.Required(CONF_CACHE_SIZE, default=DEFAULT_CACHE_SIZE)] = (
            number_field(50, 50_000, UnitOfInformation.MEGABYTES)
        )
        fields[vol.Required(CONF_CACHE_HOURS, default=DEFAULT_CACHE_HOURS)] = (
            number_field(1, 720, UnitOfTime.HOURS)
        )
        fields[vol.Optional(CONF_NOTHING_RECORDED_HOURS)] = number_field(
            0, 8760, UnitOfTime.HOURS
        )
        chosen = dict(entry.options)
        # One that is gone could not be sent back.
        if all(disk.disk_id != chosen.get(CONF_DISK) for disk in disks):
            chosen.pop(CONF_DISK, None)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), chosen),
            description_placeholders={"camera": entry.title},
        )


async def _fetch_disks(camera: AxisRecordingsData) -> tuple[Disk, ...]:
    """Return the disks as they are now; none where the account may not record."""
    if not camera.recordings.is_operator:
        return ()
    with suppress(VapixError):
        # A network share may be new, and a card out.
        return await camera.client.fetch_disks()
    return camera.disks.listed


def _disk_label(disk: Disk) -> str:
    """Return the disk's name, if its owner gave it one, its id, and the camera's word on its state."""
    details = [disk.disk_id] if disk.name else []
    if not disk.is_mounted:
        details.append(disk.status)
    label = disk.name or disk.disk_id
    return f"{label} ({', '.join(details)})" if details else label
