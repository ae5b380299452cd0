"""The folder with what was copied."""

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.errors import (
    ExportBusyError,
    NoRoomError,
)
from custom_components.axis_recordings.shares import copies as module
from custom_components.axis_recordings.shares.copies import (
    LARGEST_BYTES,
    PICTURE,
    VIDEO,
    Copies,
)
from tests.common import full_disk

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant


async def write(copies: Copies, share_id: str, data: bytes = b"video") -> Path | None:
    """Copy something."""
    async with copies.create(share_id, VIDEO) as path:
        path.write_bytes(data)
    return await copies.async_find(share_id, VIDEO)


def names(copies: Copies) -> set[str]:
    """Return what is in the folder."""
    return {path.name for path in copies.folder.iterdir()}


async def test_keeps_what_is_whole(hass: HomeAssistant) -> None:
    """A file has its name once it is whole, and is found after a restart; all else is removed."""
    copies = Copies(hass)
    path = await write(copies, "a")
    assert path is not None
    assert path.read_bytes() == b"video"
    assert (copies.size, copies.size_of("a"), copies.size_of("b")) == (5, 5, 0)
    await write(copies, "b")
    (copies.folder / "c.mp4").write_bytes(b"kept")
    for name in ("d.mp4", "a.mp4.part", "stranger", "a.mp3"):
        (copies.folder / name).touch()

    again = Copies(hass)
    assert not again.has("a", VIDEO)
    await again.async_open({"a", "c", "d"})
    assert names(again) == {"a.mp4", "c.mp4"}
    assert again.size_of("a") == 5
    assert not again.has("a", PICTURE)
    # A power failure has left it empty, so it is copied once more.
    assert not again.has("d", VIDEO)
    await again.async_remove(["a", "c", "d"])
    assert not again.folder.exists()
    assert await again.async_find("a", VIDEO) is None


async def test_is_on_the_disk_before_it_has_its_name(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power failure, nothing seems whole that is not."""
    copies = Copies(hass)
    synced: list[set[str]] = []

    def note(_file: int) -> None:
        synced.append(names(copies))

    monkeypatch.setattr(os, "fsync", note)
    await write(copies, "a")
    assert synced == [{"a.mp4.part"}]


async def test_is_no_part_of_backups(hass: HomeAssistant) -> None:
    """What is revoked must not live on there."""
    assert Copies(hass).folder.is_relative_to(hass.config.path(".cache"))


async def test_removed_by_hand(hass: HomeAssistant) -> None:
    """Somebody has tidied up: it is copied once more."""
    copies = Copies(hass)
    path = await write(copies, "a")
    assert path is not None
    path.unlink()
    assert copies.has("a", VIDEO)
    assert await copies.async_find("a", VIDEO) is None
    assert not copies.has("a", VIDEO)
    assert not copies.size


@pytest.mark.parametrize("error", [ExportBusyError, asyncio.CancelledError])
async def test_nothing_is_left_of_what_fails(
    hass: HomeAssistant, error: type[BaseException]
) -> None:
    """Neither under its own name nor under another one."""
    copies = Copies(hass)

    async def fail() -> None:
        async with copies.create("a", VIDEO) as path:
            path.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        await fail()
    assert not names(copies)
    assert not copies.size


async def test_full_disk(hass: HomeAssistant) -> None:
    """It is said in our words, and nothing is left."""
    copies = Copies(hass)
    with full_disk(1000), pytest.raises(NoRoomError, match="can't be written"):
        await write(copies, "a", bytes(5000))
    assert not names(copies)


async def test_bounds(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """One may be large, all together not much larger, and Home Assistant keeps what it needs."""
    copies = Copies(hass)
    await copies.async_require_room(0)
    with pytest.raises(NoRoomError, match="as they may"):
        await copies.async_require_room(LARGEST_BYTES + 1)
    await write(copies, "a", bytes(600))
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    await copies.async_require_room(400)
    with pytest.raises(NoRoomError, match="as they may"):
        await copies.async_require_room(401)
    monkeypatch.setattr(
        "custom_components.axis_recordings.playback.cache.KEEP_FREE", 2**60
    )
    with pytest.raises(NoRoomError, match="nearly full"):
        await copies.async_require_room(1)
