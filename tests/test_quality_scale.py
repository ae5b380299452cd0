"""Keep quality_scale.yaml honest: what is done shows, what is to do doesn't yet.

Each rule has a check that returns what is missing. A rule marked done must miss nothing, and a rule marked
todo must miss something, so that nobody forgets to say so when it is done. A rule that can't apply must
say why, and its check then tells that it still doesn't.
"""

from typing import Any

import pytest

from tests import quality
from tests.quality import Check, all_of, defines, documented, has, proven, uses
from tests.repository import INTEGRATION, assigned, manifest, yaml

BRONZE: dict[str, Check] = {
    "action-setup": quality.action_setup,
    "appropriate-polling": quality.appropriate_polling,
    "brands": has("brand/icon.png", "brand/icon@2x.png"),
    "common-modules": has("coordinator.py", "entity.py"),
    "config-flow-test-coverage": quality.config_flow_test_coverage,
    "config-flow": quality.config_flow,
    "dependency-transparency": quality.dependency_transparency,
    "docs-actions": quality.docs_actions,
    "docs-conditions": has("condition.py"),
    "docs-high-level-description": quality.docs_high_level_description,
    "docs-installation-instructions": documented("installation", "HACS", "1. "),
    "docs-removal-instructions": documented("remov(al|ing)", "camera"),
    "docs-triggers": has("trigger.py"),
    "entity-event-setup": quality.entity_event_setup,
    "entity-unique-id": lambda: (
        () if any(assigned("_attr_unique_id", "entity.py")) else ["_attr_unique_id"]
    ),
    "has-entity-name": quality.has_entity_name,
    "runtime-data": quality.runtime_data,
    "test-before-configure": quality.before_configure,
    "test-before-setup": uses("__init__.py", "async_config_entry_first_refresh"),
    "unique-config-entry": all_of(
        uses("config_flow.py", "async_set_unique_id", "_abort_if_unique_id_configured"),
        proven("test_config_flow.py", "already_configured"),
    ),
}
SILVER: dict[str, Check] = {
    "action-exceptions": quality.action_exceptions,
    "config-entry-unloading": all_of(
        defines("__init__.py", "async_unload_entry"),
        proven("test_init.py", "ConfigEntryState.NOT_LOADED"),
    ),
    "docs-configuration-parameters": quality.docs_configuration_parameters,
    "docs-installation-parameters": quality.docs_installation_parameters,
    "entity-unavailable": quality.entity_unavailable,
    "integration-owner": quality.integration_owner,
    "log-when-unavailable": all_of(
        uses("coordinator.py", "UpdateFailed"), proven("test_coordinator.py", "caplog")
    ),
    "parallel-updates": quality.parallel_updates,
    "reauthentication-flow": all_of(
        defines("config_flow.py", "async_step_reauth", "async_step_reauth_confirm"),
        uses("config_flow.py", "_abort_if_unique_id_mismatch", "_get_reauth_entry"),
        proven("test_config_flow.py", "reauth_successful"),
    ),
    "test-coverage": quality.coverage,
}
GOLD: dict[str, Check] = {
    "devices": quality.devices,
    "diagnostics": all_of(
        defines("diagnostics.py", "async_get_config_entry_diagnostics"),
        uses("diagnostics.py", "async_redact_data"),
        proven("test_diagnostics.py", "not in"),
    ),
    "discovery-update-info": quality.discovery_update_info,
    "discovery": quality.discovery,
    "docs-data-update": documented("updat|poll|refresh", "seconds"),
    "docs-examples": quality.docs_examples,
    "docs-known-limitations": documented("limit"),
    "docs-supported-devices": documented("with my camera|supported", "AXIS OS"),
    "docs-supported-functions": quality.docs_supported_functions,
    "docs-troubleshooting": documented("troubleshooting", "diagnostics"),
    "docs-use-cases": documented("what (it|you)|use cases"),
    "dynamic-devices": quality.dynamic_devices,
    "entity-category": quality.entity_category,
    "entity-device-class": quality.entity_device_class,
    "entity-disabled-by-default": quality.entity_disabled_by_default,
    "entity-translations": quality.entity_translations,
    "exception-translations": quality.exception_translations,
    "icon-translations": quality.icon_translations,
    "reconfiguration-flow": all_of(
        defines("config_flow.py", "async_step_reconfigure"),
        uses("config_flow.py", "_get_reconfigure_entry"),
        proven("test_config_flow.py", "reconfigure_successful"),
    ),
    "repair-issues": quality.repair_issues,
    "stale-devices": quality.stale_devices,
}
PLATINUM: dict[str, Check] = {
    "async-dependency": quality.async_dependency,
    "inject-websession": quality.inject_websession,
    "strict-typing": all_of(has("vapix/py.typed"), quality.strict_typing),
}
RULES = BRONZE | SILVER | GOLD | PLATINUM


def rules() -> dict[str, Any]:
    """Return what quality_scale.yaml says."""
    content = yaml(INTEGRATION / "quality_scale.yaml")
    assert list(content) == ["rules"]
    said: dict[str, Any] = content["rules"]
    return said


def test_every_rule_is_there() -> None:
    """The rules are Home Assistant's 54, in the order of their tiers."""
    assert [len(tier) for tier in (BRONZE, SILVER, GOLD, PLATINUM)] == [20, 10, 21, 3]
    assert list(rules()) == list(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_rule_is_told_truly(rule: str) -> None:
    """The status is a legal one, and the check agrees with it."""
    missing = list(RULES[rule]())
    match rules()[rule]:
        case "done":
            assert not missing
        case {"status": "done", "comment": str(comment), **more}:
            assert comment
            assert not more
            assert not missing
        case "todo":
            assert missing, "This is done; say so in quality_scale.yaml"
        case {"status": "todo" | "exempt", "comment": str(comment), **more}:
            assert comment
            assert not more
            assert missing, "This applies now; say so in quality_scale.yaml"
        case other:
            pytest.fail(f"{other} is no status")


def test_manifest_claims_no_tier() -> None:
    """Home Assistant shows custom integrations without one, whatever their manifest says."""
    assert "quality_scale" not in manifest()
