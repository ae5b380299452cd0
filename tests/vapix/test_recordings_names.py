"""The names of events and sources, and the camera's time zone."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.vapix import (
    MissingRightsError,
    RefusedError,
    UnexpectedAnswerError,
    VapixClient,
)
from tests.camera import Camera, CameraServer, Quirks

from .scripted import http, xml

if TYPE_CHECKING:
    from .conftest import Connect
    from .scripted import ScriptedServer


@pytest.mark.parametrize("spaced", [True, False])
async def test_names(client: VapixClient, camera: Camera, spaced: bool) -> None:
    """Each comes once, without the blanks of Axis' own sample."""
    camera.quirks = Quirks(spaced_values=spaced)
    for number, event in enumerate(("Gate & door", "ä <b>", "Gate & door")):
        start = camera.clock.now().replace(hour=1, minute=number)
        camera.add_recording(
            start, start.replace(second=59), event_id=event, source=str(number)
        )
    events = await client.fetch_event_ids()
    assert {"Gate & door", "ä <b>"} < set(events)
    assert len(set(events)) == len(events)
    assert await client.fetch_sources() == ("0", "1", "2")


async def test_a_viewer_may_ask(connect: Connect, server: CameraServer) -> None:
    """The list is open to every account."""
    assert await connect(server, "viewer").fetch_sources() == ("1",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<eventids><eventid> motion </eventid></eventids>", ("motion",)),
        (
            "<eventids><eventid>a</eventid><eventid/><eventid>b</eventid></eventids>",
            ("a", "b"),
        ),
        ('<eventids><eventid x="1">a</eventid></eventids>', ("a",)),
        ("<eventids/>", ()),
        ("<eventids>nonsense</eventids>", ()),
        ("", ()),
        # A camera that does not know what was asked for.
        ('<recordings><recording recordingid="a"/></recordings>', ()),
    ],
)
async def test_shapes(
    connect: Connect, scripted: ScriptedServer, content: str, expected: tuple[str, ...]
) -> None:
    """None, one or many; whatever else comes is none."""
    scripted.answers = [xml(content)]
    assert await connect(scripted).fetch_event_ids() == expected
    assert "listentity=eventid" in scripted.requests[0]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http("<html/>"), UnexpectedAnswerError),
        (http("", status="404 Not Found"), UnexpectedAnswerError),
        (xml('<recordings result="ERROR" errormsg="No"/>'), RefusedError),
    ],
)
async def test_errors(
    connect: Connect, scripted: ScriptedServer, answer: bytes, error: Any
) -> None:
    """They are those of any list."""
    scripted.answers = [answer]
    with pytest.raises(error):
        await connect(scripted).fetch_sources()


async def test_time_zone(client: VapixClient, camera: Camera) -> None:
    """It has a name of the IANA database."""
    camera.clock.time_zone = "Europe/Stockholm"
    assert await client.fetch_time_zone() == "Europe/Stockholm"
    camera.quirks = Quirks(time_api=False)
    with pytest.raises((UnexpectedAnswerError, MissingRightsError)):
        await client.fetch_time_zone()


@pytest.mark.parametrize("zone", [{}, {"timeZone": ""}, {"timeZone": None}])
async def test_no_time_zone(
    connect: Connect, scripted: ScriptedServer, zone: dict[str, Any]
) -> None:
    """A camera may know a rule of POSIX only."""
    answer = {"data": {"posixTimeZone": "CET-1CEST,M3.5.0,M10.5.0/3", **zone}}
    scripted.answers = [http(json.dumps(answer))]
    assert await connect(scripted).fetch_time_zone() == "CET-1CEST,M3.5.0,M10.5.0/3"
