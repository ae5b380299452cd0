"""What each rule of Home Assistant's Integration Quality Scale wants.

What the integration does is shown by tests that let it do that; what it says of itself, by its manifest, texts,
settings, and pages. A check returns what is missing.
"""

from annotationlib import Format, get_annotations
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.metadata import metadata
import re
from typing import Any

from custom_components.axis_recordings import PLATFORMS
from tests.repository import (
    DOMAIN,
    INTEGRATION,
    ROOT,
    documentation,
    integration_json,
    manifest,
    project,
    service_fields,
    services,
    text,
    translations,
)

type Missing = Iterable[str]
type Check = Callable[[], Missing]

DISCOVERY = ("zeroconf", "ssdp", "dhcp")


def all_of(*checks: Check) -> Check:
    """Miss what any of the checks misses."""
    return lambda: [missing for check in checks for missing in check()]


def has(*names: str) -> Check:
    """Miss files of the integration."""
    return lambda: [name for name in names if not (INTEGRATION / name).exists()]


def shown_by(*tests: Callable[..., object]) -> Check:
    """Miss what no test shows: those that are named here have to be there, and to be run."""

    def check() -> Missing:
        for test in tests:
            marks = {mark.name for mark in getattr(test, "pytestmark", ())}
            if not test.__name__.startswith("test_") or marks & {"skip", "xfail"}:
                yield f"a test that is run: {test.__module__}.{test.__name__}"

    return check


def section(heading: str) -> str:
    """Return what the pages say under a heading that matches, with its subsections."""
    parts = re.split(r"^(#+) (.+)$", documentation(), flags=re.MULTILINE)
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
    """Miss a heading of a page with text under it, or words there."""

    def check() -> Missing:
        content = section(heading)
        if not content.strip():
            yield f"a heading like “{heading}” in the documentation"
        for word in words:
            if word not in content:
                yield f"{word} under “{heading}” in the documentation"

    return check


def no_interval_field() -> Missing:
    """Want an interval that is ours, not the user's."""
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
    """Want each action under its name, with each of its fields there."""
    for name, service in services().items():
        content = section(f"^{re.escape(translations()['services'][name]['name'])}$")
        if f"`{DOMAIN}.{name}`" not in content:
            yield f"`{DOMAIN}.{name}` in the documentation"
        for field in service_fields(service):
            if f"`{field}`" not in content:
                yield f"`{field}` of {name} in the documentation"


def docs_high_level_description() -> Missing:
    """Want README to start with what this is for, and a link to the maker."""
    opening = text("README.md").split("\n## ", maxsplit=1)[0]
    for word in ("AXIS", "Home Assistant", "](https://www.axis.com"):
        if word not in opening:
            yield f"{word} at the start of README.md"


def docs_installation_parameters() -> Missing:
    """Want each field of the first form on the page on setup."""
    form = translations()["config"]["step"]["user"]
    content = section("^add a camera$")
    for part in (form, *form.get("sections", {}).values()):
        for name in part.get("data", {}).values():
            if name not in content:
                yield f"{name} in the documentation"


def docs_configuration_parameters() -> Missing:
    """Want each field of the options on the page on setup."""
    content = section("^options$")
    for form in translations()["options"]["step"].values():
        for name in form.get("data", {}).values():
            if name not in content:
                yield f"{name} in the documentation"


def docs_supported_functions() -> Missing:
    """Want each entity by its name."""
    content = section("^entities$")
    for platform in translations()["entity"].values():
        for entity in platform.values():
            # A name may hold a number: Source {source} recording in progress.
            name = re.sub(r"\\\{\w+\\\}", r"\\d", re.escape(entity["name"]))
            if not re.search(name, content):
                yield f"{entity['name']} in the documentation"


def docs_examples() -> Missing:
    """Want automations to copy, in the form of today."""
    content = section("^examples$")
    blocks = re.findall(r"```yaml\n(.*?)```", content, re.DOTALL)
    if not any("triggers:" in block and "actions:" in block for block in blocks):
        yield "an automation in the documentation"
    if not any(f"action: {DOMAIN}." in block for block in blocks):
        yield "an action of ours in an example"


def before_configure() -> Missing:
    """Want an answer of the form to each way of not getting through."""
    errors = translations()["config"].get("error", {})
    for error in ("cannot_connect", "invalid_auth", "unknown"):
        if error not in errors:
            yield f"the error {error}"


def integration_owner() -> Missing:
    """Want somebody who cares."""
    if not manifest().get("codeowners"):
        yield "codeowners in manifest.json"


def parallel_updates() -> Missing:
    """Want each platform to say how many calls it makes at once."""
    for platform in PLATFORMS:
        module = import_module(f"custom_components.{DOMAIN}.{platform}")
        if not isinstance(getattr(module, "PARALLEL_UPDATES", None), int):
            yield f"PARALLEL_UPDATES in {platform}.py"


def coverage() -> Missing:
    """Want tests that fail below the demanded coverage."""
    settings = project()["tool"]["coverage"]
    if settings["report"]["fail_under"] < 95 or settings["report"].get("omit"):
        yield "fail_under of 95 or more in pyproject.toml"
    if settings["run"]["source"] != [str(INTEGRATION.relative_to(ROOT))]:
        yield "all of the integration in pyproject.toml"


def discovery() -> Missing:
    """Want Home Assistant to know what to look for."""
    if not set(DISCOVERY) & set(manifest()):
        yield "discovery in manifest.json"


def icons() -> Missing:
    """Want icons in icons.json."""
    if not integration_json("icons.json").get("entity"):
        yield "entities in icons.json"


def repair_issues() -> Missing:
    """Want repairs that say what to do."""
    issues: dict[str, Any] = translations().get("issues", {})
    if not issues:
        yield "issues in en.json"
    for name, texts in issues.items():
        # A title and a sentence only would just say that something is wrong.
        if len(str(texts.get("description", texts.get("fix_flow")))) < 80:
            yield f"what to do about {name}"


def strict_typing() -> Missing:
    """Want everything to be typed and checked, with the entry's own type."""
    settings = project()["tool"]["mypy"]
    if not settings.get("strict") or INTEGRATION.parent.name not in settings["files"]:
        yield "strict, for custom_components, in pyproject.toml"
    for platform in PLATFORMS:
        module = import_module(f"custom_components.{DOMAIN}.{platform}")
        types = get_annotations(module.async_setup_entry, format=Format.STRING)
        if types["entry"] != "AxisRecordingsConfigEntry":
            yield f"AxisRecordingsConfigEntry in {platform}.py"
