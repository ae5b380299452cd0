"""Keep quality_scale.yaml honest: what is done shows, what is to do doesn't yet.

Each rule has a check that returns what is missing. A rule marked done must miss nothing, and a rule marked
todo must miss something, so that nobody forgets to say so when it is done. A rule that can't apply must
say why, and its check then tells that it still doesn't.
"""

from typing import Any

import pytest

from . import (
    quality,
    test_binary_sensor,
    test_config_flow,
    test_connection,
    test_coordinator,
    test_diagnostics,
    test_entity,
    test_hassfest,
    test_init,
    test_runtime,
    test_sensor,
    test_switch,
    test_translations,
    test_voice,
)
from .disks import test_coordinator as test_disks, test_devices, test_sensors
from .flow import test_discovery, test_options
from .issues import test_review
from .quality import Check, all_of, documented, has, shown_by
from .repository import INTEGRATION, manifest, yaml
from .services import test_targets
from .vapix import test_slow_cgis

BRONZE: dict[str, Check] = {
    "action-setup": shown_by(
        test_hassfest.test_services_are_those_registered,
        test_targets.test_target_without_a_camera,
        test_targets.test_camera_is_not_loaded,
    ),
    "appropriate-polling": all_of(
        shown_by(
            test_coordinator.test_steady_poll_is_one_small_request,
            test_coordinator.test_busy_camera_is_left_alone,
            test_disks.test_rhythm,
        ),
        quality.no_interval_field,
    ),
    "brands": has("brand/icon.png", "brand/icon@2x.png"),
    "common-modules": has("coordinator.py", "entity.py"),
    "config-flow-test-coverage": shown_by(
        test_config_flow.test_http,
        test_config_flow.test_error_of_the_camera,
        test_config_flow.test_nothing_is_lost_but_the_password,
        test_config_flow.test_unexpected_error,
        test_config_flow.test_same_camera_twice,
        test_config_flow.test_reauthentication,
        test_config_flow.test_reconfiguration,
        test_discovery.test_new_camera,
        test_options.test_options,
    ),
    "config-flow": all_of(shown_by(test_config_flow.test_http), quality.config_flow),
    "dependency-transparency": quality.dependency_transparency,
    "docs-actions": quality.docs_actions,
    "docs-conditions": has("condition.py"),
    "docs-high-level-description": quality.docs_high_level_description,
    "docs-installation-instructions": documented("^installation$", "HACS", "1. "),
    "docs-removal-instructions": documented("^removal$", "camera"),
    "docs-triggers": has("trigger.py"),
    "entity-event-setup": shown_by(test_entity.test_subscriptions),
    "entity-unique-id": shown_by(test_entity.test_unique_ids),
    "has-entity-name": shown_by(test_entity.test_names),
    "runtime-data": shown_by(test_runtime.test_runtime_data),
    "test-before-configure": all_of(
        shown_by(
            test_config_flow.test_nobody_there,
            test_config_flow.test_wrong_account,
            test_config_flow.test_unexpected_error,
        ),
        quality.before_configure,
    ),
    "test-before-setup": shown_by(
        test_init.test_setup_is_tried_again, test_init.test_wrong_password_at_setup
    ),
    "unique-config-entry": shown_by(
        test_config_flow.test_same_camera_twice, test_discovery.test_one_card
    ),
}
SILVER: dict[str, Check] = {
    "action-exceptions": shown_by(
        test_targets.test_camera_is_not_loaded, test_switch.test_camera_refuses_to_start
    ),
    "config-entry-unloading": shown_by(test_init.test_unload),
    "docs-configuration-parameters": quality.docs_configuration_parameters,
    "docs-installation-parameters": quality.docs_installation_parameters,
    "entity-unavailable": shown_by(
        test_init.test_only_the_broken_camera_is_unavailable,
        test_disks.test_camera_is_gone,
    ),
    "integration-owner": quality.integration_owner,
    "log-when-unavailable": shown_by(test_init.test_one_log_line_down_and_one_up),
    "parallel-updates": quality.parallel_updates,
    "reauthentication-flow": shown_by(
        test_config_flow.test_reauthentication,
        test_config_flow.test_reauthentication_with_another_camera,
    ),
    "test-coverage": quality.coverage,
}
GOLD: dict[str, Check] = {
    "devices": shown_by(test_entity.test_device, test_devices.test_device),
    "diagnostics": shown_by(test_diagnostics.test_diagnostics),
    "discovery-update-info": shown_by(
        test_discovery.test_camera_has_moved, test_discovery.test_lost_camera_is_found
    ),
    "discovery": all_of(shown_by(test_discovery.test_new_camera), quality.discovery),
    "docs-data-update": documented("^how data is updated$", "seconds"),
    "docs-examples": quality.docs_examples,
    "docs-known-limitations": documented("^known limitations$"),
    "docs-supported-devices": documented("with my camera", "AXIS OS"),
    "docs-supported-functions": quality.docs_supported_functions,
    "docs-troubleshooting": documented("^repairs and troubleshooting$", "diagnostics"),
    "docs-use-cases": documented("^what you can do"),
    "dynamic-devices": shown_by(
        test_devices.test_disk_comes,
        test_binary_sensor.test_one_source_needs_no_sensor_of_its_own,
    ),
    "entity-category": shown_by(
        test_sensor.test_statistics_and_categories,
        test_sensors.test_statistics_and_categories,
        test_voice.test_switch_by_voice,
    ),
    "entity-device-class": shown_by(test_entity.test_device_classes),
    "entity-disabled-by-default": shown_by(
        test_sensor.test_statistics_and_categories,
        test_sensors.test_statistics_and_categories,
    ),
    "entity-translations": shown_by(test_entity.test_names),
    "exception-translations": shown_by(
        test_translations.test_exceptions_are_translated
    ),
    "icon-translations": all_of(shown_by(test_entity.test_icons), quality.icons),
    "reconfiguration-flow": shown_by(
        test_config_flow.test_reconfiguration,
        test_config_flow.test_reconfiguration_with_another_camera,
    ),
    "repair-issues": all_of(
        shown_by(test_review.test_disk, test_review.test_certificate_is_back),
        quality.repair_issues,
    ),
    "stale-devices": shown_by(
        test_devices.test_disk_goes_for_good,
        test_devices.test_stale_device,
        test_devices.test_removal_by_hand,
    ),
}
PLATINUM: dict[str, Check] = {
    "async-dependency": shown_by(
        test_slow_cgis.test_slow_cgi,
        test_init.test_slow_camera_does_not_hold_up_the_setup,
    ),
    "inject-websession": shown_by(test_connection.test_session_of_home_assistant),
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
def test_rule_is_stated_truly(rule: str) -> None:
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
