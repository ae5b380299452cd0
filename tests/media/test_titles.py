"""Titles in the media browser, whose form cards rely on."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from custom_components.axis_recordings.media.titles import (
    Words,
    format_duration,
    label_of,
    local_time,
    recording_title,
)
from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingStatus,
    RecordingType,
)
from tests.repository import translations

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

NOTHING_FOUND = {"nothing_found", "nothing_found_then"}
START = datetime(2026, 11, 24, 2, 47, 3, 999999, tzinfo=UTC)


def recording(
    *,
    utc_offset: timedelta | None = None,
    event_id: str = "Motion Recording",
    event_trigger: str = "",
    kind: RecordingType = RecordingType.TRIGGERED,
) -> Recording:
    """Return a recording of 44 seconds."""
    return Recording(
        disk_id="SD_DISK",
        recording_id="some_id",
        start=START,
        end=START + timedelta(seconds=44),
        utc_offset=utc_offset,
        status=RecordingStatus.COMPLETED,
        type=kind,
        event_id=event_id,
        event_trigger=event_trigger,
        source="1",
        locked=None,
        video=(),
        audio=(),
    )


def test_title() -> None:
    """The form is fixed: time, length, what made it, and then what else there is."""
    start = datetime(2026, 11, 23, 21, 47, 3)  # noqa: DTZ001 - as it shows
    length = timedelta(seconds=44)
    title = "2026-11-23 21:47:03 · 0:00:44 · Motion Recording"
    assert recording_title(start, length, "Motion Recording") == title
    assert recording_title(
        start, length, "Motion Recording", "SD_DISK", "Source 1"
    ) == (f"{title} · SD_DISK · Source 1")
    assert recording_title(start, length, "") == "2026-11-23 21:47:03 · 0:00:44"
    assert recording_title(start, None, "Gate") == "2026-11-23 21:47:03 · Gate"
    # yyyy-MM-dd HH:mm:ss
    assert datetime.strptime(title[:19], "%Y-%m-%d %H:%M:%S") == start  # noqa: DTZ007


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), "0:00:00"),
        (timedelta(seconds=44.4), "0:00:44"),
        (timedelta(seconds=59.7), "0:01:00"),
        (timedelta(minutes=61), "1:01:00"),
        (timedelta(days=12, seconds=1), "288:00:01"),
    ],
)
def test_duration(duration: timedelta, text: str) -> None:
    """Hours go on beyond a day."""
    assert format_duration(duration) == text


def test_local_time() -> None:
    """A recording tells its own offset at its start; later the time zone decides."""
    zone = ZoneInfo("America/New_York")
    reported = recording(utc_offset=timedelta(hours=1))
    assert str(local_time(reported, START, zone)) == "2026-11-24 03:47:03.999999"
    later = START + timedelta(minutes=5)
    assert str(local_time(reported, later, zone)) == "2026-11-23 21:52:03.999999"
    assert str(local_time(recording(), START, zone)) == "2026-11-23 21:47:03.999999"
    fixed = timezone(timedelta(hours=8))
    assert str(local_time(recording(), START, fixed)) == "2026-11-24 10:47:03.999999"


def test_label() -> None:
    """The event says most."""
    assert label_of(recording(event_trigger="Port")) == "Motion Recording"
    assert label_of(recording(event_id="", event_trigger="Port")) == "Port"
    assert label_of(recording(event_id="")) == "triggered"
    assert label_of(recording(event_id="", kind=RecordingType.UNKNOWN)) == ""


async def test_words(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """Each word has a text, each text is a word, and an unknown language falls back to English."""
    texts = translations()["common"]
    names = {field.name for field in fields(Words)}
    assert set(texts) - names == {"by_home_assistant", *NOTHING_FOUND}
    words = Words.async_load(hass)
    assert {name: getattr(words, name) for name in names} == {
        name: texts[name] for name in names
    }
    assert words.name_source("Quad") == "Source Quad"
    hass.config.language = "xx"
    assert Words.async_load(hass).more


async def test_words_without_texts(hass: HomeAssistant) -> None:
    """While no texts are loaded there are names at least."""
    with patch(
        "custom_components.axis_recordings.helpers.language.async_get_cached_translations",
        return_value={},
    ):
        assert Words.async_load(hass).today == "today"
