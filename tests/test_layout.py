"""Tests mirror the code: `tests/<package>/test_<module>.py`, or `test_<module>_<aspect>.py`, tests a module."""

from typing import Final

import pytest

from .repository import INTEGRATION, ROOT

TESTS: Final = ROOT / "tests"
PACKAGES: Final = tuple(
    path.parent.name for path in sorted(INTEGRATION.glob("*/__init__.py"))
)
THEMES: Final = {
    "": {
        # What all of the integration does, whatever happens.
        *("bounds", "cancellation", "extremes", "identity", "read_only", "unforeseen"),
        *("blueprints", "older_version", "update", "voice"),
        # The repository.
        *("design", "hacs", "hassfest", "layers", "layout", "quality_scale", "readme"),
        *("translations",),
        # What tests are made of.
        *("every_frame", "exactly_once", "fuzz", "kill", "once", "workload"),
    },
    "activity": {"exactly_once", "index_is_true", "interleaved"},
    "playback": {"hostile_videos", "uneven"},
    "recordings": {"clocks", "two_homes"},
    "vapix": {"extremes", "rebinding", "slow_cgis", "slowness"},
}
"""What is about no module alone."""


@pytest.mark.parametrize("package", ["", *PACKAGES])
def test_each_is_about_a_module_or_a_theme(package: str) -> None:
    """Whoever looks for the tests of a module finds them by its name."""
    themes = THEMES.get(package, set())
    modules = {path.stem.strip("_") for path in (INTEGRATION / package).glob("*.py")}
    tests = {path.stem for path in (TESTS / package).glob("test_*.py")}
    assert themes <= {name.removeprefix("test_") for name in tests}
    for name in tests - {f"test_{theme}" for theme in themes}:
        assert any(f"{name}_".startswith(f"test_{each}_") for each in modules), name


def test_each_package_has_tests() -> None:
    """They stand in a folder of its name, and no other folder looks like one of these."""
    folders = {path.parent.name for path in TESTS.glob("*/test_*.py")}
    assert folders - {"e2e"} == set(PACKAGES)
