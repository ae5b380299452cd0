"""Each side of each open point that the simulated camera can take is recognized."""

from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import aiohttp
import pytest

from custom_components.axis_recordings.check import Report, check_camera
from custom_components.axis_recordings.check.basics import check_http
from custom_components.axis_recordings.check.inspector import Inspector, Reason
from custom_components.axis_recordings.check.run import CHECKS, NOT_ASKED, run_check
from custom_components.axis_recordings.vapix import Address, VapixClient
from tests.camera import Camera, CameraServer, Fault, Quirks
from tests.camera.disks import Disk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from custom_components.axis_recordings.vapix import RecordingKey

# Values of those quirks that are numbers, lists or words without a fixed set.
VALUES: dict[str, tuple[Any, ...]] = {
    "page_limit": (None, 5),
    "default_limit": (None, 1, 5),
    "export_formats": (("matroska",), ("matroska", "mp4"), ("mp4",)),
    "export_limit": (None, 1),
    "event_copies": (1, 2, 3),
    "event_delay": (0.0, 1.0),
    "empty_after_start": (),
}
# Seen by another question, or by one of several words for it.
SEEN_AS: dict[str, tuple[str, dict[Any, Any]]] = {
    "export_limit": ("export_parallel", {None: "two", 1: "error"}),
    "export_formats": (
        "export_formats",
        {
            ("matroska",): "matroska",
            ("matroska", "mp4"): "matroska, mp4",
            ("mp4",): "mp4",
        },
    ),
    "event_delay": (
        "event_at_start",
        {0.0: pytest.approx(0.0, abs=0.3), 1.0: pytest.approx(1.0, abs=0.3)},
    ),
    "unknown_recording": (
        "unknown_recording",
        {
            "bad_request": "status 400",
            "gone": "status 410",
            "internal_server_error": "status 500",
        },
    ),
    "event_changes": ("event_changes", {"stale": "unreported"}),
    "uptime": ("system_ready_uptime", {}),
    "time_zone": ("time_zone", {"name": "timeZone", "posix": "posixTimeZone"}),
    "export_busy": (
        "export_parallel",
        {"error": "error", "unavailable": "status 503"},
    ),
    "storage_alert": (
        "storage_alert",
        {"changes": "reported", "alarms": "reported", None: None},
    ),
    "storage_failure": (
        "storage_failure",
        {"failed": "reported", "disrupted": "reported", None: None},
    ),
}
# What is meant for clients that go further than the check.
NOT_OF_INTEREST = {"event_compression", "event_request_limit", "event_stream_busy"}
# What else has to be so for a question to be asked.
NEEDS: dict[str, dict[str, Any]] = {
    "export_busy": {"export_limit": 1},
    "export_mp4": {"export_formats": ("mp4",)},
}
VIEWERS = {"insufficient_rights", "event_rights"}
# What commands need to go on as they should, to be seen.
DEPENDS: dict[str, dict[str, Any]] = {
    "remove_ongoing": {"second_recording": "new"},
    "remove_several": {"remove_unknown": "error"},
    "event_copies": {"event_changes": "reported"},
    "event_delay": {"event_changes": "reported"},
    "event_timestamp": {"event_changes": "reported"},
}
COMMANDS = {
    "second_recording",
    "stop_completed",
    "stop_unknown",
    "remove_ongoing",
    "remove_unknown",
    "remove_several",
    "event_changes",
    "event_copies",
    "event_delay",
    "event_timestamp",
    "ongoing_stop",
    "ongoing_in_window",
}


def _values(name: str, hint: Any) -> tuple[Any, ...]:
    if name in VALUES:
        return VALUES[name]
    if hint is bool:
        return (True, False)
    values: list[Any] = []
    for part in get_args(hint) if get_origin(hint) is not Literal else (hint,):
        values += get_args(part) if get_origin(part) is Literal else [None]
    return tuple(values)


def _sides() -> list[Any]:
    hints = get_type_hints(Quirks)
    return [
        pytest.param(field.name, value, id=f"{field.name}-{value}")
        for field in fields(Quirks)
        if field.name not in {*NOT_ASKED, *NOT_OF_INTEREST, *COMMANDS}
        for value in _values(field.name, hints[field.name])
    ]


def _camera(quirks: dict[str, Any]) -> Camera:
    camera = Camera(
        recordings=8,
        disks=[Disk("SD_DISK"), Disk("HDD_DISK", overall_health=1)],
        time_zone="America/New_York",
    )
    needed = {
        name: each for quirk in quirks for name, each in NEEDS.get(quirk, {}).items()
    }
    camera.quirks = Quirks(**needed | quirks)
    if "unmounted_size" in quirks:
        camera.disks["HDD_DISK"].status = "connected"
    return camera


@asynccontextmanager
async def connected(
    camera: Camera, user: str = "operator"
) -> AsyncGenerator[VapixClient]:
    """Put a camera on the network, and connect with it."""
    async with CameraServer(camera) as server, aiohttp.ClientSession() as session:
        address = Address(host=server.host, port=server.port, protocol="http")
        yield VapixClient(session, address, user, f"{user}-secret")


@pytest.mark.parametrize(("name", "value"), _sides())
async def test_each_side_is_recognized(name: str, value: Any) -> None:
    """What the camera does is what the report says."""
    camera = _camera({name: value})
    question, _ = SEEN_AS.get(name, (name, {}))
    async with connected(camera, "viewer" if name in VIEWERS else "operator") as client:
        report = Report()
        ask = Inspector(client.http, report)
        for poll, questions in CHECKS:
            if poll is check_http or question in questions:
                await run_check(ask, poll, questions)
    _expect(report, name, value)


@pytest.mark.parametrize("number", range(4))
async def test_each_side_of_commands_is_recognized(number: int) -> None:
    """What needs recordings of our own is seen, several points at a time, and none of them is left."""
    hints = get_type_hints(Quirks)
    values = {name: _values(name, hints[name]) for name in COMMANDS}
    values["second_recording"] = ("new", "new", "error", "same")
    values["remove_unknown"] = ("error", "error", "ok", "not_found")
    values["event_changes"] = ("reported", "reported", "reported", "unreported")
    chosen = {name: each[number % len(each)] for name, each in values.items()}
    camera = _camera(chosen)
    before = _ids(camera)
    async with connected(camera) as client:
        start = Starter(camera, client)
        report = await check_camera(client.http, start=start)
    for name, value in chosen.items():
        if all(
            chosen[each] == needed for each, needed in DEPENDS.get(name, {}).items()
        ):
            _expect(report, name, value)
    assert before <= _ids(camera) <= before | start.ids


async def test_recording_at_the_end_of_all_times(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A clock may be that wrong: another recording is taken, and nothing is a fault of ours."""
    camera = _camera({})
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    camera.add_recording(end - timedelta(minutes=10), end)
    async with connected(camera) as client:
        report = await check_camera(client.http)
    assert "Traceback" not in caplog.text
    assert report.findings["export_framing"] == "chunked"


async def test_headers_are_nobody_elses_business() -> None:
    """What a camera says in them is not repeated, nor what people have named."""
    camera = _camera({})
    for cgi in ("*", "record/export/exportrecording.cgi"):
        camera.faults.set(
            cgi, Fault.WRONG_CONTENT_TYPE, content_type='text/garden; name="B8A44F0A"'
        )
    async with connected(camera) as client:
        report = await check_camera(client.http, secrets=["Garden"])
    assert report.findings["json_content_type"] == "text/…"
    for secret in ("garden", "B8A44F0A"):
        assert secret not in str(report)


def _expect(report: Report, name: str, value: Any) -> None:
    question, words = SEEN_AS.get(name, (name, {}))
    assert question in report.findings, (name, report.open, report.shapes)
    assert report.findings[question] == words.get(value, value), name


def _ids(camera: Camera) -> set[str]:
    return {recording.recording_id for recording in camera.recordings}


class Starter:
    """Starts recordings that seem to have begun some seconds ago."""

    def __init__(self, camera: Camera, client: VapixClient) -> None:
        """Start them by the client."""
        self._camera = camera
        self._client = client
        self.ids: set[str] = set()

    async def __call__(self) -> RecordingKey:
        """Start one."""
        key = await self._client.start_recording("SD_DISK")
        self._camera.clock.offset += timedelta(seconds=5)
        self.ids.add(key.recording_id)
        return key


def test_what_is_not_asked_is_said() -> None:
    """Every open point is recognized, or left out for a reason."""
    names = {field.name for field in fields(Quirks)}
    assert set(NOT_ASKED) <= names
    assert all(isinstance(reason, Reason) for reason in NOT_ASKED.values())
    assert names >= NOT_OF_INTEREST
