"""Which tests say the same with each version of Home Assistant, so that one version is enough.

They are found, not listed: what neither has a Home Assistant nor reaches its modules through imports.
"""

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, override

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

ROOT: Final = Path(__file__).parents[1]
HOME_ASSISTANT: Final = {"homeassistant", "pytest_homeassistant_custom_component"}
# Python runs it for each module of the integration; what needs only those asks nothing of it.
OUTER: Final = ROOT / "custom_components" / "axis_recordings" / "__init__.py"

FILES: Final = {
    "test_design",
    "test_hacs",
    "test_hassfest",
    "test_layers",
    "test_layout",
    "test_quality_scale",
    "test_translations",
}
"""What reads the repository's files, by the rules of the newest Home Assistant."""


def says_the_same(item: pytest.Item) -> bool:
    """Return whether one version of Home Assistant is enough for a test."""
    if "hass" in getattr(item, "fixturenames", ()):
        return False
    return item.path.stem in FILES or not HOME_ASSISTANT & packages(item.path)


@cache
def packages(path: Path) -> frozenset[str]:
    """Return the packages of others that a module imports, itself or through modules of ours."""
    found: set[str] = set()
    seen: set[Path] = {OUTER}
    # Fixtures come from there. The outermost conftest serves all, and asks for `hass` where it needs it.
    pending = [path, *_conftests(path)]
    while pending:
        if (module := pending.pop()) in seen:
            continue
        seen.add(module)
        ours, others = _needs(module)
        pending += ours
        found |= others
    return frozenset(found)


def _conftests(path: Path) -> Iterator[Path]:
    for folder in path.parents:
        if folder == ROOT / "tests":
            return
        if (conftest := folder / "conftest.py").is_file():
            yield conftest


@cache
def _ours(name: str) -> frozenset[Path]:
    """Return the files that importing a module of ours runs."""
    files: set[Path] = set()
    place = ROOT
    for part in name.split("."):
        files |= {place / f"{part}.py", place / part / "__init__.py"}
        place /= part
    return frozenset(file for file in files if file.is_file())


@cache
def _needs(path: Path) -> tuple[frozenset[Path], frozenset[str]]:
    """Return our own modules and the packages of others that a module imports itself."""
    collector = _Collector(path)
    collector.visit(ast.parse(path.read_text(encoding="utf-8")))
    ours: set[Path] = set()
    others: set[str] = set()
    for name in collector.names:
        if files := _ours(name):
            ours |= files
        else:
            others.add(name.partition(".")[0])
    return frozenset(ours), frozenset(others)


class _Collector(ast.NodeVisitor):
    """Collects imports, also those inside functions, but not those for types alone."""

    def __init__(self, path: Path) -> None:
        self.names: set[str] = set()
        self._package = path.relative_to(ROOT).parent.parts

    @override
    def visit_If(self, node: ast.If) -> None:
        """Pass over what only type checkers run."""
        if ast.unparse(node.test) == "TYPE_CHECKING":
            for other in node.orelse:
                self.visit(other)
        else:
            self.generic_visit(node)

    @override
    def visit_Import(self, node: ast.Import) -> None:
        """Note modules."""
        self.names |= {alias.name for alias in node.names}

    @override
    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Note a module, and what may be modules in it."""
        above = self._package[: len(self._package) - node.level + 1]
        parts = (*(above if node.level else ()), *(node.module or "").split("."))
        base = ".".join(part for part in parts if part)
        self.names |= {f"{base}.{alias.name}" for alias in node.names}
