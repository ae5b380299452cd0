"""The queue of one camera."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.export_queue import (
    ExportQueue,
    Priority,
    Ticket,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Crowd:
    """Some who come to a queue, and the order in which they got in."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.queue = ExportQueue()
        self.order: list[str] = []
        self.inside = 0

    async def go(
        self, name: str, priority: Priority, ticket: Ticket | None = None
    ) -> None:
        """Wait in the queue, and take a moment."""
        async with self.queue.hold(ticket or self.queue.new_ticket(priority)):
            self.order.append(name)
            self.inside += 1
            assert self.inside == 1
            await asyncio.sleep(0.001)
            self.inside -= 1

    @asynccontextmanager
    async def busy(
        self, priority: Priority = Priority.PLAYBACK
    ) -> AsyncGenerator[Ticket]:
        """Have somebody inside."""
        ticket = self.queue.new_ticket(priority)
        async with self.queue.hold(ticket):
            yield ticket


async def test_order() -> None:
    """The highest priority first, of these the one who came first; one at a time."""
    crowd = Crowd()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group, crowd.busy():
        for name, priority in (
            ("thumbnail 1", Priority.THUMBNAIL),
            ("job 1", Priority.JOB),
            ("viewer 1", Priority.PLAYBACK),
            ("job 2", Priority.JOB),
            ("thumbnail 2", Priority.THUMBNAIL),
            ("viewer 2", Priority.PLAYBACK),
        ):
            group.create_task(crowd.go(name, priority))
        await asyncio.sleep(0.01)
        assert crowd.order == []
    assert crowd.order == [
        "viewer 1",
        "viewer 2",
        "job 1",
        "job 2",
        "thumbnail 1",
        "thumbnail 2",
    ]


async def test_urgency_may_change() -> None:
    """Also while somebody waits."""
    crowd = Crowd()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group, crowd.busy():
        ticket = crowd.queue.new_ticket(Priority.THUMBNAIL)
        group.create_task(crowd.go("changed", Priority.THUMBNAIL, ticket))
        group.create_task(crowd.go("job", Priority.JOB))
        await asyncio.sleep(0)
        ticket.priority = Priority.PLAYBACK
    assert crowd.order == ["changed", "job"]


@pytest.mark.parametrize(
    ("waiting", "awaited", "preempted", "contested"),
    [
        (None, False, False, False),
        (Priority.THUMBNAIL, True, False, False),
        (Priority.JOB, True, False, True),
        (Priority.PLAYBACK, True, True, True),
    ],
)
async def test_who_waits(
    waiting: Priority | None, awaited: bool, preempted: bool, contested: bool
) -> None:
    """A ticket shows who waits behind it."""
    crowd = Crowd()
    async with asyncio.TaskGroup() as group, crowd.busy(Priority.JOB) as ticket:
        if waiting is not None:
            group.create_task(crowd.go("other", waiting))
        await asyncio.sleep(0)
        assert ticket.is_awaited == awaited
        assert ticket.is_preempted == preempted
        assert ticket.is_contested == contested


async def test_those_who_leave() -> None:
    """Whoever is cancelled in the queue, at its front or inside does not keep the others out."""
    crowd = Crowd()
    async with crowd.busy():
        waiting = asyncio.create_task(crowd.go("leaves", Priority.PLAYBACK))
        other = asyncio.create_task(crowd.go("stays", Priority.PLAYBACK))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        at_front = asyncio.create_task(crowd.go("at the front", Priority.PLAYBACK))
        await asyncio.sleep(0)
    # It was called, and has not yet gone in.
    other.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(other, at_front, return_exceptions=True)
        assert crowd.order == ["at the front"]
        inside = asyncio.create_task(crowd.go("inside", Priority.PLAYBACK))
        await asyncio.sleep(0)
        assert crowd.inside == 1
        inside.cancel()
        await asyncio.gather(inside, return_exceptions=True)
        crowd.inside = 0
        await crowd.go("last", Priority.THUMBNAIL)
    assert crowd.order[-1] == "last"


async def test_errors_pass_the_turn_on() -> None:
    """Whatever happens inside."""
    crowd = Crowd()
    message = "inside"
    with pytest.raises(RuntimeError, match=message):
        async with crowd.busy():
            raise RuntimeError(message)
    async with asyncio.timeout(5):
        await crowd.go("next", Priority.THUMBNAIL)
