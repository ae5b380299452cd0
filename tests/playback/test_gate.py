"""The queue of one camera."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.gate import ExportGate, Turn, Urgency

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Queue:
    """Some who come to a gate, and the order in which they got in."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.gate = ExportGate()
        self.order: list[str] = []
        self.inside = 0

    async def go(self, name: str, urgency: Urgency, turn: Turn | None = None) -> None:
        """Wait for a turn, and take a moment."""
        async with self.gate.hold(turn or self.gate.new_turn(urgency)):
            self.order.append(name)
            self.inside += 1
            assert self.inside == 1
            await asyncio.sleep(0.001)
            self.inside -= 1

    @asynccontextmanager
    async def busy(self, urgency: Urgency = Urgency.VIEWER) -> AsyncGenerator[Turn]:
        """Have somebody inside."""
        turn = self.gate.new_turn(urgency)
        async with self.gate.hold(turn):
            yield turn


async def test_order() -> None:
    """The most urgent one first, of these the one who came first; one at a time."""
    queue = Queue()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group, queue.busy():
        for name, urgency in (
            ("preview 1", Urgency.PREVIEW),
            ("job 1", Urgency.JOB),
            ("viewer 1", Urgency.VIEWER),
            ("job 2", Urgency.JOB),
            ("preview 2", Urgency.PREVIEW),
            ("viewer 2", Urgency.VIEWER),
        ):
            group.create_task(queue.go(name, urgency))
        await asyncio.sleep(0.01)
        assert queue.order == []
    assert queue.order == [
        "viewer 1",
        "viewer 2",
        "job 1",
        "job 2",
        "preview 1",
        "preview 2",
    ]


async def test_urgency_may_change() -> None:
    """Also while somebody waits."""
    queue = Queue()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group, queue.busy():
        turn = queue.gate.new_turn(Urgency.PREVIEW)
        group.create_task(queue.go("changed", Urgency.PREVIEW, turn))
        group.create_task(queue.go("job", Urgency.JOB))
        await asyncio.sleep(0)
        turn.urgency = Urgency.VIEWER
    assert queue.order == ["changed", "job"]


@pytest.mark.parametrize(
    ("waiting", "outranked", "contested"),
    [
        (None, False, False),
        (Urgency.PREVIEW, False, False),
        (Urgency.JOB, False, True),
        (Urgency.VIEWER, True, True),
    ],
)
async def test_who_waits(
    waiting: Urgency | None, outranked: bool, contested: bool
) -> None:
    """Whoever holds the turn sees how urgent the others are."""
    queue = Queue()
    async with asyncio.TaskGroup() as group, queue.busy(Urgency.JOB) as turn:
        if waiting is not None:
            group.create_task(queue.go("other", waiting))
        await asyncio.sleep(0)
        assert turn.is_outranked == outranked
        assert turn.is_contested == contested


async def test_those_who_leave() -> None:
    """Whoever is cancelled in the queue, at the gate or inside does not keep the others out."""
    queue = Queue()
    async with queue.busy():
        waiting = asyncio.create_task(queue.go("leaves", Urgency.VIEWER))
        other = asyncio.create_task(queue.go("stays", Urgency.VIEWER))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        at_gate = asyncio.create_task(queue.go("at the gate", Urgency.VIEWER))
        await asyncio.sleep(0)
    # It has been given the turn, and has not yet taken it.
    other.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(other, at_gate, return_exceptions=True)
        assert queue.order == ["at the gate"]
        inside = asyncio.create_task(queue.go("inside", Urgency.VIEWER))
        await asyncio.sleep(0)
        assert queue.inside == 1
        inside.cancel()
        await asyncio.gather(inside, return_exceptions=True)
        queue.inside = 0
        await queue.go("last", Urgency.PREVIEW)
    assert queue.order[-1] == "last"


async def test_errors_pass_the_turn_on() -> None:
    """Whatever happens inside."""
    queue = Queue()
    message = "inside"
    with pytest.raises(RuntimeError, match=message):
        async with queue.busy():
            raise RuntimeError(message)
    async with asyncio.timeout(5):
        await queue.go("next", Urgency.PREVIEW)
