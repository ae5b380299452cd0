"""The camera's clock, which need not agree with anybody else's."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
import time
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class CameraClock:
    """The host's time plus an offset, shown in a time zone of the camera's own.

    `offset` and `time_zone` (an IANA name) may be set while the camera runs.
    """

    def __init__(
        self, offset: timedelta = timedelta(0), time_zone: str = "UTC"
    ) -> None:
        """Set the clock `offset` ahead of the host's."""
        self.offset = offset
        self.time_zone = time_zone

    @property
    def zone(self) -> ZoneInfo:
        """The camera's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def rule(self) -> str:
        """The camera's time zone as POSIX writes it; files of the IANA database end with it."""
        file = files("tzdata").joinpath("zoneinfo", *self.time_zone.split("/"))
        return file.read_bytes().splitlines()[-1].decode()

    def now(self) -> datetime:
        """Camera time, aware, in UTC."""
        return EPOCH + timedelta(seconds=time.time()) + self.offset


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return (moment - EPOCH) // MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """Give the aware UTC time of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=microseconds)
