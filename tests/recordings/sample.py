"""A recording of which only the times matter."""

from datetime import UTC, datetime, timedelta

from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingKey,
    RecordingStatus,
    RecordingType,
)

START = datetime(2025, 10, 20, 12, tzinfo=UTC)
NOW = START + timedelta(hours=1)
KEY = RecordingKey("SD_DISK", "20251020_120000_1A2B_B8A44F0A1B2C")


def recording(
    start: datetime | None = START,
    end: datetime | None = None,
    status: RecordingStatus = RecordingStatus.COMPLETED,
    recording_id: str = KEY.recording_id,
) -> Recording:
    """Return a recording of which only the times matter."""
    return Recording(
        disk_id=KEY.disk_id,
        recording_id=recording_id,
        start=start,
        end=end,
        utc_offset=None,
        status=status,
        type=RecordingType.TRIGGERED,
        event_id="",
        event_trigger="",
        source=None,
        locked=None,
        video=(),
        audio=(),
    )


def after(seconds: float) -> datetime:
    """Return a moment of the recording."""
    return START + timedelta(seconds=seconds)
