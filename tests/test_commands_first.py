"""Polls wait for commands, within reason."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.commands_first import (
    HELD_SECONDS,
    CommandsFirst,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory


async def settle() -> None:
    """Let everything happen that happens by itself."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_none_is_under_way() -> None:
    """Then nothing is waited for, not even a turn of the event loop."""
    first = CommandsFirst()
    with pytest.raises(RuntimeError), first.command():
        raise RuntimeError
    with pytest.raises(StopIteration):
        first.wait().send(None)


async def test_until_the_last_one_is_over() -> None:
    """All polls wait for all commands."""
    first = CommandsFirst()
    with first.command():
        with first.command():
            waiting = [asyncio.ensure_future(first.wait()) for _ in range(2)]
            await settle()
        await settle()
        assert not any(each.done() for each in waiting)
    await settle()
    assert all(each.done() for each in waiting)


async def test_long_command(freezer: FrozenDateTimeFactory) -> None:
    """One that takes its time is waited for at its beginning only."""
    first = CommandsFirst()
    with first.command():
        waiting = asyncio.ensure_future(first.wait())
        await settle()
        assert not waiting.done()
        freezer.tick(HELD_SECONDS + 0.1)
        await settle()
        assert waiting.done()
        assert not first.are_under_way


async def test_always_another_command(freezer: FrozenDateTimeFactory) -> None:
    """A poll comes in the end, however many commands begin meanwhile."""
    first = CommandsFirst()
    with first.command():
        waiting = asyncio.ensure_future(first.wait())
        await settle()
        freezer.tick(HELD_SECONDS / 2)
        with first.command():
            await settle()
            assert not waiting.done()
            freezer.tick(HELD_SECONDS / 2 + 0.1)
            await settle()
            assert waiting.done()
            assert first.are_under_way


async def test_cancelled_poll() -> None:
    """Whoever no longer waits for a poll is none of the others' business."""
    first = CommandsFirst()
    with first.command():
        cancelled, waiting = (asyncio.ensure_future(first.wait()) for _ in range(2))
        await settle()
        cancelled.cancel()
    await settle()
    assert cancelled.cancelled()
    assert waiting.result() is None
