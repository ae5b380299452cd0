"""What a camera's clock has shown with its answers."""

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

MOST_READINGS: Final = 100
"""More are not kept for somebody who takes them late."""
_SETTING: Final = 10.0
"""Seconds. What differs by less may be the way of an answer, or the time that it took to make it."""


class ClockReading(NamedTuple):
    """What a clock showed."""

    time: datetime
    monotonic: float
    """Our monotonic clock at that moment, in seconds."""


class ClockReadings:
    """Those that differ from the one before: the clock was set in between."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._ahead: float | None = None
        self._readings: list[ClockReading] = []

    def note(self, reading: ClockReading) -> None:
        """Keep a reading if it shows something new."""
        ahead = reading.time.timestamp() - reading.monotonic
        if self._ahead is not None and abs(ahead - self._ahead) <= _SETTING:
            return
        self._ahead = ahead
        self._readings.append(reading)
        del self._readings[:-MOST_READINGS]

    def take(self) -> list[ClockReading]:
        """Return those since the last call, in their order."""
        readings, self._readings = self._readings, []
        return readings
