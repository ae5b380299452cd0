"""What people do on their first days with the integration, in a real home.

A real Home Assistant process, cameras on real sockets, and a real browser where there is one.
"""

from datetime import UTC, datetime, timedelta
import json
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cameras import PASSWORD, USERNAME
from tests.e2e.home import COMPONENTS
from tests.e2e.settings import Activity, fill_in_action, open_device_of
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from tests.e2e.browser import Window
    from tests.e2e.cameras import Place
    from tests.e2e.client import Client
    from tests.e2e.home import Home

DOMAIN = "axis_recordings"
SWITCH = "switch.front_camera_recording"
IN_PROGRESS = "binary_sensor.front_camera_recording_in_progress"
RECORDING_ACTIVITY = "event.front_camera_recording_activity"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]


async def test_camera_is_added_in_the_browser(
    window: Window, client: Client, places: tuple[Place, Place]
) -> None:
    """Settings, Add integration, the form, the certificate, done."""
    place = places[0]
    page = window.page
    await window.go("/config/integrations/dashboard")
    await page.get_by_text("Add integration").click()
    dialog = page.locator("dialog-add-integration")
    await dialog.locator("input").fill(_text("title"))
    await dialog.get_by_text(_text("title"), exact=True).click()

    form = page.locator("step-flow-form")
    await form.locator("input[name=host]").fill(place.server.host)
    await form.locator("input[name=username]").fill(USERNAME)
    await form.locator("input[name=password]").fill("a-wrong-one")
    await window.picture("flow")
    section = _text("config", "step", "user", "sections", "connection", "name")
    await form.get_by_text(section, exact=True).click()
    await form.locator("input[type=number]").fill(str(place.server.port))
    await page.get_by_role("button", name="Submit").click()

    assert place.server.certificate_fingerprint
    fingerprint = bytes.fromhex(place.server.certificate_fingerprint)
    await page.get_by_text(fingerprint.hex(":").upper()).wait_for()
    await window.picture("certificate")
    trust = _text("config", "step", "certificate", "submit")
    await page.get_by_role("button", name=trust).click()
    await form.get_by_text(_text("config", "error", "invalid_auth")).wait_for()
    await window.picture("flow-error")

    # The certificate that was agreed to is not asked for again.
    await form.locator("input[name=password]").fill(PASSWORD)
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Finish").wait_for()
    await window.picture("added")
    await page.get_by_role("button", name="Finish").click()

    (entry,) = await client.entries(DOMAIN)
    assert entry["title"] == place.name
    assert entry["state"] == "loaded"
    assert window.errors == []


async def test_camera_is_added_over_rest(client: Client, garden: Place) -> None:
    """The other camera asks for Digest, and has nothing to confirm."""
    entries = {entry["title"]: entry for entry in await client.entries(DOMAIN)}
    assert entries[garden.name]["state"] == "loaded"
    assert {
        exchange.scheme for exchange in garden.server.requests if exchange.status == 200
    } >= {"Digest"}
    assert await client.state("sensor.back_garden_recordings") == str(
        len(garden.camera.recordings)
    )


async def test_switch_on_the_dashboard(
    window: Window, client: Client, front: Place, recordings_page: str
) -> None:
    """A click makes the camera record, another one makes it stop."""
    await window.go(recordings_page)
    switch = window.page.locator("ha-control-switch").first
    await switch.click()
    await client.wait_for(SWITCH, "on")
    (recording_id,) = front.recording
    await client.wait_for(IN_PROGRESS, "on")
    await client.wait_for("sensor.front_camera_ongoing_recordings", "1")
    await window.picture("dashboard")

    await switch.click()
    await client.wait_for(SWITCH, "off")
    assert recording_id not in front.recording
    await client.wait_for("sensor.front_camera_ongoing_recordings", "0")
    assert window.errors == []


async def test_device_page(window: Window, client: Client, front: Place) -> None:
    """The camera's page tells what it is and what it records."""
    devices = await client.command("config/device_registry/list")
    (device,) = [device for device in devices if device["name"] == front.name]
    assert device["model"] == front.camera.model
    assert device["serial_number"] == front.camera.serial
    await window.go(f"/config/devices/device/{device['id']}")
    await window.page.get_by_text(front.camera.model).first.wait_for()
    await window.picture("device", height=1000)


async def test_disk_page(window: Window, client: Client, front: Place) -> None:
    """Each disk has a page that tells how it is, under the camera's own."""
    assert await client.state("sensor.front_camera_sd_card_wear") == "12"
    await open_device_of(window, client, "sensor.front_camera_sd_card_status")
    await window.page.get_by_text("Storage problem").first.wait_for()
    await window.picture("disk", height=900)
    assert window.errors == []


async def test_activity(window: Window, client: Client, front: Place) -> None:
    """What happens to the camera's recordings is listed as it happens."""
    camera = front.camera
    recording_id = camera.start_recording()
    await client.wait_for(IN_PROGRESS, "on")
    activity = Activity(window)
    await activity.open(RECORDING_ACTIVITY)

    async def shows(event: str) -> None:
        async def is_first() -> bool:
            return event in (await activity.lines())[0]

        await until(is_first, 40)

    await shows("Started")
    camera.end_recording(recording_id)
    await shows("Finished")
    camera.start_recording()
    await shows("Started")
    camera.disks["SD_DISK"].full = True
    await shows("Interrupted")
    camera.disks["SD_DISK"].full = False
    await client.action(
        f"{DOMAIN}.remove",
        {"entity_id": SWITCH, "recording_id": recording_id},
        answer=True,
    )
    await shows("Removed")
    await window.picture("activity")
    assert window.errors == []


async def test_actions(client: Client, front: Place) -> None:
    """Start, search, stop and remove, each with its answer."""
    target = {"entity_id": SWITCH}

    async def act(action: str, **data: object) -> list[dict[str, object]]:
        answer = await client.action(
            f"{DOMAIN}.{action}", {**target, **data}, answer=True
        )
        recordings: list[dict[str, object]] = answer["recordings"]
        return recordings

    (started,) = await act("start", disk="SD_DISK")
    recording_id = started["recording_id"]
    assert front.recording == [recording_id]
    assert started["camera"] == front.name

    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    found = await act("search", start_time=an_hour_ago.isoformat(), limit=5)
    assert found[0]["recording_id"] == recording_id

    (stopped,) = await act("stop", recording_id=recording_id)
    assert stopped["result"] == "stopped"
    assert front.recording == []

    (removed,) = await act("remove", recording_id=recording_id)
    assert removed["result"] == "removed"
    assert front.camera.recordings.find(str(recording_id)) is None


async def test_action_in_the_browser(window: Window, front: Place) -> None:
    """The developer tools show an action's answer."""
    page = window.page
    action = {
        "action": f"{DOMAIN}.search",
        "target": {"entity_id": SWITCH},
        "data": {"type": "triggered", "order": "newest", "limit": 1},
    }
    await fill_in_action(window, action)
    await page.get_by_text(_text("services", "search", "name")).first.wait_for()
    await page.get_by_role("button", name="Perform action").click()
    await page.get_by_text("recording_id").first.wait_for()
    newest = max(
        (
            recording
            for recording in front.camera.recordings
            if recording.recording_type == "triggered"
        ),
        key=attrgetter("start"),
    )
    await page.get_by_text(newest.recording_id).first.wait_for()
    await window.picture("action", height=1180)


async def test_assist(client: Client, front: Place) -> None:
    """The switch can be spoken to."""
    await client.say("turn on front camera recording")
    await client.wait_for(SWITCH, "on")
    assert len(front.recording) == 1
    assert "yes" in (await client.say("is front camera recording on")).lower()
    await client.say("turn off front camera recording")
    await client.wait_for(SWITCH, "off")
    assert front.recording == []
    assert "no" in (await client.say("is front camera recording on")).lower()


async def test_restart_while_recording(
    client: Client, home: Home, front: Place
) -> None:
    """After a restart the switch still has its recording, and only that one."""
    await client.action("switch.turn_on", {"entity_id": SWITCH})
    (ours,) = front.recording
    theirs = front.camera.start_recording()
    await client.action("homeassistant.restart", {})
    await home.restarted()
    await client.running()

    await client.wait_for(SWITCH, "on")
    assert set(front.recording) == {ours, theirs}
    await client.action("switch.turn_off", {"entity_id": SWITCH})
    await client.wait_for(SWITCH, "off")
    assert front.recording == [theirs]
    front.camera.end_recording(theirs)


async def test_refusal_in_the_browser(
    window: Window, client: Client, front: Place, recordings_page: str
) -> None:
    """What the camera says is shown to whoever pressed the switch."""
    disk = front.camera.disks["SD_DISK"]
    disk.full = True
    try:
        await window.go(recordings_page)
        await window.page.get_by_role("button", name="Recording").first.click()
        await window.page.get_by_text("Disk SD_DISK is full").first.wait_for()
        await window.picture("error")
    finally:
        disk.full = False
    assert await client.state(SWITCH) == "off"


async def test_diagnostics(client: Client, front: Place) -> None:
    """The download tells a lot, and no secret."""
    entry_id = await _entry_id(client, front)
    download = await client.get(f"/api/diagnostics/config_entry/{entry_id}")
    assert download["data"]["total"] == len(front.camera.recordings)
    text = json.dumps(download)
    assert PASSWORD not in text
    assert front.camera.serial not in text


async def test_disabling_and_removal(client: Client, garden: Place) -> None:
    """A recording outlives a disabled entry, but not a removed one, which leaves nothing behind."""
    switch = "switch.back_garden_recording"
    entry_id = await _entry_id(client, garden)
    await client.action("switch.turn_on", {"entity_id": switch})
    (ours,) = garden.recording

    for disabled_by in ("user", None):
        result = await client.command(
            "config_entries/disable", entry_id=entry_id, disabled_by=disabled_by
        )
        assert result["require_restart"] is False
        assert garden.recording == [ours]
    await client.wait_for(switch, "on")

    path = f"/api/config/config_entries/entry/{entry_id}"
    assert (await client.delete(path))["require_restart"] is False
    assert garden.recording == []
    assert garden.name not in [entry["title"] for entry in await client.entries(DOMAIN)]
    for registry in ("entity", "device"):
        known = await client.command(f"config/{registry}_registry/list")
        assert entry_id not in [item.get("config_entry_id") for item in known]


def _text(*keys: str) -> str:
    """Return what the integration says in English."""
    texts = json.loads((COMPONENTS / DOMAIN / "translations/en.json").read_text())
    for key in keys:
        texts = texts[key]
    return str(texts)


async def _entry_id(client: Client, place: Place) -> str:
    """Return the id of a camera's config entry."""
    (entry_id,) = [
        entry["entry_id"]
        for entry in await client.entries(DOMAIN)
        if entry["title"] == place.name
    ]
    return str(entry_id)
