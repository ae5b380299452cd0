"""What Home Assistant asks its owner to repair: it is shown, it says what to do, and it goes away by itself."""

from datetime import timedelta
import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.camera import Disk, Level
from tests.e2e.home import COMPONENTS
from tests.e2e.settings import Activity, Repairs, entity_row, open_device_of
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.browser import Window
    from tests.e2e.cameras import Place
    from tests.e2e.client import Client
    from tests.e2e.home import Home

DOMAIN = "axis_recordings"
TOTAL = "sensor.front_camera_recordings"
STATUS = "sensor.front_camera_sd_card_status"
SHARE_STATUS = "sensor.back_garden_network_share_status"
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
    Repair(
        "clock_behind",
        cause=_set_clock(minutes=-5),
        cure=_set_clock(),
        placeholders={"minutes": "5"},
    ),
)


class Shown:
    """A repair, for somebody who looks at the list all the time."""

    def __init__(
        self, window: Window, place: Place, key: str, **placeholders: str
    ) -> None:
        """Take the texts of a repair of a camera."""
        texts = {
            name: text.format(camera=place.name, **placeholders)
            for name, text in _texts()["issues"][key].items()
        }
        self._key = key
        self._title = texts["title"]
        self._description = texts["description"]
        self._window = window
        self._repairs = Repairs(window)

    async def open(self) -> None:
        """Open the list, in which it is not yet."""
        await self._repairs.open()
        assert self._title not in await self._repairs.titles()

    async def appears(self) -> None:
        """Wait for it, and read what it says."""
        await self._repairs.item(self._title).wait_for()
        assert self._title in await self._repairs.titles()
        await self._window.picture("repairs")
        said = await self._repairs.read(self._title, f"repair-{self._key}")
        assert said == self._description

    async def vanishes(self) -> None:
        """Wait until it is gone."""
        await self._repairs.item(self._title).wait_for(state="detached")
        assert self._window.errors == []


@pytest.mark.parametrize("repair", REPAIRS, ids=[each.key for each in REPAIRS])
async def test_repair(
    window: Window, client: Client, front: Place, repair: Repair
) -> None:
    """It comes and goes while somebody looks at the list."""
    shown = Shown(window, front, repair.key, **repair.placeholders)
    await shown.open()
    repair.cause(front)
    await _poll(client)
    await shown.appears()

    repair.cure(front)
    if repair.needs_reload:
        await _reload(client)
    await _poll(client)
    await shown.vanishes()


async def test_share(window: Window, client: Client, garden: Place) -> None:
    """A share that can't be reached comes with other advice than a card that is gone."""
    words = {"disk": "Network share", "disk_id": "NetworkShare"}
    shown = Shown(window, garden, "share_disconnected", **words)
    await shown.open()
    share = garden.camera.detach_disk("NetworkShare")
    await _poll(client, SHARE_STATUS)
    await shown.appears()

    garden.camera.attach_disk(share)
    await _poll(client, SHARE_STATUS)
    await shown.vanishes()


async def test_no_disk(window: Window, client: Client, front: Place) -> None:
    """Whoever gives up the only disk learns that nothing can be recorded."""
    shown = Shown(window, front, "no_disk")
    await shown.open()
    card = front.camera.detach_disk("SD_DISK")
    await _poll(client)
    entity = await client.command("config/entity_registry/get", entity_id=STATUS)
    await client.command("config/device_registry/remove", device_id=entity["device_id"])
    await shown.appears()

    front.camera.attach_disk(card)
    await _reload(client)
    await client.wait_for(STATUS, "ok")
    await shown.vanishes()


async def test_nothing_recorded(window: Window, client: Client, front: Place) -> None:
    """Whoever wants to be warned is, until something is recorded again."""
    camera = front.camera
    a_while_ago = camera.clock.now() - timedelta(hours=25)
    for recording in sorted(camera.recordings, key=attrgetter("start"), reverse=True):
        if recording.stop and recording.stop < a_while_ago:
            break
        camera.remove_recording(recording.recording_id)
    shown = Shown(window, front, "nothing_recorded", hours="24")
    await shown.open()
    await _choose(client, front, nothing_recorded_hours=24)
    await shown.appears()

    recording_id = camera.start_recording()
    await client.wait_for(IN_PROGRESS, "on")
    await shown.vanishes()
    camera.end_recording(recording_id)


async def test_certificate(
    window: Window, client: Client, front: Place, home: Home
) -> None:
    """Another certificate has to be agreed to first."""
    shown = Shown(window, front, "certificate_changed")
    await shown.open()
    await front.server.renew_certificate()
    await client.action("homeassistant.update_entity", {"entity_id": TOTAL})
    await shown.appears()

    (flow,) = await client.command("config_entries/flow/progress")
    await client.post(f"/api/config/config_entries/flow/{flow['flow_id']}")
    await shown.vanishes()
    (complaint,) = home.trouble(DOMAIN)
    assert "another certificate" in complaint
    home.forgiven.append(complaint)


async def test_where_to_find_it(window: Window, client: Client, front: Place) -> None:
    """What a camera does is on the page of its device, and in the activity."""
    recording_id = front.camera.start_recording()
    await client.wait_for(IN_PROGRESS, "on", 40)
    front.camera.end_recording(recording_id)
    await client.wait_for(IN_PROGRESS, "off", 40)

    await open_device_of(window, client, TOTAL)
    await window.page.get_by_text(front.camera.model).first.wait_for()
    await window.picture("device-page")

    activity = Activity(window)
    await activity.open(IN_PROGRESS)

    async def is_reported() -> bool:
        both = ["Recording in progress→No", "Recording in progress→Yes"]
        return (await activity.lines())[:2] == both

    await until(is_reported, 10)
    await window.picture("activity")
    assert window.errors == []


DISK_STATES = {
    "failed": _change(status="failed"),
    "wrong_passphrase": _change(status="wrong passphrase"),
    "no_passphrase": _change(status="no passphrase"),
    "not_encrypted": _change(status="not encrypted"),
    "disconnected": _change(status="disconnected"),
    "connected": _change(status="connected"),
    "read_only": _change(status="OK", readonly=True),
    "locked": _change(readonly=False, locked=True),
    "full": _change(locked=False, full=True),
    "ok": _change(full=False),
}
"""What becomes of a disk, one after the other."""


async def test_disk(window: Window, client: Client, front: Place) -> None:
    """Whatever becomes of a disk is on the page of its device."""
    texts = _texts()["entity"]["sensor"]["disk_status"]
    assert set(DISK_STATES) == set(texts["state"])
    await open_device_of(window, client, STATUS)
    for state, come in DISK_STATES.items():
        come(front)
        await _poll(client)
        await entity_row(window, texts["name"], texts["state"][state]).wait_for()
        await window.picture(f"disk-{state}")
    assert window.errors == []


def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(
        (COMPONENTS / DOMAIN / "translations/en.json").read_text()
    )
    return texts


async def _poll(client: Client, *entity_ids: str) -> None:
    """Let Home Assistant poll a camera and its disks now."""
    for entity_id in entity_ids or (TOTAL, STATUS):
        await client.action("homeassistant.update_entity", {"entity_id": entity_id})


async def _reload(client: Client) -> None:
    """Load the camera anew."""
    await client.action("homeassistant.reload_config_entry", {"entity_id": TOTAL})


async def _choose(client: Client, place: Place, **options: object) -> None:
    """Change options of a camera."""
    path = "/api/config/config_entries/options/flow"
    (entry_id,) = [
        entry["entry_id"]
        for entry in await client.entries(DOMAIN)
        if entry["title"] == place.name
    ]
    form = await client.post(path, {"handler": entry_id})
    kept = {
        field["name"]: field["default"]
        for field in form["data_schema"]
        if "default" in field
    }
    await client.post(f"{path}/{form['flow_id']}", {**kept, **options})
