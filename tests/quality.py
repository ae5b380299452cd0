"""What each rule of Home Assistant's Integration Quality Scale wants, as far as files can show it.

A check returns what is missing.
"""

import ast
from collections.abc import Callable, Iterable
from importlib.metadata import metadata
from pathlib import Path
import re
from typing import Any

from homeassistant.const import Platform

from tests.repository import (
    DOMAIN,
    HA_ERRORS,
    INTEGRATION,
    ROOT,
    argument,
    assigned,
    calls,
    definitions,
    find,
    functions,
    integration_json,
    last_name,
    manifest,
    platform_modules,
    project,
    service_fields,
    services,
    strings,
    text,
    translations,
    trees,
    written_strings,
)

type Missing = Iterable[str]
type Check = Callable[[], Missing]

PLATFORMS = tuple(
    path.name for path in INTEGRATION.glob("*.py") if path.stem in set(Platform)
)
DISCOVERY = ("zeroconf", "ssdp", "dhcp")
REGISTERING = (
    "async_register",
    "async_register_admin_service",
    "async_register_entity_service",
    "async_register_platform_entity_service",
)


def all_of(*checks: Check) -> Check:
    """Miss what any of the checks misses."""
    return lambda: [missing for check in checks for missing in check()]


def has(*names: str) -> Check:
    """Miss files of the integration."""
    return lambda: [name for name in names if not (INTEGRATION / name).exists()]


def defines(module: str, *names: str) -> Check:
    """Miss functions of a module."""
    return lambda: [name for name in names if name not in functions(module)]


def uses(pattern: str, *names: str) -> Check:
    """Miss calls in the modules of a pattern."""
    return lambda: [name for name in names if not any(calls(name, pattern=pattern))]


def proven(module: str, *words: str) -> Check:
    """Miss words in a module of tests, which has to exist."""

    def check() -> Missing:
        tests = text(f"tests/{module}")
        if not tests:
            yield f"tests/{module}"
        for word in words:
            if word not in tests:
                yield f"{word} in tests/{module}"

    return check


def proven_anywhere(*words: str) -> Check:
    """Miss words in all modules of tests."""

    def check() -> Missing:
        tests = "".join(
            path.read_text(encoding="utf-8")
            for path in (ROOT / "tests").glob("test_*.py")
            if path.name != "test_quality_scale.py"
        )
        return [word for word in words if word not in tests]

    return check


def section(heading: str) -> str:
    """Return what README says under a heading that matches, with its subsections."""
    parts = re.split(r"^(#+) (.+)$", text("README.md"), flags=re.MULTILINE)
    found, depth = "", 0
    for level, title, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if depth and len(level) > depth:
            found += body
        elif re.search(heading, title, re.IGNORECASE):
            depth = len(level)
            found += body
        else:
            depth = 0
    return found


def documented(heading: str, *words: str) -> Check:
    """Miss a heading of README with text under it, or words there."""

    def check() -> Missing:
        content = section(heading)
        if not content.strip():
            yield f"a heading like “{heading}” in README.md"
        for word in words:
            if word not in content:
                yield f"{word} under “{heading}” in README.md"

    return check


def action_setup() -> Missing:
    """Want actions to be registered in async_setup, and only there."""
    setup = functions("__init__.py").get("async_setup")
    called = (
        {last_name(call.func) for call in ast.walk(setup) if isinstance(call, ast.Call)}
        if setup
        else set()
    )
    for path in trees():
        for function in definitions(path):
            name = function.name
            registers = any(
                isinstance(node, ast.Call) and last_name(node.func) in REGISTERING
                for node in ast.walk(function)
            )
            if registers and name != "async_setup" and name not in called:
                yield f"{path}: {name} is not called by async_setup"
    if not any(calls(*REGISTERING)):
        yield "actions"


def appropriate_polling() -> Missing:
    """Want an interval that is ours, not the user's."""
    intervals = [
        argument(call, "update_interval")
        for call in calls("__init__", pattern="coordinator.py")
    ]
    if not any(intervals):
        yield "update_interval in coordinator.py"
    if {"scan_interval", "update_interval"} & set(_form_fields()):
        yield "an interval that nobody can set"


def _form_fields() -> dict[str, str]:
    """Return the fields of all forms with their names."""
    return {
        field: name
        for flow in ("config", "options")
        for form in translations()[flow]["step"].values()
        for part in (form, *form.get("sections", {}).values())
        for field, name in part.get("data", {}).items()
    }


def config_flow() -> Missing:
    """Want forms, and a description of each field."""
    if not manifest().get("config_flow"):
        yield "config_flow in manifest.json"
    for flow in ("config", "options"):
        for step, form in translations()[flow]["step"].items():
            for part in (form, *form.get("sections", {}).values()):
                for field in set(part.get("data", {})) - set(
                    part.get("data_description", {})
                ):
                    yield f"a description of {field} in {step}"


def config_flow_test_coverage() -> Missing:
    """Want a test of each form, error and end, and all of config_flow.py covered."""
    tests = "".join(
        text(f"tests/{name}.py")
        for name in ("test_config_flow", "test_discovery", "test_take_over")
    )
    for flow in ("config", "options"):
        texts = translations()[flow]
        for name in (*texts["step"], *texts.get("error", ()), *texts.get("abort", ())):
            if f'"{name}"' not in tests:
                yield f"a test of {name}"
    if not re.search(r"config_flow\.py.*--fail-under=100", text("scripts/test")):
        yield "full coverage of config_flow.py in scripts/test"


def dependency_transparency() -> Missing:
    """Want packages that are pinned and say that their licence is an open one."""
    for requirement in manifest().get("requirements", ()):
        name, _, version = requirement.partition("==")
        package = metadata(name)
        licence = str(package.get("License-Expression") or package.get("Classifier"))
        if not re.search(r"MIT|Apache|BSD|OSI Approved", licence):
            yield f"a licence of {name}"
        if not version:
            yield f"a version of {name}"


def docs_actions() -> Missing:
    """Want each action with each of its fields in README."""
    content = section("actions")
    for name, service in services().items():
        if f"`{DOMAIN}.{name}`" not in content:
            yield f"`{DOMAIN}.{name}` in README.md"
        for field in service_fields(service):
            if f"`{field}`" not in content:
                yield f"`{field}` of {name} in README.md"


def docs_high_level_description() -> Missing:
    """Want README to start with what this is for, and a link to the maker."""
    opening = text("README.md").split("\n## ", maxsplit=1)[0]
    for word in ("AXIS", "Home Assistant", "](https://www.axis.com"):
        if word not in opening:
            yield f"{word} at the start of README.md"


def docs_installation_parameters() -> Missing:
    """Want each field of the first form in README."""
    form = translations()["config"]["step"]["user"]
    content = section(r"add(ing)? (a|your) camera|set-?up")
    for part in (form, *form.get("sections", {}).values()):
        for name in part.get("data", {}).values():
            if name not in content:
                yield f"{name} in README.md"


def docs_configuration_parameters() -> Missing:
    """Want each field of the options in README."""
    content = section("options")
    for form in translations()["options"]["step"].values():
        for name in form.get("data", {}).values():
            if name not in content:
                yield f"{name} in README.md"


def docs_supported_functions() -> Missing:
    """Want each entity in README by its name."""
    content = section("entities")
    for platform in translations()["entity"].values():
        for entity in platform.values():
            # A name may hold a number: Source {source} recording in progress.
            name = re.sub(r"\\\{\w+\\\}", r"\\d", re.escape(entity["name"]))
            if not re.search(name, content):
                yield f"{entity['name']} in README.md"


def docs_examples() -> Missing:
    """Want automations to copy in README, in the form of today."""
    content = section("example|automation")
    blocks = re.findall(r"```yaml\n(.*?)```", content, re.DOTALL)
    if not any("triggers:" in block and "actions:" in block for block in blocks):
        yield "an automation in README.md"
    if not any(f"action: {DOMAIN}." in block for block in blocks):
        yield "an action of ours in an example in README.md"


def entity_event_setup() -> Missing:
    """Want entities to subscribe by their coordinator, never in their constructor."""
    for node in find(ast.ClassDef, "*.py"):
        for function in node.body:
            if isinstance(function, ast.FunctionDef) and function.name == "__init__":
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and re.match(
                        r"async_(add_listener|dispatcher_connect|track_\w+|listen)$",
                        last_name(call.func),
                    ):
                        yield f"{node.name} without a subscription in __init__"
    bases = {
        last_name(base)
        for node in find(ast.ClassDef, "entity.py")
        for base in node.bases
    }
    if "CoordinatorEntity" not in bases:
        yield "CoordinatorEntity in entity.py"


def has_entity_name() -> Missing:
    """Want the base to say it, and no other entity to take it back."""
    values = [
        value.value
        for value in assigned("_attr_has_entity_name")
        if isinstance(value, ast.Constant)
    ]
    if values != [True]:
        yield "_attr_has_entity_name in entity.py, only there"
    if any(assigned("_attr_name")):
        yield "names by translations alone"


def runtime_data() -> Missing:
    """Want what an entry needs to be kept in the entry."""
    if not any(assigned("runtime_data", "__init__.py")):
        yield "runtime_data in __init__.py"
    for node in find(ast.Subscript):
        if ast.unparse(node.value).endswith("hass.data"):
            yield f"something else than hass.data in line {node.lineno}"


def before_configure() -> Missing:
    """Want an answer of the form to each way of not getting through."""
    errors = translations()["config"].get("error", {})
    for error in ("cannot_connect", "invalid_auth", "unknown"):
        if error not in errors:
            yield f"the error {error}"


def action_exceptions() -> Missing:
    """Want wrong use and failures told apart, also for the switch."""
    for name in ("HomeAssistantError", "ServiceValidationError"):
        if not any(calls(name)):
            yield name
    for module in ("test_services.py", "test_switch.py"):
        yield from proven(module, "pytest.raises(")()
    yield from proven(
        "test_services.py", "ServiceValidationError", "HomeAssistantError"
    )()


def entity_unavailable() -> Missing:
    """Want entities that look at more than their coordinator to look at that, too."""
    for path in (*PLATFORMS, "entity.py"):
        if path == "event.py":
            # What has happened stays true while the camera can't be reached.
            continue
        function = functions(path).get("available")
        if function and "super().available" not in ast.unparse(function):
            yield f"super().available in {path}"
    yield from proven_anywhere("STATE_UNAVAILABLE")()


def integration_owner() -> Missing:
    """Want somebody who cares."""
    if not manifest().get("codeowners"):
        yield "codeowners in manifest.json"


def parallel_updates() -> Missing:
    """Want each platform to say how many calls it makes at once."""
    for path in PLATFORMS:
        if not any(assigned("PARALLEL_UPDATES", path)):
            yield f"PARALLEL_UPDATES in {path}"


def coverage() -> Missing:
    """Want tests that fail below the demanded coverage."""
    settings = project()["tool"]["coverage"]
    if settings["report"]["fail_under"] < 95 or settings["report"].get("omit"):
        yield "fail_under of 95 or more in pyproject.toml"
    if settings["run"]["source"] != [str(INTEGRATION.relative_to(ROOT))]:
        yield "all of the integration in pyproject.toml"
    if "--cov" not in text("scripts/test"):
        yield "--cov in scripts/test"


def devices() -> Missing:
    """Want a device that tells what it is."""
    given = {keyword.arg for call in calls("DeviceInfo") for keyword in call.keywords}
    for name in (
        "configuration_url",
        "connections",
        "identifiers",
        "manufacturer",
        "model",
        "name",
        "serial_number",
        "sw_version",
    ):
        if name not in given:
            yield f"{name} in DeviceInfo"


def discovery() -> Missing:
    """Want Home Assistant to know what to look for, and a flow that takes what it finds."""
    for kind in DISCOVERY:
        if kind in manifest() and f"async_step_{kind}" in functions("config_flow.py"):
            return
    yield "discovery in manifest.json and config_flow.py"


def discovery_update_info() -> Missing:
    """Want a known camera that is found elsewhere to get its new address."""
    yield from discovery()
    updating = [
        call
        for call in calls("_abort_if_unique_id_configured", pattern="config_flow.py")
        if argument(call, "updates", 0) is not None
    ]
    if not updating:
        yield "an update of the address in config_flow.py"


def dynamic_devices() -> Missing:
    """Want something new to get its entities without a reload."""
    for path in PLATFORMS:
        setup = functions(path).get("async_setup_entry")
        if setup and "async_add_listener" in ast.unparse(setup):
            return
    yield "a listener for something new in a platform"


def stale_devices() -> Missing:
    """Want something that is gone to be deleted, or to be deletable."""
    if "async_remove_config_entry_device" not in functions("__init__.py") and not any(
        calls("async_remove_device")
    ):
        yield "async_remove_config_entry_device in __init__.py"


def entity_device_class() -> Missing:
    """Want times and what runs to say so."""
    used = {node.attr for node in find(ast.Attribute) if node.attr.isupper()}
    for name in ("TIMESTAMP", "RUNNING"):
        if name not in used:
            yield f"the device class {name}"


def entity_category() -> Missing:
    """Want a category for diagnosis, and none that hides the switch from voice assistants."""
    diagnostic = [
        call
        for call in find(ast.Call, "sensor.py")
        if (category := argument(call, "entity_category")) is not None
        and last_name(category) == "DIAGNOSTIC"
    ]
    if not diagnostic:
        yield "a diagnostic entity in sensor.py"
    for call in find(ast.Call, "switch.py"):
        if argument(call, "entity_category") is not None:
            yield "no category in switch.py"


def entity_disabled_by_default() -> Missing:
    """Want what few people need to be off."""
    off = [
        value
        for call in find(ast.Call)
        if (value := argument(call, "entity_registry_enabled_default")) is not None
    ]
    if not off:
        yield "entity_registry_enabled_default"


def entity_translations() -> Missing:
    """Want a name for each entity in its platform's texts."""
    texts = translations()["entity"]
    for platform in map(Path, PLATFORMS):
        used: set[str] = set()
        for path in platform_modules(platform.stem):
            for call in find(ast.Call, path):
                if last_name(call.func).endswith("Description"):
                    translation_key = argument(call, "translation_key")
                    if translation_key is None:
                        yield f"translation_key in {path}"
                    else:
                        used |= strings(translation_key, path)
        for key in used - set(texts.get(platform.stem, {})):
            yield f"a name of {key}"


def exception_translations() -> Missing:
    """Want each exception that a user sees to be translatable."""
    for call in calls(*HA_ERRORS):
        for name in ("translation_domain", "translation_key"):
            if argument(call, name) is None:
                yield f"{name} in line {call.lineno}"


def icon_translations() -> Missing:
    """Want icons in icons.json, and nowhere else."""
    if not integration_json("icons.json").get("entity"):
        yield "entities in icons.json"
    if any(assigned("_attr_icon")):
        yield "no _attr_icon"
    for path in PLATFORMS:
        for call in find(ast.Call, path):
            if argument(call, "icon") is not None:
                yield f"no icon in {path}"
    if any(value.startswith("mdi:") for value in written_strings()):
        yield "no icon in the code"


def repair_issues() -> Missing:
    """Want repairs that are taken back when all is well, and that say what to do."""
    for name in ("async_create_issue", "async_delete_issue"):
        if not any(calls(name)):
            yield name
    issues: dict[str, Any] = translations().get("issues", {})
    if not issues:
        yield "issues in en.json"
    for name, texts in issues.items():
        # A title and a sentence only would just say that something is wrong.
        if len(str(texts.get("description", texts.get("fix_flow")))) < 80:
            yield f"what to do about {name}"


def async_dependency() -> Missing:
    """Want nothing that waits in the event loop."""
    for node in find(ast.Import):
        for alias in node.names:
            if alias.name in {
                "requests",
                "httpx",
                "urllib.request",
                "http.client",
                "socket",
            }:
                yield f"something else than {alias.name}"
    for call in calls("sleep"):
        if ast.unparse(call.func) != "asyncio.sleep":
            yield f"asyncio.sleep in line {call.lineno}"


def inject_websession() -> Missing:
    """Want the client to get Home Assistant's session."""
    if any(calls("ClientSession")):
        yield "no session of our own"
    if not any(calls("async_get_clientsession", "async_create_clientsession")):
        yield "Home Assistant's session"
    taken = {
        last_name(each.annotation)
        for function in definitions("vapix/*.py")
        for each in (*function.args.args, *function.args.kwonlyargs)
        if each.annotation is not None
    }
    if "ClientSession" not in taken:
        yield "a session as an argument in vapix"


def strict_typing() -> Missing:
    """Want everything to be typed and checked, with the entry's own type."""
    if not project()["tool"]["mypy"].get("strict"):
        yield "strict in pyproject.toml"
    if "mypy" not in text("scripts/lint"):
        yield "mypy in scripts/lint"
    # Before there is an entry of ours, a flow is asked about any; and some are the Axis integration's.
    for path in set(trees()) - {"config_flow.py", "take_over.py"}:
        for function in definitions(path):
            for each in (*function.args.args, *function.args.kwonlyargs):
                if each.annotation and ast.unparse(each.annotation) == "ConfigEntry":
                    yield f"AxisRecordingsConfigEntry in {path}: {function.name}"
