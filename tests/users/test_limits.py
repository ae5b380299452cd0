"""How much one user gets at once."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from custom_components.axis_recordings.users.limits import MAX_AT_ONCE, Kind, Places
from custom_components.axis_recordings.users.requester import Requester

ONE, OTHER = Requester(user_id="one"), Requester(user_id="other")


async def fill(
    places: Places, stack: AsyncExitStack, requester: Requester = ONE
) -> None:
    """Take all places of a kind."""
    for _ in range(MAX_AT_ONCE):
        await stack.enter_async_context(places.take(requester, Kind.CLIP))


async def has_room(
    places: Places, requester: Requester, kind: Kind = Kind.CLIP
) -> bool:
    """Return whether one more is let in at once."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.01), places.take(requester, kind):
            return True
    return False


async def test_own_limit() -> None:
    """Only more of the same kind, for the same user, has to wait."""
    places = Places()
    async with AsyncExitStack() as stack:
        await fill(places, stack)
        assert not await has_room(places, ONE)
        # Another log-in is the same user.
        assert not await has_room(
            places, Requester(user_id="one", refresh_token_id="phone")
        )
        assert await has_room(places, OTHER)
        for kind in set(Kind) - {Kind.CLIP}:
            assert await has_room(places, ONE, kind)
    assert await has_room(places, ONE)


async def test_no_limit_for_automations() -> None:
    """They have no user."""
    places = Places()
    async with AsyncExitStack() as stack:
        for _ in range(5):
            await fill(places, stack, Requester())


async def test_places_are_given_back() -> None:
    """Whatever ends what had one, and whoever leaves while waiting."""
    places = Places()

    async def fail() -> None:
        async with places.take(ONE, Kind.CLIP):
            await asyncio.sleep(0)
            raise ValueError

    for _ in range(3):
        async with AsyncExitStack() as stack:
            await fill(places, stack)
            waiting = [asyncio.create_task(fail()) for _ in range(20)]
            await asyncio.sleep(0)
            for task in waiting[:10]:
                task.cancel()
        # Some are let in and cancelled in the same moment.
        for task in waiting[10:12]:
            task.cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(each) for each in results[12:]} == {ValueError}
    async with AsyncExitStack() as stack, asyncio.timeout(5):
        await fill(places, stack)


@pytest.mark.parametrize("kind", list(Kind))
async def test_in_turn(kind: Kind) -> None:
    """Those who wait come in the order in which they have asked."""
    places, order = Places(), list[int]()

    async def take(number: int) -> None:
        async with places.take(ONE, kind):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(take(number) for number in range(3 * MAX_AT_ONCE)))
    assert order == list(range(3 * MAX_AT_ONCE))
