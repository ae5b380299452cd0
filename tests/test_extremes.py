"""Times and numbers that nobody can calculate with, from people and from cameras, at every entry."""

from datetime import UTC, datetime, timedelta
import logging
from typing import TYPE_CHECKING, Any

from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
import voluptuous as vol

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.axis_recordings.flow.schemas import number_field

from .common import IN_PROGRESS, pass_time, set_up
from .extremes import NUMBERS, TIMES, say_numbers, say_times

if TYPE_CHECKING:
    from collections.abc import Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera

VIDEO = "20261124_100000_0000_B8A44F0A1B2C"
START = datetime(2026, 11, 24, 10, tzinfo=UTC)
SENSIBLE: dict[str, dict[str, Any]] = {
    "start": {"duration": 60},
    "search": {
        "start_time": str(START),
        "end_time": str(START),
        "limit": 1,
        "offset": 0,
    },
    "save": {
        "filename": "/media/video.mp4",
        "start_time": str(START),
        "end_time": str(START + timedelta(seconds=2)),
    },
    "snapshot": {"time": str(START), "width": 64},
    "link": {
        "recording_id": VIDEO,
        "start_time": str(START),
        "end_time": str(START + timedelta(seconds=2)),
        "expires": 60,
    },
}
"""The fields of actions that hold times and numbers."""
VALUES = (
    *(*NUMBERS, *TIMES, float("inf"), float("nan"), -1e308, 1e308, 2**63, 10**400),
    *("0001-01-01 00:00:00", "9999-12-31 23:59:59", "0001-01-01T00:00:00-14:00"),
    *({"days": 10**12}, {"hours": 1e308}, {"seconds": float("nan")}),
)


@pytest.fixture(autouse=True)
async def _video(camera: Camera) -> None:
    """Put a recording into the past, of which videos come at once."""
    camera.export_speed = None
    camera.add_recording(START, START + timedelta(minutes=1), recording_id=VIDEO)


async def called(hass: HomeAssistant, action: str, fields: dict[str, Any]) -> None:
    """Call an action; whatever it is, it is said what is wrong, and not in whose code."""
    try:
        await hass.services.async_call(
            DOMAIN,
            action,
            fields | {"entity_id": IN_PROGRESS},
            blocking=True,
            return_response=True,
        )
    except vol.Invalid, HomeAssistantError:
        return


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("action", SENSIBLE)
async def test_fields(
    hass: HomeAssistant, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each field of an action takes a value, or says why it does not."""
    await hass.config.async_set_time_zone("America/New_York")
    for field in SENSIBLE[action]:
        for value in VALUES:
            await called(hass, action, SENSIBLE[action] | {field: value})
        for value in TIMES:
            both = dict.fromkeys(("start_time", "end_time", "time"), value)
            given = {
                name: both.get(name, each) for name, each in SENSIBLE[action].items()
            }
            await called(hass, action, given)


@pytest.mark.usefixtures("loaded")
async def test_field_is_named(hass: HomeAssistant) -> None:
    """Whoever reads the error knows which field it is about."""
    with pytest.raises(vol.Invalid, match=r"range.*start_time"):
        await hass.services.async_call(
            DOMAIN,
            "search",
            {"start_time": "0001-01-01T00:00:00+14:00", "entity_id": IN_PROGRESS},
            blocking=True,
            return_response=True,
        )


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "9" * 5000, 10**400, -1])
def test_number_fields(number: str | int) -> None:
    """A field of a form takes no number that is none."""
    with pytest.raises(vol.Invalid):
        number_field(1, 65535)(number)
    assert number_field(1, 65535)(80) == 80


@pytest.mark.parametrize(
    ("say", "value"),
    [
        *((say_times, value) for value in TIMES),
        *((say_numbers, value) for value in NUMBERS[:5]),
    ],
    ids=lambda value: getattr(value, "__name__", str(value))[:30],
)
async def test_camera(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[[Camera, str, str], None],
    value: str,
) -> None:
    """It is shown as far as it makes sense, wherever anybody sees it."""
    camera.start_recording()
    for cgi in ("record/list.cgi", "disks/list.cgi", "disks/gethealth.cgi"):
        say(camera, value, cgi)
    assert await async_setup_component(hass, "media_source", {})
    await set_up(hass, entry)
    for _ in range(2):
        await pass_time(hass, freezer, 31)
    checked: Any = {"model": "checked before"}
    entry.runtime_data.check.note(checked)
    await async_get_config_entry_diagnostics(hass, entry)
    await read_through(hass, f"{media_source.URI_SCHEME}{DOMAIN}/{entry.entry_id}")
    await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": "calendar.front_camera_recording_calendar",
            "start_date_time": str(START - timedelta(days=9)),
            "end_date_time": str(START + timedelta(days=9)),
        },
        blocking=True,
        return_response=True,
    )
    for action, fields in SENSIBLE.items():
        await called(hass, action, fields)
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert "Traceback" not in caplog.text


async def read_through(hass: HomeAssistant, media_id: str, depth: int = 4) -> None:
    """Open a folder and some of those in it."""
    try:
        folder = await media_source.async_browse_media(hass, media_id)
    except BrowseError:
        return
    for child in [*(folder.children or ())][:3]:
        if child.can_expand and depth:
            await read_through(hass, child.media_content_id, depth - 1)
