"""Events that hold something else than those of any camera."""

import json
from typing import Any

import pytest

from custom_components.axis_recordings.check.run import check_camera
from tests.camera import Camera, event_streams
from tests.camera.event_requests import NOTIFY

from .test_run import Starter, connected


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"params": []},
        {"params": {"notification": "text"}},
        {"params": {"notification": {"timestamp": "soon", "message": 7, "topic": {}}}},
        {"params": {"notification": {"timestamp": 1e300, "message": {"data": []}}}},
    ],
    ids=["nothing", "list", "text", "other_kinds", "never"],
)
async def test_odd_events(
    odd: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They are reported as what they are, and nothing of the check fails."""
    message = json.dumps({"apiVersion": "1.0", "method": NOTIFY} | odd)
    monkeypatch.setattr(event_streams, "notification", lambda *_: message)
    camera = Camera(recordings=2)
    async with connected(camera) as client:
        report = await check_camera(client.http, start=Starter(camera, client))
    assert report.findings["event_topics"] == "other"
    assert "Traceback" not in caplog.text
    assert not [each for each in report.open.values() if each.startswith("failed")]
