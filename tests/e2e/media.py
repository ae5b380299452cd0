"""The media browser and its player, as somebody uses them who looks at the screen."""

import asyncio
import contextlib
from datetime import datetime, timedelta
from io import BytesIO
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from tests.camera.video import ClockUnreadableError, read_clock
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from playwright.async_api import Locator, Response

    from tests.e2e.browser import Window

PATH = "/media-browser/browser"
SOURCE = "AXIS Recordings"
FRAME = 1 / 15
"""Seconds from frame to frame of the simulated cameras' recordings."""
PATIENCE = 15.0
ZERO = re.compile(r"^#EXT-X-PROGRAM-DATE-TIME:(.+)$", re.MULTILINE)
# A frame that was painted before is on the screen a little longer.
SETTLING = 3.0


class Media:
    """The media browser of a window."""

    def __init__(self, window: Window) -> None:
        """Take the window; `open` comes next."""
        self._window = window
        self._page = window.page

    async def wait_for_pictures(self, number: int) -> None:
        """Wait until so many small pictures have arrived."""
        pictures = self._page.locator(
            "ha-media-browser-thumbnail .image[style*='data:image/jpeg']"
        )

        async def have_arrived() -> bool:
            return await pictures.count() >= number

        await until(have_arrived, 3 * PATIENCE)

    def item(self, text: str) -> Locator:
        """Return the first item whose title holds a text."""
        return self._page.locator(".child .title", has_text=text).first

    async def titles(self) -> list[str]:
        """Return the titles of the items that are on the screen."""
        return await self._page.locator(".child .title").all_inner_texts()

    async def open(self, *titles: str) -> None:
        """Begin at the top, and open one folder after the other."""
        await self._window.go(PATH)
        for title in (SOURCE, *titles):
            await self.item(title).click()
            heading = self._page.locator("ha-panel-media-browser [slot=title]")
            await heading.get_by_text(title, exact=True).wait_for()

    async def search(self, text: str) -> None:
        """Search the folder that is open."""
        field = self._page.locator("ha-media-player-browse input")
        await field.fill(text)
        await self._page.get_by_role("button", name="Search").click()

    @contextlib.asynccontextmanager
    async def play(self, text: str) -> AsyncGenerator[Player]:
        """Play an item until the block ends."""

        def is_playlist(answer: Response) -> bool:
            return ".m3u8" in answer.url

        async with self._page.expect_response(is_playlist) as response:
            await self.item(text).click()
        playlist = await (await response.value).text()
        found = ZERO.search(playlist)
        assert found, playlist
        player = Player(self._window, datetime.fromisoformat(found[1]))
        await player.wait("!video.paused && video.readyState > 2")
        try:
            yield player
        finally:
            await player.close()


class Player:
    """A player in its dialog, and the video in it."""

    def __init__(self, window: Window, zero: datetime) -> None:
        """Take the window, and the moment at which the player's clock begins."""
        self.zero = zero
        self._page = window.page
        self._video = self._page.locator("ha-hls-player video")

    async def ask(self, expression: str) -> Any:
        """Return what JavaScript says of the `video`."""
        return await self._video.evaluate(f"video => {expression}")

    async def wait(self, condition: str, seconds: float = PATIENCE) -> None:
        """Wait until JavaScript says so of the `video`."""

        async def is_so() -> bool:
            return bool(await self.ask(condition))

        await until(is_so, seconds)

    async def position(self) -> datetime:
        """Return the moment at which the player says that it is."""
        return self.zero + timedelta(seconds=await self.ask("video.currentTime"))

    async def shown(self) -> datetime:
        """Return the moment that the clock in the picture shows."""
        shot = await self._video.screenshot()
        return read_clock(np.asarray(Image.open(BytesIO(shot)).convert("RGB"))).moment

    async def pause(self) -> None:
        """Let the picture stand still."""
        # A busy browser leaves frames out, and may stand still on one that is a little too old.
        await self.ask("{ video.pause(); video.currentTime = video.currentTime }")
        await self.wait("!video.seeking && video.readyState > 1")

    async def play_on(self, seconds: float) -> None:
        """Play for some seconds of the video, and let it stand still."""
        until = await self.ask("video.currentTime") + seconds
        await self.ask("video.play()")
        await self.wait(f"video.currentTime >= {until}", seconds + PATIENCE)
        await self.pause()

    async def seek(self, moment: datetime) -> None:
        """Go to a moment, as the slider does, and wait for its picture."""
        await self.ask("video.pause()")
        seconds = (moment - self.zero).total_seconds()
        await self.ask(f"{{ video.currentTime = {seconds} }}")
        await self.wait("!video.seeking && video.readyState > 1")

    async def check(
        self, last_frame: Callable[[datetime], datetime] = lambda position: position
    ) -> None:
        """Make sure that the picture, which stands still, is of the player's time.

        Of a video with pauses, it must be known when the last frame before a position is.
        """
        position, shown = await self.position(), None
        wanted = last_frame(position)
        for is_last in (False, True):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLING):
                    while shown is None or not _is_same(wanted, shown):
                        with contextlib.suppress(ClockUnreadableError):
                            shown = await self.shown()
                    break
            if not is_last:
                # A busy browser may keep the picture of before.
                await self.pause()
        assert shown is not None, "No clock is to be seen"
        assert _is_same(wanted, shown), f"{shown} is shown at {position}"

    async def complaint(self) -> str | None:
        """Return what the player has to complain about."""
        alert = self._page.locator("ha-hls-player ha-alert")
        if await alert.count():
            return await alert.first.inner_text()
        message: str | None = await self.ask("video.error && video.error.message")
        return message

    async def close(self) -> None:
        """Close the dialog."""
        await self._page.keyboard.press("Escape")
        await self._video.wait_for(state="detached")


def _is_same(position: datetime, shown: datetime) -> bool:
    """Return whether a picture is the last one up to a position, give or take a frame."""
    return -FRAME <= (position - shown).total_seconds() <= 2 * FRAME
