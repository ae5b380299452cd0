"""What a camera says grows neither attributes nor diagnostics nor messages without an end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from itertools import count
import json
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest

from custom_components.axis_recordings.activity import audit
from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.axis_recordings.flow.discovery import read_ssdp, read_zeroconf
from custom_components.axis_recordings.vapix import (
    RecordingPage,
    RecordingQuery,
    VapixClient,
    bounds,
)

from .common import (
    IN_PROGRESS,
    ONGOING,
    attributes_of,
    call,
    pass_time,
    set_up,
    state_of,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera, CameraServer

MOST_ATTRIBUTE_BYTES = 16 * 1024
"""Of which Home Assistant's recorder keeps none, with a warning."""
MANY = 600
SOURCE = "binary_sensor.front_camera_source_1_recording_in_progress"


@pytest.fixture
async def crowded(
    hass: HomeAssistant, camera: Camera, entry: MockConfigEntry
) -> MockConfigEntry:
    """Return a camera, set up, on which more goes on than a camera can have, under long names."""
    now = camera.clock.now()
    for number in range(MANY):
        camera.add_recording(
            now - timedelta(hours=3, seconds=number),
            now,
            recording_id=f"{number:03}{'\N{FILM FRAMES}' * (bounds.LONGEST_ID - 3)}",
            recording_status="recording",
            source=str(number % 2),
            event_id="\N{FILM FRAMES}" * 500,
            event_trigger="\\" * 500,
        )
    await set_up(hass, entry)
    return entry


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_many_go_on(
    hass: HomeAssistant, crowded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorder keeps all attributes; what is left out of a list is counted."""
    for state in hass.states.async_all():
        assert len(json_bytes(state.attributes)) < MOST_ATTRIBUTE_BYTES, state.entity_id
    assert state_of(hass, ONGOING) == str(bounds.MOST_ONGOING)
    attributes = attributes_of(hass, IN_PROGRESS)
    assert attributes["recording_count"] == bounds.MOST_ONGOING
    assert 0 < len(attributes["recording_ids"]) < bounds.MOST_ONGOING
    one = attributes_of(hass, SOURCE)
    assert one["recording_count"] == bounds.MOST_ONGOING // 2

    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "unmount_disk", disk="SD_DISK")
    assert len(str(caught.value)) < MOST_ATTRIBUTE_BYTES

    checked: Any = {"model": "checked before"}
    crowded.runtime_data.check.note(checked)
    reported = await async_get_config_entry_diagnostics(hass, crowded)
    assert reported["ongoing_recordings"] == bounds.MOST_ONGOING
    assert reported["left_out"] == {"ongoing recordings": MANY - bounds.MOST_ONGOING}
    assert len(json.dumps(reported)) < 256 * 1024


async def test_list_that_is_always_new(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To set up, to poll, to load anew and to unload comes to an end, after as much as it may cost."""
    monkeypatch.setattr(audit, "MOST_WALK_REQUESTS", 50)
    fetch, numbers = VapixClient.fetch_recordings, count()

    async def make_up(
        client: VapixClient, query: RecordingQuery, **more: Any
    ) -> RecordingPage:
        page = await fetch(client, query, **more)
        return replace(
            page,
            total=10_000 + next(numbers),
            matches=999_999,
            recordings=tuple(
                replace(each, recording_id=f"made_up_{next(numbers)}")
                for each in page.recordings
            ),
        )

    monkeypatch.setattr(VapixClient, "fetch_recordings", make_up)
    # A poll, questions about what it has found, and a walk.
    most = 2 * bounds.MOST_POLL_REQUESTS + 50
    for step in (
        lambda: set_up(hass, entry),
        lambda: pass_time(hass, freezer),
        lambda: hass.config_entries.async_reload(entry.entry_id),
        lambda: pass_time(hass, freezer, 3601),
        lambda: hass.config_entries.async_unload(entry.entry_id),
    ):
        before = len(server.requests)
        await step()
        assert len(server.requests) - before <= most
    assert entry.state is ConfigEntryState.NOT_LOADED


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_long_names(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What a camera calls itself and its disks, sources and events is shown, and stored, as far as it fits."""
    long = "A" * 100_000
    camera.model, camera.firmware, camera.name = f"AXIS {long}", long, long
    disk: Any = camera.disks["SD_DISK"]
    disk.name = disk.filesystem = disk.required_filesystem = long
    disk.full = True
    for source in ("1", "2"):
        camera.add_recording(
            camera.clock.now() - timedelta(minutes=2),
            camera.clock.now() - timedelta(minutes=1),
            event_id=long,
            event_trigger=long,
            source=source,
        )
    await set_up(hass, entry)
    stored = [
        *(device.dict_repr for device in dr.async_get(hass).devices),
        *(each.as_partial_dict for each in er.async_get(hass).entities.values()),
        *(state.as_dict() for state in hass.states.async_all()),
        *(issue.to_json() for issue in ir.async_get(hass).issues.values()),
    ]
    for each in stored:
        assert longest(each) <= 3 * bounds.LONGEST_TEXT, each
    assert "longer than" not in caplog.text
    # Home Assistant writes all that it stores into the log of tests.
    ours = [each.getMessage() for each in caplog.records if DOMAIN in each.name]
    assert ours
    assert longest(ours) < 3 * bounds.LONGEST_TEXT


def longest(value: Any) -> int:
    """Return the length of the longest text in plain data."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set):
        return max(map(longest, value), default=0)
    return 0


@pytest.mark.parametrize("found", ["zeroconf", "ssdp"])
def test_long_names_of_what_is_found(found: str) -> None:
    """Whoever announces itself on the network is called by a line."""
    long = "A" * 100_000
    discovered = (
        read_zeroconf(
            ZeroconfServiceInfo(
                ip_address=ip_address("192.0.2.1"),
                ip_addresses=[ip_address("192.0.2.1")],
                port=80,
                hostname=long,
                type="_axis-video._tcp.local.",
                name=f"{long}._axis-video._tcp.local.",
                properties={"macaddress": long},
            )
        )
        if found == "zeroconf"
        else read_ssdp(
            SsdpServiceInfo(
                ssdp_usn=long,
                ssdp_st=long,
                upnp={
                    "friendlyName": long,
                    "modelName": f"B{long}",
                    "presentationURL": f"http://[2001:db8::1%25{long}]:80/",
                    "serialNumber": long,
                },
            )
        )
    )
    assert 0 < len(discovered.name) <= 3 * bounds.LONGEST_TEXT
    assert discovered.serial is None
    assert all(len(host) < bounds.LONGEST_ID for host in discovered.hosts)
