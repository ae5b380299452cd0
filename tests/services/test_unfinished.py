"""Files that were begun when Home Assistant ended without a warning: none looks whole, and none stays."""

from contextlib import closing
import os
import time
from typing import TYPE_CHECKING, Any, override
from unittest.mock import patch

from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.services.files import Place, append
from custom_components.axis_recordings.services.unfinished import (
    LONGEST_SECONDS,
    find_notes,
    note,
    remove_unfinished,
)
from tests.videos import files

from .test_files import Meddler, disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from homeassistant.core import HomeAssistant

__all__ = ["disk"]

NAMES = ("video.mp4", "video_2.mp4")
CONTENT = b"whole"


def save(hass: HomeAssistant, folder: Path, *, overwrite: bool) -> None:
    """Write a video of two files."""
    targets = [folder / name for name in NAMES]
    with closing(Place(hass, targets[0], overwrite=overwrite)) as place:
        place.prepare()
        paths = [place.new_temporary() for _ in targets]
        for path in paths:
            append(path, CONTENT[:2])
            append(path, CONTENT[2:])
        place.publish(list(zip(paths, targets, strict=True)))


class Watcher(Meddler):
    """Looks before each call of the system that is made meanwhile."""

    def __init__(self, poll: Callable[[], None]) -> None:
        """Begin with the first call."""
        super().__init__(0, poll)

    @override
    def _note(self, _: object, event: str, called: Any) -> None:
        if event == "c_call" and called.__module__ == "posix":
            self._act()


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("overwrite", [True, False])
def test_end_at_each_moment(hass: HomeAssistant, media: Path, overwrite: bool) -> None:
    """What has the name that was asked for is whole, with all that belongs to it; the rest goes at the next start."""
    moments: list[tuple[dict[Path, bytes], list[Path]]] = []

    def poll() -> None:
        there = {path: path.read_bytes() for path in files(media)}
        noted = [each.readlink() for each in find_notes(hass)]
        if (there, noted) not in moments:
            moments.append((there, noted))

    with Watcher(poll):
        save(hass, media, overwrite=overwrite)
    for there, noted in moments:
        for path in files(media):
            path.unlink()
        for path, content in there.items():
            path.write_bytes(content)
        for path in noted:
            note(hass, path)
        remove_unfinished(find_notes(hass))
        left = {path.name: path.read_bytes() for path in files(media)}
        assert left in ({}, {NAMES[1]: CONTENT}, dict.fromkeys(NAMES, CONTENT))
        assert not find_notes(hass)
    assert len(left) == 2
    assert len(moments) > 10


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_removed_at_the_next_start(hass: HomeAssistant, media: Path) -> None:
    """As soon as the integration is set up."""
    note(hass, media / ".video.part")
    (media / ".video.part").write_bytes(CONTENT)
    (media / ".others.part").write_bytes(CONTENT)
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [path.name for path in files(media)] == [".others.part"]
    assert not find_notes(hass)


def test_disk_that_is_not_there(hass: HomeAssistant, media: Path) -> None:
    """What was begun on it is removed at the start at which it is back."""
    path = media / "share" / ".video.part"
    note(hass, path)
    remove_unfinished(find_notes(hass))
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    remove_unfinished(find_notes(hass))
    assert not path.exists()
    assert not find_notes(hass)


def test_disk_that_goes_while_it_is_saved(hass: HomeAssistant, media: Path) -> None:
    """What could not be removed is removed at the next start."""
    target = media / "share" / "video.mp4"
    with closing(Place(hass, target, overwrite=False)) as place:
        place.prepare()
        append(place.new_temporary(), CONTENT)
        gone = patch("pathlib.Path.unlink", side_effect=OSError(5, "I/O error"))
        gone.start()
    gone.stop()
    assert files(media)
    remove_unfinished(find_notes(hass))
    assert not files(media)


def test_no_room_for_notes(hass: HomeAssistant, media: Path) -> None:
    """That is no reason not to save."""
    with patch("pathlib.Path.symlink_to", side_effect=OSError(28, "No space left")):
        save(hass, media, overwrite=False)
    assert {path.name for path in media.iterdir()} == {*NAMES}


def test_stored_before_it_has_a_name(hass: HomeAssistant, media: Path) -> None:
    """A name could outlive a power cut that its content does not."""
    stored: list[list[str]] = []

    def fsync(_: int) -> None:
        stored.append([path.name for path in media.iterdir() if path.name in NAMES])

    with patch("os.fsync", fsync):
        save(hass, media, overwrite=False)
    assert stored == [[], []]


@pytest.mark.parametrize(("error", "is_saved"), [(22, True), (95, True), (28, False)])
def test_disk_that_stores_nothing_at_once(
    hass: HomeAssistant, media: Path, error: int, is_saved: bool
) -> None:
    """One that can't is taken as it is; one that has no room after all is not."""
    with patch("os.fsync", side_effect=OSError(error, "Refused")):
        if is_saved:
            save(hass, media, overwrite=False)
        else:
            with pytest.raises(OSError, match="Refused"):
                save(hass, media, overwrite=False)
    assert {path.name for path in media.iterdir()} == ({*NAMES} if is_saved else set())


def test_disk_that_is_mounted_late(hass: HomeAssistant, media: Path) -> None:
    """Where it is to come, there is an empty folder at first."""
    share, elsewhere = media / "share", media / "elsewhere"
    share.mkdir()
    path = share / ".video.part"
    note(hass, path)
    path.write_bytes(CONTENT)
    share.rename(elsewhere)
    share.mkdir()
    remove_unfinished(find_notes(hass))
    share.rmdir()
    elsewhere.rename(share)
    remove_unfinished(find_notes(hass))
    assert not files(media)
    assert not find_notes(hass)


def test_disk_that_does_not_come_back(hass: HomeAssistant, media: Path) -> None:
    """Nothing is remembered forever."""
    noted = note(hass, media / "share" / ".video.part")
    remove_unfinished(find_notes(hass))
    assert find_notes(hass) == [noted]
    long_ago = time.time() - LONGEST_SECONDS - 1
    os.utime(noted, (long_ago, long_ago), follow_symlinks=False)
    remove_unfinished(find_notes(hass))
    assert not find_notes(hass)
