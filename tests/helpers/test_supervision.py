"""What works on its own goes on, whatever is raised, and says so once."""

import asyncio
from typing import TYPE_CHECKING, Any

from homeassistant.core import CoreState
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings.helpers.supervision import (
    Guard,
    TryAgainError,
    Worker,
    guarded,
)
from tests.common import pass_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant


def tracebacks(caplog: pytest.LogCaptureFixture) -> int:
    """Count them."""
    return len([each for each in caplog.records if each.exc_info])


def fail(text: str = "unforeseen") -> None:
    """Raise from one place."""
    raise RuntimeError(text)


@pytest.fixture
def entry() -> MockConfigEntry:
    """Return a config entry of no integration."""
    return MockConfigEntry(title="Front camera")


@pytest.fixture
def make(hass: HomeAssistant, entry: MockConfigEntry) -> Callable[[Any], Worker]:
    """Return what makes a worker of a job."""
    entry.add_to_hass(hass)
    return lambda job: Worker(hass, entry, "job", job)


def test_guard_logs_each_cause_once(
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The same again is no news, though other things work meanwhile; another cause is."""
    guard = Guard(entry, "thing")
    for number in range(10):
        with guard:
            fail(str(number))
        with guard:
            pass
        with Guard(entry, "other thing"):
            fail()
        freezer.tick(600)
    assert tracebacks(caplog) == 1
    assert "Front camera: unexpected error (thing)" in caplog.text
    with guard:
        raise ValueError
    assert tracebacks(caplog) == 2
    freezer.tick(3601)
    with guard:
        fail()
    assert tracebacks(caplog) == 3


@pytest.mark.parametrize("kind", [asyncio.CancelledError, KeyboardInterrupt])
def test_guard_lets_pass(
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    kind: type[BaseException],
) -> None:
    """A cancellation is no error, and what ends the program ends it."""
    with pytest.raises(kind), Guard(entry, "thing"):
        raise kind
    assert not tracebacks(caplog)


def test_guarded_callback_of_any_kind(
    entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Also one that has no name."""

    class Nameless:
        def __call__(self) -> None:
            fail()

    guarded(entry, Nameless())()
    assert "Nameless" in caplog.text


async def test_worker_does_one_job_at_a_time(
    hass: HomeAssistant, make: Callable[[Any], Worker]
) -> None:
    """However often it is started meanwhile, the job is done once more."""
    gate, begun, active = asyncio.Event(), 0, 0

    async def job() -> None:
        nonlocal begun, active
        begun, active = begun + 1, active + 1
        assert active == 1
        if begun == 1:
            # Before there is a task to look at.
            worker.async_start()
        await gate.wait()
        active -= 1

    worker = make(job)
    worker.async_start()
    worker.async_start()
    assert begun == 1
    gate.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert begun == 2
    assert not worker.is_running
    worker.async_start()
    assert begun == 3
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("foreseen", [False, True])
async def test_worker_tries_again(
    hass: HomeAssistant,
    make: Callable[[Any], Worker],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    foreseen: bool,
) -> None:
    """More and more rarely, also if it was started in the moment in which it fails; then as before."""
    begun, is_broken = 0, True

    async def job() -> None:
        nonlocal begun
        begun += 1
        if is_broken:
            worker.async_start()
            if foreseen:
                raise TryAgainError
            fail()

    worker = make(job)
    worker.async_start()
    assert begun == 1
    for delay in (5, 10, 20):
        before = begun
        await pass_time(hass, freezer, 0.8 * delay)
        assert begun == before
        await pass_time(hass, freezer, 0.5 * delay)
        assert begun == before + 1
    is_broken = False
    await pass_time(hass, freezer, 51)
    assert begun == 5
    await pass_time(hass, freezer, 1000)
    assert begun == 5
    assert tracebacks(caplog) == (not foreseen)


async def test_worker_waits_as_long_as_it_is_asked_to(
    hass: HomeAssistant, make: Callable[[Any], Worker], freezer: FrozenDateTimeFactory
) -> None:
    """And is started at once all the same by who knows better."""
    begun = 0

    async def job() -> None:
        nonlocal begun
        begun += 1
        raise TryAgainError(3600)

    worker = make(job)
    worker.async_start()
    await pass_time(hass, freezer, 3599)
    assert begun == 1
    await pass_time(hass, freezer, 902)
    assert begun == 2
    worker.async_start()
    assert begun == 3
    worker.async_start_later(5)
    worker.async_forget_plan()
    await pass_time(hass, freezer, 6)
    assert begun == 3
    await worker.async_stop()


async def test_worker_stops(
    hass: HomeAssistant, make: Callable[[Any], Worker], freezer: FrozenDateTimeFactory
) -> None:
    """For good, whatever its job does when it is cancelled."""
    begun = 0

    async def job() -> None:
        nonlocal begun
        begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            worker.async_start()
            worker.async_start_later(1)
            fail()

    worker = make(job)
    worker.async_start()
    await worker.async_stop()
    assert not worker.is_running
    worker.async_start()
    await pass_time(hass, freezer, 1000)
    assert begun == 1


async def test_worker_begins_nothing_while_home_assistant_stops(
    hass: HomeAssistant, make: Callable[[Any], Worker]
) -> None:
    """What was going on has been broken off, and is not taken up again by what still comes to its end."""
    times: list[None] = []

    async def job() -> None:
        times.append(None)

    worker = make(job)
    worker.async_start()
    await hass.async_block_till_done(wait_background_tasks=True)
    for state in (CoreState.stopping, CoreState.final_write):
        hass.set_state(state)
        worker.async_start()
        assert not worker.is_running
    assert len(times) == 1


async def test_worker_does_nothing_once_more_while_home_assistant_stops(
    hass: HomeAssistant, make: Callable[[Any], Worker]
) -> None:
    """It was wanted again before that, while the job was still being done."""
    times: list[None] = []
    go_on = asyncio.Event()

    async def job() -> None:
        times.append(None)
        await go_on.wait()

    worker = make(job)
    worker.async_start()
    worker.async_start()
    hass.set_state(CoreState.stopping)
    go_on.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not worker.is_running
    assert len(times) == 1
