"""Imports go down: who reads a module never has to know those above it."""

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Final

import pytest

from .repository import trees

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOORS: Final = (
    ("vapix", "const"),
    ("exceptions",),
    ("helpers",),
    ("connection", "core_axis"),
    ("index",),
    ("recordings",),
    ("phrases",),
    ("coordinator",),
    ("users",),
    ("playback",),
    ("shares",),
    ("entity",),
    ("event_listener", "disks"),
    ("activity", "issues", "follower", "check"),
    ("runtime",),
    ("views", "flow"),
    ("services", "media"),
    (
        "backup",
        *("binary_sensor", "calendar", "event", "media_source", "sensor", "switch"),
        *("config_flow", "diagnostics", "system_health"),
    ),
    ("__init__",),
)
"""From the ground up. A module may import what is below its room, and what is in its room."""

HOME_ASSISTANT: Final = {
    "vapix": set[str](),
    "check": {"camera_check"},
    "index": set[str](),
    "playback": {"access", "messages", "player", "viewing"},
    "activity": {"reporter"},
    "phrases": {"asking"},
}
"""The packages that could be used without Home Assistant, and the modules that join them to it."""


def _modules() -> dict[str, ast.Module]:
    """Return all modules by their dotted names; a package is `package.__init__`."""
    return {
        path.removesuffix(".py").replace("/", "."): tree
        for path, tree in trees().items()
    }


def _imported(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports of ours, also for types alone."""
    modules = _modules()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.ImportFrom) and node.level):
            continue
        package = name.split(".")[: -node.level]
        base = [*package, *(node.module.split(".") if node.module else ())]
        for alias in node.names:
            for found in ([*base, alias.name], base, [*base, "__init__"]):
                if (dotted := ".".join(found)) in modules:
                    yield dotted
                    break
            else:
                pytest.fail(f"{name} imports {'.'.join(base)}, which is none of ours")


def _graph() -> dict[str, set[str]]:
    return {
        name: set(_imported(name, tree)) - {name} for name, tree in _modules().items()
    }


def _room(name: str) -> str:
    return name.partition(".")[0]


def test_imports_go_down() -> None:
    """Each room knows only rooms below it."""
    floors = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    upwards = {
        (name, other)
        for name, others in _graph().items()
        for other in others
        if _room(name) != _room(other) and floors[_room(name)] <= floors[_room(other)]
    }
    assert not upwards


def test_no_circles() -> None:
    """No module needs another one that needs it, not even for types."""
    sorter = TopologicalSorter(_graph())
    try:
        sorter.prepare()
    except CycleError as err:
        pytest.fail(" -> ".join(err.args[1]))


def test_each_room_has_a_floor() -> None:
    """Nothing stands outside the house, and no floor is for nothing."""
    rooms = {_room(name) for name in _modules()}
    assert rooms == {room for rooms in FLOORS for room in rooms}


def test_packages_are_one_level_deep_and_hold_several_modules() -> None:
    """Neither a maze nor a folder for its own sake."""
    packages = defaultdict(set)
    for name in _modules():
        *package, module = name.split(".")
        assert len(package) <= 1
        if package and module != "__init__":
            packages[package[0]].add(module)
    assert all(len(modules) > 1 for modules in packages.values()), packages


@pytest.mark.parametrize("package", HOME_ASSISTANT)
def test_works_without_home_assistant(package: str) -> None:
    """What talks to cameras and what makes videos could be used by others."""
    for name, tree in _modules().items():
        room, _, module = name.partition(".")
        if room == package and module not in HOME_ASSISTANT[package]:
            for node in ast.walk(tree):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                assert not [
                    each
                    for each in names
                    if each.startswith(("homeassistant", "custom_components"))
                ], name


def test_no_module_is_long() -> None:
    """A module has one job."""
    for path, tree in trees().items():
        last = max((getattr(node, "end_lineno", 0) for node in tree.body), default=0)
        assert last <= 400, f"{path} has {last} lines"
