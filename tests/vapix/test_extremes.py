"""Everything that reads numbers and times reads those that nobody can calculate with."""

from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.vapix import VapixError
from custom_components.axis_recordings.vapix.times import (
    is_usable,
    parse_http_date,
    parse_time,
)
from tests.bench.fuzz.readers import READERS, impatient
from tests.camera import Camera, CameraServer, Quirks
from tests.extremes import NUMBERS, TIMES, say_numbers, say_times

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from .conftest import Connect

READS = [name for name in READERS if name != "events"]
DATES = (
    "Mon, 31 Dec 9999 23:59:59 -2359",
    *("Mon, 01 Jan 9001 00:00:00 GMT", f"Mon, 01 Jan {'9' * 5000} 00:00:00 GMT"),
    *(
        f"Mon, {'9' * 30} Jan 2026 00:00:00 GMT",
        f"Mon, 01 Jan 2026 {'9' * 30}:00:00 GMT",
    ),
    f"Mon, 01 Jan 2026 00:00:00 +{'9' * 30}",
)


@pytest.fixture
def impatience() -> Generator[None]:
    """Wait for nothing that may come later."""
    with impatient():
        yield


@pytest.mark.parametrize(
    ("say", "values"), [(say_numbers, NUMBERS), (say_times, TIMES)]
)
@pytest.mark.usefixtures("impatience")
async def test_answers(
    connect: Connect,
    say: Callable[[Camera, str], None],
    values: tuple[str, ...],
) -> None:
    """What can't be read is unknown, or an error with a name."""
    camera = Camera(recordings=3, quirks=Quirks(date_header=False), export_speed=None)
    async with CameraServer(camera) as server:
        for value in values:
            say(camera, value)
            for name in READS:
                client = connect(server)
                try:
                    await READERS[name](client)
                except VapixError as err:
                    assert len(str(err)) < 1000, name  # noqa: PT017


@pytest.mark.parametrize("date", DATES)
def test_dates(date: str) -> None:
    """A clock that nobody has set so is none."""
    assert parse_http_date(date) is None


@pytest.mark.parametrize("time", TIMES)
async def test_clock(connect: Connect, time: str) -> None:
    """A camera whose clock says so does not report the time; windows are calculated from it."""
    camera = Camera(recordings=3, quirks=Quirks(date_header=False))
    async with CameraServer(camera) as server:
        say_times(camera, time, "time.cgi")
        reported = await connect(server).fetch_time()
        assert reported is None or is_usable(reported)
        assert (reported is None) is not is_usable(parse_time(time))
