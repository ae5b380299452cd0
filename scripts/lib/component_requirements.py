"""Print the packages that the integrations in use ask for, from the installed Home Assistant."""

import json
from pathlib import Path

import homeassistant

COMPONENTS = Path(homeassistant.__file__).parent / "components"
OURS = Path("custom_components/axis_recordings/manifest.json")
# Home Assistant's own integrations that the demo and the tests run. Some are not asked for but always
# set up: analytics (which imports hassio), infrared, radio_frequency.
IN_USE = (
    "analytics",
    "assist_pipeline",
    "axis",
    "calendar",
    "config",
    "conversation",
    "diagnostics",
    "frontend",
    "hassio",
    "history",
    "infrared",
    "logbook",
    "media_source",
    "radio_frequency",
    "recorder",
    "stream",
    "zeroconf",
)

pending = list(IN_USE)
seen: set[str] = set()
requirements: set[str] = set(
    json.loads(OURS.read_text(encoding="utf-8"))["requirements"]
)
while pending:
    if (name := pending.pop()) in seen:
        continue
    seen.add(name)
    manifest = json.loads(
        (COMPONENTS / name / "manifest.json").read_text(encoding="utf-8")
    )
    requirements.update(manifest.get("requirements", ()))
    pending.extend(manifest.get("dependencies", ()))
print(*sorted(requirements), sep="\n")
