"""The dashboard that the demo and the end-to-end test look at."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.client import Client

URL_PATH = "axis-recordings"
TITLE = "Recordings"

LATEST = """\
{{% set latest = 'sensor.{camera}_last_recording' %}}
{{% if has_value(latest) %}}
{{% set start = states(latest) | as_datetime | as_local %}}
{{% set length = state_attr(latest, 'duration') %}}
**Last recording:** {{{{ start.strftime('%A %-d %B, %H:%M:%S') }}}}
{{{{ [
  'still going on' if length is none else timedelta(seconds=length | int),
  state_attr(latest, 'event') or state_attr(latest, 'type'),
  state_attr(latest, 'disk'),
] | join(' · ') }}}}
{{% else %}}
No recording yet.
{{% endif %}}
"""


def _half(entity_id: str, name: str, **more: object) -> dict[str, Any]:
    return {
        "type": "tile",
        "entity": entity_id,
        "name": name,
        "grid_options": {"columns": 6},
        **more,
    }


def _section(name: str, camera: str) -> dict[str, Any]:
    switch = f"switch.{camera}_recording"
    return {
        "type": "grid",
        "cards": [
            {"type": "heading", "heading": name, "icon": "mdi:cctv"},
            {
                "type": "tile",
                "entity": switch,
                "name": "Recording",
                "color": "red",
                "tap_action": {"action": "toggle"},
                "features": [{"type": "toggle"}],
                "features_position": "inline",
                "grid_options": {"columns": 12},
            },
            _half(
                f"binary_sensor.{camera}_recording_in_progress",
                "In progress",
                color="red",
            ),
            _half(f"sensor.{camera}_ongoing_recordings", "Going on"),
            _half(f"sensor.{camera}_recordings", "On its disks"),
            _half(f"sensor.{camera}_oldest_recording", "Oldest"),
            _half(f"sensor.{camera}_sd_card_used_space", "SD card"),
            _half(
                f"binary_sensor.{camera}_sd_card_storage_problem",
                "Its state",
                color="red",
            ),
            {
                "type": "markdown",
                "content": LATEST.format(camera=camera),
                "grid_options": {"columns": 12},
            },
        ],
    }


def config(cameras: dict[str, str]) -> dict[str, Any]:
    """Return a dashboard for cameras, given as name and start of their entities' ids."""
    watched = [
        f"{kind}.{camera}_{what}"
        for camera in cameras.values()
        for kind, what in (
            ("switch", "recording"),
            ("event", "recording_activity"),
        )
    ]
    return {
        "title": TITLE,
        "views": [
            {
                "type": "sections",
                "title": TITLE,
                "path": "cameras",
                "max_columns": 2,
                "sections": [
                    *(_section(name, camera) for name, camera in cameras.items()),
                    {
                        "type": "grid",
                        "cards": [
                            {
                                "type": "heading",
                                "heading": "History",
                                "icon": "mdi:chart-timeline",
                            },
                            {
                                "type": "history-graph",
                                "entities": [
                                    {
                                        "entity": f"binary_sensor.{camera}_recording_in_progress",
                                        "name": name,
                                    }
                                    for name, camera in cameras.items()
                                ],
                                "hours_to_show": 0.25,
                                "grid_options": {"columns": 12},
                            },
                        ],
                    },
                    {
                        "type": "grid",
                        "cards": [
                            {
                                "type": "heading",
                                "heading": "Activity",
                                "icon": "mdi:format-list-bulleted",
                            },
                            {
                                "type": "logbook",
                                "target": {"entity_id": watched},
                                "hours_to_show": 1,
                                "grid_options": {"columns": 12, "rows": 5},
                            },
                        ],
                    },
                ],
            }
        ],
    }


async def exists(client: Client) -> bool:
    """Return whether the dashboard has been made."""
    dashboards = await client.command("lovelace/dashboards/list")
    return URL_PATH in [dashboard["url_path"] for dashboard in dashboards]


async def install(client: Client, cameras: Iterable[str]) -> None:
    """Make the dashboard and let Home Assistant open with it."""
    prefixes = await _entity_prefixes(client, cameras)
    await client.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title=TITLE,
        icon="mdi:record-rec",
        mode="storage",
    )
    await client.command(
        "lovelace/config/save", url_path=URL_PATH, config=config(prefixes)
    )
    await client.command(
        "frontend/set_system_data", key="core", value={"default_panel": URL_PATH}
    )


async def _entity_prefixes(client: Client, cameras: Iterable[str]) -> dict[str, str]:
    """Return the cameras' names with the start of their entities' ids."""
    registry = await client.command("config/entity_registry/list")
    devices = {
        device["name"]: device["id"]
        for device in await client.command("config/device_registry/list")
    }
    return {
        camera: entity["entity_id"]
        .removeprefix("binary_sensor.")
        .removesuffix("_recording_in_progress")
        for camera in cameras
        for entity in registry
        if entity["device_id"] == devices[camera]
        and entity["translation_key"] == "recording_in_progress"
    }
