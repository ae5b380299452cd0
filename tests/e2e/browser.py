"""A real browser that is already logged in."""

import contextlib
import json
import shutil
import time
from typing import TYPE_CHECKING

from playwright.async_api import ConsoleMessage, Page, ViewportSize, async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.e2e.client import Client

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
WIDTH = 1280
HEIGHT = 860
TIMEOUT = 30_000

# All texts, attributes and typed values, also inside of the elements of which the front end is made.
EVERYTHING = """() => {
  const found = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
    if (typeof node.value === "string") found.push(node.value);
    for (const attribute of node.attributes ?? []) found.push(attribute.value);
    if (node.shadowRoot) walk(node.shadowRoot);
    node.childNodes.forEach(walk);
  };
  walk(document.documentElement);
  return found.join("\\n");
}"""


def program() -> str | None:
    """Return the browser of this machine, if it has one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Window:
    """A page of the browser, with what a test wants to do with it."""

    def __init__(self, page: Page, base: str, pictures: Path | None) -> None:
        """Take the page and the folder for pictures, if anybody wants some."""
        self.page = page
        self.errors: list[str] = []
        self._base = base
        self._pictures = pictures
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        # Pictures of other makers' brands come from the internet, which a test does without.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    async def go(self, path: str) -> None:
        """Open a path and wait until Home Assistant is there."""
        await self.page.goto(f"{self._base}{path}")
        await self.page.wait_for_function(
            "document.querySelector('home-assistant')?.hass?.states"
        )

    async def everything(self) -> str:
        """Return what the page holds, whether it can be seen or not."""
        held: str = await self.page.evaluate(EVERYTHING)
        return held

    async def picture(self, name: str, height: int = HEIGHT) -> None:
        """Take a picture once nothing moves any more; a long page may be given more height."""
        if self._pictures is None:
            return
        await self.page.set_viewport_size(ViewportSize(width=WIDTH, height=height))
        await self.page.mouse.move(0, 0)
        # Ripples and fading messages of the front end tell nobody when they are done.
        await self.page.wait_for_timeout(1200)
        self._pictures.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(
            path=self._pictures / f"{name}.png", animations="disabled"
        )


@contextlib.asynccontextmanager
async def window(
    client: Client, pictures: Path | None, *, time_zone: str = "Europe/Stockholm"
) -> AsyncGenerator[Window]:
    """Open the browser with the client's log-in."""
    tokens = {
        **client.tokens,
        "hassUrl": client.base,
        "clientId": f"{client.base}/",
        "expires": int((time.time() + client.tokens["expires_in"]) * 1000),
    }
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=program(), args=ARGUMENTS
        )
        context = await chromium.new_context(
            viewport=ViewportSize(width=WIDTH, height=HEIGHT),
            color_scheme="light",
            locale="en-GB",
            timezone_id=time_zone,
            service_workers="block",
            reduced_motion="reduce",
        )
        context.set_default_timeout(TIMEOUT)
        await context.add_init_script(
            f"localStorage.hassTokens = {json.dumps(json.dumps(tokens))};"
        )
        try:
            yield Window(await context.new_page(), client.base, pictures)
        finally:
            await context.close()
            await chromium.close()
