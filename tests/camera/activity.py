"""A life in front of the camera, so that a demo looks alive."""

import asyncio
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from .errors import CameraError

if TYPE_CHECKING:
    from .camera import Camera

MOTION = "tns1:VideoAnalytics/tnsaxis:MotionDetection"
EVENTS = (
    ("Motion Recording", "Record video while the rule is active"),
    ("Line crossing", "Record video"),
)


async def live(camera: Camera, period: float, *, seed: int | None = None) -> None:
    """Let rules start a recording every `period` seconds or so, each as long or so, forever."""
    random = Random(seed)  # noqa: S311 - a life, not a secret
    async with asyncio.TaskGroup() as recordings:
        while True:
            await asyncio.sleep(random.expovariate(1 / period))
            recordings.create_task(_record(camera, random, period))


async def _record(camera: Camera, random: Random, period: float) -> None:
    event_id, event_trigger = random.choice(EVENTS)
    # Disks that can't be written to and recordings that others ended are part of life.
    with suppress(CameraError):
        recording_id = camera.start_recording(
            random.choice(sorted(camera.attached_disks) or ["SD_DISK"]),
            event_id=event_id,
            event_trigger=event_trigger,
            source=str(random.randint(1, camera.sources)),
        )
        _report_motion(camera, moves=True)
        await asyncio.sleep(period * random.uniform(0.3, 1.7))
        _report_motion(camera, moves=False)
        camera.end_recording(recording_id)


def _report_motion(camera: Camera, *, moves: bool) -> None:
    data = {"motion": "1" if moves else "0"}
    camera.events.emit(MOTION, data, source={"window": "0"}, stateful=True)


async def tidy(camera: Camera, period: float) -> None:
    """Let the camera clean up every `period` seconds, by age and by need, forever."""
    while True:
        await asyncio.sleep(period)
        camera.clean_up_by_age()
        camera.clean_up_by_need()
