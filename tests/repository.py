"""The repository's own files, as the tests of them read them."""

import ast
from fnmatch import fnmatch
from functools import cache
import json
from pathlib import Path
import tomllib
from typing import TYPE_CHECKING, Any

from homeassistant.util.yaml import load_yaml_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

type Function = ast.FunctionDef | ast.AsyncFunctionDef

ROOT = Path(__file__).parents[1]
DOMAIN = "axis_recordings"
INTEGRATION = ROOT / "custom_components" / DOMAIN
# The exceptions that carry a sentence to the user.
HA_ERRORS = (
    "BrowseError",
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "ServiceValidationError",
    "Unresolvable",
    "UpdateFailed",
)


def manifest() -> dict[str, Any]:
    """Return the integration's manifest."""
    return integration_json("manifest.json")


def translations() -> dict[str, Any]:
    """Return the English texts."""
    return integration_json("translations/en.json")


def integration_json(name: str) -> dict[str, Any]:
    """Return a JSON file of the integration."""
    content: dict[str, Any] = json.loads(
        (INTEGRATION / name).read_text(encoding="utf-8")
    )
    return content


def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def yaml(path: Path) -> dict[str, Any]:
    """Return a YAML file."""
    return dict(load_yaml_dict(str(path)))


def text(name: str) -> str:
    """Return a text file of the repository, or nothing where there is none."""
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def pages() -> dict[str, str]:
    """Return what users read, README and the pages of docs/, by its path."""
    names = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md"))
    return {name: text(name) for name in ("README.md", *names)}


def documentation() -> str:
    """Return all that users read as one text."""
    return "\n".join(pages().values())


def own_files() -> Iterator[Path]:
    """Yield the files that belong to the repository, which are those that git doesn't ignore."""
    ignored = [".git", *(line.rstrip("/") for line in text(".gitignore").splitlines())]
    for folder, names, files in ROOT.walk():
        names[:] = [
            name
            for name in names
            if not any(fnmatch(name, pattern) for pattern in ignored)
        ]
        for name in files:
            if not any(fnmatch(name, pattern) for pattern in ignored):
                yield folder / name


@cache
def trees() -> dict[str, ast.Module]:
    """Return the integration's modules, parsed, by their path inside it."""
    return {
        str(path.relative_to(INTEGRATION)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(INTEGRATION.rglob("*.py"))
    }


def platform_modules(platform: str) -> tuple[str, ...]:
    """Return the modules with the entities of a platform: its own, and that of the disks."""
    return tuple(
        name for name in (f"{platform}.py", f"disks/{platform}s.py") if name in trees()
    )


def find[T: ast.AST](kind: type[T], pattern: str = "*.py") -> Iterator[T]:
    """Yield the nodes of a kind in the modules whose path matches."""
    for path, tree in trees().items():
        if fnmatch(path, pattern):
            yield from (node for node in ast.walk(tree) if isinstance(node, kind))


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name: `async_abort` for `self.async_abort`."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(value=value):
            return last_name(value)
    return ""


def calls(*names: str, pattern: str = "*.py") -> Iterator[ast.Call]:
    """Yield the calls of functions, methods or classes with these names."""
    for call in find(ast.Call, pattern):
        if last_name(call.func) in names:
            yield call


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """Return what a call passes as an argument."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is not None and position < len(call.args):
        return call.args[position]
    return None


@cache
def definitions(pattern: str = "*.py") -> tuple[Function, ...]:
    """Return the functions and methods of modules."""
    return tuple(
        node
        for node in find(ast.stmt, pattern)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@cache
def functions(pattern: str = "*.py") -> dict[str, Function]:
    """Return the functions and methods of modules by their names."""
    return {function.name: function for function in definitions(pattern)}


def enclosing(node: ast.expr, module: str) -> Function | None:
    """Return the innermost function around an expression."""
    around = [
        function
        for function in definitions(module)
        if any(child is node for child in ast.walk(function))
    ]
    return max(around, key=lambda function: function.lineno, default=None)


def assigned(name: str, pattern: str = "*.py") -> Iterator[ast.expr]:
    """Yield what is assigned to a name or an attribute."""
    for node in find(ast.Assign, pattern):
        if any(last_name(target) == name for target in node.targets):
            yield node.value
    for annotated in find(ast.AnnAssign, pattern):
        if last_name(annotated.target) == name and annotated.value is not None:
            yield annotated.value


def strings(node: ast.expr, module: str) -> set[str]:
    """Return the strings that an expression in a module can come to.

    Names are followed to what is assigned to them or passed for them there, and calls to what those
    functions return. What is only compared or looked up is left out.
    """
    found: set[str] = set()
    pending: list[tuple[ast.AST, str]] = [(node, module)]
    seen: set[ast.AST] = set()
    while pending:
        part, place = pending.pop()
        if part in seen:
            continue
        seen.add(part)
        if isinstance(part, ast.Constant):
            if isinstance(part.value, str):
                found.add(part.value)
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            for path in trees():
                pending += [(value, path) for value in _returned(part.func.id, path)]
            pending += [(value, place) for value in part.args]
        else:
            pending += [(value, place) for value in _parts(part, place)]
    return found


def _returned(name: str, module: str) -> Iterator[ast.expr]:
    """Yield what a function of a module returns."""
    if (function := functions(module).get(name)) is not None:
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                yield node.value


def _passed(name: ast.Name, module: str) -> Iterator[ast.expr]:
    """Yield what is passed for an argument of the function in which its name is used."""
    if (function := enclosing(name, module)) is None:
        return
    names = [each.arg for each in function.args.args if each.arg != "self"]
    if name.id in names:
        for call in calls(function.name, pattern=module):
            value = argument(call, name.id, names.index(name.id))
            if value is not None:
                yield value


def _parts(node: ast.AST, module: str) -> Iterable[ast.AST]:
    """Return the parts of an expression that its value can come from."""
    parts: Iterable[ast.AST]
    match node:
        case ast.Compare() | ast.JoinedStr():
            parts = ()
        case ast.IfExp(body=body, orelse=orelse):
            parts = body, orelse
        case ast.Dict(values=values):
            parts = values
        case ast.Name(id=name):
            parts = *assigned(name, module), *_passed(node, module)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            parts = assigned(name, module)
        case ast.Subscript(value=value):
            parts = (value,)
        case ast.Call(func=ast.Attribute(value=value), args=[_, *defaults]):
            parts = value, *defaults
        case _:
            parts = ast.iter_child_nodes(node)
    return parts


def written_strings() -> set[str]:
    """Return every string that the integration's code holds."""
    return {node.value for node in find(ast.Constant) if isinstance(node.value, str)}


def services() -> dict[str, Any]:
    """Return services.yaml."""
    return yaml(INTEGRATION / "services.yaml")


def service_fields(service: Mapping[str, Any]) -> list[str]:
    """Return the names of a service's fields, also of those in sections."""
    return [
        name
        for key, field in service.get("fields", {}).items()
        for name in field.get("fields", (key,))
    ]


def service_sections(service: Mapping[str, Any]) -> set[str]:
    """Return the names of a service's sections."""
    return {
        key for key, field in service.get("fields", {}).items() if "fields" in field
    }


def selectors(service: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the fields of a service with their selectors."""
    for key, field in service.get("fields", {}).items():
        for name, inner in field.get("fields", {key: field}).items():
            yield name, inner["selector"]
