"""Work that several wait for."""

import asyncio
import gc

import pytest

from custom_components.axis_recordings.playback.errors import ClosedError
from custom_components.axis_recordings.playback.single_flight import SingleFlight


class Job:
    """Something that takes until it is asked to end, and a moment to tidy up."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self.work: SingleFlight[str] = SingleFlight()
        self.begun = 0
        self.under_way = 0
        self.most = 0
        self.may_end = asyncio.Event()
        self.may_tidy_up = asyncio.Event()
        self.may_tidy_up.set()
        self.error: Exception | None = None

    async def do(self) -> str:
        """Do it."""
        self.begun += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.may_end.wait()
            if self.error is not None:
                raise self.error
            return f"result {self.begun}"
        finally:
            await self.may_tidy_up.wait()
            self.under_way -= 1

    def want(self, name: str = "name") -> asyncio.Task[str]:
        """Be one of those who want it."""
        return asyncio.create_task(self.work.run(name, self.do))


async def test_done_once() -> None:
    """All get the same; whoever comes later lets it be done anew."""
    job = Job()
    tasks = [job.want() for _ in range(10)]
    await asyncio.sleep(0)
    job.may_end.set()
    async with asyncio.timeout(5):
        assert await asyncio.gather(*tasks) == ["result 1"] * 10
        assert await job.want() == "result 2"


async def test_others_are_others() -> None:
    """Work of another name is done beside it."""
    job = Job()
    tasks = [job.want("one"), job.want("two")]
    await asyncio.sleep(0.01)
    assert job.under_way == 2
    job.may_end.set()
    await asyncio.gather(*tasks)


async def test_errors() -> None:
    """All get the same error, and the next one a new try."""
    job = Job()
    job.error = ValueError("no")
    job.may_end.set()
    for result in await asyncio.gather(
        *(job.want() for _ in range(3)), return_exceptions=True
    ):
        assert result is job.error
    job.error = None
    assert await job.want() == "result 2"


async def test_ends_with_the_last_one() -> None:
    """It goes on while anybody waits, and is over when the last one is gone."""
    job = Job()
    first, second = job.want(), job.want()
    await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert job.under_way == 1
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert job.under_way == 0
    job.may_end.set()
    assert await job.want() == "result 2"


async def test_next_waits_for_the_end_of_the_last() -> None:
    """The same is never done twice at a time, even if it takes a while to end."""
    job = Job()
    job.may_tidy_up.clear()
    first = job.want()
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    others = [job.want() for _ in range(3)]
    await asyncio.sleep(0.01)
    assert (job.begun, job.under_way) == (1, 1)
    job.may_tidy_up.set()
    await asyncio.sleep(0.01)
    assert (job.begun, job.under_way) == (2, 1)
    # The end of the first one did not make the second one be forgotten.
    others.append(job.want())
    await asyncio.sleep(0.01)
    job.may_end.set()
    async with asyncio.timeout(5):
        assert await asyncio.gather(*others) == ["result 2"] * 4
        await asyncio.gather(first, return_exceptions=True)
    assert job.most == 1
    assert first.cancelled()


async def test_give_up() -> None:
    """Whoever waits hears of it, and nothing goes on."""
    job = Job()
    tasks = [job.want("one"), job.want("one"), job.want("two")]
    await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        await job.work.give_up()
        assert job.under_way == 0
        for task in tasks:
            with pytest.raises(ClosedError):
                await task
        await job.work.give_up()
        job.may_end.set()
        assert await job.want("one") == "result 3"


async def test_give_up_and_cancel() -> None:
    """Whoever is cancelled at the same moment is cancelled."""
    job = Job()
    task = job.want()
    await asyncio.sleep(0.01)
    giving_up = asyncio.create_task(job.work.give_up())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await giving_up
    assert job.under_way == 0


async def test_error_after_a_waiter_has_left() -> None:
    """It is for those who still wait, and nothing for the log."""
    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    shared: SingleFlight[None] = SingleFlight()
    fails = asyncio.Event()

    async def fail() -> None:
        await fails.wait()
        message = "gone"
        raise LookupError(message)

    leaving, staying = (asyncio.ensure_future(shared.run("a", fail)) for _ in "ab")
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    fails.set()
    with pytest.raises(LookupError, match="gone"):
        await staying
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
    loop.set_exception_handler(None)
