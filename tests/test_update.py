"""What an earlier version has stored, updated to this one: nobody notices.

The copies in `tests/data` were made by those versions (`tests/bench/installation.py`).
"""

from contextlib import AsyncExitStack, closing
from datetime import datetime, timedelta
from http import HTTPStatus
import json
import logging
from pathlib import Path
import re
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

from homeassistant import bootstrap
from homeassistant.components.media_source import (
    async_browse_media,
    async_resolve_media,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, STATE_OFF, STATE_ON
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.json import json_bytes
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml, load_yaml_dict
import pytest

from custom_components.axis_recordings.const import DOMAIN
from tests.camera import Camera, CameraServer, Disk, Video
from tests.camera.recordings import Recording

from .common import pass_time, state_of
from .flows import suggested
from .repository import INTEGRATION

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from freezegun.api import FrozenDateTimeFactory
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from .videos import RunningClock

COPY = Path(__file__).parent / "data" / "installation_0.1.0"


def stored(name: str) -> Any:
    """Return what the copy holds of one of Home Assistant's files."""
    return json.loads((COPY / "storage" / name).read_text("utf-8"))["data"]


FACTS: dict[str, Any] = json.loads((COPY / "installation.json").read_text("utf-8"))
MADE = datetime.fromisoformat(FACTS["made"])
ENTRIES: list[dict[str, Any]] = stored("core.config_entries")["entries"]
ENTITIES: list[dict[str, Any]] = [
    each
    for each in stored("core.entity_registry")["entities"]
    if each["platform"] == DOMAIN
]
BY_SWITCH, TIMED = FACTS["own"]["by_switch"], FACTS["own"]["timed"]
DEADLINE = next(
    datetime.fromisoformat(each["deadline"])
    for each in stored(f"{DOMAIN}.{ENTRIES[0]['entry_id']}")
    if each["recording_id"] == TIMED
)
SWITCH = "switch.record_the_driveway"
# What Home Assistant's own registries change by themselves.
VOLATILE = {
    "capabilities",
    "created_at",
    "modified_at",
    "original_name",
    "suggested_object_id",
    "supported_features",
}

pytestmark = pytest.mark.freeze_time(datetime.fromisoformat(FACTS["began"]))


class Home(NamedTuple):
    """An installation after its update."""

    front: Camera
    garden: Camera
    gate: Camera
    reported: list[tuple[str, str]]
    """What automations have heard of, in their order."""

    @property
    def ongoing(self) -> set[str]:
        """What the front camera records."""
        return {each.recording_id for each in self.front.recordings.ongoing}

    @property
    def exported(self) -> set[str]:
        """Which recordings were exported since `forget`."""
        return {
            fact.recording_id
            for camera in (self.front, self.garden, self.gate)
            for fact in camera.journal
            if fact.what == "exported"
        }

    def forget(self) -> None:
        """Forget what was exported."""
        for camera in (self.front, self.garden, self.gate):
            camera.journal.clear()


def make_camera(facts: dict[str, Any]) -> Camera:
    """Return a camera as it was when the copy was made, which has been on since long before."""
    camera = Camera(
        serial=facts["serial"],
        model=facts["model"],
        name=facts["name"],
        time_zone=facts["time_zone"],
        sources=facts["sources"],
        disks=[Disk(**each) for each in facts["disks"]],
        export_speed=None,
        picture_width=160,
    )
    for each in facts["recordings"]:
        times = {
            name: each[name] and datetime.fromisoformat(each[name])
            for name in ("start", "stop", "began")
        }
        camera.recordings.put(
            Recording(**{**each, **times, "video": Video(**each["video"])})
        )
    return camera


def cached(folder: Path) -> list[Path]:
    """Return where a clip and a thumbnail of each camera were."""
    return [
        folder / FACTS["cache"] / entry["entry_id"] / name
        for entry in ENTRIES
        for name in ("clip-0.mp4", "still-0.jpg")
    ]


def unpack(folder: Path, servers: dict[str, CameraServer]) -> dict[str, Any]:
    """Put the ledgers into a configuration folder, and return all else that is stored.

    The cameras have other ports, and the one with HTTPS another certificate.
    """
    for path in cached(folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left")
    content: dict[str, Any] = {}
    for path in (COPY / "storage").iterdir():
        if path.suffix == ".sql":
            ledger = folder / ".storage" / path.stem
            ledger.parent.mkdir(exist_ok=True)
            with closing(sqlite3.connect(ledger)) as db:
                db.executescript(path.read_text("utf-8"))
        else:
            content[path.name] = json.loads(path.read_text("utf-8"))
    for entry in content["core.config_entries"]["data"]["entries"]:
        server = servers[entry["unique_id"]]
        entry["data"]["port"] = server.port
        if server.certificate_fingerprint:
            entry["data"]["fingerprint"] = server.certificate_fingerprint
    return content


@pytest.fixture(autouse=True)
def _no_complaints(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """See that all can be read: what can't be is begun anew, and said in the log."""
    yield
    for phase in ("setup", "call"):
        for record in caplog.get_records(phase):
            assert record.levelno < logging.WARNING or DOMAIN not in record.name, record


@pytest.fixture
def load_registries() -> bool:
    """Leave the registries to the installation's own files."""
    return False


@pytest.fixture
async def servers(
    freezer: FrozenDateTimeFactory,
) -> AsyncGenerator[dict[str, CameraServer]]:
    """Put the cameras on the network, by their serial numbers."""
    async with AsyncExitStack() as running:
        yield {
            facts["serial"]: await running.enter_async_context(
                CameraServer(make_camera(facts), tls=facts["is_secure"])
            )
            for facts in FACTS["cameras"]
        }


@pytest.fixture
async def home(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    hass_storage: dict[str, Any],
    servers: dict[str, CameraServer],
    freezer: FrozenDateTimeFactory,
) -> Home:
    """Start Home Assistant with what was stored, some seconds after it was stored."""
    folder = Path(hass.config.config_dir)
    hass_storage |= await hass.async_add_executor_job(unpack, folder, servers)
    freezer.move_to(MADE + timedelta(seconds=5))
    reported: list[tuple[str, str]] = []

    @callback
    def note(event: Event) -> None:
        reported.append((event.data["type"], event.data["recording_id"]))

    hass.bus.async_listen("passed_on", note)
    hass.set_state(CoreState.starting)
    assert await bootstrap.async_load_base_functionality(hass)
    assert await async_setup_component(hass, DOMAIN, {})
    automations = await hass.async_add_executor_job(
        load_yaml, COPY / "automations.yaml"
    )
    assert await async_setup_component(hass, "automation", {"automation": automations})
    await hass.async_block_till_done(wait_background_tasks=True)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    front, garden, gate = (server.camera for server in servers.values())
    return Home(front, garden, gate, reported)


async def test_nothing_is_renamed_or_lost(
    hass: HomeAssistant, home: Home, subtests: pytest.Subtests
) -> None:
    """All that is stored is the same, with what its owner has chosen."""
    for check in (
        entries_are_the_same,
        entities_are_the_same,
        devices_are_the_same,
        areas_are_the_same,
        issues_are_the_same,
        loggers_are_the_same,
        states_are_the_same,
    ):
        with subtests.test(check.__name__):
            check(hass)


def entries_are_the_same(hass: HomeAssistant) -> None:
    """See that the cameras are loaded as they were added."""
    entries = {
        entry.entry_id: entry for entry in hass.config_entries.async_entries(DOMAIN)
    }
    assert entries.keys() == {before["entry_id"] for before in ENTRIES}
    for before in ENTRIES:
        entry = entries[before["entry_id"]]
        assert entry.state is ConfigEntryState.LOADED
        for name in ("unique_id", "title", "options", "version", "minor_version"):
            assert getattr(entry, name) == before[name], name
        assert entry.data.keys() == before["data"].keys()
        for name in before["data"].keys() - {"port", "fingerprint"}:
            assert entry.data[name] == before["data"][name], name


def entities_are_the_same(hass: HomeAssistant) -> None:
    """See that none is missing, and none is new."""
    after = {
        each.id: json.loads(json_bytes(each.as_storage_fragment))
        for each in er.async_get(hass).entities.values()
        if each.platform == DOMAIN
    }
    assert after.keys() == {before["id"] for before in ENTITIES}
    for before in ENTITIES:
        for name in before.keys() - VOLATILE:
            assert after[before["id"]][name] == before[name], before["entity_id"]


def devices_are_the_same(hass: HomeAssistant) -> None:
    """See that cameras and disks have their names and places."""
    before = stored("core.device_registry")
    for each in before["devices"] + before["child_devices"]:
        device = dr.async_get(hass).async_get(each["id"])
        assert device is not None, each["name"]
        for name in ("area_id", "name", "name_by_user", "disabled_by"):
            assert getattr(device, name) == each[name], name
        assert sorted(device.labels) == each["labels"]


def areas_are_the_same(hass: HomeAssistant) -> None:
    """See that what entities and devices refer to is there."""
    areas = ar.async_get(hass)
    for each in stored("core.area_registry")["areas"]:
        assert areas.async_get_area(each["id"]) is not None


def issues_are_the_same(hass: HomeAssistant) -> None:
    """See that what the owner ignores stays ignored."""
    issues = ir.async_get(hass).issues
    assert [each for domain, each in issues if domain == DOMAIN] == FACTS["issues"]
    for issue_id in FACTS["issues"]:
        issue = issues[DOMAIN, issue_id]
        assert issue.active, issue_id
        assert issue.dismissed_version, issue_id


def loggers_are_the_same(hass: HomeAssistant) -> None:
    """See that what somebody has set for them holds."""
    known = logging.root.manager.loggerDict
    for name in FACTS["loggers"]:
        assert isinstance(known.get(name), logging.Logger), name


def states_are_the_same(hass: HomeAssistant) -> None:
    """See that only numbers and times differ, in which shows what has happened meanwhile."""
    (view,) = stored("lovelace.lovelace")["config"]["views"]
    (card,) = view["cards"]
    assert card["entities"]
    for entity_id in card["entities"]:
        state, before = state_of(hass, entity_id), FACTS["states"].get(entity_id)
        if before is None or not before[0].isdigit():
            assert state == before, entity_id
        else:
            assert state[0].isdigit(), entity_id


async def test_automations_go_on(hass: HomeAssistant, home: Home) -> None:
    """They find the entities that they name, and their actions mean the same."""
    ongoing = home.ongoing
    hass.bus.async_fire("asked_to_record")
    await hass.async_block_till_done()
    (new,) = home.ongoing - ongoing
    recording = home.front.recordings.find(new)
    assert recording is not None
    assert (recording.disk_id, recording.source) == ("SD_DISK", "1")


async def test_each_thing_is_reported_once(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """What the earlier version had found and not reported is reported, and nothing else, until more happens."""
    wanted = sorted(map(tuple, FACTS["unreported"]))
    await pass_time(hass, freezer)
    assert sorted(home.reported) == wanted
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, freezer)
    await pass_time(hass, freezer, 61)
    assert sorted(home.reported) == wanted

    home.reported.clear()
    (begun,) = home.ongoing - {BY_SWITCH, TIMED}
    home.front.end_recording(begun)
    *_, oldest = home.gate.recordings
    home.gate.remove_recording(oldest.recording_id)
    for _ in range(4):
        await pass_time(hass, freezer)
    assert sorted(home.reported) == [
        ("finished", begun),
        ("removed", oldest.recording_id),
    ]


async def test_own_recordings_are_recalled(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """One ends at the time that was set, and the switch ends what it has started, nothing else."""
    ongoing = home.ongoing
    assert {BY_SWITCH, TIMED} < ongoing
    freezer.move_to(DEADLINE - timedelta(seconds=20))
    await pass_time(hass, freezer, 10)
    assert home.ongoing == ongoing
    await pass_time(hass, freezer, 11)
    assert home.ongoing == ongoing - {TIMED}
    await turn(hass, STATE_OFF)
    assert home.ongoing == ongoing - {TIMED, BY_SWITCH}
    assert state_of(hass, SWITCH) == STATE_OFF

    await turn(hass, STATE_ON)
    (new,) = home.ongoing - ongoing
    recording = home.front.recordings.find(new)
    assert recording is not None
    assert recording.disk_id == "NetworkShare", "the disk that the owner has chosen"


async def turn(hass: HomeAssistant, state: str) -> None:
    """Turn the switch ``on`` or ``off``, by the name that its owner gave it."""
    await hass.services.async_call(
        "switch", f"turn_{state}", {"entity_id": SWITCH}, blocking=True
    )


async def test_what_is_shown(
    hass: HomeAssistant, home: Home, subtests: pytest.Subtests
) -> None:
    """The media browser has the folders and names that it had, and the form of the options is filled in."""
    assert await async_setup_component(hass, "media_source", {})
    for folder_id, before in FACTS["folders"].items():
        with subtests.test(folder_id):
            folder = await async_browse_media(hass, folder_id)
            assert folder.media_content_id == folder_id
            children = {
                child.media_content_id: child.thumbnail
                for child in folder.children or ()
            }
            for content_id, thumbnail in before.items():
                if is_there(content_id):
                    assert content_id in children
                    # What had none may have one now.
                    assert thumbnail in (None, children[content_id])

    with subtests.test("options"):
        chosen = next(each for each in ENTRIES if each["options"])
        step = await hass.config_entries.options.async_init(chosen["entry_id"])
        assert suggested(step) == chosen["options"]


def is_there(name: str) -> bool:
    """Return whether a media identifier or an address is not of a recording that was removed since."""
    return not any(
        kind == "removed" and recording_id in name
        for kind, recording_id in FACTS["unreported"]
    )


@pytest.fixture
def running(clock: RunningClock) -> None:
    """Let clocks run, as players need."""


async def test_names_and_addresses(
    hass: HomeAssistant,
    running: None,
    home: Home,
    hass_client: ClientSessionGenerator,
    subtests: pytest.Subtests,
) -> None:
    """What a playlist, an automation, or a bookmark names is the same recording, and all is served."""
    assert await async_setup_component(hass, "media_source", {})
    client = await hass_client()
    pictures = {
        content_id: thumbnail
        for folder in FACTS["folders"].values()
        for content_id, thumbnail in folder.items()
        if thumbnail
    }
    # First, as there are none while somebody watches.
    for address in one_of_each([*pictures.values(), *FACTS["addresses"]]):
        with subtests.test(address):
            home.forget()
            answer = await client.get(address)
            assert answer.status == HTTPStatus.OK
            assert await answer.read()
            assert [each in address for each in home.exported] == [True]
    for content_id in one_of_each([*pictures, *FACTS["searched"]]):
        with subtests.test(content_id):
            home.forget()
            media = await async_resolve_media(hass, content_id, None)
            answer = await client.get(media.url)
            assert answer.status == HTTPStatus.OK
            # What is cached is not exported again.
            assert all(each in content_id for each in home.exported)


def one_of_each(names: list[str]) -> list[str]:
    """Return one name of each shape for each recording that is there."""
    shapes = {
        re.sub(r"\d{8}T\d{6}\.\d{6}Z", "time", name): name
        for name in names
        if is_there(name)
    }
    assert len(shapes) > 3
    return [*shapes.values()]


def test_actions_keep_their_fields() -> None:
    """An action that was written for the earlier version is valid, and means the same."""
    before = load_yaml_dict(str(COPY / "services.yaml"))
    _assert_kept(before, load_yaml_dict(str(INTEGRATION / "services.yaml")))


def _assert_kept(before: Any, after: Any, *path: str) -> None:
    """Fail unless all that there was is there; there may be more, but nothing more that is required."""
    if isinstance(before, dict):
        assert isinstance(after, dict), path
        for name in before.keys() - {"example", "collapsed"}:
            assert name in after, (*path, name)
            _assert_kept(before[name], after[name], *path, name)
        added = [after[name] for name in after.keys() - before.keys()]
        assert not any(
            isinstance(each, dict) and each.get("required") for each in added
        )
        assert "required" not in after.keys() - before.keys()
    elif isinstance(before, list):
        assert set(before) <= set(after), path
    else:
        assert before == after, path


async def test_what_was_cached_goes(hass: HomeAssistant, home: Home) -> None:
    """What an end without a warning has left takes no room forever."""
    assert not [each for each in cached(Path(hass.config.config_dir)) if each.exists()]
