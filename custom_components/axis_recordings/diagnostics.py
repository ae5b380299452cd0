"""What helps to find a fault, without what nobody else should know."""

from dataclasses import asdict
import json
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.helpers.json import ExtendedJSONEncoder

from .const import CONF_FINGERPRINT
from .index.schema import VERSION

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .runtime import AxisRecordingsConfigEntry, AxisRecordingsData

MOST_SHOWN: Final = 32
"""Recordings that go on; how many there are is stated beside them."""

TO_REDACT = {
    CONF_FINGERPRINT,
    CONF_HOST,
    CONF_PASSWORD,
    CONF_USERNAME,
    # Named by people.
    "event_id",
    "event_trigger",
    "name",
    "title",
    "serial",
    "unique_id",
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of a camera, also if it could not be set up."""
    data = {
        "entry": entry.as_dict(),
        "state": entry.state.value,
        "reason": entry.error_reason_translation_key,
    }
    if entry.state is ConfigEntryState.LOADED:
        data |= await _describe(entry.runtime_data)
    plain = json.loads(json.dumps(data, cls=ExtendedJSONEncoder))
    # Ids of recordings end with the serial number, and messages of the camera may hold anything.
    secrets = filter(None, (entry.unique_id, entry.data[CONF_HOST]))
    redacted: dict[str, Any] = _without([*secrets], async_redact_data(plain, TO_REDACT))
    return redacted


async def _describe(camera: AxisRecordingsData) -> dict[str, Any]:
    """Return what is known of a camera that is loaded."""
    recordings, disks = camera.recordings, camera.disks
    snapshot = recordings.data
    return {
        "camera": {
            "device": asdict(recordings.device),
            "is_operator": recordings.is_operator,
        },
        "last_poll_succeeded": recordings.last_update_success,
        "poll_interval": recordings.update_interval,
        "events": camera.events.diagnostics,
        "clock_offset": snapshot.clock_offset,
        "total": snapshot.total,
        "ongoing": [asdict(recording) for recording in snapshot.ongoing[:MOST_SHOWN]],
        "ongoing_recordings": len(snapshot.ongoing),
        "newest": snapshot.newest and asdict(snapshot.newest),
        "oldest": snapshot.oldest and asdict(snapshot.oldest),
        "activity": camera.activity.diagnostics,
        "disks": [
            asdict(state) | {"events": sorted(state.events), "reasons": state.reasons}
            for state in disks.data.disks.values()
        ],
        "disk_jobs": [asdict(job) for job in disks.jobs.values()],
        "last_poll_of_disks_succeeded": disks.last_update_success,
        "own_recordings": [
            asdict(own) | {"starter": own.starter.kind} for own in camera.controller.own
        ],
        "index": {
            "is_whole": camera.finder.is_whole,
            "recordings": sum(camera.index.counts.values()),
            "bytes": await camera.hass.async_add_executor_job(camera.index.file.size),
            "version": VERSION,
        },
        "playback": camera.player.diagnostics,
        "check": await camera.check.async_latest(),
        "last_end": camera.controller.last_end,
        "last_error": camera.commands.last_error and asdict(camera.commands.last_error),
        "left_out": camera.client.bounds.left_out,
    }


def _without(secrets: list[str], value: Any) -> Any:
    """Return plain data with the secrets taken out of its texts; the names of fields stay."""
    match value:
        case dict():
            return {key: _without(secrets, each) for key, each in value.items()}
        case list():
            return [_without(secrets, each) for each in value]
        case str():
            for secret in secrets:
                value = value.replace(secret, REDACTED)
    return value
