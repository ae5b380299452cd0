"""`python -m tests.camera`."""

import asyncio
from contextlib import suppress
from datetime import timedelta
import re
import signal
import sys

import pytest

from tests.camera import Disk, Quirks
from tests.camera.__main__ import read_arguments
from tests.camera.activity import live, tidy

from .caller import plain


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
async def test_runs_until_a_signal(end: signal.Signals) -> None:
    """The program says where it is and stops cleanly."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.camera", "--tls", "--recordings", "7", "--activity", "5"),
        *("--disk", "SD_DISK", "--disk", "NetworkShare", "--clock-offset", "-60"),
        *("--clean-up", "5", "--wear", "12", "--quirk", "event_stream=None"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = b""
    while not said.endswith(b"Recordings: 7\n"):
        said += await asyncio.wait_for(process.stdout.readline(), 30)
    assert re.search(rb"Address: https://127\.0\.0\.1:\d+\n", said)
    assert b"Account: operator operator-secret (operator)\n" in said
    assert re.search(rb"Certificate SHA-256: [0-9a-f]{64}\n", said)
    process.send_signal(end)
    _, errors = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, errors) == (0, b"")


def test_arguments() -> None:
    """Disks may be several; the policy is one that cameras have."""
    arguments = read_arguments(["--disk", "A", "--disk", "B", "--auth", "basic_digest"])
    assert (arguments.disk, arguments.auth) == (["A", "B"], "basic_digest")
    for wrong in (["--auth", "none"], ["--quirk", "mood=bad"]):
        with pytest.raises(SystemExit):
            read_arguments(wrong)


def test_quirks() -> None:
    """Quirks are named as in the code; values are read as they are written there."""
    arguments = read_arguments(
        [
            *("--quirk", "event_stream=None", "--quirk", "event_rights=configure"),
            *("--quirk", "page_limit=7", "--quirk", "keep_alive=False"),
        ]
    )
    assert Quirks(**dict(arguments.quirk)) == Quirks(
        event_stream=None, event_rights="configure", page_limit=7, keep_alive=False
    )


async def test_activity() -> None:
    """Rules start and end recordings, whatever happens to the disks."""
    camera = plain(disks=[Disk("SD_DISK"), Disk("NetworkShare")], sources=2)
    life = asyncio.create_task(live(camera, 0.01, seed=3))
    await asyncio.sleep(0.3)
    camera.detach_disk("SD_DISK")
    camera.lock_disk("NetworkShare")
    await asyncio.sleep(0.1)
    life.cancel()
    with suppress(asyncio.CancelledError):
        await life
    facts = {fact.what for fact in camera.journal}
    assert {"started", "stopped"} <= facts
    assert {recording.disk_id for recording in camera.recordings} == {
        "SD_DISK",
        "NetworkShare",
    }


async def test_tidying() -> None:
    """The camera cleans up now and then."""
    camera = plain()
    now = camera.clock.now()
    recording_id = camera.add_recording(
        now - timedelta(days=9), now - timedelta(days=8)
    )
    tidying = asyncio.create_task(tidy(camera, 0.01))
    await asyncio.sleep(0.1)
    tidying.cancel()
    with suppress(asyncio.CancelledError):
        await tidying
    assert camera.journal.lives() == {recording_id: ["added", "removed"]}
