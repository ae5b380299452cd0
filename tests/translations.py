"""Fails a test in which a flow shows something that has no text, or a text with a gap."""

from string import Formatter
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.config_entries import OptionsFlowManager
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN
from homeassistant.data_entry_flow import FlowManager, FlowResultType, section
from homeassistant.helpers.selector import SelectSelector
import pytest

from tests.repository import translations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import voluptuous as vol

    type Texts = Mapping[str, Any]


class FlowTexts:
    """The texts of one kind of flow, ``config`` or ``options``."""

    def __init__(self, kind: str) -> None:
        """Read the texts anew, as a test may come after a change."""
        self.kind = kind
        self._texts: Texts = translations()[kind]

    def problems(self, result: Mapping[str, Any]) -> Iterator[str]:
        """Yield what is missing for something that a flow shows."""
        given = set(result.get("description_placeholders") or {})
        match result["type"]:
            case FlowResultType.FORM:
                yield from self._form_problems(result, given)
            case FlowResultType.MENU:
                step = self._texts["step"].get(result["step_id"], {})
                for option in result["menu_options"]:
                    for part in ("menu_options", "menu_option_descriptions"):
                        yield from _gaps(step.get(part, {}), option, part, given)
                yield from self._step_problems(result["step_id"], given)
            case FlowResultType.ABORT:
                # Home Assistant has texts for its own reasons.
                if result.get("translation_domain") != HOMEASSISTANT_DOMAIN:
                    abort = self._texts.get("abort", {})
                    yield from _gaps(abort, result["reason"], "abort", given)

    def _form_problems(
        self, result: Mapping[str, Any], given: set[str]
    ) -> Iterator[str]:
        yield from self._step_problems(result["step_id"], given)
        step = self._texts["step"].get(result["step_id"], {})
        yield from _field_problems(result["data_schema"], step, given)
        for field, error in (result["errors"] or {}).items():
            if field != "base" and field not in step.get("data", {}):
                yield f"the error {error} is at {field}, which is no field"
            yield from _gaps(self._texts["error"], error, "error", given)

    def _step_problems(self, step_id: str, given: set[str]) -> Iterator[str]:
        step = self._texts["step"].get(step_id, {})
        for part in ("title", "description"):
            # A form for the options may speak for itself.
            if part in step or self.kind == "config":
                yield from _gaps(step, part, step_id, given)


def _field_problems(schema: vol.Schema, texts: Texts, given: set[str]) -> Iterator[str]:
    for marker, value in schema.schema.items():
        name = str(marker)
        if isinstance(value, section):
            part = texts.get("sections", {}).get(name, {})
            yield from _gaps(part, "name", name, given)
            yield from _field_problems(value.schema, part, given)
            continue
        for part in ("data", "data_description"):
            yield from _gaps(texts.get(part, {}), name, part, given)
        if isinstance(value, SelectSelector) and (
            key := value.config.get("translation_key")
        ):
            options = translations()["selector"].get(key, {}).get("options", {})
            for option in value.config["options"]:
                yield from _gaps(options, str(option), key, set())


def _gaps(texts: Texts, name: str, where: str, given: set[str]) -> Iterator[str]:
    if name not in texts:
        yield f"{where} has no text for {name}"
        return
    wanted = {field for _, field, _, _ in Formatter().parse(texts[name]) if field}
    if wanted - given:
        yield f"the text of {name} in {where} lacks {sorted(wanted - given)}"


@pytest.fixture(autouse=True)
def complete_texts() -> Iterator[None]:
    """Check all that any flow shows in a test."""
    problems: list[str] = []
    handle_step = FlowManager._async_handle_step

    async def handle_and_check(
        manager: FlowManager[Any, Any, Any], flow: Any, *args: Any
    ) -> Mapping[str, Any]:
        result: Mapping[str, Any] = await handle_step(manager, flow, *args)
        kind = "options" if isinstance(manager, OptionsFlowManager) else "config"
        problems.extend(FlowTexts(kind).problems(result))
        return result

    with patch.object(FlowManager, "_async_handle_step", handle_and_check):
        yield
    assert not problems
