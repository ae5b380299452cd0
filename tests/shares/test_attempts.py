"""Whoever tries addresses is slowed down, and nobody else."""

import asyncio
import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.shares import attempts as module
from custom_components.axis_recordings.shares.attempts import (
    FORGET_SECONDS,
    FREE,
    LONGEST_PAUSE,
    MOST_ADDRESSES,
    MOST_WAITING,
    Attempts,
    TooManyAttemptsError,
)
from tests.waiting import settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SOMEBODY = "203.0.113.7"


def replace_sleep(
    monkeypatch: pytest.MonkeyPatch, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Let the module wait in another way."""
    monkeypatch.setattr(
        module, "asyncio", SimpleNamespace(Lock=asyncio.Lock, sleep=sleep)
    )


class Clock:
    """A clock that goes on by what is waited."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let time pass by waiting alone."""
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock))
    replace_sleep(monkeypatch, clock.sleep)
    return clock


async def test_ever_slower(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """The first failures cost nothing, the next ones more and more; that is logged once, and forgotten."""
    attempts = Attempts()
    for _ in range(FREE):
        await attempts.async_hold_up(SOMEBODY)
    assert not clock.pauses
    for _ in range(40):
        await attempts.async_hold_up(SOMEBODY)
    assert len(clock.pauses) == 40
    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[0] < clock.pauses[-1] == LONGEST_PAUSE
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert SOMEBODY in record.getMessage()

    clock.now += FORGET_SECONDS + 1
    for each in (SOMEBODY, "203.0.113.8"):
        before = len(clock.pauses)
        for _ in range(30):
            await attempts.async_hold_up(each)
        assert len(clock.pauses) == before + 30 - FREE
    # After an hour it is news again, but not for each address.
    assert len(caplog.records) == 2


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("203.0.113.8", False),
        ("::ffff:203.0.113.7", True),
        ("2001:db8::1", False),
        (None, False),
    ],
)
async def test_addresses(clock: Clock, other: str | None, is_same: bool) -> None:
    """What one household does concerns no other one."""
    attempts = Attempts()
    for _ in range(FREE):
        await attempts.async_hold_up(SOMEBODY)
    await attempts.async_hold_up(other)
    assert bool(clock.pauses) is is_same


async def test_network(clock: Clock) -> None:
    """Of IPv6, a household has as many addresses as it likes."""
    attempts = Attempts()
    for number in range(FREE + 1):
        await attempts.async_hold_up(f"2001:db8::{number:x}")
    assert len(clock.pauses) == 1
    await attempts.async_hold_up("2001:db8:0:1::1")
    assert len(clock.pauses) == 1


async def test_memory_is_bounded(clock: Clock) -> None:
    """Those are forgotten that have not tried for longest."""
    attempts = Attempts()
    for number in range(MOST_ADDRESSES + 50):
        await attempts.async_hold_up(f"10.0.{number >> 8}.{number & 255}")
    assert len(attempts) == MOST_ADDRESSES


async def test_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many at once are not faster than one, and too many are refused at once; who leaves gives the place back."""
    released = asyncio.Event()
    begun = 0

    async def sleep(_seconds: float) -> None:
        nonlocal begun
        begun += 1
        await released.wait()

    attempts = Attempts()
    for _ in range(FREE):
        await attempts.async_hold_up(SOMEBODY)
    replace_sleep(monkeypatch, sleep)

    def attempt() -> asyncio.Future[None]:
        return asyncio.ensure_future(attempts.async_hold_up(SOMEBODY))

    waiting = [attempt() for _ in range(MOST_WAITING)]
    await settle()
    assert begun == 1
    with pytest.raises(TooManyAttemptsError):
        await attempts.async_hold_up(SOMEBODY)
    waiting.pop().cancel()
    await settle()
    waiting.append(attempt())
    await settle()
    assert begun == 1
    released.set()
    await asyncio.gather(*waiting)
    assert begun == MOST_WAITING
    assert not attempts._waiting
