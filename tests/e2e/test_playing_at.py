"""A camera is played from a moment on, across recordings with gaps, by the player of the front end."""

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import aiohttp
import pytest

from custom_components.axis_recordings.recordings.camera_moment import (
    CameraMoment,
    moment_content_id,
)
from tests.camera import Encoding
from tests.camera.recordings import Video
from tests.camera.video import ClockUnreadableError
from tests.e2e.media import FRAME, Media, Player
from tests.hls import ListedSegment, Playlist, read_playlist

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from tests.e2e.browser import Window
    from tests.e2e.cameras import Place
    from tests.e2e.client import Client

DOMAIN = "axis_recordings"
LAST_DAY = "Last 24 hours"
# The camera has many others, which are of its first channel.
SOURCE: Final = "2"
LENGTHS: Final = (8.0, 6.0, 7.0, 6.0, 8.0)
APART: Final = 40.0
# A busy browser takes its time to paint.
PATIENCE: Final = 6.0
DIALOG: Final = "hui-dialog-web-browser-play-media"
# Of a picture that is taken while the video goes on.
SLACK: Final = timedelta(seconds=0.3)
# And of one that stands still.
STILL: Final = timedelta(seconds=2 * FRAME)
# In all, for five recordings.
LONGEST_STOP: Final = 1.0
NOW: Final = "({ at: video.currentTime, when: performance.now() / 1000 })"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]


class Watched(NamedTuple):
    """What plays, and when that was."""

    player: Player
    playlist: Playlist

    def part_at(self, position: float) -> list[ListedSegment]:
        """Return the segments of the recording that is seen at a position."""
        return next(
            each
            for each in reversed(self.playlist.parts)
            if each[0].position <= position + FRAME / 2
        )

    def moment(self, position: float) -> datetime:
        """Return what clock should be seen at a position."""
        part = self.part_at(position)
        assert part[0].moment
        return part[0].moment + timedelta(seconds=position - part[0].position)

    async def check(self, slack: timedelta = SLACK) -> float:
        """Make sure that the clock in the picture is soon that of the position, and return the position."""
        seen: list[str] = []
        for is_last in (False, True):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    while True:
                        before: float = await self.player.ask("video.currentTime")
                        # Another size takes a moment.
                        with contextlib.suppress(ClockUnreadableError):
                            shown = await self.player.shown()
                            after: float = await self.player.ask("video.currentTime")
                            first = self.moment(before) - slack
                            if first <= shown <= self.moment(after) + slack:
                                return after
                            seen.append(f"{shown}, not {first + slack} at {before}")
            if not is_last and await self.player.ask("video.paused"):
                # A busy browser may keep the picture of before.
                await self.player.pause()
        pytest.fail(f"{seen}")


@pytest.fixture(scope="module")
def begun(places: tuple[Place, Place]) -> datetime:
    """Let the camera have recorded five times, with gaps, and return when the first one begins."""
    camera = places[0].camera
    begun = camera.clock.now() - timedelta(minutes=30)
    kinds: tuple[dict[str, Any], ...] = (
        # Its segments begin with key frames before where they are listed.
        {"gop": 1.5},
        {"video": Video(width=640, height=480)},
        {"video": Video("video/x-av1")},
        {"encoding": Encoding(b_frames=2, references=2), "gop": 6.0},
        {},
    )
    for number, (length, kind) in enumerate(zip(LENGTHS, kinds, strict=True)):
        start = begun + timedelta(seconds=APART * number)
        camera.add_recording(
            start,
            start + timedelta(seconds=length),
            event_id="Walk",
            source=SOURCE,
            **kind,
        )
    return begun


@contextlib.asynccontextmanager
async def watching(
    window: Window, client: Client, front: Place, moment: datetime
) -> AsyncGenerator[Watched]:
    """Play the camera from a moment on, until the block ends."""
    (entry_id,) = [
        entry["entry_id"]
        for entry in await client.entries(DOMAIN)
        if entry["title"] == front.name
    ]
    wanted = CameraMoment(moment=moment, source=SOURCE)
    media = await client.command(
        "media_source/resolve_media",
        media_content_id=moment_content_id(entry_id, wanted),
    )
    async with aiohttp.ClientSession(client.base) as web, web.get(media["url"]) as read:
        playlist = read_playlist(await read.text())
    zero = playlist.segments[0].moment
    assert zero
    await window.page.evaluate(
        """([tag, url, type]) => document.querySelector("home-assistant").dispatchEvent(
          new CustomEvent("show-dialog", { detail: {
            dialogTag: tag,
            dialogImport: () => customElements.whenDefined(tag),
            dialogParams: { sourceUrl: url, sourceType: type },
          } }))""",
        [DIALOG, media["url"], media["mime_type"]],
    )
    player = Player(window, zero)
    await player.wait("!video.paused && video.readyState > 2")
    try:
        yield Watched(player, playlist)
    finally:
        await player.close()


async def load_player(window: Window, front: Place) -> None:
    """Let the front end load its player, as it does when somebody plays anything."""
    media = Media(window)
    await media.open(front.name, LAST_DAY)
    async with media.play("Walk"):
        pass


async def test_across_recordings(
    window: Window, client: Client, front: Place, begun: datetime
) -> None:
    """Five recordings play one after the other, without a touch and without a visible stop."""
    await load_player(window, front)
    async with watching(window, client, front, begun + timedelta(seconds=1)) as watched:
        player, playlist = watched
        assert len(playlist.parts) == len(LENGTHS)
        assert playlist.length == pytest.approx(sum(LENGTHS), abs=0.5)
        begin = await player.ask(NOW)
        seen: set[datetime | None] = set()
        while not await player.ask("video.ended"):
            position = await watched.check()
            seen.add(watched.part_at(position)[0].moment)
            if position > playlist.length - 1.5:
                break
            await window.page.wait_for_timeout(400)
        end = await player.ask(NOW)
        stopped = end["when"] - begin["when"] - (end["at"] - begin["at"])
        assert stopped < LONGEST_STOP
        assert len(seen) == len(LENGTHS)
        assert await player.complaint() is None
    assert window.errors == []


async def test_back_over_three_recordings(
    window: Window, client: Client, front: Place, begun: datetime
) -> None:
    """What lies before the moment can be sought to, over gaps and other codecs."""
    await load_player(window, front)
    moment = begun + timedelta(seconds=3 * APART + 2)
    async with watching(window, client, front, moment) as watched:
        player = watched.player
        await player.pause()
        position: float = await player.ask("video.currentTime")
        assert watched.moment(position) - moment < timedelta(seconds=5)
        for wanted in (5.2, sum(LENGTHS[:2]) + 0.5, sum(LENGTHS[:4]) + 1, 1.1):
            await player.ask(f"{{ video.currentTime = {wanted} }}")
            await player.wait("!video.seeking && video.readyState > 1")
            await watched.check(STILL)
            await player.play_on(1.5)
            await watched.check(STILL)
        assert await player.complaint() is None
    assert window.errors == []
