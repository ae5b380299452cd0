"""What Home Assistant's hassfest asks of the integration, checked without it, and a little more."""

import ast
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution, requires
import json
from pathlib import Path
import re
from typing import TYPE_CHECKING, Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import homeassistant
from homeassistant.const import Platform
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN
from homeassistant.helpers import config_validation as cv, issue_registry as ir
from homeassistant.helpers.selector import TargetSelector, validate_selector
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
import pytest
import voluptuous as vol

from custom_components.axis_recordings import PLATFORMS
from tests.repository import (
    DOMAIN,
    INTEGRATION,
    calls,
    find,
    functions,
    manifest,
    project,
    service_fields,
    services,
    trees,
)

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

COMPONENTS = Path(homeassistant.__file__).parent / "components"

URL = vol.All(cv.url, vol.Match("https://"))
MANIFEST = vol.Schema(
    {
        vol.Required("domain"): DOMAIN,
        vol.Required("name"): str,
        vol.Optional("after_dependencies"): [str],
        vol.Required("codeowners"): vol.All(
            [vol.Match(r"^@[\w/-]+$")], vol.Length(min=1)
        ),
        vol.Required("config_flow"): True,
        vol.Optional("dependencies"): [str],
        vol.Optional("dhcp"): [
            vol.All(
                {
                    vol.Optional("hostname"): vol.Match(r"^[^A-Z]+$"),
                    vol.Optional("macaddress"): vol.Match(r"^[0-9A-F]+\*$"),
                    vol.Optional("registered_devices"): True,
                },
                vol.Length(min=1),
            )
        ],
        vol.Required("documentation"): vol.All(
            URL, vol.Match(r"^(?!https://www\.home-assistant\.io)")
        ),
        vol.Required("integration_type"): vol.In(["device", "hub", "service"]),
        vol.Required("iot_class"): vol.In(["local_polling", "local_push"]),
        vol.Required("issue_tracker"): URL,
        vol.Optional("loggers"): [str],
        vol.Optional("requirements"): [vol.Match(r"^[\w.-]+==[\w.]+$")],
        vol.Optional("single_config_entry"): bool,
        vol.Optional("ssdp"): [vol.All({str: str}, vol.Length(min=1))],
        vol.Required("version"): str,
        vol.Optional("zeroconf"): [
            {
                vol.Required("type"): vol.Match(r"^_[a-z0-9-]+\._(tcp|udp)\.local\.$"),
                vol.Optional("name"): vol.Match(r"^[^A-Z]+$"),
                # Home Assistant compares lower-case values with them.
                vol.Optional("properties"): {
                    vol.Match(r"^[^A-Z]+$"): vol.Match(r"^[^A-Z]+$")
                },
            }
        ],
    }
)


def core_manifest(domain: str) -> dict[str, Any]:
    """Return the manifest of one of Home Assistant's own integrations."""
    content: dict[str, Any] = json.loads(
        (COMPONENTS / domain / "manifest.json").read_text(encoding="utf-8")
    )
    return content


def package(requirement: str) -> str:
    """Return the normalised name of a required package."""
    name = re.split(r"[\[=<>~!; (]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_manifest() -> None:
    """Only known keys, with values of their kind."""
    MANIFEST(manifest())


def test_manifest_keys_are_sorted() -> None:
    """Domain and name come first, then all others by the alphabet."""
    keys = list(manifest())
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


@pytest.mark.parametrize("kind", ["dhcp", "ssdp", "zeroconf"])
def test_discovery(kind: str) -> None:
    """What is looked for is named once, and has a step that knows devices by a unique ID."""
    matchers = manifest().get(kind, [])
    assert all(matchers.count(each) == 1 for each in matchers)
    assert bool(matchers) == (f"async_step_{kind}" in functions("config_flow.py"))
    assert not matchers or any(calls("async_set_unique_id", pattern="config_flow.py"))


def test_cameras_are_found_as_by_the_core_integration() -> None:
    """Where the Axis integration finds a camera, so does this one."""
    ours, core = manifest(), core_manifest("axis")
    assert ours["ssdp"] == core["ssdp"]
    assert sorted(ours["zeroconf"], key=str) == sorted(core["zeroconf"], key=str)


def test_version() -> None:
    """The version is one that Home Assistant loads, and the same everywhere."""
    version = manifest()["version"]
    assert AwesomeVersion(version).strategy in {
        AwesomeVersionStrategy.SEMVER,
        AwesomeVersionStrategy.PEP440,
    }
    assert version == project()["project"]["version"]


def test_domain_is_free() -> None:
    """No integration of Home Assistant's own has the domain."""
    assert not (COMPONENTS / DOMAIN).exists()
    assert Path(INTEGRATION).name == manifest()["domain"]


def test_dependencies_exist() -> None:
    """Each dependency is an integration, and is named once."""
    named = [
        *manifest().get("dependencies", ()),
        *manifest().get("after_dependencies", ()),
    ]
    assert len(named) == len(set(named))
    assert all((COMPONENTS / name / "manifest.json").is_file() for name in named)


def test_used_integrations_are_dependencies() -> None:
    """What is imported from another integration is a platform of ours or a dependency."""
    allowed = {
        *Platform,
        "persistent_notification",
        "stream",
        *manifest().get("dependencies", ()),
        *manifest().get("after_dependencies", ()),
        *(path.stem for path in INTEGRATION.glob("*.py")),
    }
    # A discovery's data come with the matcher in the manifest.
    allowed |= {name for name in ("zeroconf", "ssdp", "dhcp") if name in manifest()}
    for node in find(ast.ImportFrom):
        if node.module == "homeassistant.components":
            used = {alias.name for alias in node.names}
        elif (node.module or "").startswith("homeassistant.components."):
            used = {str(node.module).split(".")[2]}
        else:
            continue
        assert used <= allowed


def test_requirements() -> None:
    """Only what Home Assistant doesn't bring is required, in the version that its own integrations use."""
    brought = {package(requirement) for requirement in requires("homeassistant") or ()}
    pinned: dict[str, set[str]] = {}
    for path in COMPONENTS.glob("*/manifest.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for requirement in content.get("requirements", ()):
            pinned.setdefault(package(requirement), set()).add(requirement)
    for requirement in manifest().get("requirements", ()):
        assert package(requirement) not in brought
        assert pinned.get(package(requirement), {requirement}) == {requirement}
        assert distribution(package(requirement)).version == requirement.split("==")[1]


def test_required_packages_are_used() -> None:
    """Each requirement is imported, and nothing is imported that isn't there."""
    imported = {
        name.split(".")[0]
        for node in find(ast.stmt)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    required = {package(requirement) for requirement in manifest()["requirements"]}
    assert required <= imported
    # The schema library is an alias of Home Assistant's own.
    brought = {package(requirement) for requirement in requires("homeassistant") or ()}
    for domain in manifest().get("dependencies", ()):
        brought |= {
            package(requirement)
            for requirement in core_manifest(domain).get("requirements", ())
        }
    standard = __import__("sys").stdlib_module_names
    others = imported - standard - required - brought - {"homeassistant", "voluptuous"}
    assert not others


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_integration_loads(hass: HomeAssistant) -> None:
    """Home Assistant's loader takes the integration and its modules."""
    integration = await async_get_integration(hass, DOMAIN)
    assert not integration.is_built_in
    assert integration.has_branding
    assert integration.has_translations
    assert integration.has_services
    await integration.async_get_component()
    await integration.async_get_platform("config_flow")


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the level and the name of what a module imports."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((0, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield child.level, child.module or ""


def test_voluptuous_is_imported_as_vol() -> None:
    """Home Assistant aliases this name; its own library's name may change."""
    for node in find(ast.Import):
        for alias in node.names:
            if alias.name == "voluptuous":
                assert alias.asname == "vol"
    for tree in trees().values():
        for _, name in imports(tree):
            assert not name.startswith(("probatio", "voluptuous."))


def test_imports_inside_are_relative() -> None:
    """The folder can be loaded under any name."""
    for path, tree in trees().items():
        assert all(
            not name.startswith("custom_components") for _, name in imports(tree)
        ), path


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_config_schema(hass: HomeAssistant) -> None:
    """It takes no YAML, and says so."""
    await async_setup_component(hass, DOMAIN, {DOMAIN: {"host": "192.0.2.1"}})
    issue = (HOMEASSISTANT_DOMAIN, f"config_entry_only_{DOMAIN}")
    assert issue in ir.async_get(hass).issues


def test_platforms_are_modules() -> None:
    """What PLATFORMS lists is there, and nothing more."""
    assert set(PLATFORMS) == {
        path.stem for path in INTEGRATION.glob("*.py") if path.stem in set(Platform)
    }


def exists(value: Any) -> Any:
    """Refuse a key without a value."""
    if value is None:
        message = "needs a value"
        raise vol.Invalid(message)
    return value


FIELD = vol.Schema(
    {
        vol.Optional("default"): exists,
        vol.Optional("example"): exists,
        vol.Optional("required"): bool,
        vol.Required("selector"): validate_selector,
    }
)
SERVICES = vol.Schema(
    {
        cv.slug: {
            vol.Optional("target"): vol.All(
                # hassfest refuses what Home Assistant itself still takes.
                vol.Schema({vol.Optional("entity"): object}),
                TargetSelector.CONFIG_SCHEMA,
            ),
            vol.Optional("fields"): {
                cv.slug: vol.Any(
                    FIELD,
                    {
                        vol.Optional("collapsed"): bool,
                        vol.Required("fields"): {cv.slug: FIELD},
                    },
                )
            },
        }
    }
)


def schema_keys(schema: Any) -> set[str]:
    """Return the fields that an action's schema takes."""
    if isinstance(schema, Mapping):
        return {str(key) for key in schema}
    parts = [getattr(schema, "schema", None), *getattr(schema, "validators", ())]
    return {key for part in parts if part is not None for key in schema_keys(part)}


def test_services() -> None:
    """Fields have valid selectors and appear once, and targets filter no devices."""
    for name, service in SERVICES(services()).items():
        fields = service_fields(service)
        assert len(fields) == len(set(fields)), name


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_services_are_those_registered(hass: HomeAssistant) -> None:
    """Actions exist without any camera, and take the fields that their descriptions have."""
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    targets = schema_keys(cv.make_entity_service_schema({"own": object})) - {"own"}
    assert set(registered) == set(services())
    for name, service in services().items():
        taken = schema_keys(registered[name].schema)
        assert taken - targets == set(service_fields(service)), name
        assert not taken & targets or "target" in service, name
    described = (await async_get_all_descriptions(hass))[DOMAIN]
    for name, service in services().items():
        assert set(described[name]["fields"]) == set(service.get("fields", {}))
