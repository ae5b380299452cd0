"""The videos that are saved, and a life of the camera that leaves them alone."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, override

from tests.camera import Video
from tests.workload import Workload

if TYPE_CHECKING:
    from tests.camera import Camera, CameraServer, Recording

VIDEO: Final = "video_"
"""What their ids begin with."""
SECONDS: Final = 3
"""How long each of them is, if nothing else is asked for."""
RATE: Final = 10


def add_video(
    camera: Camera,
    number: int = 0,
    *,
    seconds: int = SECONDS,
    is_square: bool = False,
    **attributes: Any,
) -> None:
    """Put a video into the past of a camera."""
    start = datetime.now(UTC) - timedelta(minutes=10 - number)
    camera.add_recording(
        start,
        start + timedelta(seconds=seconds),
        recording_id=f"{VIDEO}{number}",
        gop=2.0,
        video=Video("video/x-h264", 640, 640 if is_square else 360, f"{RATE}:1"),
        **attributes,
    )


class Life(Workload):
    """Whatever may happen to a camera and its recordings, but for the videos."""

    @override
    def _attached(self, camera: Camera) -> list[Recording]:
        return [
            each
            for each in super()._attached(camera)
            if not each.recording_id.startswith(VIDEO)
        ]

    @override
    def clean_up(self, server: CameraServer) -> None:
        if found := self._attached(server.camera):
            server.camera.clean_up(found[-1].start + timedelta(minutes=6))
