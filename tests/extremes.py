"""Numbers and times that nobody can calculate with, and how a camera comes to say them."""

from typing import TYPE_CHECKING, Final

from tests.camera import Fault

if TYPE_CHECKING:
    from tests.camera import Camera

NUMBERS: Final = (
    *("-1", "9" * 18, str(2**63), "9" * 5000, "1e309", "-1e309", "NaN", "Infinity"),
    *("0:0", "1e308:1e-308", "+99:99"),
)
TIMES: Final = (
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0001-01-01T12:00:00"),
    *("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00"),
    *("1969-12-31T23:59:59Z", "9001-01-01T00:00:00Z", "9" * 5000 + "-01-01T00:00:00Z"),
    "2026-11-24T00:00:00+23:59:59.999999",
)

# Whole values only: in XML, in JSON and in parameters, but not what is a part of an id.
_NUMBER: Final = (
    r'(?<=")(?<!version=")[\d.:]+(?=")|(?<=: )\d+(?=[,}\s])|(?<==)\d+(?=\r?\n)'
)
_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*(?:Z|[+-]\d\d:\d\d)?"


def say_numbers(camera: Camera, number: str, cgi: str = "*") -> None:
    """Let a camera say a number wherever it says one."""
    camera.faults.set(cgi, Fault.REPLACED, pattern=_NUMBER, message=number)


def say_times(camera: Camera, time: str, cgi: str = "*") -> None:
    """Let a camera say a time wherever it says one."""
    camera.faults.set(cgi, Fault.REPLACED, pattern=_TIME, message=time)
