"""What has to be found in what describes a recording."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.axis_recordings.index.models import Starter, StarterKind
from custom_components.axis_recordings.phrases.description import words_to_find
from custom_components.axis_recordings.phrases.query import read_query
from custom_components.axis_recordings.recordings.description import Describer
from custom_components.axis_recordings.vapix import RecordingStatus, RecordingType
from tests.index.made import made

DESCRIBER = Describer(
    types={RecordingType.TRIGGERED: "triggered\nAusgelöst"},
    by_home_assistant="Von Home Assistant aufgenommen",
    in_progress="Läuft",
)
RECORDING = replace(
    made(1), event_id="Gate", event_trigger="Dämmerung", disk_id="SD_DISK", source="2"
)
ANNA = Starter(kind=StarterKind.PERSON, name="Anna")


def found(
    text: str,
    starter: Starter | None = None,
    status: RecordingStatus = RecordingStatus.COMPLETED,
) -> bool:
    """Return whether a text finds the recording."""
    query = read_query(text, now=datetime(2026, 11, 28, tzinfo=UTC), zone=UTC)
    words = words_to_find(
        query, DESCRIBER, camera="Front camera", sources={"2": "Quelle 2"}
    )
    return all(
        each.describes(replace(RECORDING, status=status), starter) for each in words
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gate",
        "GATE däm",
        "da\N{COMBINING DIAERESIS}mmerung",
        "\N{FULLWIDTH LATIN SMALL LETTER G}ate",
        "triggered",
        "ausgelöst gate",
        "sd_disk",
        "front camera",
        "gate front",
        "quelle",
    ],
)
def test_what_describes_it(text: str) -> None:
    """Its rule, trigger, type, disk, source, and camera do, in any case."""
    assert found(text)
    assert not found(f"{text} nothing")


def test_who_has_started_it() -> None:
    """Only what Home Assistant has started is found by that, and by a name."""
    assert found("home assistant gate", ANNA)
    assert found("anna", ANNA)
    assert not found("home assistant gate")
    assert not found("anna")
    assert not found("anna", replace(ANNA, name=None))


def test_what_goes_on() -> None:
    """It is found by that while it does."""
    assert found("läuft", status=RecordingStatus.RECORDING)
    assert not found("läuft")
