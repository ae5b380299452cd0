"""Titles in the media browser, whose form cards rely on."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from custom_components.axis_recordings.media.titles import (
    Words,
    counted_title,
    day_title,
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
    """The form is fixed: time, what made it, length, and then what else there is."""
    start = datetime(2026, 11, 23, 21, 47, 3)  # noqa: DTZ001 - as it shows
    length = timedelta(seconds=44)
    title = "2026-11-23 21:47:03 · Motion Recording · 0:00:44"
    assert recording_title(start, length, "Motion Recording") == title
    assert recording_title(
        start, length, "Motion Recording", "SD_DISK", "Source 1"
    ) == (f"{title} · SD_DISK · Source 1")
    assert recording_title(start, length, "") == "2026-11-23 21:47:03 · 0:00:44"
    assert recording_title(start, None, "Gate") == "2026-11-23 21:47:03 · Gate"
    # yyyy-MM-dd HH:mm:ss
    assert datetime.strptime(title[:19], "%Y-%m-%d %H:%M:%S") == start  # noqa: DTZ007
    # Of a day that is known, and of one of several cameras.
    day = start.date()
    title = "21:47:03 · Gate · 0:00:44"
    assert recording_title(start, length, "Gate", day=day) == title
    other = recording_title(start, length, "Gate", day=day - timedelta(days=1))
    assert other == f"2026-11-23 {title}"
    named = recording_title(start, length, "Gate", camera="Front camera")
    assert named == f"Front camera · 2026-11-23 {title}"


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


@pytest.mark.usefixtures("loaded")
async def test_days(hass: HomeAssistant) -> None:
    """A day has its date, which cards read, its weekday, and how much there is; the last ones have names."""
    words = Words.async_load(hass)
    today = date(2026, 11, 24)
    assert [
        day_title(today - timedelta(days=days), today, count, words)
        for days, count in enumerate((12, 161, 1, 0, None, 5, 5, 5))
    ] == [
        "2026-11-24 Tue · Today · 12 recordings",
        "2026-11-23 Mon · Yesterday · 161 recordings",
        "2026-11-22 Sun · 1 recording",
        "2026-11-21 Sat · 0 recordings",
        "2026-11-20 Fri",
        "2026-11-19 Thu · 5 recordings",
        "2026-11-18 Wed · 5 recordings",
        "2026-11-17 Tue · 5 recordings",
    ]
    assert counted_title("2026-10", 612, words) == "2026-10 · 612 recordings"


async def test_words(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """Each word has a text, each text is a word, and an unknown language falls back to English."""
    texts = translations()["common"]
    names = {field.name for field in fields(Words)}
    # Those of the page of a share and of links are tested with them.
    others = {key for key in texts if key.startswith(("share_", "link_"))}
    assert set(texts) - names - others == {"by_home_assistant", *NOTHING_FOUND}
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
