"""Pages of Home Assistant on which people look when something is wrong."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import Locator

    from tests.e2e.browser import Window
    from tests.e2e.client import Client


class Repairs:
    """The list of things that wait to be repaired, under Settings, which is kept up to date."""

    def __init__(self, window: Window) -> None:
        """Take the window; `open` comes next."""
        self._window = window
        self._list = window.page.locator("ha-config-repairs-dashboard")

    async def open(self) -> None:
        """Open the list."""
        await self._window.go("/config/repairs")
        await self._list.locator("ha-card").wait_for()

    def item(self, title: str) -> Locator:
        """Return the line with a title."""
        return self._list.get_by_text(title, exact=True)

    async def titles(self) -> list[str]:
        """Return the titles that are shown now."""
        texts = await self._list.locator("[slot=headline]").all_inner_texts()
        return [text.strip() for text in texts]

    async def read(self, title: str, picture: str) -> str:
        """Open something, take a picture, close it again and return what it says."""
        await self.item(title).click()
        text = self._window.page.locator("dialog-repairs-issue ha-markdown p")
        await text.first.wait_for()
        said = "\n".join(await text.all_inner_texts())
        await self._window.picture(picture)
        await self._window.page.keyboard.press("Escape")
        await text.first.wait_for(state="hidden")
        return said


class Activity:
    """What Home Assistant has noted of an entity, newest first."""

    def __init__(self, window: Window) -> None:
        """Take the window; `open` comes next."""
        self._window = window
        self._lines = window.page.locator("ha-logbook-entry .primary-text")

    async def open(self, entity_id: str) -> None:
        """Open the page for an entity, once there is something to see."""
        await self._window.go(f"/logbook?entity_id={entity_id}")
        await self._lines.first.wait_for()

    async def lines(self) -> list[str]:
        """Return what is shown: names, and what became of them."""
        texts = await self._lines.all_inner_texts()
        return [" ".join(text.split()) for text in texts]


async def open_device_of(window: Window, client: Client, entity_id: str) -> None:
    """Open the page of the device that an entity belongs to."""
    entity = await client.command("config/entity_registry/get", entity_id=entity_id)
    await window.go(f"/config/devices/device/{entity['device_id']}")


async def fill_in_action(window: Window, action: Mapping[str, object]) -> None:
    """Open the tool that performs an action, as far as pressing its button."""
    await window.go("/profile/general")
    # The tools remember what was typed last. Typing itself is hard on an editor that indents.
    for name, value in (("service-data", action), ("yaml-mode", True)):
        await window.page.evaluate(
            "([name, value]) => localStorage.setItem(`panel-dev-action-state-${name}`, value)",
            [name, json.dumps(value)],
        )
    await window.go("/config/tools/action")
    await window.page.get_by_role("button", name="Perform action").wait_for()


def entity_row(window: Window, name: str, state: str) -> Locator:
    """Return the line of an entity in a state, on the page of its device."""
    rows = window.page.locator("ha-device-entities-card hui-generic-entity-row")
    return rows.filter(has_text=name).filter(has_text=state)
