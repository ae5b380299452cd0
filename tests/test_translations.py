"""The texts and icons of the integration: complete, well-formed, and all of them in use."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
import json
import re
from string import Formatter
from typing import TYPE_CHECKING, Any

from homeassistant.const import Platform
from homeassistant.helpers import config_validation as cv
import pytest
import voluptuous as vol

from tests.repository import (
    DOMAIN,
    INTEGRATION,
    argument,
    assigned,
    calls,
    enclosing,
    find,
    functions,
    integration_json,
    last_name,
    platform_modules,
    selectors,
    service_fields,
    service_sections,
    services,
    strings,
    translations,
    trees,
    written_strings,
)

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

KEY = re.compile(r"(?!.+[_-]{2})[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
# Addresses go into placeholders, so that no translation breaks one.
ADDRESS = re.compile(r"(?:\w+://|www\.)\w[\w.-]*\.[a-z]{2,}", re.IGNORECASE)
# hassfest takes an angle bracket and a letter for HTML.
HTML = re.compile(r"<[a-z].*?>", re.IGNORECASE)


def sentence(value: Any) -> str:
    """Take a text that can be shown and translated."""
    text = cv.string(value)
    problems = {
        "is empty": not text,
        "has blanks around it": text != text.strip(),
        "has HTML": HTML.search(text),
        "refers to another text": "[%key" in text,
        "quotes a placeholder": re.search(r"'\{\w+\}'", text),
        "has an address": ADDRESS.search(text),
        "has a placeholder that is no name": not all(
            name.isidentifier() for name in placeholders(text)
        ),
    }
    for problem, found in problems.items():
        if found:
            raise vol.Invalid(problem)
    return text


def label(value: Any) -> str:
    """Take a text without placeholders."""
    if placeholders(text := sentence(value)):
        message = "has a placeholder"
        raise vol.Invalid(message)
    return text


def key(value: Any) -> str:
    """Take a key of a text."""
    if not KEY.fullmatch(text := cv.string(value)):
        message = "is no key for a text"
        raise vol.Invalid(message)
    return text


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def described(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """Require a description for every field, and none besides."""
    for part in (form, *form.get("sections", {}).values()):
        names, descriptions = part.get("data", {}), part.get("data_description", {})
        if set(names) != set(descriptions):
            message = (
                f"described are {sorted(descriptions)}, the fields are {sorted(names)}"
            )
            raise vol.Invalid(message)
    return form


FORM = vol.Schema(
    {
        vol.Optional("title"): sentence,
        vol.Optional("description"): sentence,
        vol.Optional("data"): {key: sentence},
        vol.Optional("data_description"): {key: sentence},
        vol.Optional("menu_options"): {key: sentence},
        vol.Optional("menu_option_descriptions"): {key: sentence},
        vol.Optional("submit"): sentence,
        vol.Optional("sections"): {
            key: {
                vol.Required("name"): sentence,
                vol.Optional("description"): sentence,
                vol.Optional("data"): {key: sentence},
                vol.Optional("data_description"): {key: sentence},
            }
        },
    }
)
FLOW = vol.Schema(
    {
        vol.Optional("flow_title"): sentence,
        vol.Required("step"): {key: vol.All(FORM, described)},
        vol.Optional("error"): {key: sentence},
        vol.Optional("abort"): {key: sentence},
        vol.Optional("progress"): {key: sentence},
        vol.Optional("create_entry"): {key: sentence},
    }
)
ENTITY = vol.Schema(
    {
        vol.Required("name"): sentence,
        vol.Optional("state"): {key: label},
        vol.Optional("state_attributes"): {
            key: {vol.Required("name"): label, vol.Optional("state"): {key: label}}
        },
        vol.Optional("unit_of_measurement"): label,
    }
)
SERVICE = vol.Schema(
    {
        vol.Required("name"): sentence,
        vol.Required("description"): sentence,
        vol.Optional("fields"): {
            key: {vol.Required("name"): label, vol.Required("description"): sentence}
        },
        vol.Optional("sections"): {
            key: {vol.Required("name"): label, vol.Optional("description"): sentence}
        },
    }
)
TRANSLATIONS = vol.Schema(
    {
        vol.Optional("title"): label,
        vol.Optional("common"): {cv.slug: sentence},
        vol.Required("config"): FLOW,
        vol.Optional("options"): FLOW,
        vol.Optional("device"): {key: {vol.Required("name"): sentence}},
        vol.Required("entity"): {vol.In(list(Platform)): {key: ENTITY}},
        vol.Required("exceptions"): {cv.slug: {vol.Required("message"): sentence}},
        vol.Optional("issues"): {
            key: vol.All(
                {
                    vol.Required("title"): sentence,
                    vol.Exclusive("description", "body"): sentence,
                    vol.Exclusive("fix_flow", "body"): FLOW,
                },
                cv.has_at_least_one_key("description", "fix_flow"),
            )
        },
        vol.Optional("selector"): {
            key: {
                vol.Optional("options"): {key: label},
                vol.Optional("fields"): {
                    key: {
                        vol.Required("name"): label,
                        vol.Optional("description"): label,
                    }
                },
            }
        },
        vol.Required("services"): {key: SERVICE},
        vol.Optional("system_health"): {vol.Required("info"): {key: label}},
    }
)

# The modules of the config flow and the options flow, as a pattern.
FLOW_MODULES = "*flow*.py"
# What Home Assistant translates itself.
CORE_ABORTS = {
    "already_in_progress",
    "reauth_successful",
    "reconfigure_successful",
}
# The reasons of Home Assistant's own helpers.
HELPER_ABORTS = {
    "_abort_if_unique_id_configured": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
    "_async_abort_entries_match": "already_configured",
}


@dataclass(frozen=True)
class Message:
    """A place in the code where one of Home Assistant's exceptions is made."""

    place: str
    keys: frozenset[str]
    given: frozenset[str]
    """The placeholders."""


def messages() -> Iterator[Message]:
    """Yield where exceptions are made, with the key itself or by a helper that takes it."""
    for path in trees():
        for call in calls("translated_error", pattern=path):
            key, place = call.args[1], f"{path}:{call.lineno}"
            helper = enclosing(call, path)
            names = [each.arg for each in helper.args.kwonlyargs] if helper else []
            if helper and (name := last_name(key)) in names:
                yield from helped(helper, name, path)
            else:
                yield Message(
                    place,
                    frozenset(strings(key, path)),
                    frozenset(each.arg for each in call.keywords if each.arg),
                )


def helped(
    helper: ast.FunctionDef | ast.AsyncFunctionDef, name: str, module: str
) -> Iterator[Message]:
    """Yield the calls of a helper that makes an exception from a key and placeholders."""
    for call in calls(helper.name, pattern=module):
        key = argument(call, name)
        assert key is not None, f"{module}:{call.lineno}"
        yield Message(
            f"{module}:{call.lineno}",
            frozenset(strings(key, module)),
            frozenset(
                each.arg for each in call.keywords if each.arg and each.arg != name
            ),
        )


def keys_of(node: ast.expr, module: str) -> frozenset[str] | None:
    """Return the keys of a dictionary that is written out, there or where the name is assigned."""
    if isinstance(node, ast.Name):
        return next(
            (
                keys
                for value in assigned(node.id, module)
                if (keys := keys_of(value, module))
            ),
            None,
        )
    # What another dictionary adds is not written out.
    if not isinstance(node, ast.Dict) or None in node.keys:
        return None
    return frozenset(
        str(name.value) for name in node.keys if isinstance(name, ast.Constant)
    )


def test_translations() -> None:
    """The texts are where and what they must be."""
    TRANSLATIONS(translations())


def test_no_strings_json() -> None:
    """Only Home Assistant's own integrations have it."""
    assert not (INTEGRATION / "strings.json").exists()


def test_other_languages() -> None:
    """They have no keys and no placeholders that English doesn't have."""

    def flat(texts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
        for name, value in texts.items():
            if isinstance(value, Mapping):
                yield from flat(value, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}", value

    english = dict(flat(translations()))
    for path in (INTEGRATION / "translations").glob("*.json"):
        texts = json.loads(path.read_text(encoding="utf-8"))
        for name, text in flat(texts):
            assert name in english, f"{path.name}: {name}"
            assert placeholders(text) == placeholders(english[name]), (
                f"{path.name}: {name}"
            )


def test_services_are_translated() -> None:
    """Texts, fields and icons are for the same actions."""
    texts = translations()["services"]
    icons = integration_json("icons.json")["services"]
    assert set(texts) == set(services()) == set(icons)
    for name, service in services().items():
        assert set(texts[name].get("fields", {})) == set(service_fields(service)), name
        assert set(texts[name].get("sections", {})) == service_sections(service), name
        assert set(icons[name].get("sections", {})) <= service_sections(service), name


def test_options_are_translated() -> None:
    """Each selection has a text for each of its options, and no other."""
    texts = translations().get("selector", {})
    used: set[str] = set()
    for service in services().values():
        for name, selector in selectors(service):
            if "select" not in selector:
                continue
            select = selector["select"]
            assert "translation_key" in select, name
            used.add(select["translation_key"])
            assert set(texts[select["translation_key"]]["options"]) == {
                option if isinstance(option, str) else option["value"]
                for option in select["options"]
            }
    for path in trees():
        for call in calls("SelectSelectorConfig", pattern=path):
            if (translation_key := argument(call, "translation_key")) is not None:
                used |= strings(translation_key, path)
    assert used == set(texts)


def test_entities_are_translated() -> None:
    """Each entity's name exists, and no name is without an entity."""
    texts = translations()["entity"]
    for platform in Platform:
        used: set[str] = set()
        for module in platform_modules(platform):
            for call in find(ast.Call, module):
                if last_name(call.func).endswith("Description"):
                    translation_key = argument(call, "translation_key")
                    assert translation_key is not None, f"{module}:{call.lineno}"
                    used |= strings(translation_key, module)
            for value in assigned("_attr_translation_key", module):
                used |= strings(value, module)
        assert used == set(texts.get(platform, {})), platform


def test_devices_are_translated() -> None:
    """Each name of a device exists, and no name is without a device."""
    used: set[str] = set()
    for path in trees():
        for call in calls("ChildDeviceInfo", "DeviceInfo", pattern=path):
            if (translation_key := argument(call, "translation_key")) is not None:
                used |= strings(translation_key, path)
    assert used == set(translations().get("device", {}))


def test_exceptions_are_translated() -> None:
    """Each exception's message exists, and gets what its placeholders name."""
    texts = translations()["exceptions"]
    for message in messages():
        assert message.keys, f"{message.place}: the key is not known"
        for name in message.keys:
            assert name in texts, f"{message.place}: {name}"
            wanted = placeholders(texts[name]["message"])
            assert wanted <= message.given, f"{message.place}: {name}"


def test_issues_are_translated() -> None:
    """Each repair's text exists and gets its placeholders, and no text is without a repair."""
    texts = translations().get("issues", {})
    used: set[str] = set()
    for path in trees():
        for call in calls("async_create_issue", pattern=path):
            place = f"{path}:{call.lineno}"
            translation_key = argument(call, "translation_key")
            assert translation_key is not None, place
            values = argument(call, "translation_placeholders")
            given = frozenset[str]() if values is None else keys_of(values, path)
            for name in strings(translation_key, path):
                used.add(name)
                assert given is None or names_in(texts[name]) <= given, (
                    f"{place}: {name}"
                )
        for call in calls("Check", pattern=path):
            used |= strings(call.args[0], path)
    assert used == set(texts)


def flow_texts(kind: str) -> set[str]:
    """Return the keys of a kind of texts in the config flow and the options flow."""
    return {
        name
        for flow in ("config", "options")
        for name in translations().get(flow, {}).get(kind, {})
    }


def test_flow_steps_are_translated() -> None:
    """Each form and menu has texts, and all texts have a step."""
    shown = {
        name
        for call in calls("async_show_form", "async_show_menu", pattern=FLOW_MODULES)
        if (step := argument(call, "step_id")) is not None
        for name in strings(step, FLOW_MODULES)
    }
    assert shown == flow_texts("step")
    assert {f"async_step_{step}" for step in shown} <= set(functions(FLOW_MODULES))


def test_flow_menus_are_translated() -> None:
    """Each choice of a menu has a text and a step."""
    steps = translations()["config"]["step"]
    for call in calls("async_show_menu", pattern=FLOW_MODULES):
        step, options = argument(call, "step_id"), argument(call, "menu_options")
        assert step is not None
        assert options is not None
        choices = strings(options, FLOW_MODULES)
        assert {f"async_step_{name}" for name in choices} <= set(
            functions(FLOW_MODULES)
        )
        for name in strings(step, FLOW_MODULES):
            assert choices == set(steps[name]["menu_options"])
            assert set(steps[name].get("menu_option_descriptions", choices)) == choices


def test_flow_errors_are_translated() -> None:
    """Each error of a form has a text."""
    used = {
        name
        for call in calls("async_show_form", pattern=FLOW_MODULES)
        if (errors := argument(call, "errors")) is not None
        for name in strings(errors, FLOW_MODULES)
    }
    assert used
    assert used <= flow_texts("error")


def test_flow_aborts_are_translated() -> None:
    """Each reason to end a flow has a text, unless it is Home Assistant's own, and none is unused."""
    used = {
        name
        for call in calls(
            "async_abort", "AbortFlow", *HELPER_ABORTS, pattern=FLOW_MODULES
        )
        if (reason := argument(call, "reason")) is not None
        for name in strings(reason, FLOW_MODULES)
    }
    used |= {
        reason
        for helper, reason in HELPER_ABORTS.items()
        for call in calls(helper, pattern=FLOW_MODULES)
        if argument(call, "reason") is None and argument(call, "error") is None
    }
    assert used - CORE_ABORTS == flow_texts("abort") - CORE_ABORTS


def test_no_text_is_unused() -> None:
    """What the code never names, nobody reads."""
    written = written_strings()
    unused = {
        *translations()["exceptions"],
        *flow_texts("error"),
    } - written
    assert not unused


def names_in(texts: Any) -> set[str]:
    """Return the placeholders of texts of any depth."""
    return set(re.findall(r"\{(\w+)\}", json.dumps(texts)))


def given_placeholders(call: ast.Call, module: str) -> set[str]:
    """Return the placeholders that a form, a menu or an end of a flow gives."""
    values = argument(call, "description_placeholders")
    if values is None:
        return set()
    given = set(keys_of(values, module) or ())
    for node in find(ast.Assign, module):
        for target in node.targets:
            # One that is added later: placeholders["name"] = …
            if (
                isinstance(target, ast.Subscript)
                and isinstance(values, ast.Name)
                and last_name(target) == values.id
            ):
                given |= strings(target.slice, module)
    return given


def test_flow_placeholders_are_given() -> None:
    """What the texts of a form name, the form gives."""
    steps = {
        name: form
        for flow in ("config", "options")
        for name, form in translations().get(flow, {}).get("step", {}).items()
    }
    for call in calls("async_show_form", "async_show_menu", pattern=FLOW_MODULES):
        given = given_placeholders(call, FLOW_MODULES)
        if (step := argument(call, "step_id")) is not None:
            for name in strings(step, FLOW_MODULES):
                assert names_in(steps[name]) <= given, name
        if argument(call, "errors") is not None:
            assert names_in(translations()["config"]["error"]) <= given
    ends = [
        given_placeholders(call, FLOW_MODULES)
        for call in calls("async_abort", pattern=FLOW_MODULES)
    ]
    for flow in ("config", "options"):
        wanted = names_in(translations().get(flow, {}).get("abort", {}))
        assert wanted <= set().union(*ends)


def form_fields(schema: vol.Schema) -> dict[str, set[str]]:
    """Return the fields of a form by their section, the outer ones under an empty name."""
    fields: dict[str, set[str]] = {"": set()}
    for name, value in schema.schema.items():
        if isinstance(inner := getattr(value, "schema", None), vol.Schema):
            fields[str(name)] = {str(each) for each in inner.schema}
        else:
            fields[""].add(str(name))
    return fields


@pytest.mark.parametrize("step", ["user", "reauth_confirm", "reconfigure"])
async def test_form_fields_are_translated(
    hass: HomeAssistant, entry: MockConfigEntry, step: str
) -> None:
    """A form asks for what its texts describe."""
    match step:
        case "user":
            result = await hass.config_entries.flow.async_init(
                DOMAIN, context={"source": "user"}
            )
        case "reauth_confirm":
            result = await entry.start_reauth_flow(hass)
        case _:
            result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == step
    schema = result["data_schema"]
    assert schema is not None
    texts = translations()["config"]["step"][step]
    assert form_fields(schema) == {
        "": set(texts.get("data", {})),
        **{
            name: set(section.get("data", {}))
            for name, section in texts.get("sections", {}).items()
        },
    }


ICON = vol.Match(r"^mdi:[a-z0-9-]+$")
ENTITY_ICONS = vol.Schema(
    {
        vol.Required("default"): ICON,
        vol.Optional("range"): {str: ICON},
        vol.Optional("state"): {key: ICON},
        vol.Optional("state_attributes"): {
            key: {vol.Required("default"): ICON, vol.Optional("state"): {key: ICON}}
        },
    }
)
ICONS = vol.Schema(
    {
        vol.Required("entity"): {vol.In(list(Platform)): {key: ENTITY_ICONS}},
        vol.Required("services"): {
            key: {vol.Required("service"): ICON, vol.Optional("sections"): {key: ICON}}
        },
        vol.Optional("issues"): object,
    }
)


def all_icons(content: Any) -> Iterator[str]:
    """Yield every icon."""
    if isinstance(content, Mapping):
        for value in content.values():
            yield from all_icons(value)
    else:
        yield content


def test_icons() -> None:
    """Icons are where they must be, and exist."""
    content = ICONS(integration_json("icons.json"))
    known = json.loads(
        (files("hass_frontend") / "static/mdi/iconList.json").read_text(
            encoding="utf-8"
        )
    )
    assert {icon.removeprefix("mdi:") for icon in all_icons(content)} <= {
        icon["name"] for icon in known
    }


def test_state_icons_differ() -> None:
    """An icon for a state that is the default one says nothing."""
    for platform in integration_json("icons.json")["entity"].values():
        for name, icons in platform.items():
            for part in (icons, *icons.get("state_attributes", {}).values()):
                assert part["default"] not in part.get("state", {}).values(), name


def test_icons_are_of_entities() -> None:
    """Each icon belongs to an entity."""
    texts = translations()["entity"]
    for platform, icons in integration_json("icons.json")["entity"].items():
        assert set(icons) <= set(texts[platform]), platform
