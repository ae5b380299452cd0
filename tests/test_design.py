"""docs/design.md, its pages, and the packages name what there is, by the names that it has."""

import ast
import re
from typing import Final

import pytest

from .quality import section
from .repository import INTEGRATION, ROOT, text, trees
from .test_layers import FLOORS

DESIGN = text("docs/design.md")
PAGES = {
    path.name: text(f"docs/design/{path.name}")
    for path in ROOT.glob("docs/design/*.md")
}
PACKAGES = sorted(path.parent.name for path in INTEGRATION.glob("*/__init__.py"))
SMALL: Final = 8
"""A package with no more modules needs no map of them."""


def test_packages() -> None:
    """The tree has each package, and no others."""
    tree = DESIGN.split("```text\n")[1].split("tests/\n")[0]
    assert sorted(re.findall(r"^  (\w+)/ ", tree, re.MULTILINE)) == PACKAGES


def test_modules_at_the_top() -> None:
    """The tree has each of them, and no others."""
    tree = DESIGN.split("```text\n")[1].split("tests/\n")[0]
    assert sorted(re.findall(r"\w+\.py", tree)) == sorted(
        path for path in trees() if "/" not in path
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_of_a_package(package: str) -> None:
    """A large one says in its docstring what each of its modules does, and names no others."""
    docstring = ast.get_docstring(trees()[f"{package}/__init__.py"]) or ""
    named = re.findall(r"``(\w+)``", docstring)
    modules = sorted(
        path.stem
        for path in (INTEGRATION / package).glob("*.py")
        if path.stem != "__init__"
    )
    if named or len(modules) > SMALL:
        assert sorted(named) == modules


def test_layers() -> None:
    """They are those with which the imports are compared."""
    listed = re.findall(
        r"^\d+\. (`\w+`(?:, `\w+`)*)$", section("^The house$"), re.MULTILINE
    )
    assert [re.findall(r"\w+", line) for line in listed] == [
        list(floor) for floor in reversed(FLOORS)
    ]


def test_named_files_exist() -> None:
    """Who looks for a file of the design finds it."""
    for page in (DESIGN, *PAGES.values()):
        for name in re.findall(r"`((?:\w+/)+\w+\.py|\w+/)`", page):
            assert (INTEGRATION / name).exists() or (ROOT / name).exists(), name


def test_pages() -> None:
    """Each topic is found from the overview, and leads back to it."""
    assert set(re.findall(r"^\| \[.+?\]\(design/(.+?)\) \|", DESIGN, re.MULTILINE)) == {
        *PAGES
    }
    for name, page in PAGES.items():
        assert "](../design.md)" in page, name
        assert len(page.splitlines()) <= 200, name
