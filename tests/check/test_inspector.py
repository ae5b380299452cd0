"""Answers that are far longer than those of any camera."""

import asyncio
import json
from typing import Any

import pytest

from custom_components.axis_recordings.check.basics import check_apis
from custom_components.axis_recordings.check.inspector import Inspector, Report
from custom_components.axis_recordings.check.run import check_camera
from custom_components.axis_recordings.vapix.answers import Inspection
from custom_components.axis_recordings.vapix.bounds import MOST_ANSWER_BYTES
from tests.bench.fuzz.watchers import LONGEST_BLOCK, LoopWatcher
from tests.camera import Camera

from .test_run import connected


class LongWinded:
    """Stands in for a connection to a camera that answers everything at length."""

    def __init__(self, body: bytes) -> None:
        """Answer with this."""
        self._body = body
        self.asked = 0

    async def inspect(
        self, *_: object, limit: int = MOST_ANSWER_BYTES, **__: object
    ) -> Inspection:
        """Return as much of the answer as is taken."""
        self.asked += 1
        await asyncio.sleep(0)
        return Inspection(
            status=200,
            headers={"Content-Type": "application/json"},
            challenges=[],
            version="1.1",
            body=self._body[:limit],
            seconds=0.0,
        )


def apis(count: int) -> bytes:
    """Return an answer that is right for every question, with so many APIs."""
    listed = [{"id": f"record{'abcdefgh'[n % 8]}-{n % 1000:03}"} for n in range(count)]
    data: dict[str, Any] = {"apiList": listed, "uptime": 1, "timeZone": "UTC"}
    return json.dumps({"apiVersion": "1.0", "data": data}).encode()


@pytest.mark.parametrize(
    "body",
    [apis(5_000), apis(80_000), b"[" + b"{}," * 690_000],
    ids=["apis", "more than is read", "objects"],
)
async def test_long_json(body: bytes) -> None:
    """It neither holds the event loop nor fills the report."""
    assert len(body) <= MOST_ANSWER_BYTES
    http, report = LongWinded(body), Report()
    async with LoopWatcher() as watcher:
        await check_apis(Inspector(http, report))  # type: ignore[arg-type]
        held = watcher.take()
    assert http.asked > 4
    assert held < LONGEST_BLOCK
    assert len(report.findings) < 100


async def test_many_names() -> None:
    """Thousands of names that people gave are left out of the report without holding the loop."""
    names = [
        f"{number * 7919 % 10**6:06} motion in the garden" for number in range(15000)
    ]
    async with connected(Camera()) as client, LoopWatcher() as watcher:
        watcher.take()
        checking = asyncio.ensure_future(check_camera(client.http, secrets=names))
        await asyncio.sleep(1)
        checking.cancel()
        held = watcher.take()
        assert held < LONGEST_BLOCK
