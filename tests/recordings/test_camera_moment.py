"""Names of moments of a camera."""

from datetime import UTC, datetime

import pytest

from custom_components.axis_recordings.recordings.camera_moment import (
    CameraMoment,
    moment_content_id,
)
from custom_components.axis_recordings.recordings.part import RecordingPartError

MOMENT = datetime(2026, 11, 26, 21, 47, 3, 250000, tzinfo=UTC)


@pytest.mark.parametrize("source", [None, "1", "a/b", "..", "~%é"])
def test_there_and_back(source: str | None) -> None:
    """Nothing in a name would have to be encoded in an address."""
    wanted = CameraMoment(moment=MOMENT, source=source)
    assert CameraMoment.parse(wanted.words) == wanted
    assert not set("/%.") & set("".join(wanted.words[2:]))


def test_content_id() -> None:
    """It is what a player is told."""
    wanted = CameraMoment(moment=MOMENT, source="2")
    assert moment_content_id("entry", wanted) == (
        "media-source://axis_recordings/entry/at/20261126T214703.250000Z/2"
    )


def test_written_by_hand() -> None:
    """A fraction of a second may be left out."""
    wanted = CameraMoment.parse(["at", "20261126T214703Z"])
    assert wanted == CameraMoment(moment=MOMENT.replace(microsecond=0))


@pytest.mark.parametrize(
    "name",
    [
        "at",
        "at/",
        "at/now",
        "at/2026-11-26T21:47:03Z",
        "at/20261126T214703",
        "at/20261126T214703.5",
        "at/20261126T214703+0100",
        "at/20261326T214703Z",
        "at/00010101T000000Z",
        "at/99991231T235959.999999Z",
        "at/20261126T214703Z/1/2",
        "at/20261126T214703ZZ/1",
        "play/20261126T214703Z",
    ],
)
def test_garbage(name: str) -> None:
    """What no clock shows is no name."""
    with pytest.raises(RecordingPartError):
        CameraMoment.parse(name.split("/"))
