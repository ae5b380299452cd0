"""Recordings as cameras list them, and changes to an index."""

from datetime import UTC, datetime, timedelta
from itertools import batched
import os
import signal
from typing import TYPE_CHECKING, Any, Final
import warnings

from custom_components.axis_recordings.index.models import KnownRecording, Stage
from custom_components.axis_recordings.vapix import (
    AudioTrack,
    Recording,
    RecordingStatus,
    RecordingType,
    VideoTrack,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from custom_components.axis_recordings.index.store import RecordingIndex
    from custom_components.axis_recordings.vapix import RecordingKey

START: Final = datetime(2026, 11, 3, 7, 5, 0, 123456, UTC)
VIDEO: Final = VideoTrack(
    mime_type="video/x-h264", width=1920, height=1080, frame_rate=30.0
)
AUDIO: Final = AudioTrack(mime_type="audio/mpeg4-generic", bit_rate=1, sample_rate=2)
PAGE: Final = 500


def made(number: int, **more: Any) -> Recording:
    """Return one of many recordings, each of which begins a minute after the one before."""
    start = START + timedelta(minutes=number, microseconds=number * 7919)
    local = start + timedelta(hours=1)
    name = f"{local:%Y%m%d_%H%M%S}_{number * 40503 % 65536:04X}_ACCC8E123456"
    known: dict[str, Any] = {
        "disk_id": "SD_DISK",
        "recording_id": name,
        "start": start,
        "end": start + timedelta(seconds=9 + number % 50),
        "utc_offset": timedelta(hours=1),
        "status": RecordingStatus.COMPLETED,
        "type": RecordingType.TRIGGERED,
        "event_id": f"Motion Recording {number % 4}",
        "event_trigger": "Record video while the rule is active",
        "source": "1",
        "locked": False,
        "video": (VIDEO,),
        "audio": (),
    }
    return Recording(**known | more)


def known(recording: Recording, stage: Stage = Stage.ENDED) -> KnownRecording:
    """Return what is known of a recording."""
    return KnownRecording(recording=recording, stage=stage)


def write(
    index: RecordingIndex,
    *recordings: Recording,
    stage: Stage = Stage.ENDED,
    removed: Iterable[RecordingKey] = (),
) -> None:
    """Change an index once."""
    with index.file.transaction() as db:
        index.write(db, [known(each, stage) for each in recordings], [*removed])


def fill(index: RecordingIndex, number: int) -> None:
    """Write so many recordings as a walk does, page by page, newest first."""
    for page in batched(reversed(range(number)), PAGE, strict=False):
        write(index, *map(made, reversed(page)))


def kill_process(act: Callable[[], object]) -> None:
    """Do something in a process of its own, which ends itself by SIGKILL meanwhile."""
    with warnings.catch_warnings():
        # Other threads of the tests hold nothing that it needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        process_id = os.fork()
    if not process_id:
        try:
            act()
        finally:
            os._exit(1)
    _, status = os.waitpid(process_id, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def kill_this_process() -> None:
    """End this process without a warning."""
    os.kill(os.getpid(), signal.SIGKILL)
