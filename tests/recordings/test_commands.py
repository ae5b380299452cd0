"""Commands: each goes on to its end, and what goes wrong with it is its own."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.axis_recordings.vapix import client as client_module
from tests.camera import Camera, Fault
from tests.common import administrate, call

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

FAILURES = (
    Fault.ERROR,
    Fault.HTML,
    Fault.EMPTY,
    Fault.NOT_FOUND,
    Fault.UNAVAILABLE,
    Fault.UNAUTHORIZED,
    Fault.FORBIDDEN,
    Fault.RESET,
    Fault.TRUNCATED,
    Fault.REDIRECT,
)
COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "record/record.cgi": ("start", {}),
    "record/stop.cgi": ("stop", {}),
    "record/remove.cgi": ("remove", {"recording_id": "first"}),
    "disks/mount.cgi": ("unmount_disk", {"disk": "SD_DISK"}),
    "disks/job.cgi": ("mount_disk", {"disk": "SD_DISK"}),
    "record/export/capabilities.cgi": (
        "save",
        {"recording_id": "first", "filename": "video"},
    ),
    "record/export/properties.cgi": (
        "snapshot",
        {"time": "2026-11-20T12:00:30+00:00"},
    ),
}


@pytest.mark.parametrize("cgi", COMMANDS)
async def test_failure_of_a_command_is_its_own(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    cgi: str,
) -> None:
    """Whatever goes wrong with it, the camera is there, and what it records is known."""
    # Time stands still.
    monkeypatch.setattr(client_module, "_JOB_INTERVAL", 0)
    action, fields = COMMANDS[cgi]
    hass.config.media_dirs = {"local": str(tmp_path)}
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    administrate(camera)
    start = datetime(2026, 11, 20, 12, tzinfo=UTC)
    data = loaded.runtime_data
    caplog.clear()
    for fault in FAILURES:
        if not camera.recordings.find("first"):
            camera.add_recording(
                start, start + timedelta(minutes=1), recording_id="first"
            )
        if action == "stop" and not data.controller.own:
            await call(hass, "start")
        camera.faults.set(cgi, fault)
        with suppress(HomeAssistantError):
            answer = await call(hass, action, **fields)
            # All that it may do instead of failing.
            assert "failed" in str(answer) or action == "stop"
        camera.faults.clear()
        await hass.async_block_till_done(wait_background_tasks=True)
        assert data.recordings.last_update_success, fault
        assert data.disks.last_update_success, fault
        assert not data.disks.jobs
        assert data.saves.progress is None
        assert not [
            state.entity_id
            for state in hass.states.async_all()
            if state.state == STATE_UNAVAILABLE
        ], fault
    assert not [
        each
        for each in caplog.records
        if each.name.startswith("custom_components")
        and each.levelno >= 30
        # Not every script looks at the answer, in which the failure is as well.
        and not each.message.startswith("Action remove failed")
    ]


async def test_nobody_waits_for_a_slow_list(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A command is answered once the camera has obeyed, however long its list takes."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.recordings.commands.POLL_SECONDS", 0.0
    )
    listed = asyncio.Event()
    data = loaded.runtime_data
    with monkeypatch.context() as patched:
        patched.setattr(data.recordings, "async_refresh", listed.wait)
        answer = await call(hass, "start")
        (own,) = data.controller.own
        assert answer["recordings"][0]["recording_id"] == own.recording_id
        assert "errors" not in answer
        listed.set()
