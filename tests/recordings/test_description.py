"""What a search by words may find a recording by."""

from dataclasses import replace

from custom_components.axis_recordings.recordings.description import Describer

from .sample import KEY, recording


def test_description() -> None:
    """It has the camera's words, those of Home Assistant's language, and who has started it."""
    given = replace(recording(), event_id="Gate", event_trigger="Port 1")
    types = {f"recording_type.options.{given.type.value}": "Ausgelöst"}
    others = Describer(types=types, by_home_assistant="Von Home Assistant", own=())
    lines = others.describe(given).splitlines()
    assert {given.event_id, given.type.value, "Ausgelöst", given.disk_id} <= {*lines}
    assert "Von Home Assistant" not in lines
    own = Describer(types={}, by_home_assistant="Von Home Assistant", own={KEY})
    assert "Von Home Assistant" in own.describe(given).splitlines()
