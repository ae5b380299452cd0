"""Thumbnails and snapshots, which give way to whoever plays."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from custom_components.axis_recordings.users.requester import Requester
from tests.camera import Camera, CameraServer, Fault
from tests.videos import (
    EXPORT,
    MINUTE,
    START,
    VIDEO,
    Movie,
    add_video,
    at,
    movie_at,
    part,
    quiet,
    running_clock,
    second_of,
    until,
)

from .playing import (
    PLAYBACK,
    pass_pause,
    running,  # noqa: F401 - for all tests here
    sentence,
    watch,
)

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.player import Player

pytestmark = running_clock


async def test_a_picture_takes_no_more_than_its_moment_needs(
    player: Player,
) -> None:
    """However far before it the camera begins."""
    with (
        patch(f"{PLAYBACK}.export_stream._LEAST_LIMIT", 1000),
        patch("custom_components.axis_recordings.playback.images.IMAGE_SECONDS", 0.0),
    ):
        for work in (player.images.async_thumbnail, player.images.async_snapshot):
            assert "larger than" in await sentence(work(part()), "not_a_video")


async def test_viewers_come_before_small_pictures(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """A list with many pictures does not keep anybody from playing."""
    camera.export_speed = 1.0
    for number in range(6):
        add_video(camera, START + number * MINUTE, 8, recording_id=f"video{number}")
    cached = await player.images.async_thumbnail(part("video0"))
    thumbnails = [
        asyncio.ensure_future(player.images.async_thumbnail(part(f"video{number}")))
        for number in range(1, 6)
    ]
    await until(
        lambda: server.exports_open and len(player.images._thumbnails._works) == 5
    )
    camera.export_speed = None
    session = await watch(player)
    for thumbnail in thumbnails:
        await sentence(thumbnail, "export_busy")
    # While somebody watches there are only those that are there already.
    await sentence(player.images.async_thumbnail(part("video1")), "export_busy")
    assert await player.images.async_thumbnail(part("video0")) == cached
    await session.segment(1)
    await sentence(player.images.async_thumbnail(part("video1")), "export_busy")
    await pass_pause(player)
    assert second_of(
        await player.images.async_thumbnail(part("video1"))
    ) == pytest.approx(60)


async def test_still_while_somebody_begins(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """Nobody has got anything yet, but is about to."""
    camera.export_speed = 4.0
    work = asyncio.ensure_future(player.async_play(part(), Requester()))
    await until(lambda: server.exports_open)
    await sentence(player.images.async_thumbnail(part()), "export_busy")
    await work


async def test_pictures_and_files_give_way(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """They take their turn again when the viewer has enough."""
    camera.export_speed = 4.0
    add_video(camera, START + MINUTE, 20, recording_id="other")
    recording, _ = await player.async_find(part("other"))
    clip = asyncio.ensure_future(player.async_clip(part("other")))
    await until(lambda: server.exports_open)
    picture = asyncio.ensure_future(
        player.images.async_snapshot_at(recording, at(70.35))
    )
    session = await watch(player)
    await session.segment(1)
    assert not clip.done()
    camera.export_speed = None
    assert len(movie_at(await clip).frames) == 200
    data, moment = await picture
    assert second_of(data) == pytest.approx(70.3, abs=0.002)
    assert abs(moment - at(70.3)) < timedelta(milliseconds=2)
    await quiet(server)


async def test_picture_that_is_outranked(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """It is begun anew after somebody who plays."""
    camera.faults.set(EXPORT, Fault.TIMEOUT, times=1, after=2_000)
    recording, _ = await player.async_find(part())
    picture = asyncio.ensure_future(
        player.images.async_snapshot_at(recording, at(3.95))
    )
    await until(lambda: server.exports_open)
    await watch(player, part(VIDEO, 10, 12))
    assert server.exports[0].outcome == "left"
    assert second_of((await picture)[0]) == pytest.approx(3.9, abs=0.002)


async def test_image(player: Player, camera: Camera) -> None:
    """For whoever looks closely it is the very moment, also while somebody plays."""
    camera.picture_width = None
    await watch(player)
    image = await player.images.async_snapshot(part(VIDEO, 5.35, 9))
    assert second_of(image) == pytest.approx(5.3, abs=0.002)
    assert Movie(image).size == (640, 360)
    await sentence(player.images.async_snapshot(part("gone")), "recording_gone")
