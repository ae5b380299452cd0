"""How recordings are found for whoever wants something of them, and when that ends."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.errors import NothingRecordedError
from custom_components.axis_recordings.users.requester import Requester
from tests.camera import Camera, CameraServer, Fault
from tests.videos import (
    HOUR,
    MINUTE,
    SECOND,
    START,
    VIDEO,
    add_video,
    files,
    part,
    playing_tasks,
    running_clock,
    until,
)

from .playing import (
    LIST,
    everything,
    movie_of,
    pass_pause,
    refused,
    running,  # noqa: F401 - for all tests here
    sentence,
    watch,
)

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.axis_recordings.playback.player import Player

pytestmark = running_clock


async def test_recording_removed(player: Player, camera: Camera) -> None:
    """Somebody has removed it, the camera has cleaned it up, or its disk was taken out."""
    words = {
        (
            "Front camera no longer has this recording. It was removed, cleaned up, or its "
            "disk is gone. Open the list again"
        )
    }
    disk = camera.detach_disk("SD_DISK")
    assert await refused(player, "recording_gone") == words
    camera.attach_disk(disk)
    assert await refused(player, "recording_gone", part(disk="OTHER")) == words
    await player.async_play(part(), Requester())
    camera.remove_recording(VIDEO)
    await pass_pause(player)
    assert await refused(player, "recording_gone") == words


async def test_nothing_of_it_at_that_time(player: Player, camera: Camera) -> None:
    """It has begun later meanwhile, or there never was anything."""
    add_video(camera, START - HOUR, 1800, recording_id="long")
    wanted = part("long", -3600, -3590)
    await player.async_play(wanted, Requester())
    await pass_pause(player)
    camera.clean_up(START - 40 * MINUTE)
    words = {
        (
            "Front camera holds nothing of this recording at that time. The beginning may "
            "have been cleaned up in the meantime. Open the list again"
        )
    }
    assert await refused(player, "no_video", wanted) == words
    assert await refused(player, "no_video", part(VIDEO, 5, 5)) == words
    assert await refused(player, "no_video", part(VIDEO, 100, 105)) == words
    assert await refused(player, "no_video", part(VIDEO, -9, -5)) == words


async def test_start_unknown(player: Player, camera: Camera) -> None:
    """A camera that tells no start that makes sense has nothing that can be played."""
    (recording,) = await player.client.fetch_recording(VIDEO)
    camera.faults.set(LIST, Fault.BAD_TIME)
    await refused(player, "no_video")
    with pytest.raises(NothingRecordedError):
        player.source_of(replace(recording, start=None))


async def test_too_long(player: Player, camera: Camera) -> None:
    """Of a long one there is a part; a whole hour still is a file."""
    add_video(camera, START - 5 * HOUR, 7200, recording_id="long")
    wanted = part("long", -5 * 3600, -4 * 3600 + 1)
    assert await sentence(player.async_clip(wanted), "part_too_long") == (
        "That is longer than 60 minutes. Choose a shorter part, or save it with the "
        "action Save recording"
    )
    session = await watch(player, wanted)
    assert (await movie_of(session, 0, 0)).seconds[0] == pytest.approx(-18000)
    _, span = await player.async_find(part("long", -5 * 3600, -4 * 3600))
    player.require_short(span)


async def test_long_recording_from_its_beginning(
    player: Player, camera: Camera
) -> None:
    """Without an end it is a slice of five minutes."""
    add_video(camera, START - 5 * HOUR, 7200, recording_id="long")
    _, span = await player.async_find(part("long"))
    assert span.duration == 5 * MINUTE
    assert (await player.async_find(part()))[1].duration == 20 * SECOND


async def test_asked_for_at_the_last_moment(
    player: Player, camera: Camera, server: CameraServer, cache_folder: Path
) -> None:
    """Who has just asked the camera for the recording does not begin to export it."""
    camera.faults.set(LIST, Fault.SLOW, step=500, delay=0.1)
    made = len(server.requests)
    works = [
        asyncio.ensure_future(work(part(VIDEO, 2, 4))) for work in everything(player)
    ]
    await until(lambda: len(server.requests) > made)
    await player.async_close()
    for work in works[:2]:
        await sentence(work, "playback_closed")
    await asyncio.gather(*works, return_exceptions=True)
    assert server.exports_made == 0
    assert not playing_tasks()
    assert not files(cache_folder)
