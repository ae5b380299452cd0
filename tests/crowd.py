"""Recordings that go on in masses, as no camera has them."""

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.camera import Camera


def crowd(camera: Camera, count: int, *, old: int = 0) -> list[str]:
    """Let recordings go on, beside others that have begun later and are over."""
    now = camera.clock.now()
    for number in range(old):
        start = now - timedelta(hours=2, seconds=number)
        camera.add_recording(start, start + timedelta(seconds=1))
    return [
        camera.add_recording(
            now - timedelta(hours=3, seconds=number),
            now,
            recording_id=f"ongoing_{number}",
            recording_status="recording",
        )
        for number in range(count)
    ]
