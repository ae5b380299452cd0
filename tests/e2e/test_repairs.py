"""What Home Assistant asks its owner to repair: it is shown, it says what to do, and it goes away by itself."""

from datetime import timedelta
import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.camera import Disk, Level
from tests.e2e.home import COMPONENTS
from tests.e2e.settings import Activity, Repairs, open_device
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.browser import Window
    from tests.e2e.cameras import Place
    from tests.e2e.client import Client

DOMAIN = "axis_recordings"
TOTAL = "sensor.front_camera_recordings"
STATUS = "sensor.front_camera_sd_card_status"
IN_PROGRESS = "binary_sensor.front_camera_recording_in_progress"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]


class Repair(NamedTuple):
    """Something that is wrong with a camera."""

    key: str
    """In the translations."""
    cause: Callable[[Place], None]
    cure: Callable[[Place], None]
    placeholders: dict[str, str]
    """Beside the name of the camera."""
    needs_reload: bool = False
    """Whether to load the camera anew, or wait for minutes, until the cure is seen."""


def _set_clock(**ahead: float) -> Callable[[Place], None]:
    def set_clock(place: Place) -> None:
        place.camera.clock.offset = timedelta(**ahead)

    return set_clock


def _change(**values: object) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        for name, value in values.items():
            setattr(place.camera.disks["SD_DISK"], name, value)

    return change


def _pull_out(place: Place) -> None:
    place.camera.detach_disk("SD_DISK")


def _put_in(place: Place) -> None:
    place.camera.attach_disk(Disk("SD_DISK"))


def _make(level: Level) -> Callable[[Place], None]:
    def make(place: Place) -> None:
        place.camera.accounts["operator"].level = level

    return make


CARD = {"disk": "SD card", "disk_id": "SD_DISK"}


def _of_the_card(
    key: str, cause: dict[str, object], cure: dict[str, object], **words: str
) -> Repair:
    return Repair(key, _change(**cause), _change(**cure), {**CARD, **words})


REPAIRS = (
    Repair("disk_disconnected", _pull_out, _put_in, CARD),
    _of_the_card("disk_not_mounted", {"status": "connected"}, {"status": "OK"}),
    _of_the_card("disk_failed", {"status": "failed"}, {"status": "OK"}),
    _of_the_card("disk_not_encrypted", {"status": "not encrypted"}, {"status": "OK"}),
    _of_the_card("disk_passphrase", {"status": "wrong passphrase"}, {"status": "OK"}),
    _of_the_card("disk_read_only", {"readonly": True}, {"readonly": False}),
    _of_the_card("disk_locked", {"locked": True}, {"locked": False}),
    _of_the_card(
        "disk_full",
        {"cleanup_policy": "none", "full": True},
        {"cleanup_policy": "fifo", "full": False},
    ),
    _of_the_card("disk_worn_out", {"wear": 93}, {"wear": -1}, wear="93"),
    _of_the_card(
        "disk_without_encryption",
        {"encryption_enabled": True},
        {"encryption_enabled": False},
    ),
    Repair(
        "too_few_rights",
        _make(Level.VIEWER),
        _make(Level.OPERATOR),
        {},
        needs_reload=True,
    ),
    Repair(
        "clock_ahead",
        cause=_set_clock(minutes=5),
        cure=_set_clock(),
        placeholders={"minutes": "5"},
    ),
)


@pytest.mark.parametrize("repair", REPAIRS, ids=[each.key for each in REPAIRS])
async def test_repair(
    window: Window, client: Client, front: Place, repair: Repair
) -> None:
    """It comes and goes while somebody looks at the list."""
    texts = json.loads((COMPONENTS / DOMAIN / "translations/en.json").read_text())
    placeholders = {"camera": front.name, **repair.placeholders}
    issue = texts["issues"][repair.key]
    title = issue["title"].format(**placeholders)

    repairs = Repairs(window)
    await repairs.open()
    assert title not in await repairs.titles()
    repair.cause(front)
    await _poll(client)
    await repairs.item(title).wait_for()
    assert title in await repairs.titles()
    await window.picture("repairs")
    said = await repairs.read(title, f"repair-{repair.key}")
    assert said == issue["description"].format(**placeholders)

    repair.cure(front)
    if repair.needs_reload:
        await client.action("homeassistant.reload_config_entry", {"entity_id": TOTAL})
    await _poll(client)
    await repairs.item(title).wait_for(state="detached")
    assert window.errors == []


async def test_where_to_look(window: Window, client: Client, front: Place) -> None:
    """What a camera does is on the page of its device, and in the activity."""
    recording_id = front.camera.start_recording()
    await client.wait_for(IN_PROGRESS, "on", 40)
    front.camera.end_recording(recording_id)
    await client.wait_for(IN_PROGRESS, "off", 40)

    await open_device(window, client, front.name)
    await window.page.get_by_text(front.camera.model).first.wait_for()
    await window.picture("device-page")

    activity = Activity(window)
    await activity.open(IN_PROGRESS)

    async def is_told() -> bool:
        both = ["Recording in progress→No", "Recording in progress→Yes"]
        return (await activity.lines())[:2] == both

    await until(is_told, 10)
    await window.picture("activity")
    assert window.errors == []


async def test_disk(window: Window, client: Client, front: Place) -> None:
    """Whatever becomes of a disk is on the page of its device."""
    texts = json.loads((COMPONENTS / DOMAIN / "translations/en.json").read_text())
    words = texts["entity"]["sensor"]["disk_status"]["state"]
    await open_device(window, client, "SD card")
    await window.page.get_by_text(words["ok"], exact=True).first.wait_for()
    await window.picture("disk-page")
    for status in ("failed", "wrong passphrase", "not encrypted", "connected"):
        front.camera.disks["SD_DISK"].status = status
        await _poll(client)
        word = words[status.replace(" ", "_")]
        await window.page.get_by_text(word, exact=True).first.wait_for()
        await window.picture(f"disk-{status.replace(' ', '-')}")
    front.camera.disks["SD_DISK"].status = "OK"
    await _poll(client)
    await window.page.get_by_text(words["ok"], exact=True).first.wait_for()
    assert window.errors == []


async def _poll(client: Client) -> None:
    """Let Home Assistant look at the camera and its disks now."""
    for entity_id in (TOTAL, STATUS):
        await client.action("homeassistant.update_entity", {"entity_id": entity_id})
