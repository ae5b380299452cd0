"""The blueprints: Home Assistant takes them, and they do what they promise with a camera."""

from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
import json
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import av
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.selector import selector
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.axis_recordings.shares.models import digest_of
from custom_components.axis_recordings.shares.shares import async_shares
from tests.camera import Camera, Fault

from . import waiting
from .common import ACTIVITY, IN_PROGRESS, LAST_RECORDING, pass_time, set_up, state_of
from .repository import DOMAIN, ROOT, documentation, manifest, text, yaml

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

FOLDER = ROOT / "blueprints" / "automation" / DOMAIN
BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
DOOR = "binary_sensor.door"
WINDOW = "binary_sensor.window"


@pytest.fixture
async def _imported(hass: HomeAssistant) -> AsyncGenerator[None]:
    """Put the blueprints where Home Assistant keeps imported ones."""
    target = hass.config.path("blueprints")
    shutil.copytree(ROOT / "blueprints", target, dirs_exist_ok=True)
    yield
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.test"}, blocking=True
    )


async def use(hass: HomeAssistant, blueprint: str, **inputs: object) -> None:
    """Make an automation from a blueprint."""
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "alias": "Test",
                "use_blueprint": {
                    "path": f"{DOMAIN}/{blueprint}.yaml",
                    "input": inputs,
                },
            }
        },
    )
    await hass.async_block_till_done()
    # An automation that can't be set up is unavailable.
    assert state_of(hass, "automation.test") == STATE_ON


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_blueprint(path: Path) -> None:
    """It is valid, it knows where it comes from, and a page offers to import it."""
    blueprint = Blueprint(
        yaml(path),
        path=path.name,
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None
    for name, given in blueprint.inputs.items():
        assert given["name"], name
        assert given["description"], name
        take: Any = selector(given["selector"])
        if "default" in given:
            take(given["default"])
    source = f"{manifest()['documentation']}/blob/main/{path.relative_to(ROOT)}"
    assert blueprint.metadata["source_url"] == source
    assert blueprint.metadata["author"] == manifest()["name"]
    assert f"blueprint_url={quote(source, safe='')}" in documentation()


def test_whoever_can_install_the_integration_can_import_them() -> None:
    """The blueprints need the same Home Assistant."""
    minimum = json.loads(text("hacs.json"))["homeassistant"]
    assert {
        yaml(path)["blueprint"]["homeassistant"]["min_version"] for path in BLUEPRINTS
    } == {minimum}


async def record_on_event(hass: HomeAssistant, **inputs: object) -> None:
    """Let the door and the window start recordings of a minute."""
    for entity_id in (DOOR, WINDOW):
        hass.states.async_set(entity_id, STATE_OFF)
    await use(
        hass,
        "record_on_event",
        event=[DOOR, WINDOW],
        cameras={"entity_id": [IN_PROGRESS]},
        duration={"minutes": 1},
        **inputs,
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something, and let the automation get to where it waits for the recording's end."""
    await waiting.until(condition)
    await waiting.settle()


def let_pass(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let a recording's minute pass, and a little more."""
    freezer.tick(timedelta(seconds=61))
    async_fire_time_changed(hass, dt_util.utcnow())


@pytest.mark.usefixtures("_imported", "loaded")
async def test_record_on_event(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The door opens and closes: one recording, which ends by itself."""
    await record_on_event(hass)
    hass.states.async_set(DOOR, STATE_ON)
    await until(lambda: state_of(hass, IN_PROGRESS) == STATE_ON)
    (recording,) = camera.recordings.ongoing

    hass.states.async_set(DOOR, STATE_OFF)
    # What opens meanwhile is on the same recording.
    hass.states.async_set(WINDOW, STATE_ON)
    await until(lambda: state_of(hass, WINDOW) == STATE_ON)
    hass.states.async_set(WINDOW, STATE_OFF)

    let_pass(hass, freezer)
    await until(lambda: state_of(hass, IN_PROGRESS) == STATE_OFF)
    await hass.async_block_till_done()
    assert not camera.recordings.ongoing
    assert len(camera.recordings) == 9
    ended = camera.recordings.find(recording.recording_id)
    assert ended
    assert ended.stop == recording.start + timedelta(seconds=61)

    hass.states.async_set(WINDOW, STATE_ON)
    await until(lambda: state_of(hass, IN_PROGRESS) == STATE_ON)


@pytest.mark.usefixtures("_imported", "loaded")
@pytest.mark.parametrize("go_on", [True, False])
async def test_record_while_it_is_on(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory, *, go_on: bool
) -> None:
    """The door stays open: another recording follows, if that is wanted."""
    await record_on_event(hass, go_on=go_on)
    hass.states.async_set(DOOR, STATE_ON)
    await until(lambda: state_of(hass, IN_PROGRESS) == STATE_ON)
    (first,) = camera.recordings.ongoing

    let_pass(hass, freezer)
    await until(lambda: first not in camera.recordings.ongoing)
    if go_on:
        await until(lambda: bool(camera.recordings.ongoing))
        hass.states.async_set(DOOR, STATE_OFF)
        let_pass(hass, freezer)
    await hass.async_block_till_done()
    assert not camera.recordings.ongoing
    assert len(camera.recordings) == (10 if go_on else 9)


@pytest.mark.usefixtures("_imported", "loaded")
async def test_record_only_if(hass: HomeAssistant, camera: Camera) -> None:
    """A condition keeps the camera from recording, and so does what was on before a restart."""
    hass.states.async_set("person.somebody", "home")
    await record_on_event(
        hass,
        conditions=[
            {
                "condition": "state",
                "entity_id": "person.somebody",
                "state": "not_home",
            }
        ],
    )
    hass.states.async_set(DOOR, STATE_ON)
    await hass.async_block_till_done()
    assert not camera.recordings.ongoing

    hass.states.async_set("person.somebody", "not_home")
    hass.states.async_set(DOOR, STATE_UNAVAILABLE)
    hass.states.async_set(DOOR, STATE_ON)
    await hass.async_block_till_done()
    assert not camera.recordings.ongoing

    hass.states.async_set(WINDOW, STATE_ON)
    await until(lambda: len(camera.recordings.ongoing) == 1)


@pytest.fixture
async def reported(hass: HomeAssistant, _imported: None, loaded: object) -> list[Any]:
    """Watch a camera for two hours' silence, and return what is reported."""
    calls: list[Any] = async_mock_service(hass, "persistent_notification", "create")
    await use(
        hass,
        "camera_stopped_recording",
        in_progress=IN_PROGRESS,
        last_recording=LAST_RECORDING,
        duration={"hours": 2},
    )
    return calls


async def pass_minutes(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int
) -> None:
    """Let time pass in steps that polls and templates can follow."""
    for _ in range(minutes // 10):
        await pass_time(hass, freezer, 600)


async def test_silence_is_reported_once(
    hass: HomeAssistant,
    camera: Camera,
    reported: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Two hours without a recording are reported, and then again only after there was one."""
    since = dt_util.now().strftime("%A, %H:%M")
    await pass_minutes(hass, freezer, 110)
    assert not reported
    await pass_minutes(hass, freezer, 20)
    assert [call.data for call in reported] == [
        {
            "title": "Front camera",
            "message": f"Front camera has recorded nothing since {since}.",
        }
    ]
    await pass_minutes(hass, freezer, 300)
    assert len(reported) == 1

    recording_id = camera.start_recording()
    await pass_minutes(hass, freezer, 300)
    assert len(reported) == 1
    camera.end_recording(recording_id)
    await pass_minutes(hass, freezer, 140)
    assert len(reported) == 2


async def test_short_recordings_are_no_silence(
    hass: HomeAssistant,
    camera: Camera,
    reported: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A recording that no poll has seen going on counts, too."""
    await pass_minutes(hass, freezer, 100)
    recording_id = camera.start_recording()
    freezer.tick(timedelta(seconds=5))
    camera.end_recording(recording_id)
    await pass_minutes(hass, freezer, 100)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    assert not reported
    await pass_minutes(hass, freezer, 40)
    assert len(reported) == 1


async def test_lost_camera_is_reported(
    hass: HomeAssistant,
    camera: Camera,
    reported: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A camera that can't be reached for so long is reported in other words, though it was recording."""
    camera.start_recording()
    await pass_minutes(hass, freezer, 300)
    camera.faults.set("*", Fault.UNAVAILABLE)
    await pass_minutes(hass, freezer, 140)
    assert state_of(hass, IN_PROGRESS) == STATE_UNAVAILABLE
    (call,) = reported
    assert "can't be reached since" in call.data["message"]
    assert call.data["message"].endswith("It may still record.")


@pytest.fixture
async def links(
    hass: HomeAssistant, camera: Camera, _imported: None, loaded: object
) -> list[Any]:
    """Wait for the ends of a camera's recordings, and return what is returned of them."""
    # Time stands still, so the camera must not wait for it.
    camera.export_speed = None
    hass.config.external_url = "https://home.example.org"
    calls: list[Any] = async_mock_service(hass, "persistent_notification", "create")
    await use(
        hass,
        "notify_with_clip",
        activity=ACTIVITY,
        length={"seconds": 5},
    )
    return calls


def rename_camera(hass: HomeAssistant) -> None:
    """Give the camera a name that is Markdown and HTML."""
    devices = dr.async_get(hass)
    entity = er.async_get(hass).async_get(ACTIVITY)
    assert entity
    assert entity.device_id
    devices.async_update_device(entity.device_id, name_by_user="Front <b>[camera](//x)")


def link_in(call: Any) -> str:
    """Return the path of the link that was sent."""
    message: str = call.data["message"]
    _, _, link = message.removesuffix(")").partition("[Watch](https://home.example.org")
    assert link, message
    return link


def recording_in(hass: HomeAssistant, reported: Any) -> str:
    """Return the ID of the recording to which the link leads that was sent."""
    digest = digest_of(link_in(reported).split("/")[-2])
    (found,) = [each for each in async_shares(hass).all if each.digest == digest]
    return found.key.recording_id


async def test_clip_of_a_recording(
    hass: HomeAssistant,
    camera: Camera,
    links: list[Any],
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The end of a recording is reported, with a link to its first seconds."""
    recording_id = camera.start_recording()
    await pass_time(hass, freezer, 31)
    await pass_time(hass, freezer, 31)
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    assert not links

    camera.end_recording(recording_id)
    await pass_time(hass, freezer)
    (reported,) = links
    assert reported.data["title"] == "Front camera"
    recording = camera.recordings.find(recording_id)
    assert recording
    assert reported.data["message"].startswith(
        f"Front camera has recorded at {dt_util.as_local(recording.start):%H:%M:%S}: "
        f"{recording.event_id}. [Watch]("
    )

    client = await hass_client_no_auth()
    answer = await client.get(link_in(reported))
    assert answer.status == HTTPStatus.OK
    with av.open(BytesIO(await answer.read()), "r") as video:
        assert video.duration == pytest.approx(5_000_000, abs=200_000)

    freezer.tick(timedelta(hours=25))
    answer = await client.get(link_in(reported))
    assert answer.status == HTTPStatus.NOT_FOUND


async def test_clip_of_each_recording(
    hass: HomeAssistant,
    camera: Camera,
    links: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Recordings that no poll has seen going on are reported as well, and older ones that end later, once each."""
    long = camera.start_recording()
    short = []
    for _ in range(3):
        freezer.tick(timedelta(seconds=3))
        short.append(camera.start_recording())
        freezer.tick(timedelta(seconds=3))
        camera.end_recording(short[-1])
    await pass_time(hass, freezer)
    camera.end_recording(long)
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert [recording_in(hass, reported) for reported in links] == [*short, long]


async def test_clip_of_what_ended_meanwhile(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    links: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A recording that has ended while Home Assistant did not know the camera is reported afterwards."""
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    camera.end_recording(recording_id)
    freezer.tick(timedelta(hours=1))
    assert not links
    await set_up(hass, loaded)
    (reported,) = links
    assert recording_in(hass, reported) == recording_id


async def test_clip_when_it_can_be_played(
    hass: HomeAssistant,
    camera: Camera,
    links: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """As long as the camera can't export it, nothing is sent."""
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    camera.faults.set("record/export/properties.cgi", Fault.ERROR)
    camera.end_recording(recording_id)
    await pass_time(hass, freezer)
    assert not links
    camera.faults.clear()
    await pass_time(hass, freezer)
    (reported,) = links
    assert recording_in(hass, reported) == recording_id


async def test_clip_of_what_is_no_mere_name(
    hass: HomeAssistant,
    camera: Camera,
    links: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Notifications are rendered: what a camera calls itself and its rules does nothing there."""
    rename_camera(hass)
    recording_id = camera.start_recording(event_id="_Porch_ <img src=//x> [1](//x)")
    await pass_time(hass, freezer)
    camera.end_recording(recording_id)
    await pass_time(hass, freezer)
    (reported,) = links
    assert reported.data["title"] == "Front b camera x"
    said, _, _ = reported.data["message"].partition(" [Watch](")
    assert said.startswith("Front b camera x has recorded at ")
    assert said.endswith(": Porch img src x 1 x.")


async def test_clip_of_an_interrupted_recording(
    hass: HomeAssistant,
    camera: Camera,
    links: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """What a loss of power has cut off is sent; what went with its disk is reported without a link."""
    cut_off = camera.start_recording()
    await pass_time(hass, freezer)
    freezer.tick(timedelta(seconds=5))
    camera.reboot()
    await pass_time(hass, freezer)
    (reported,) = links
    assert "Motion Recording, interrupted. [Watch](" in reported.data["message"]
    assert recording_in(hass, reported) == cut_off

    camera.start_recording()
    await pass_time(hass, freezer)
    camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer)
    _, reported = links
    assert reported.data["message"].endswith("Motion Recording, interrupted.")


@pytest.mark.usefixtures("_imported", "loaded")
@pytest.mark.parametrize("endings", [["finished"], ["interrupted"]])
async def test_clip_of_some_endings(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    endings: list[str],
) -> None:
    """Only what was chosen is reported, and templates know how it ended."""
    calls: list[Any] = async_mock_service(hass, "notify", "mobile_app_phone")
    await use(
        hass,
        "notify_with_clip",
        activity=ACTIVITY,
        endings=endings,
        action=[
            {
                "action": "notify.mobile_app_phone",
                "data": {"message": "{{ interrupted }}"},
            }
        ],
    )
    camera.end_recording(camera.start_recording())
    await pass_time(hass, freezer)
    camera.start_recording()
    await pass_time(hass, freezer)
    freezer.tick(timedelta(seconds=5))
    camera.reboot()
    await pass_time(hass, freezer)
    (reported,) = calls
    assert reported.data["message"] is (endings == ["interrupted"])


async def test_no_clip(
    hass: HomeAssistant,
    camera: Camera,
    links: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A beginning, what was removed, and a camera that comes back, are no end of a recording."""
    camera.start_recording()
    await pass_time(hass, freezer)
    oldest = min(camera.recordings, key=lambda each: each.start)
    camera.remove_recording(oldest.recording_id)
    await pass_time(hass, freezer)
    camera.faults.set("*", Fault.UNAVAILABLE)
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_UNAVAILABLE
    camera.faults.clear()
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    assert not links


@pytest.mark.usefixtures("_imported", "loaded")
async def test_clip_only_if(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A condition can look at the rule that made the recording."""
    calls: list[Any] = async_mock_service(hass, "notify", "mobile_app_phone")
    await use(
        hass,
        "notify_with_clip",
        activity=ACTIVITY,
        conditions=[
            {"condition": "template", "value_template": "{{ event == 'Doorbell' }}"}
        ],
        action=[
            {
                "action": "notify.mobile_app_phone",
                "data": {"message": "{{ message }}", "data": {"video": "{{ path }}"}},
            }
        ],
    )
    for rule in ("Fence", "Doorbell"):
        now = camera.clock.now()
        camera.add_recording(now, now + timedelta(seconds=4), event_id=rule)
        await pass_time(hass, freezer)
        await pass_time(hass, freezer)
    (reported,) = calls
    assert reported.data["message"].endswith(": Doorbell.")
    assert reported.data["data"]["video"].startswith("/api/axis_recordings/s/")
