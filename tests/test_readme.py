"""README's examples work as they stand, and what it quotes is what Home Assistant says."""

from datetime import datetime, timedelta
import re
from typing import TYPE_CHECKING, Any

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import Context
from homeassistant.helpers.script import Script, async_validate_actions_config
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from .helpers import call, pass_time, turn
from .quality import section
from .repository import (
    DOMAIN,
    INTEGRATION,
    service_fields,
    services,
    text,
    translations,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

    from tests.camera import Camera

DOOR = "binary_sensor.front_door"


def examples(content: str) -> list[Any]:
    """Return the YAML in a part of README."""
    return [
        parse_yaml(block)
        for block in re.findall(r"```yaml\n(.*?)```", content, re.DOTALL)
    ]


EXAMPLES = examples(text("README.md"))
AUTOMATIONS = [each for each in EXAMPLES if "triggers" in each]
CARDS = [each for each in EXAMPLES if "type" in each]


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
    """Return the part of README on an action."""
    return section(f"^{translations()['services'][name]['name']}$")


def test_every_example_is_of_a_kind_that_is_tested() -> None:
    """No YAML in README is left out here."""
    for example in EXAMPLES:
        assert {"triggers", "action", "recordings", "type"} & set(example), example
    assert len(AUTOMATIONS) >= 3
    assert CARDS


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
    named = set(re.findall(r"\b\w+\.front_camera_\w+", text("README.md")))
    assert named
    assert named <= set(hass.states.async_entity_ids())


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("name", services())
async def test_action(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory, name: str
) -> None:
    """The example of each action runs, and the answer is made like the one in README."""
    example, answer = examples(action_section(name))
    if name == "stop":
        await turn(hass, "on")
    if name == "search":
        start = dt_util.as_utc(datetime.fromisoformat(example["data"]["start_time"]))
        camera.add_recording(start, start + timedelta(seconds=52.5))
        camera.add_recording(start, start + timedelta(seconds=61.5))
    data = example.get("data", {})
    if "recording_id" in data:
        data["recording_id"] = next(iter(camera.recordings)).recording_id

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
    hass: HomeAssistant, tmp_path: Path, loaded: object
) -> AsyncGenerator[list[Any]]:
    """Set up all automations of README, and return what they tell."""
    (tmp_path / "blueprints" / "automation").mkdir(parents=True)
    hass.config.config_dir = str(tmp_path)
    hass.states.async_set(DOOR, STATE_OFF, {"device_class": "door"})
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


async def test_door(
    hass: HomeAssistant,
    messages: list[Any],
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The door opens, the camera records for two minutes, and both ends are told."""
    hass.states.async_set(DOOR, STATE_ON, {"device_class": "door"})
    await hass.async_block_till_done()
    assert len(camera.recordings.ongoing) == 1
    await pass_time(hass, freezer, 118)
    assert len(camera.recordings.ongoing) == 1
    await pass_time(hass, freezer, 3)
    assert not camera.recordings.ongoing
    assert [each.data["message"] for each in messages] == [
        "The front camera records.",
        "The front camera has stopped recording.",
    ]


async def test_night(
    hass: HomeAssistant,
    messages: list[Any],
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """In the morning, the recordings of the night are counted."""
    # Far enough off to have nothing of what was recorded before.
    today = dt_util.start_of_local_day()
    morning = dt_util.as_utc(today.replace(hour=6) + timedelta(days=2))
    for hours, minutes in ((7.9, 1), (5, 4), (-1, 60)):
        start = morning - timedelta(hours=hours)
        camera.add_recording(start, start + timedelta(minutes=minutes))
    freezer.move_to(morning + timedelta(seconds=1))
    await pass_time(hass, freezer, 1)
    told = [each.data["message"] for each in messages]
    assert told == ["2 recordings last night, the longest of 240 seconds."]


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
    """Whoever searches README for a message finds it."""
    said = " ".join(re.findall(r'"((?:[^"\\]|\\.)*)"', str_of(translations())))
    said += "".join(
        path.read_text(encoding="utf-8") for path in INTEGRATION.rglob("*.py")
    )
    quoted = re.findall(r"“(.+?)”", section("^Troubleshooting$"))
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
    readme = text("README.md")
    wanted = {
        "domain": f"config_flow_start/?domain={DOMAIN}",
        "owner": "hacs_repository/?owner=axis-recordings&repository=axis-recordings",
    }[field]
    assert f"https://my.home-assistant.io/redirect/{wanted}" in readme
