"""Sharing in a real home: a page that a stranger opens in a fresh browser, without a log-in.

The simulated camera draws its clock into the video, so what is on the screen can be read.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta
from http import HTTPStatus
from io import BytesIO
import json
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import numpy as np
from PIL import Image
from playwright.async_api import ViewportSize
import pytest

from tests.camera.video import read_clock
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import Page

    from tests.e2e.browser import Window
    from tests.e2e.cameras import Place
    from tests.e2e.client import Client
    from tests.e2e.home import Home

DOMAIN = "axis_recordings"
LAST_RECORDING = "sensor.front_camera_last_recording"
PATIENCE = 30
PHONE = ViewportSize(width=390, height=844)
LENGTH = timedelta(seconds=40)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]


@contextlib.asynccontextmanager
async def stranger(
    window: Window, *, is_alone: bool = True, **options: Any
) -> AsyncGenerator[Page]:
    """Open a fresh browser that knows nothing of Home Assistant.

    Where it shows shares alone, they must not complain about anything, or ask anybody else.
    """
    browser = window.page.context.browser
    assert browser is not None
    context = await browser.new_context(
        viewport=PHONE, **{"locale": "en-GB", "timezone_id": "Europe/London", **options}
    )
    page = await context.new_page()
    complaints: list[str] = []
    others: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type == "error" else None
        ),
    )
    page.on("request", lambda request: others.append(request.url))
    try:
        yield page
    finally:
        await context.close()
    if is_alone:
        assert [each for each in complaints if "Failed to load" not in each] == []
        ours = (window._base, "data:", "blob:")
        assert [each for each in others if not each.startswith(ours)] == []


async def ask(page: Page, expression: str) -> Any:
    """Return what JavaScript says of the `video`."""
    return await page.locator("video").evaluate(f"video => {expression}")


async def shown(page: Page) -> datetime:
    """Return the moment that the clock in the picture shows."""
    await ask(page, "{ video.controls = false }")
    shot = await page.locator("video").screenshot()
    return read_clock(np.asarray(Image.open(BytesIO(shot)).convert("RGB"))).moment


async def wait(page: Page, condition: str) -> None:
    """Wait until JavaScript says so of the `video`."""

    async def is_so() -> bool:
        # The policy of the page lets Playwright wait for nothing by itself.
        return bool(await ask(page, condition))

    await until(is_so, PATIENCE)


async def seek(page: Page, seconds: float) -> None:
    """Go to a place, as the slider does, and let the picture stand still."""
    await ask(page, f"{{ video.pause(); video.currentTime = {seconds} }}")
    await wait(page, "!video.seeking && video.readyState > 1")
    await asyncio.sleep(0.5)


async def share(
    client: Client, place: Place, start: datetime, **fields: Any
) -> dict[str, Any]:
    """Share what the camera has recorded from a moment on."""
    now = place.camera.clock.now()
    recording_id = place.camera.add_recording(
        now - timedelta(minutes=5), now - timedelta(minutes=3), event_id="Visit"
    )
    answer: dict[str, Any] = await client.action(
        f"{DOMAIN}.link",
        {
            "entity_id": LAST_RECORDING,
            "recording_id": recording_id,
            "start_time": start.isoformat(),
            "end_time": (start + LENGTH).isoformat(),
            **fields,
        },
        answer=True,
    )
    return answer | {"recording_id": recording_id}


async def shares(client: Client) -> list[dict[str, Any]]:
    """Return what is shared."""
    answer = await client.action(
        f"{DOMAIN}.shares", {"entity_id": LAST_RECORDING}, answer=True
    )
    found: list[dict[str, Any]] = answer["shares"]
    return found


def _start(place: Place) -> datetime:
    return (place.camera.clock.now() - timedelta(minutes=4, seconds=40)).replace(
        microsecond=0
    )


async def test_from_the_camera_to_the_copy(
    window: Window, client: Client, front: Place, home: Home
) -> None:
    """It plays at once and anywhere in the part, then from the copy, also when the camera has it no more."""
    start = _start(front)
    answer = await share(client, front, start)
    async with stranger(window) as page:
        await page.goto(
            client.base + answer["page_path"], wait_until="domcontentloaded"
        )
        assert await page.locator("h1").inner_text() == front.name
        assert await page.locator("html").get_attribute("lang") == "en"
        await wait(page, "!video.paused && video.readyState > 2")
        assert await page.locator("video").get_attribute("src") is not None
        for seconds in (30.3, 5.2, 20.4):
            await seek(page, seconds + 0.5)
            moment = await shown(page)
            zero = await ask(page, "video.seekable.start(0)")
            assert zero == 0
            # The first segment begins at most two key frames before.
            assert abs(moment - start - timedelta(seconds=seconds)) < timedelta(
                seconds=5
            )
        # To the end, and not a frame more.
        duration = await ask(page, "video.duration")
        await seek(page, duration - 3)
        await ask(page, "{ video.play() }")
        await wait(page, "video.ended")
        last = await shown(page)
        assert timedelta(0) <= start + LENGTH - last < timedelta(seconds=0.3)
        assert not await page.locator("[role=status]").inner_text()
        await _picture(window, page, "share")

    async def is_copied() -> bool:
        return bool((await shares(client))[0]["copied"])

    await until(is_copied, PATIENCE)
    front.camera.remove_recording(answer["recording_id"])
    async with stranger(window, color_scheme="dark", locale="de-DE") as page:
        await page.goto(
            client.base + answer["page_path"], wait_until="domcontentloaded"
        )
        assert await page.locator("html").get_attribute("lang") == "de"
        await wait(page, "!video.paused && video.readyState > 2")
        await seek(page, 10)
        assert (
            timedelta(seconds=5) < await shown(page) - start < timedelta(seconds=10.5)
        )
        await _picture(window, page, "share-dark")
    (listed,) = await shares(client)
    assert listed["openings"] == 2

    await client.action("homeassistant.restart", {})
    await home.restarted()
    await client.running()
    async with stranger(window) as page:
        await page.goto(
            client.base + answer["page_path"], wait_until="domcontentloaded"
        )
        await wait(page, "!video.paused && video.readyState > 2")


async def test_revoked(window: Window, client: Client, front: Place) -> None:
    """It is gone at once, also in a browser that has Home Assistant open, and for who is watching."""
    async with stranger(window, is_alone=False) as page:
        # Home Assistant is open in the same browser.
        await page.add_init_script(_log_in(client))
        await page.goto(client.base)
        await page.wait_for_function(
            "document.querySelector('home-assistant')?.hass?.states"
        )
        start = _start(front)
        # Longer than what a player loads ahead.
        end = (start + timedelta(seconds=95)).isoformat()
        answer = await share(client, front, start, end_time=end)
        await page.goto(
            client.base + answer["page_path"], wait_until="domcontentloaded"
        )
        await wait(page, "!video.paused && video.readyState > 2")
        await client.action(
            f"{DOMAIN}.revoke",
            {"entity_id": LAST_RECORDING, "share_id": answer["share_id"]},
        )
        await ask(page, "{ video.currentTime = 90 }")
        status = page.locator("[role=status]")
        await status.get_by_text("has expired or was withdrawn").wait_for()
        response = await page.reload(wait_until="domcontentloaded")
        assert response is not None
        assert response.status == HTTPStatus.NOT_FOUND
        await page.get_by_text("There is nothing here").wait_for()
        await _picture(window, page, "share-over")
    async with aiohttp.ClientSession(client.base) as web:
        for name in ("", "/picture.jpg", "/video.mp4", "/clip.mp4", "/play"):
            async with web.get(answer["page_path"] + name) as gone:
                assert gone.status == HTTPStatus.NOT_FOUND


def _log_in(client: Client) -> str:
    """Return what lets a page have the log-in of a client."""
    tokens = {
        **client.tokens,
        "hassUrl": client.base,
        "clientId": f"{client.base}/",
        "expires": int((time.time() + client.tokens["expires_in"]) * 1000),
    }
    return f"localStorage.hassTokens = {json.dumps(json.dumps(tokens))};"


async def _picture(window: Window, page: Page, name: str) -> None:
    if window._pictures is not None:
        window._pictures.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=window._pictures / f"{name}.png")
