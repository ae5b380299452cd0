"""A camera that another integration knows is taken over, and its disks are looked after."""

import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.e2e.home import COMPONENTS
from tests.e2e.settings import Activity, fill_in_action, open_device_of
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from tests.e2e.browser import Window
    from tests.e2e.cameras import Place
    from tests.e2e.client import Client

DOMAIN = "axis_recordings"
ADMINISTRATOR = "administrator"
STATUS = "sensor.back_garden_sd_card_status"
TEXTS: dict[str, Any] = json.loads(
    (COMPONENTS / DOMAIN / "translations/en.json").read_text(encoding="utf-8")
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]


@pytest_asyncio.fixture(loop_scope="module")
async def garden(client: Client, places: tuple[Place, Place]) -> Place:
    """Return the camera with two disks, which are Home Assistant's to mount."""
    place = places[1]
    if not await client.entries(DOMAIN):
        await client.add(DOMAIN, place.log_in | _account(place))
    return place


async def test_take_over(
    window: Window, client: Client, places: tuple[Place, Place]
) -> None:
    """Two clicks, and the account of the Axis integration is used here, too; nobody sees its password."""
    place = places[1]
    account = _account(place)
    core_entry = await client.add(
        "axis",
        {
            **account,
            "host": place.server.host,
            "port": place.server.port,
            "protocol": "http",
        },
    )
    (core_device,) = [
        device
        for device in await client.command("config/device_registry/list")
        if "axis" in dict(device["identifiers"])
    ]
    # The name that it is given first, of its model and a number, would be taken over, too.
    await client.command(
        "config/device_registry/update",
        device_id=core_device["id"],
        name_by_user=place.name,
    )
    steps = TEXTS["config"]["step"]
    page = window.page
    await window.go("/config/integrations/dashboard")
    await page.get_by_text("Add integration").click()
    dialog = page.locator("dialog-add-integration")
    await dialog.locator("input").fill(TEXTS["title"])
    await dialog.get_by_text(TEXTS["title"], exact=True).click()

    take_over = page.get_by_text(steps["start"]["menu_options"]["take_over"])
    await take_over.wait_for()
    await window.picture("take-over-menu")
    await take_over.click()

    agree = page.get_by_role("button", name=steps["take_over_confirm"]["submit"])
    await agree.wait_for()
    await window.picture("take-over")
    reported = await window.everything()
    assert core_entry["title"] in reported
    assert account["username"] in reported
    assert account["password"] not in reported
    await agree.click()
    await page.get_by_role("button", name="Finish").click()

    (entry,) = await client.entries(DOMAIN)
    assert (entry["title"], entry["state"]) == (place.name, "loaded")
    assert await client.entries("axis") == [core_entry]
    assert window.errors == []


async def test_disk(window: Window, client: Client, garden: Place) -> None:
    """A disk is let go of only if nothing is recorded there, or if that is said; its page shows how far it is."""
    garden.camera.job_duration = 3
    target = {"entity_id": STATUS}
    action: dict[str, object] = {
        "action": f"{DOMAIN}.unmount_disk",
        "target": target,
        "data": {"disk": "SD_DISK"},
    }
    perform = window.page.get_by_role("button", name="Perform action")
    recording_id = garden.camera.start_recording("SD_DISK")
    await fill_in_action(window, action)
    await perform.click()
    refusal = TEXTS["exceptions"]["disk_in_use"]["message"].format(
        camera=garden.name, disk="SD_DISK", recordings=recording_id
    )
    await window.page.get_by_text(refusal).first.wait_for()
    await window.picture("disk-in-use", height=1000)
    assert garden.recording == [recording_id]

    action["data"] = {"disk": "SD_DISK", "interrupt_recordings": True}
    await fill_in_action(window, action)
    await perform.click()
    await _job(client, "unmount")
    await client.wait_for(STATUS, "connected")
    await _job(client, None)
    await open_device_of(window, client, STATUS)
    not_mounted = TEXTS["entity"]["sensor"]["disk_status"]["state"]["connected"]
    await window.page.get_by_text(not_mounted).first.wait_for()
    await window.picture("disk")

    answer = await client.action(
        f"{DOMAIN}.mount_disk", {**target, "disk": "SD_DISK"}, answer=True
    )
    assert [disk["status"] for disk in answer["disks"]] == ["ok"]
    assert await client.state(STATUS) == "ok"
    assert window.errors == []


async def test_activity(window: Window, client: Client, garden: Place) -> None:
    """What happened to recordings reads as a diary."""
    seen = len(garden.camera.recordings)
    recording_id = garden.camera.start_recording()
    await client.wait_for("sensor.back_garden_recordings", str(seen + 1))
    garden.camera.end_recording(recording_id)
    activity = Activity(window)
    await activity.open("event.back_garden_recording_activity")

    async def is_reported() -> bool:
        latest = ["Recording activity→Finished", "Recording activity→Started"]
        return (await activity.lines())[:2] == latest

    await until(is_reported, 20)
    await window.picture("recording-activity")
    assert window.errors == []


async def _job(client: Client, action: str | None) -> None:
    """Wait until the camera does this on its disk, or nothing."""

    async def is_doing() -> bool:
        status = await client.get(f"/api/states/{STATUS}")
        return bool(status["attributes"].get("job") == action)

    await until(is_doing, 20)


def _account(place: Place) -> dict[str, str]:
    """Return the account that may do everything."""
    return {
        "username": ADMINISTRATOR,
        "password": place.camera.accounts[ADMINISTRATOR].password,
    }
