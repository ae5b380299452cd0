"""The examples of README and docs/ work as they stand, and what they quote is what Home Assistant says."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import re
from typing import TYPE_CHECKING, Any

from homeassistant.components.media_source import (
    async_browse_media,
    async_resolve_media,
)
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import Context, SupportsResponse
from homeassistant.helpers.script import Script, async_validate_actions_config
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.camera import Account, Level

from .common import LAST_RECORDING, attributes_of, call, pass_time, poll, turn
from .media.browsing import keep_up
from .quality import section
from .repository import (
    DOMAIN,
    INTEGRATION,
    documentation,
    service_fields,
    services,
    text,
    translations,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.components.media_player import BrowseMedia
    from homeassistant.core import HomeAssistant, ServiceCall
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from tests.camera import Camera

DOOR = "binary_sensor.front_door"
BUTTON = "input_button.last_recording"


def examples(content: str) -> list[Any]:
    """Return the YAML in a part of the documentation."""
    return [
        parse_yaml(block)
        for block in re.findall(r"```yaml\n(.*?)```", content, re.DOTALL)
    ]


EXAMPLES = examples(documentation())
AUTOMATIONS = [
    *{each["alias"]: each for each in EXAMPLES if "triggers" in each}.values()
]
CARDS = [each for each in EXAMPLES if "type" in each]
FOLDERS = [folder for card in CARDS for folder in card.get("folders", ())]
# The words of date-fns, which the card reads times by.
FORMATS = {
    "yyyy-MM-dd": "%Y-%m-%d",
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S",
    "HH:mm:ss": "%H:%M:%S",
}


def actions_in(part: object) -> Iterator[dict[str, Any]]:
    """Yield our actions, however deep they are."""
    if isinstance(part, dict):
        if str(part.get("action", "")).startswith(f"{DOMAIN}."):
            yield part
        for value in part.values():
            yield from actions_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from actions_in(value)


def shape(value: object) -> object:
    """Return what an answer is made of."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return next(
        (kind for kind in (str, bool, int, float) if isinstance(value, kind)), None
    )


def action_section(name: str) -> str:
    """Return the part of the documentation on an action."""
    return section(f"^{translations()['services'][name]['name']}$")


def test_every_example_is_of_a_kind_that_is_tested() -> None:
    """No YAML on any page is left out here, and what README shows as well is the same there."""
    for example in EXAMPLES:
        assert {
            "triggers",
            "findings",
            "action",
            "device_id",
            "cameras",
            "disks",
            "recordings",
            "shares",
            "type",
        } & set(example), example
    assert len(AUTOMATIONS) >= 10
    assert not [
        each for each in EXAMPLES if "triggers" in each and each not in AUTOMATIONS
    ]
    assert CARDS
    assert FOLDERS


def test_actions_use_fields_that_exist() -> None:
    """Each of our actions in an example is one, with fields that it has."""
    used = list(actions_in(EXAMPLES))
    assert {each["action"] for each in used} == {
        f"{DOMAIN}.{name}" for name in services()
    }
    for each in used:
        service = services()[each["action"].removeprefix(f"{DOMAIN}.")]
        assert set(each.get("data", {})) <= set(service_fields(service))
        assert each["target"]


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
def test_entities_exist(hass: HomeAssistant) -> None:
    """The examples use the entities that a camera with this name gets."""
    named = set(re.findall(r"\b\w+\.front_camera_\w+", documentation()))
    assert named
    assert named <= set(hass.states.async_entity_ids())


@pytest.fixture
def media(hass: HomeAssistant, camera: Camera, tmp_path: Path) -> Path:
    """Let Home Assistant have a folder for media and an address; the camera exports at once."""
    folder = tmp_path / "media"
    hass.config.media_dirs = {"local": str(folder)}
    hass.config.allowlist_external_dirs = {str(folder)}
    hass.config.external_url = "https://home.example.org"
    # Time stands still, so the camera must not wait for it.
    camera.export_speed = None
    return folder


@pytest.mark.usefixtures("media")
# The answer of a check is shortened there.
@pytest.mark.parametrize("name", sorted({*services()} - {"check"}))
async def test_action(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    name: str,
) -> None:
    """The example of each action runs, and the answer is made like the one beside it."""
    example, answer = examples(action_section(name))
    data = example.get("data", {})
    if name == "stop":
        await turn(hass, "on")
    if name == "mount_disk":
        camera.unmount_disk("SD_DISK")
    if name in ("mount_disk", "unmount_disk"):
        camera.accounts["operator"] = Account("operator-secret", Level.ADMINISTRATOR)
        camera.job_duration = 0
    if moment := data.get("start_time", data.get("time")):
        start = dt_util.as_utc(datetime.fromisoformat(moment)) - timedelta(seconds=5)
        camera.add_recording(start, start + timedelta(seconds=52.5))
    if name == "search":
        camera.add_recording(start, start + timedelta(seconds=61.5))
    await poll(hass, loaded)
    if "recording_id" in data:
        data["recording_id"] = next(iter(camera.recordings)).recording_id
    if name in ("shares", "revoke"):
        link = await call(
            hass, "link", recording_id=next(iter(camera.recordings)).recording_id
        )
    if "share_id" in data:
        data["share_id"] = link["share_id"]

    response = await hass.services.async_call(
        DOMAIN,
        name,
        data,
        target=example["target"],
        blocking=True,
        return_response=True,
    )

    assert shape(response) == shape(answer)
    await call(hass, "stop")


@pytest.fixture
async def messages(
    hass: HomeAssistant, tmp_path: Path, loaded: object, media: object
) -> AsyncGenerator[list[Any]]:
    """Set up all automations of the pages, and return what they tell."""
    (tmp_path / "blueprints" / "automation").mkdir(parents=True, exist_ok=True)
    hass.config.config_dir = str(tmp_path)
    hass.states.async_set(DOOR, STATE_OFF, {"device_class": "door"})
    hass.states.async_set(BUTTON, "")
    hass.states.async_set("input_button.ten_minutes_ago", "")
    calls: list[Any] = async_mock_service(hass, "persistent_notification", "create")
    assert await async_setup_component(hass, "automation", {"automation": AUTOMATIONS})
    await hass.async_block_till_done()
    # An automation that can't be set up is unavailable.
    states = hass.states.async_all("automation")
    assert [state.state for state in states] == [STATE_ON] * len(AUTOMATIONS)
    yield calls
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


async def use_only(hass: HomeAssistant, *aliases: str) -> None:
    """Turn all other automations of the pages off."""
    others = [
        state.entity_id
        for state in hass.states.async_all("automation")
        if state.name not in aliases
    ]
    assert len(others) == len(AUTOMATIONS) - len(aliases)
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": others}, blocking=True
    )


async def record(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> str:
    """Let the camera record for half a minute, and return the recording's ID."""
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    camera.end_recording(recording_id)
    await pass_time(hass, freezer)
    return recording_id


async def test_door(
    hass: HomeAssistant,
    messages: list[Any],
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The door opens, the camera records for two minutes, and both ends are reported."""
    await use_only(
        hass, "Record when the door opens", "Notify when recording starts and stops"
    )
    hass.states.async_set(DOOR, STATE_ON, {"device_class": "door"})
    await hass.async_block_till_done()
    assert len(camera.recordings.ongoing) == 1
    await pass_time(hass, freezer, 118)
    assert len(camera.recordings.ongoing) == 1
    await pass_time(hass, freezer, 3)
    assert not camera.recordings.ongoing
    assert [each.data["message"] for each in messages] == [
        "The front camera is recording.",
        "The front camera has stopped recording.",
    ]


async def test_each_recording(
    hass: HomeAssistant,
    messages: list[Any],
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each recording is reported when it is over, with its rule and its length."""
    await use_only(hass, "Notify after each recording")
    await record(hass, camera, freezer)
    recording_id = camera.start_recording(event_id="Porch <b>[1](//x)")
    freezer.tick(1)
    camera.end_recording(recording_id)
    await pass_time(hass, freezer)
    assert [each.data["message"] for each in messages] == [
        "Motion Recording: 31 seconds recorded.",
        "Porch b 1 x: 1 seconds recorded.",
    ]
    messages.clear()
    # While the disk is away, nobody knows when it ended.
    camera.start_recording()
    await pass_time(hass, freezer)
    camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer, 301)
    assert [each.data["message"] for each in messages] == [
        "Motion Recording: an unknown number of seconds recorded.",
    ]


async def test_card(
    hass: HomeAssistant,
    messages: list[Any],
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A card that can't be written to is reported after a minute, with all that is wrong."""
    await use_only(hass, "Notify when the SD card has a problem")
    camera.disks["SD_DISK"].readonly = True
    camera.disks["SD_DISK"].full = True
    await pass_time(hass, freezer, 301)
    assert not messages
    await pass_time(hass, freezer, 61)
    (reported,) = messages
    assert reported.data["message"] == "The SD card needs attention: read only, full."


async def test_night(
    hass: HomeAssistant,
    messages: list[Any],
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """In the morning, the recordings of the night are counted."""
    await use_only(hass, "Count last night's recordings")
    # Far enough off to have nothing of what was recorded before.
    today = dt_util.start_of_local_day()
    morning = dt_util.as_utc(today.replace(hour=6) + timedelta(days=2))
    for hours, minutes in ((7.9, 1), (5, 4), (-1, 60)):
        start = morning - timedelta(hours=hours)
        camera.add_recording(start, start + timedelta(minutes=minutes))
    await poll(hass, *hass.config_entries.async_loaded_entries(DOMAIN))
    freezer.move_to(morning + timedelta(seconds=1))
    await pass_time(hass, freezer, 1)
    reported = [each.data["message"] for each in messages]
    assert reported == ["2 recordings last night. The longest took 240 seconds."]


@pytest.mark.usefixtures("messages")
async def test_clip(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A link to what has just been recorded comes to the phone, and leads to a video."""
    await use_only(hass, "Send a clip")
    phone = async_mock_service(hass, "notify", "mobile_app_phone")
    await record(hass, camera, freezer)
    (reported,) = phone
    link: str = reported.data["data"]["video"]
    assert reported.data["data"]["url"] == f"https://home.example.org{link}"
    answer = await (await hass_client_no_auth()).get(link)
    assert answer.status == HTTPStatus.OK
    assert answer.content_type == "video/mp4"


@pytest.mark.usefixtures("messages")
async def test_keep(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory, media: Path
) -> None:
    """The last recording of the day is saved under its date, and none on a day without."""
    await use_only(hass, "Save the last recording of the day")
    today = dt_util.start_of_local_day() + timedelta(days=1)
    freezer.move_to(today.replace(hour=12))
    await record(hass, camera, freezer)
    for evening in (today, today + timedelta(days=1)):
        freezer.move_to(evening.replace(hour=23, minute=50, second=1))
        await pass_time(hass, freezer, 1)
    assert [path.name for path in (media / "front_camera").iterdir()] == [
        f"{today:%Y-%m-%d}.mp4"
    ]


@pytest.mark.usefixtures("messages")
async def test_picture(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory, media: Path
) -> None:
    """A picture of what has just been recorded is shown to an AI, whose words come to the phone."""
    await use_only(hass, "Describe what was recorded")
    phone = async_mock_service(hass, "notify", "mobile_app_phone")
    shown: list[Any] = []

    async def poll(call: ServiceCall) -> dict[str, Any]:
        assert await async_setup_component(hass, "media_source", {})
        for each in call.data["attachments"]:
            found = await async_resolve_media(hass, each["media_content_id"], None)
            assert found.mime_type == each["media_content_type"]
            shown.append(found.path)
        return {"data": "A cat."}

    hass.services.async_register(
        "ai_task", "generate_data", poll, supports_response=SupportsResponse.ONLY
    )
    await record(hass, camera, freezer)
    assert shown == [media / "front_camera.jpg"]
    assert [reported.data["message"] for reported in phone] == ["A cat."]


async def test_calendar(
    hass: HomeAssistant,
    messages: list[Any],
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """In the evening, the day's recordings are reported from the calendar, if there were any."""
    await use_only(hass, "List today's recordings")
    today = dt_util.start_of_local_day() + timedelta(days=2)
    # The evenings before that are over at once.
    freezer.move_to(today.replace(hour=6))
    await pass_time(hass, freezer)
    for hour, event_id in ((-1, "Gate"), (7, "Door"), (15, "[Gate](//x)")):
        start = dt_util.as_utc(today) + timedelta(hours=hour)
        camera.add_recording(start, start + timedelta(minutes=1), event_id=event_id)
    for evening in (today, today + timedelta(days=1)):
        freezer.move_to(evening.replace(hour=19, minute=59))
        await pass_time(hass, freezer)
        freezer.move_to(evening.replace(hour=20, second=1))
        await pass_time(hass, freezer, 1)
    (reported,) = messages
    assert reported.data["message"] == "* 07:00 Door\n* 15:00 Gate x"


@pytest.mark.usefixtures("messages")
async def test_television(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A television is asked to play the last recording, of which it gets a file."""
    await use_only(hass, "Play the last recording")
    await record(hass, camera, freezer)
    television = async_mock_service(hass, "media_player", "play_media")
    hass.states.async_set(BUTTON, dt_util.utcnow().isoformat())
    await hass.async_block_till_done()
    (reported,) = television
    assert reported.data["entity_id"] == ["media_player.television"]
    given = reported.data["media"]
    assert (
        given["media_content_id"]
        == (attributes_of(hass, LAST_RECORDING)["media_content_id"])
    )
    assert await async_setup_component(hass, "media_source", {})
    found = await async_resolve_media(
        hass, given["media_content_id"], "media_player.television"
    )
    assert found.mime_type == given["media_content_type"]
    assert found.path
    assert found.path.exists()


@pytest.mark.usefixtures("messages")
async def test_television_from_a_moment_on(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A television is asked to play from ten minutes ago on, and gets a file of the recording that came next."""
    await use_only(hass, "Play what happened ten minutes ago")
    await record(hass, camera, freezer)
    television = async_mock_service(hass, "media_player", "play_media")
    hass.states.async_set("input_button.ten_minutes_ago", dt_util.utcnow().isoformat())
    await hass.async_block_till_done()
    (reported,) = television
    given = reported.data["media"]
    assert await async_setup_component(hass, "media_source", {})
    found = await async_resolve_media(
        hass, given["media_content_id"], "media_player.television"
    )
    assert found.mime_type == given["media_content_type"]
    assert found.path
    assert found.path.exists()


def fits(
    step: dict[str, Any], title: str, start: datetime | None, now: datetime
) -> bool:
    """Return whether the card shows an item, or goes into it, as its MediaMatcher does."""
    for each in step.get("matchers", ()):
        if each["type"] == "date":
            if start is None or start < now - timedelta(**each["since"]):
                return False
        elif title != each.get("title", title) or not re.search(
            each.get("regexp", ""), title
        ):
            return False
    return True


def read(step: dict[str, Any], title: str, start: datetime | None) -> datetime | None:
    """Return when the card thinks that an item began, without a zone, as its MetadataGenerator does.

    What is in a folder began when that did, as far as its own title does not say it.
    """
    for parser in step.get("parsers", ()):
        if found := re.search(parser.get("regexp", ".*"), title):
            layout = FORMATS[parser["format"]]
            moment = datetime.strptime(found[0], layout)  # noqa: DTZ007
            if "%Y" not in layout:
                assert start
                moment = datetime.combine(start, moment.time())
            start = moment
    return start


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.usefixtures("loaded")
async def test_folders_of_cards(
    hass: HomeAssistant, camera: Camera, folder: dict[str, Any]
) -> None:
    """They lead to the recordings, and from their titles the card reads when they began."""
    assert await async_setup_component(hass, "media_source", {})
    first, *steps = folder["ha"]["path"]
    now = camera.clock.now().astimezone(camera.clock.zone).replace(microsecond=0)
    midnight = now.replace(hour=0, minute=0, second=0)
    starts = {
        camera.add_recording(
            start.astimezone(UTC), start.astimezone(UTC) + timedelta(minutes=2)
        ): start
        for start in (
            now - timedelta(minutes=3),
            midnight - timedelta(minutes=1),
            midnight - timedelta(hours=3),
        )
    }
    await keep_up(hass)
    root = await async_browse_media(hass, first["id"])
    level: list[tuple[BrowseMedia, datetime | None]] = [(root, None)]
    for step in steps:
        items = [
            (child, read(step, child.title, start))
            for parent, start in level
            for child in parent.children or ()
        ]
        level = [
            (
                item
                if item.can_play or step is steps[-1]
                else await async_browse_media(hass, item.media_content_id),
                start,
            )
            for item, start in items
            if fits(step, item.title, start, now.replace(tzinfo=None))
        ]
    for recording_id, start in starts.items():
        assert {
            read_start
            for item, read_start in level
            if item.media_content_id.endswith(f"/{recording_id}")
        } == {start.replace(tzinfo=None)}


@pytest.mark.usefixtures("loaded")
async def test_search_in_a_script(hass: HomeAssistant, camera: Camera) -> None:
    """The example of a search can be pasted into a script."""
    example, _ = examples(action_section("search"))
    sequence = await async_validate_actions_config(
        hass, [example, {"stop": "", "response_variable": "found"}]
    )
    script = Script(hass, sequence, "Test", DOMAIN)
    result = await script.async_run(context=Context())
    assert result
    assert result.service_response
    assert set(result.service_response) == {"recordings", "cameras"}


def test_what_is_quoted_is_said() -> None:
    """Who searches the pages for a message finds it, in the words that Home Assistant uses."""
    said = " ".join(re.findall(r'"((?:[^"\\]|\\.)*)"', str_of(translations())))
    said += "".join(
        path.read_text(encoding="utf-8") for path in INTEGRATION.rglob("*.py")
    )
    quoted = re.findall(r"“(.+?)”", section("^Repairs and troubleshooting$"))
    assert quoted
    for quote in quoted:
        for part in quote.split("…"):
            assert part.strip() in said, quote


def str_of(texts: object) -> str:
    """Return all texts, each in quotation marks."""
    if isinstance(texts, dict):
        return " ".join(str_of(each) for each in texts.values())
    return f'"{texts}"'


@pytest.mark.parametrize("field", ["domain", "owner"])
def test_buttons(field: str) -> None:
    """The buttons lead to this integration in this repository."""
    wanted = {
        "domain": f"config_flow_start/?domain={DOMAIN}",
        "owner": "hacs_repository/?owner=axis-recordings&repository=axis-recordings",
    }[field]
    assert f"https://my.home-assistant.io/redirect/{wanted}" in text("README.md")
