"""Where files may be written, and that they are whole or not there."""

from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.axis_recordings.files import (
    check_target,
    prepare,
    publish,
    temporary_for,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the folder for media, the only one that Home Assistant may write to."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    return tmp_path


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
    """Wherever it is wrong, it is told which name is."""
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
        ("x" * 256 + "/film.jpg", "File name too long"),
        ("file/film.jpg", "Not a directory"),
        ("file/folder/film.jpg", "Not a directory"),
        ("/".join("x" * 200 for _ in range(25)) + "/film.jpg", "File name too long"),
    ],
)
def test_places_where_nothing_can_be(
    hass: HomeAssistant, media: Path, name: str, reason: str
) -> None:
    """It is told what is wrong, before anything is asked of a camera."""
    (media / "file").write_text("mine")
    target = check_target(hass, name, (".jpg",))
    with pytest.raises(OSError, match=reason):
        prepare(target, overwrite=False)
    with pytest.raises(HomeAssistantError) as caught:
        write(target, b"picture", overwrite=False)
    assert caught.value.translation_key == "cannot_write"
    assert caught.value.translation_placeholders == {
        "path": str(target),
        "reason": reason,
    }
    assert (media / "file").read_text() == "mine"
    assert not list(media.rglob("*.part"))


def test_all_are_published_or_none(tmp_path: Path) -> None:
    """A name that is taken is one too few for all of them."""
    files = []
    for name in ("a.mp4", "b.mp4"):
        target = tmp_path / name
        path = temporary_for(target)
        path.write_text(name)
        files.append((path, target))
    (tmp_path / "b.mp4").write_text("mine")
    with pytest.raises(ServiceValidationError):
        publish(files, overwrite=False)
    assert not (tmp_path / "a.mp4").exists()
    assert (tmp_path / "b.mp4").read_text() == "mine"

    assert publish(files, overwrite=True) == [5, 5]
    assert (tmp_path / "b.mp4").read_text() == "b.mp4"
