"""Where files may be written, and that they are whole or not there."""

from contextlib import closing, suppress
from itertools import count
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch
from uuid import uuid4

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.axis_recordings.services.files import (
    Place,
    append,
    check_target,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from homeassistant.core import HomeAssistant


@pytest.mark.parametrize(
    "name",
    [
        "a\0b.mp4",
        "a\0b/c.mp4",
        "\0/c.mp4",
        "new/folder\0/c.mp4",
        "c.mp4\0",
        "a\ud800b.mp4",
        "\ud800/c.mp4",
    ],
)
@pytest.mark.parametrize("is_absolute", [True, False])
def test_names_that_no_file_has(
    hass: HomeAssistant, media: Path, name: str, is_absolute: bool
) -> None:
    """Wherever it is wrong, it is said which name is."""
    filename = f"{media}/{name}" if is_absolute else name
    with pytest.raises(ServiceValidationError) as caught:
        check_target(hass, filename, (".mp4",))
    assert caught.value.translation_key == "path_not_allowed"
    assert caught.value.translation_placeholders == {"path": filename}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("x" * 240 + ".jpg", "File name too long"),
        ("x" * 256 + ".jpg", "File name too long"),
        ("é" * 126 + ".jpg", "File name too long"),
        ("x" * 256 + "/video.jpg", "File name too long"),
        ("file/video.jpg", "Not a directory"),
        ("file/folder/video.jpg", "Not a directory"),
        ("/".join("x" * 200 for _ in range(25)) + "/video.jpg", "File name too long"),
    ],
)
def test_places_where_nothing_can_be(
    hass: HomeAssistant, media: Path, name: str, reason: str
) -> None:
    """It is said what is wrong, before anything is asked of a camera."""
    (media / "file").write_text("mine")
    target = check_target(hass, name, (".jpg",))
    with (
        closing(Place(hass, target, overwrite=False)) as place,
        pytest.raises(OSError, match=reason),
    ):
        place.prepare()
    with pytest.raises(HomeAssistantError) as caught:
        write(hass, target, b"picture", overwrite=False)
    assert caught.value.translation_key == "cannot_write"
    assert caught.value.translation_placeholders == {
        "path": str(target),
        "reason": reason,
    }
    assert (media / "file").read_text() == "mine"
    assert not list(media.rglob("*.part"))


@pytest.fixture(params=["links", "no links"])
def disk(request: pytest.FixtureRequest) -> Generator[None]:
    """Let the disk know hard links, or not."""
    refusal = None if request.param == "links" else OSError(1, "Not permitted")
    with patch("os.link", wraps=os.link, side_effect=refusal):
        yield


@pytest.mark.usefixtures("disk")
def test_all_are_published_or_none(hass: HomeAssistant, media: Path) -> None:
    """A name that is taken is one too few for all of them."""
    targets = [media / "a.mp4", media / "b.mp4"]
    (media / "b.mp4").write_text("mine")
    for overwrite in (False, True):
        place = Place(hass, targets[0], overwrite=overwrite)
        place.prepare()
        files = []
        for target in targets:
            path = place.new_temporary()
            append(path, target.name.encode())
            files.append((path, target))
        if overwrite:
            assert place.publish(files) == [5, 5]
        else:
            with pytest.raises(ServiceValidationError):
                place.publish(files)
            assert not (media / "a.mp4").exists()
            assert (media / "b.mp4").read_text() == "mine"
        place.close()
    assert (media / "b.mp4").read_text() == "b.mp4"


class Meddler:
    """Does something once, right before one of the calls of the system that are made meanwhile."""

    def __init__(self, moment: int, act: Callable[[], None]) -> None:
        """Wait for so many calls."""
        self._left = moment
        self._act = act

    def __enter__(self) -> Self:
        """Begin to count."""
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave everybody alone."""
        sys.setprofile(None)

    def _note(self, _: object, event: str, called: Any) -> None:
        if event == "c_call" and called.__module__ == "posix":
            self._left -= 1
            if self._left == -1:
                self._act()

    @property
    def has_come(self) -> bool:
        """Return whether there were as many calls."""
        return self._left < 0


def failure(hass: HomeAssistant, target: Path, *, overwrite: bool) -> str | None:
    """Write a picture, and return why that was not possible."""
    try:
        write(hass, target, b"picture", overwrite=overwrite)
    except HomeAssistantError as err:
        return err.translation_key
    return None


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("folder", ["there", "there/new/newer"])
def test_folder_that_becomes_a_link(
    hass: HomeAssistant, media: Path, folder: str, overwrite: bool
) -> None:
    """At whatever moment, what was checked is what is written to."""
    with TemporaryDirectory() as name:
        outside, there = Path(name), media / "there"
        (outside / "new").mkdir()
        for path in (outside, outside / "new"):
            (path / "video.jpg").write_text("mine")

        def swap() -> None:
            there.rename(media / uuid4().hex)
            there.symlink_to(outside)

        opened = len(list(Path("/proc/self/fd").iterdir()))
        for moment in count():
            there.mkdir()
            with Meddler(moment, swap) as meddler:
                key = failure(hass, media / folder / "video.jpg", overwrite=overwrite)
            assert len(list(Path("/proc/self/fd").iterdir())) <= opened
            assert key in {None, "path_not_allowed", "cannot_write"}
            assert len(list(outside.rglob("*"))) == 3
            for path in outside.rglob("*.jpg"):
                assert path.read_text() == "mine"
            assert not list(media.rglob("*.part"))
            for path in media.rglob("*.jpg"):
                assert path.read_bytes() == b"picture"
            if not meddler.has_come:
                break
            there.unlink()
    assert moment > 20


@pytest.mark.usefixtures("disk")
def test_file_that_appears_at_any_moment(hass: HomeAssistant, media: Path) -> None:
    """It is somebody else's, and stays: whoever comes first has the name."""
    target = media / "folder" / "video.jpg"
    target.parent.mkdir()
    came: list[int] = []

    def appear() -> None:
        with suppress(FileExistsError), target.open("x") as file:
            file.write("mine")
            came.append(moment)

    for moment in count():
        with Meddler(moment, appear) as meddler:
            key = failure(hass, target, overwrite=False)
        is_first = came[-1:] == [moment]
        assert key == ("file_exists" if is_first else None)
        assert target.read_bytes() == (b"mine" if is_first else b"picture")
        target.unlink()
        assert not list(target.parent.iterdir())
        if not meddler.has_come:
            break
    assert len(came) > 20


def test_part_that_becomes_a_link(media: Path) -> None:
    """What was begun is not gone on with elsewhere."""
    (media / "mine").write_text("mine")
    (media / "part").symlink_to(media / "mine")
    with pytest.raises(OSError, match="symbolic links"):
        append(media / "part", b"video")
    assert (media / "mine").read_text() == "mine"


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("overwrite", [False, True])
def test_finished_part_that_becomes_a_link(
    hass: HomeAssistant, media: Path, overwrite: bool
) -> None:
    """What somebody has put in its place gets no name, and least of all a file from elsewhere."""
    secret = media.parent / "secret"
    secret.write_text("secret")
    target = media / "video.mp4"
    with closing(Place(hass, target, overwrite=overwrite)) as place:
        place.prepare()
        path = place.new_temporary()
        append(path, b"video")
        path.unlink()
        path.symlink_to(secret)
        with pytest.raises(OSError, match="symbolic links"):
            place.publish([(path, target)])
    assert not list(media.glob("*video*"))


@pytest.mark.parametrize("overwrite", [False, True])
def test_folder_with_the_name_of_the_file(
    hass: HomeAssistant, media: Path, overwrite: bool
) -> None:
    """It is reported at once, also where only the ending makes it the same, or it comes later."""
    target = media / "video.mp4"
    assert check_target(hass, "video", (".mp4",)) == target
    target.mkdir()
    (media / "folder").mkdir()
    for name in ("video", "video.mp4", "folder", "folder/"):
        with pytest.raises(ServiceValidationError) as raised:
            check_target(hass, name, (".mp4",))
        assert raised.value.translation_key == "path_is_folder"
    with (
        closing(Place(hass, target, overwrite=overwrite)) as place,
        pytest.raises(ServiceValidationError) as raised,
    ):
        place.prepare()
    assert raised.value.translation_key == "path_is_folder"


def test_nothing_new_stays_where_overwriting_fails(
    hass: HomeAssistant, media: Path
) -> None:
    """What was there before is lost, and what was not does not come."""
    targets = [media / "video.mp4", media / "video_2.mp4", media / "video_3.mp4"]
    targets[1].write_text("mine")
    with closing(Place(hass, targets[0], overwrite=True)) as place:
        place.prepare()
        paths = [place.new_temporary() for _ in targets]
        for path in paths:
            append(path, b"video")
        targets[0].mkdir()
        with pytest.raises(IsADirectoryError):
            place.publish(list(zip(paths, targets, strict=True)))
    assert sorted(media.glob("*video*")) == targets[:2]
