"""On which disk a recording is made."""

from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.camera import Camera, Disk, Fault
from tests.common import turn

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


@pytest.mark.parametrize(
    ("disks", "chosen", "expected"),
    [
        ([Disk("SD_DISK"), Disk("NetworkShare")], None, "SD_DISK"),
        ([Disk("SD_DISK"), Disk("NetworkShare")], "NetworkShare", "NetworkShare"),
        ([Disk("SD_DISK", full=True), Disk("NetworkShare")], None, "NetworkShare"),
        ([Disk("SD_DISK", locked=True), Disk("NetworkShare")], None, "NetworkShare"),
        ([Disk("SD_DISK", readonly=True), Disk("NetworkShare")], None, "NetworkShare"),
    ],
)
async def test_disk_to_record_to(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    disks: list[Disk],
    chosen: str | None,
    expected: str,
) -> None:
    """The option decides; without it the first disk that can take a recording."""
    camera.disks.clear()
    for disk in disks:
        camera.attach_disk(disk)
    hass.config_entries.async_update_entry(
        entry, options={"disk": chosen} if chosen else {}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await turn(hass, "on")
    assert [each.disk_id for each in camera.recordings.ongoing] == [expected]


@pytest.mark.usefixtures("loaded")
async def test_card_is_swapped_for_a_share(hass: HomeAssistant, camera: Camera) -> None:
    """Disks come and go: what was known at the start is looked up again."""
    camera.detach_disk("SD_DISK")
    camera.attach_disk(Disk("NetworkShare"))
    await turn(hass, "on")
    assert [each.disk_id for each in camera.recordings.ongoing] == ["NetworkShare"]


async def test_chosen_disk_is_gone(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Nothing is recorded elsewhere than its owner wants, and the message says what to do."""
    hass.config_entries.async_update_entry(loaded, options={"disk": "NetworkShare"})
    with pytest.raises(HomeAssistantError) as error:
        await turn(hass, "on")
    assert error.value.translation_key == "chosen_disk_gone"
    assert not camera.recordings.ongoing


@pytest.mark.usefixtures("loaded")
async def test_camera_too_old_to_list_its_disks(
    hass: HomeAssistant, camera: Camera
) -> None:
    """Then there is an SD card, or the camera says what is wrong."""
    camera.faults.set("disks/list.cgi", Fault.NOT_FOUND)
    await turn(hass, "on")
    assert [each.disk_id for each in camera.recordings.ongoing] == ["SD_DISK"]
