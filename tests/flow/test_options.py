"""The options of a camera."""

from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import UnitOfInformation
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.util.unit_conversion import InformationConverter
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings.const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    CONF_DISK,
    DEFAULT_CACHE_SIZE,
    DOMAIN,
)
from tests.camera import Camera, CameraServer, Disk, Fault
from tests.common import SWITCH
from tests.flows import data_of, expect_abort, expect_form, login, suggested

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

CACHE = {CONF_CACHE_SIZE: 500.0, CONF_CACHE_HOURS: 24.0}


async def test_megabytes(loaded: MockConfigEntry) -> None:
    """They are what Home Assistant means by the unit in the form."""
    limit = InformationConverter.convert(
        DEFAULT_CACHE_SIZE, UnitOfInformation.MEGABYTES, UnitOfInformation.BYTES
    )
    assert loaded.runtime_data.player.cache.limit == limit


async def open_options(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Open the form with the options."""
    return await hass.config_entries.options.async_init(entry.entry_id)


async def choose_disk(
    hass: HomeAssistant, entry: MockConfigEntry, **user_input: str
) -> ConfigFlowResult:
    """Choose a disk, or none."""
    result = await open_options(hass, entry)
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], CACHE | user_input
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


def offered_disks(result: ConfigFlowResult) -> dict[str, str]:
    """Return the labels of the disks in the form."""
    schema = result["data_schema"]
    assert schema is not None
    selector = schema.schema.get(CONF_DISK)
    if selector is None:
        return {}
    return {each["value"]: each["label"] for each in selector.config["options"]}


async def test_options(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Each disk can be chosen, also one that has come since; none means that one is found."""
    camera.attach_disk(Disk("NetworkShare", name="Garage"))
    camera.attach_disk(Disk("USB_DISK", status="disconnected"))
    result = await open_options(hass, loaded)
    expect_form(result, "init")
    assert suggested(result) == {}
    assert offered_disks(result) == {
        "SD_DISK": "SD_DISK",
        "NetworkShare": "Garage (NetworkShare)",
        "USB_DISK": "USB_DISK (disconnected)",
    }

    result = await choose_disk(hass, loaded, disk="NetworkShare")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == {CONF_DISK: "NetworkShare", **CACHE}
    assert loaded.state is ConfigEntryState.LOADED
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": SWITCH}, blocking=True
    )
    (recording,) = camera.recordings.ongoing
    assert recording.disk_id == "NetworkShare"
    assert suggested(await open_options(hass, loaded)) == loaded.options

    await choose_disk(hass, loaded)
    assert loaded.options == CACHE
    with pytest.raises(InvalidData):
        await choose_disk(hass, loaded, disk="OTHER")


@pytest.mark.parametrize(
    ("field", "value"),
    [(CONF_CACHE_SIZE, 49), (CONF_CACHE_SIZE, 50_001), (CONF_CACHE_HOURS, 0)],
)
async def test_options_out_of_range(
    hass: HomeAssistant, loaded: MockConfigEntry, field: str, value: int
) -> None:
    """Nothing is kept that would leave no room to play, or never be given up."""
    result = await open_options(hass, loaded)
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            result["flow_id"], CACHE | {field: value}
        )


async def test_options_with_a_disk_that_is_gone(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The form does not send back what it would not take."""
    camera.attach_disk(Disk("NetworkShare"))
    await choose_disk(hass, loaded, disk="NetworkShare")
    del camera.disks["NetworkShare"]
    result = await open_options(hass, loaded)
    assert suggested(result) == CACHE
    assert list(offered_disks(result)) == ["SD_DISK"]


async def test_options_while_the_camera_is_away(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The disks of before will do; after a restart of Home Assistant there are none."""
    await server.close()
    result = await open_options(hass, loaded)
    assert offered_disks(result) == {"SD_DISK": "SD_DISK"}
    await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    expect_abort(await open_options(hass, loaded), "camera_not_loaded")


async def test_options_of_a_camera_that_can_not_list_disks(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """There is no disk to choose."""
    camera.faults.set("disks/list.cgi", Fault.NOT_FOUND)
    await hass.config_entries.async_setup(entry.entry_id)
    result = await open_options(hass, entry)
    expect_form(result, "init")
    assert offered_disks(result) == {}


async def test_options_of_a_viewer(hass: HomeAssistant, server: CameraServer) -> None:
    """Who may not record has no disk to choose."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=server.camera.serial,
        data=data_of(server, **login("viewer")),
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await open_options(hass, entry)
    expect_form(result, "init")
    assert offered_disks(result) == {}
