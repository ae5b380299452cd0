"""What the tests of a camera's player do with it."""

import time
from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.session import PAUSE_SECONDS
from custom_components.axis_recordings.users.requester import Requester
from tests.videos import Movie, RunningClock, part

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from custom_components.axis_recordings.playback.player import Player
    from custom_components.axis_recordings.playback.session import Session
    from custom_components.axis_recordings.recordings.part import RecordingPart

LIST = "record/list.cgi"
PLAYBACK = "custom_components.axis_recordings.playback"

type Work = Callable[[RecordingPart], Awaitable[object]]


@pytest.fixture(autouse=True)
def running(clock: RunningClock) -> None:
    """Let the clock run before anything is set up."""


async def watch(player: Player, wanted: RecordingPart | None = None) -> Session:
    """Begin to play, as a player does."""
    token = await player.async_play(wanted or part(), Requester())
    return player.sessions[token]


async def movie_of(session: Session, first: int, last: int) -> Movie:
    """Return what a player gets of some segments in turn."""
    segments = [await session.segment(number) for number in range(first, last + 1)]
    return Movie(b"".join([session.part.source.init or b"", *segments]))


async def sentence(work: Awaitable[object], key: str) -> str:
    """Return the words in which something fails."""
    with pytest.raises(HomeAssistantError) as error:
        await work
    assert error.value.translation_domain == DOMAIN
    assert error.value.translation_key == key, str(error.value)
    text = str(error.value)
    # Nothing is left to fill in.
    assert "{" not in text
    return text


def everything(player: Player) -> list[Work]:
    """Return all that can be done with a part: playing, a file, a picture."""
    return [
        lambda wanted: player.async_play(wanted, Requester()),
        player.async_clip,
        player.images.async_thumbnail,
    ]


async def refused(
    player: Player, key: str, wanted: RecordingPart | None = None
) -> set[str]:
    """Return the words in which everything fails with a part."""
    return {await sentence(work(wanted or part()), key) for work in everything(player)}


async def pass_pause(player: Player) -> None:
    """Let pass for how long a player that has left is waited for."""
    assert isinstance(time.monotonic, RunningClock)
    time.monotonic.ahead += PAUSE_SECONDS
    assert not player._is_watched
