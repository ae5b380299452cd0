"""What runs with one version of Home Assistant only has to have nothing to do with it."""

import re
import sys
from typing import TYPE_CHECKING

import pytest

from . import once
from .once import HOME_ASSISTANT, ROOT, packages, says_the_same

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant

TESTS = ROOT / "tests"


@pytest.mark.parametrize(
    ("module", "needs"),
    [
        ("vapix/test_http.py", False),
        ("playback/test_segment_source.py", False),
        ("camera/tests/test_export.py", False),
        ("test_switch.py", True),
        ("services/test_save.py", True),
        ("conftest.py", True),
    ],
)
def test_what_needs_home_assistant(module: str, needs: bool) -> None:
    """Imports are followed through our own modules."""
    assert bool(HOME_ASSISTANT & packages(TESTS / module)) is needs


def test_imports_are_followed_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import may stand in a function, in another module, or in a conftest; types don't count."""
    monkeypatch.setattr(once, "ROOT", tmp_path)
    monkeypatch.setattr(once, "_ours", once._ours.__wrapped__)
    folder = tmp_path / "tests" / "room"
    folder.mkdir(parents=True)
    written = {
        "test_types": "if TYPE_CHECKING:\n    import homeassistant",
        "test_inside": "def test() -> None:\n    from homeassistant import core",
        "test_through": "from .helper import thing",
        "helper": "import homeassistant.util.dt",
    }
    for name, code in written.items():
        (folder / f"{name}.py").write_text(code)
    needing = {
        name for name in written if "homeassistant" in packages(folder / f"{name}.py")
    }
    assert needing == set(written) - {"test_types"}
    packages.cache_clear()
    (folder / "conftest.py").write_text("import homeassistant")
    assert "homeassistant" in packages(folder / "test_types.py")


def test_fixture_counts(request: pytest.FixtureRequest, hass: HomeAssistant) -> None:
    """Whoever is given a Home Assistant needs one."""
    assert not says_the_same(request.node)


def test_versions_pin_alike_what_is_used_without_home_assistant() -> None:
    """What another version of Home Assistant brings along is the same, or it would have to be tried."""
    ours = ROOT / "custom_components" / "axis_recordings"
    used = {
        package
        for room in ("vapix", "playback", "activity", "check")
        for path in (ours / room).glob("*.py")
        if not HOME_ASSISTANT & (found := packages(path))
        for package in found
        if package not in sys.stdlib_module_names
    }
    assert {"aiohttp", "av", "yarl"} <= used
    pins = [
        dict(re.findall(r"^([\w.-]+)==(\S+)", path.read_text(), re.MULTILINE))
        for path in sorted(ROOT.glob("requirements/20*.txt"))
    ]
    assert len(pins) > 1
    for package in used:
        assert len({each[package] for each in pins}) == 1, package
