"""Who or what made Home Assistant start a recording is told for as long as there is the recording."""

import sqlite3
from typing import TYPE_CHECKING, Any

from homeassistant.components import conversation
from homeassistant.core import Context
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.recordings import starters
from tests.common import IN_PROGRESS, SWITCH, call, pass_time, set_up, turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

    from tests.camera import Camera

    type Start = Callable[[HomeAssistant, MockUser], Awaitable[None]]

START = {"action": f"{DOMAIN}.start", "target": {"entity_id": IN_PROGRESS}}
TURN_ON = {"action": "switch.turn_on", "target": {"entity_id": SWITCH}}
VOICE_COMPONENTS = ("homeassistant", "conversation")


async def by_action(hass: HomeAssistant, user: MockUser | None) -> None:
    """Start by the action, in the name of a user or of nobody."""
    context = Context(user_id=user.id if user else None)
    await hass.services.async_call(
        DOMAIN, "start", {"entity_id": IN_PROGRESS}, blocking=True, context=context
    )


async def by_nobody(hass: HomeAssistant, _user: MockUser) -> None:
    """Start by the action, in nobody's name."""
    await by_action(hass, None)


async def by_switch(hass: HomeAssistant, user: MockUser) -> None:
    """Turn the switch on."""
    await hass.services.async_call(
        "switch",
        "turn_on",
        {"entity_id": SWITCH},
        blocking=True,
        context=Context(user_id=user.id),
    )


async def by_automation(
    hass: HomeAssistant, _user: MockUser, action: dict[str, Any] = START
) -> None:
    """Let an automation start, which an event triggers."""
    automation = {
        "alias": "When it rings",
        "triggers": {"trigger": "event", "event_type": "ring"},
        "actions": [action],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    hass.bus.async_fire("ring")
    await hass.async_block_till_done(wait_background_tasks=True)


async def by_automation_and_switch(hass: HomeAssistant, user: MockUser) -> None:
    """Let an automation turn the switch on."""
    await by_automation(hass, user, TURN_ON)


async def by_automation_and_script(hass: HomeAssistant, user: MockUser) -> None:
    """Let an automation call a script."""
    await set_up_script(hass)
    await by_automation(hass, user, {"action": "script.night_watch"})


async def set_up_script(hass: HomeAssistant) -> None:
    """Make a script that starts a recording."""
    script = {"night_watch": {"alias": "Night watch", "sequence": [START]}}
    assert await async_setup_component(hass, "script", {"script": script})


async def by_script(hass: HomeAssistant, user: MockUser) -> None:
    """Let a user run a script."""
    await set_up_script(hass)
    await hass.services.async_call(
        "script", "night_watch", blocking=True, context=Context(user_id=user.id)
    )


async def by_voice(hass: HomeAssistant, user: MockUser) -> None:
    """Tell Assist."""
    for component in VOICE_COMPONENTS:
        assert await async_setup_component(hass, component, {})
    await conversation.async_converse(
        hass,
        "turn on front camera recording",
        None,
        Context(user_id=user.id),
        language="en",
    )


async def by_a_voice_in_the_room(hass: HomeAssistant, _user: MockUser) -> None:
    """Tell Assist through a device that knows nobody."""
    for component in VOICE_COMPONENTS:
        assert await async_setup_component(hass, component, {})
    await conversation.async_converse(
        hass, "turn on front camera recording", None, Context(), language="en"
    )


WAYS: tuple[tuple[Start, str, str | None], ...] = (
    (by_action, "person", "Anna"),
    (by_switch, "person", "Anna"),
    (by_automation, "automation", "When it rings"),
    (by_automation_and_switch, "automation", "When it rings"),
    (by_automation_and_script, "automation", "When it rings"),
    (by_script, "script", "Night watch"),
    (by_voice, "voice", "Anna"),
    (by_a_voice_in_the_room, "voice", None),
    (by_nobody, "action", None),
)


async def started_by(hass: HomeAssistant, **wanted: Any) -> dict[str, Any]:
    """Return who has started recordings that Home Assistant has, by their IDs."""
    answer = await call(hass, "search", query="recorded by Home Assistant", **wanted)
    return {each["recording_id"]: each["started_by"] for each in answer["recordings"]}


@pytest.mark.parametrize(
    ("start", "kind", "name"), WAYS, ids=[each[0].__name__ for each in WAYS]
)
async def test_who_has_started_it(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_admin_user: MockUser,
    freezer: FrozenDateTimeFactory,
    start: Start,
    kind: str,
    name: str | None,
) -> None:
    """It is told while the recording goes on, after a restart, and once it has ended, until it is removed."""
    hass_admin_user.name = "Anna"
    others = {each.recording_id for each in camera.recordings}
    await start(hass, hass_admin_user)
    (ongoing,) = camera.recordings.ongoing
    expected = {ongoing.recording_id: {"kind": kind, "name": name}}
    assert await started_by(hass) == expected
    assert await hass.config_entries.async_unload(loaded.entry_id)
    # Nobody remembers runs over a restart.
    hass.data[starters._KEY].clear()
    await set_up(hass, loaded)
    assert await started_by(hass) == expected
    camera.end_recording(ongoing.recording_id)
    await pass_time(hass, freezer)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not loaded.runtime_data.controller.own
    assert await started_by(hass) == expected
    answer = await call(hass, "search")
    unknown = [each for each in answer["recordings"] if each["started_by"] is None]
    assert {each["recording_id"] for each in unknown} == others
    camera.remove_recording(ongoing.recording_id)
    await pass_time(hass, freezer)
    assert await started_by(hass) == {}
    assert loaded.runtime_data.index.find_starters() == {}


async def test_name_as_it_was(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_admin_user: MockUser,
) -> None:
    """Who is called otherwise later, or is gone, is the one of then."""
    hass_admin_user.name = "Anna"
    await by_action(hass, hass_admin_user)
    hass_admin_user.name = "Ben"
    (found,) = (await started_by(hass)).values()
    assert found == {"kind": "person", "name": "Anna"}
    (starter,) = loaded.runtime_data.index.find_starters().values()
    assert starter.user_id == hass_admin_user.id
    answer = await call(hass, "search", query="anna")
    assert len(answer["recordings"]) == 1


async def test_file_can_not_be_used(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_admin_user: MockUser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What could not be noted in the index when it was started is noted later, also after a restart."""
    hass_admin_user.name = "Anna"
    index = loaded.runtime_data.index
    note = index.note_starter

    def fail(*_args: object) -> None:
        raise sqlite3.OperationalError

    index.note_starter = fail
    await by_action(hass, hass_admin_user)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert index.find_starters() == {}
    assert list((await started_by(hass)).values()) == [
        {"kind": "person", "name": "Anna"}
    ]
    index.note_starter = note
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer)
    (starter,) = loaded.runtime_data.index.find_starters().values()
    assert starter.name == "Anna"
    assert camera.recordings.ongoing


async def test_runs_are_forgotten(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, hass_admin_user: MockUser
) -> None:
    """No more of them are remembered than may be of use; the last run of each is known by its state."""
    monkeypatch.setattr(starters, "MOST_RUNS", 3)
    starters.async_follow_runs(hass)
    contexts = [Context(user_id=hass_admin_user.id) for _ in range(5)]
    for number, context in enumerate(contexts):
        hass.bus.async_fire(
            "automation_triggered", {"name": f"Rule {number}"}, context=context
        )
    hass.states.async_set("automation.first", "on", context=contexts[0])
    await hass.async_block_till_done()
    assert len(hass.data[starters._KEY]) == 3

    async def name_of(context: Context) -> str | None:
        return (await starters.async_find_starter(hass, context)).name

    assert await name_of(contexts[4]) == "Rule 4"
    assert await name_of(Context(parent_id=contexts[4].id)) == "Rule 4"
    assert await name_of(contexts[0]) == "first"
    assert await name_of(contexts[1]) == hass_admin_user.name


async def test_switch_that_is_on(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    """Whoever has turned it on first is the one."""
    hass_admin_user.name = "Anna"
    await by_switch(hass, hass_admin_user)
    await turn(hass, "on")
    assert list((await started_by(hass)).values()) == [
        {"kind": "person", "name": "Anna"}
    ]
    assert loaded.runtime_data.controller.switched_on
