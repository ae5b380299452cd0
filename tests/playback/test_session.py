"""What one player gets."""

import asyncio
from datetime import timedelta
import time
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.errors import NothingRecordedError
from custom_components.axis_recordings.playback.played_part import PlayedPart
from custom_components.axis_recordings.playback.session import (
    IDLE_SECONDS,
    LEAVING_SECONDS,
    PAUSE_SECONDS,
    Session,
)
from custom_components.axis_recordings.recordings.extent import TimeRange
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.vapix import BusyError
from tests.camera import Fault
from tests.videos import Movie, until

from .videos import START, camera_with_video

if TYPE_CHECKING:
    from .conftest import OnStage, Stage


async def playing(stage: Stage, first: float = 0, last: float = 60) -> Session:
    """Return the session of somebody who plays a part of the video."""
    span = TimeRange(START + timedelta(seconds=first), START + timedelta(seconds=last))
    part = PlayedPart(await stage.source(), span)
    return Session(parts=[part], begin=first, requester=Requester())


def movie(session: Session, data: bytes) -> Movie:
    """Return what a player makes of a segment."""
    return Movie((session.part.source.init or b"") + data)


async def test_following(on_stage: OnStage) -> None:
    """Who goes on gets what follows; who has sought gets what can be decoded by itself."""
    stage = await on_stage(camera_with_video(gop=30.0))
    session = await playing(stage)
    for number, can_be_decoded in (
        (3, True),
        (4, False),
        (5, False),
        (9, True),
        (10, False),
        (10, True),
        (2, True),
        (3, False),
        (15, True),
        (14, True),
    ):
        data = await session.segment(number)
        pieces = movie(session, data).video
        assert pieces[0].is_key == can_be_decoded
        assert pieces[-1].time == pytest.approx(2 * number + 1.9, abs=0.001)
        assert session.part.last_number == number


async def test_only_what_is_listed(on_stage: OnStage) -> None:
    """A token is for its part of the recording."""
    stage = await on_stage(camera_with_video())
    session = await playing(stage, 10, 20)
    for number in (-1, 0, 4, 10, 29, 30, 10**9):
        with pytest.raises(NothingRecordedError):
            await session.segment(number)
    assert stage.server.exports_made == 0
    for number in (5, 9):
        frames = movie(session, await session.segment(number)).frames
        assert frames[-1].second(START) == pytest.approx(2 * number + 1.9, abs=0.001)
    assert "5.m4s" in session.write_playlist()
    assert "10.m4s" not in session.write_playlist()


async def test_gap(on_stage: OnStage) -> None:
    """Where the recording has nothing, the player gets an empty segment and plays on."""
    camera = camera_with_video(seconds=620, rate="2:1")
    stage = await on_stage(camera)
    session = await playing(stage, 280, 320)
    camera.clean_up(START + timedelta(seconds=400))
    first = await session.segment(150)
    for number in (140, 149):
        data = await session.segment(number)
        assert Movie(data).boxes == ["sidx", "moof", "mdat"]
        assert session.part.last_number is None
        together = movie(session, data + first)
        assert together.video == movie(session, first).video
        assert together.frames[0].second(START) == 300


async def test_error_on_the_way(on_stage: OnStage) -> None:
    """Whoever did not get a segment can't go on from it."""
    camera = camera_with_video(gop=30.0)
    stage = await on_stage(camera)
    session = await playing(stage)
    await session.segment(3)
    await stage.idle()
    number = 14
    for each in range(4, number):
        await session.segment(each)
    await stage.written()
    await stage.cache.close()
    stage.cache._closed = False
    camera.faults.set("record/export/properties.cgi", Fault.UNAVAILABLE, times=1)
    with pytest.raises(BusyError):
        await session.segment(number)
    assert session.part.last_number is None
    pieces = movie(session, await session.segment(number)).video
    assert pieces[0].is_key
    assert len(pieces) > 20


async def test_token(on_stage: OnStage) -> None:
    """Nobody guesses it, and no log reports it."""
    stage = await on_stage(camera_with_video())
    sessions = [await playing(stage) for _ in range(20)]
    assert len({session.token for session in sessions}) == 20
    assert min(len(session.token) for session in sessions) >= 43
    assert sessions[0].token not in repr(sessions[0])


async def test_idle(on_stage: OnStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends an hour after it was last used."""
    stage = await on_stage(camera_with_video())
    session = await playing(stage)
    seen = [session.is_idle]
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + IDLE_SECONDS + 1)
    seen.append(session.is_idle)
    await session.segment(1)
    seen.append(session.is_idle)
    assert seen == [False, True, False]


async def test_watched(on_stage: OnStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as somebody waits for a segment, and then until the next one is due."""
    stage = await on_stage(camera_with_video(export_speed=2))
    session = await playing(stage)
    passed = 0.0
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + passed)
    assert session.is_watched
    passed += PAUSE_SECONDS + 1
    waiting = asyncio.create_task(session.segment(0))
    await until(lambda: stage.server.exports_open == 1)
    passed += PAUSE_SECONDS + 1
    seen = [session.is_watched]
    await waiting
    seen.append(session.is_watched)
    passed += PAUSE_SECONDS + 1
    seen.append(session.is_watched)
    assert seen == [True, True, False]
    # Whoever breaks off has left, or asks for something else at once.
    waiting = asyncio.create_task(session.segment(20))
    await until(lambda: stage.server.exports_open == 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    passed += LEAVING_SECONDS
    assert session.is_watched is False
