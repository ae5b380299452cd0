"""Copy what an installation of this version stores, so that later versions can be updated from it.

`python -m tests.bench.installation FOLDER` runs a real Home Assistant with three simulated cameras, for about a
minute. `tests/test_update.py` says what becomes of the copy.
"""

from argparse import ArgumentParser
import asyncio
from contextlib import asynccontextmanager, closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
import json
import logging
from pathlib import Path
import shutil
import sqlite3
import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch
from urllib.parse import urlsplit

from homeassistant import bootstrap, runner
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.media_source import async_browse_media
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, __version__
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
    label_registry as lr,
)
from homeassistant.loader import async_get_integration

from tests.camera import Camera, CameraServer, Disk, Level
from tests.e2e.home import Home, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

DOMAIN: Final = "axis_recordings"
LOGGER_NAME: Final = f"custom_components.{DOMAIN}"
ROOT: Final = f"media-source://{DOMAIN}"
PATIENCE: Final = 90.0
SETTLING: Final = 5.0
DURATION: Final = {"minutes": 20}
"""Of the recording that Home Assistant is to end after the update."""

AUTOMATIONS: Final = """\
- id: pass_on
  alias: Pass on what happens
  mode: queued
  triggers:
    - trigger: state
      entity_id:
        - event.what_happens
        - event.back_garden_recording_activity
        - event.gate_recording_activity
      not_from: unavailable
      not_to: unavailable
  actions:
    - event: passed_on
      event_data:
        type: "{{ trigger.to_state.attributes.event_type }}"
        recording_id: "{{ trigger.to_state.attributes.recording_id }}"
- id: record_when_asked
  alias: Record when asked
  triggers:
    - trigger: event
      event_type: asked_to_record
  conditions:
    - condition: state
      entity_id: binary_sensor.gate_recording_in_progress
      state: "off"
  actions:
    - action: axis_recordings.start
      target:
        entity_id: switch.record_the_driveway
      data:
        duration: "00:01:00"
        disk: SD_DISK
        source: "1"
"""


def make_cameras() -> list[Camera]:
    """Return one with two disks, one with two sources, and one for a viewer's account, each with its past."""
    common: dict[str, Any] = {
        "time_zone": "Europe/Stockholm",
        "export_speed": None,
        "picture_width": 160,
    }
    front = Camera(
        serial="B8A44F0A1B2C",
        name="Front camera",
        disks=[
            Disk("SD_DISK", wear=12, temperature_kelvin=314),
            Disk("NetworkShare", total_kb=976_762_584),
        ],
        seed=1,
        **common,
    )
    garden = Camera(
        serial="ACCC8E5D6F70",
        model="AXIS M2036-LE",
        name="Back garden",
        disks=[Disk("SD_DISK"), Disk("NetworkShare")],
        sources=2,
        seed=2,
        **common,
    )
    gate = Camera(serial="00408C112233", name="Gate", seed=3, **common)
    for camera in (front, garden, gate):
        now = camera.clock.now()
        for ago, length in (
            (timedelta(days=1, hours=2), timedelta(minutes=12)),
            (timedelta(hours=1), timedelta(seconds=9)),
        ):
            camera.add_recording(now - ago, now - ago + length)
        if "NetworkShare" in camera.disks:
            camera.add_recording(
                now - timedelta(minutes=40),
                now - timedelta(minutes=39, seconds=50),
                disk_id="NetworkShare",
                event_id="Line crossing",
            )
    return [front, garden, gate]


class _Reported:
    """What the event entities have reported, in their order."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.all: list[tuple[str, str]] = []
        seen: set[tuple[str, str]] = set()

        @callback
        def note(event: Event[Any]) -> None:
            state = event.data["new_state"]
            if state is None or state.domain != "event":
                return
            # After a reload, an entity shows once more what it has reported last.
            what = (state.entity_id, state.state)
            if state.attributes.get("event_type") and what not in seen:
                seen.add(what)
                self.all.append(
                    (state.attributes["event_type"], state.attributes["recording_id"])
                )

        hass.bus.async_listen(EVENT_STATE_CHANGED, note)

    async def until(self, *wanted: tuple[str, str]) -> None:
        """Wait until all of these were reported."""
        await _until(lambda: set(wanted) <= set(self.all), f"{wanted} reported")


async def _until(condition: Callable[[], object], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - conditions of any kind
                await asyncio.sleep(0.05)
    except TimeoutError:
        message = f"{what}: not within {PATIENCE:.0f} s"
        raise RuntimeError(message) from None


@asynccontextmanager
async def _home(folder: Path, *, starts: bool) -> AsyncGenerator[HomeAssistant]:
    """Run a Home Assistant in this process, which stops before it has started unless it ``starts``."""
    Home(folder, port=free_port()).prepare()
    path = folder / "configuration.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("automation: []", "automation: !include automations.yaml"),
        encoding="utf-8",
    )
    # It can be switched on once in a process.
    with patch("homeassistant.block_async_io.enable"):
        hass = await bootstrap.async_setup_hass(
            runner.RuntimeConfig(str(folder), skip_pip=True)
        )
    assert hass is not None
    try:
        if starts:
            await hass.async_start()
        yield hass
    finally:
        await hass.async_stop(force=True)


async def _add(
    hass: HomeAssistant, server: CameraServer, level: Level
) -> ConfigEntry[Any]:
    """Add a camera as people do, who agree to everything."""
    username, account = next(
        each for each in server.camera.accounts.items() if each[1].level == level
    )
    flows = hass.config_entries.flow
    step = await flows.async_init(
        DOMAIN,
        context={"source": "user"},
        data={
            "host": server.host,
            "username": username,
            "password": account.password,
            "connection": {
                "port": server.port,
                "protocol": server.url.partition(":")[0],
            },
        },
    )
    while step["type"] in ("form", "menu"):
        assert not step.get("errors"), step["errors"]
        given = {"next_step_id": "read_only"} if step["type"] == "menu" else {}
        step = await flows.async_configure(step["flow_id"], given)
    assert step["type"] == "create_entry", step
    entry: ConfigEntry[Any] = step["result"]
    await _until(lambda: entry.state is ConfigEntryState.LOADED, entry.title)
    return entry


def _entity(hass: HomeAssistant, entry: ConfigEntry[Any], ending: str) -> str:
    """Return the entity id of one of a camera's entities."""
    (found,) = (
        each.entity_id
        for each in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if each.unique_id.endswith(f"-{ending}")
    )
    return found


async def _furnish(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Give a camera a place, names and options of the owner's own."""
    options = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        options["flow_id"],
        {
            "disk": "NetworkShare",
            "cache_size": 300,
            "cache_hours": 12,
            "nothing_recorded_hours": 48,
        },
    )
    area = ar.async_get(hass).async_create("Driveway")
    label = lr.async_get(hass).async_create("Security")
    devices = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        if (DOMAIN, entry.unique_id) in device.identifiers:
            devices.async_update_device(
                device.id, area_id=area.id, name_by_user="Driveway camera"
            )
    entities = er.async_get(hass)
    entities.async_update_entity(
        _entity(hass, entry, "recording"),
        new_entity_id="switch.record_the_driveway",
        name="Record the driveway",
        icon="mdi:car",
        labels={label.label_id},
        aliases=["driveway"],
    )
    entities.async_update_entity(
        _entity(hass, entry, "recording_activity"), new_entity_id="event.what_happens"
    )
    entities.async_update_entity(
        _entity(hass, entry, "ongoing_recordings"),
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    entities.async_update_entity(
        _entity(hass, entry, "last_recording"),
        hidden_by=er.RegistryEntryHider.USER,
        area_id=ar.async_get(hass).async_create("Study").id,
    )
    for each in er.async_entries_for_config_entry(entities, entry.entry_id):
        if each.disabled_by is er.RegistryEntryDisabler.INTEGRATION:
            entities.async_update_entity(each.entity_id, disabled_by=None)
            break
    await hass.config_entries.async_reload(entry.entry_id)


async def _crawl(hass: HomeAssistant) -> dict[str, dict[str, str | None]]:
    """Return what each folder of the media browser holds: names, and the addresses of pictures."""
    found: dict[str, dict[str, str | None]] = {}
    waiting = [ROOT]
    while waiting:
        folder = await async_browse_media(hass, waiting.pop())
        children = list(folder.children or ())
        found[folder.media_content_id] = {
            child.media_content_id: child.thumbnail for child in children
        }
        waiting += [child.media_content_id for child in children if child.can_expand]
    return found


async def _link(
    hass: HomeAssistant, entity_id: str, recording_id: str, **fields: Any
) -> str:
    """Return the address of a file, without its signature."""
    answer = await hass.services.async_call(
        DOMAIN,
        "link",
        {"recording_id": recording_id, **fields},
        target={"entity_id": entity_id},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return urlsplit(str(answer["path"])).path


async def _act(hass: HomeAssistant, action: str, entity_id: str, **fields: Any) -> Any:
    domain, _, name = action.rpartition(".")
    return await hass.services.async_call(
        domain or DOMAIN,
        name,
        fields,
        target={"entity_id": entity_id},
        blocking=True,
        return_response=not domain,
    )


async def _live(hass: HomeAssistant, servers: list[CameraServer]) -> dict[str, Any]:
    """Let everything happen, and return what a later version has to find again."""
    reported = _Reported(hass)
    front, garden, gate = (server.camera for server in servers)
    entry = await _add(hass, servers[0], Level.OPERATOR)
    garden_entry = await _add(hass, servers[1], Level.OPERATOR)
    gate_entry = await _add(hass, servers[2], Level.VIEWER)
    await _furnish(hass, entry)
    await asyncio.sleep(SETTLING)

    in_progress = _entity(hass, entry, "recording_in_progress")
    await _act(hass, "switch.turn_on", "switch.record_the_driveway")
    (by_switch,) = (each.recording_id for each in front.recordings.ongoing)
    await _act(hass, "start", in_progress, duration=DURATION, disk="SD_DISK")
    (timed,) = {each.recording_id for each in front.recordings.ongoing} - {by_switch}
    events: list[tuple[str, str]] = [("started", by_switch), ("started", timed)]

    finished = front.start_recording()
    removed = next(
        each.recording_id
        for each in front.recordings
        if each.disk_id == "NetworkShare" and each.stop is not None
    )
    broken = garden.start_recording("NetworkShare")
    gone = garden.start_recording()
    seen = gate.start_recording()
    events += [("started", each) for each in (finished, broken, gone, seen)]
    await reported.until(*events)
    front.end_recording(finished)
    gate.end_recording(seen)
    garden.end_recording(gone)
    events += [("finished", each) for each in (finished, gone, seen)]
    await reported.until(*events)
    front.remove_recording(removed)
    garden.remove_recording(gone)
    garden.detach_disk("NetworkShare")
    events += [("removed", removed), ("removed", gone), ("interrupted", broken)]
    await reported.until(*events)

    def issue() -> str | None:
        return next(
            (
                issue_id
                for domain, issue_id in ir.async_get(hass).issues
                if domain == DOMAIN and garden_entry.entry_id in issue_id
            ),
            None,
        )

    await _until(issue, "an issue")
    ir.async_ignore_issue(hass, DOMAIN, str(issue()), ignore=True)
    dashboard = hass.data[LOVELACE_DATA].dashboards[None]
    shown = [
        each.entity_id
        for each in er.async_get(hass).entities.values()
        if each.platform == DOMAIN and not each.disabled
    ]
    await dashboard.async_save({"views": [{"cards": [{"entities": shown}]}]})

    folders = await _crawl(hass)
    addresses = [
        await _link(hass, in_progress, finished),
        await _link(hass, in_progress, finished, format="original"),
        await _link(hass, _entity(hass, gate_entry, "recording_in_progress"), seen),
    ]
    found = await _act(hass, "search", in_progress)
    cache = Path(hass.config.cache_path(DOMAIN))
    return {
        "folders": folders,
        "addresses": addresses,
        "searched": _content_ids(found),
        "own": {"by_switch": by_switch, "timed": timed},
        "reported": reported.all,
        "cache": str(cache.relative_to(hass.config.config_dir)),
        "issues": [
            issue_id
            for domain, issue_id in ir.async_get(hass).issues
            if domain == DOMAIN
        ],
        "states": {
            each: state.state for each in shown if (state := hass.states.get(each))
        },
    }


def _content_ids(found: Any) -> list[str]:
    """Return all media identifiers that an answer holds, wherever they are."""
    if isinstance(found, dict):
        own = [found["media_content_id"]] if found.get("media_content_id") else []
        return own + [each for value in found.values() for each in _content_ids(value)]
    if isinstance(found, list):
        return [each for value in found for each in _content_ids(value)]
    return []


def _loggers() -> list[str]:
    """Return the names under which this integration logs."""
    return sorted(
        name
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and name.startswith(LOGGER_NAME)
    )


def _live_on(front: Camera, gate: Camera) -> list[tuple[str, str]]:
    """Let things happen while Home Assistant is away, and return what there is to report."""
    begun = front.start_recording()
    ended = gate.start_recording()
    gate.end_recording(ended)
    removed = list(front.recordings)[-2].recording_id
    front.remove_recording(removed)
    return [
        ("started", begun),
        ("removed", removed),
        ("started", ended),
        ("finished", ended),
    ]


def _describe(server: CameraServer) -> dict[str, Any]:
    camera = server.camera
    return {
        "serial": camera.serial,
        "model": camera.model,
        "name": camera.name,
        "time_zone": camera.clock.time_zone,
        "sources": camera.sources,
        "is_secure": server.certificate_fingerprint is not None,
        "disks": [
            {
                name: getattr(disk, name)
                for name in (
                    "id",
                    "total_kb",
                    "free_kb",
                    "status",
                    "wear",
                    "temperature_kelvin",
                )
            }
            for disk in camera.disks.values()
        ],
        "recordings": [asdict(each) for each in camera.recordings],
    }


# Of Home Assistant's own files, what is about this integration.
def _of_all(_data: Any) -> None:
    """Keep all of it."""


def _of_entries(data: dict[str, Any]) -> None:
    data["entries"] = [each for each in data["entries"] if each["domain"] == DOMAIN]


def _of_entities(data: dict[str, Any]) -> None:
    data["entities"] = [
        each for each in data["entities"] if each["platform"] in (DOMAIN, "automation")
    ]


def _of_devices(data: dict[str, Any]) -> None:
    data["devices"] = [each for each in data["devices"] if DOMAIN in json.dumps(each)]


def _of_issues(data: dict[str, Any]) -> None:
    data["issues"] = [each for each in data["issues"] if each["domain"] == DOMAIN]


def _of_events(data: list[dict[str, Any]]) -> None:
    data[:] = [each for each in data if each["state"]["entity_id"].startswith("event.")]


KEPT: Final[dict[str, Callable[[Any], None]]] = {
    "core.area_registry": _of_all,
    "core.config_entries": _of_entries,
    "core.device_registry": _of_devices,
    "core.entity_registry": _of_entities,
    "core.label_registry": _of_all,
    "core.restore_state": _of_events,
    "lovelace.lovelace": _of_all,
    "repairs.issue_registry": _of_issues,
}


def _copy(source: Path, target: Path) -> None:
    """Copy what is stored, without what is about others; databases as the statements that make them."""
    stored = source / ".storage"
    storage = target / "storage"
    storage.mkdir(parents=True, exist_ok=True)
    for path in stored.glob(f"{DOMAIN}.*"):
        if path.suffix == ".db":
            (storage / f"{path.name}.sql").write_text(_statements(path), "utf-8")
        else:
            shutil.copy(path, storage)
    for name, narrow in KEPT.items():
        content = json.loads((stored / name).read_text("utf-8"))
        narrow(content["data"])
        _write(storage / name, content)
    shutil.copy(source / "automations.yaml", target)
    shutil.copy(source / "custom_components" / DOMAIN / "services.yaml", target)


def _statements(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        return "\n".join([f"PRAGMA user_version = {version};", *db.iterdump(), ""])


def _activities(path: Path) -> list[tuple[str, str]]:
    """Return what a ledger holds that is still to be reported."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT type, recording_id FROM activities ORDER BY number")
        return rows.fetchall()


def _write(path: Path, content: Any) -> None:
    # One object a line, so that copies can be compared.
    text = json.dumps(content, default=datetime.isoformat).replace("}, {", "},\n{")
    path.write_text(f"{text}\n", "utf-8")


async def make(target: Path) -> None:
    """Make the copy."""
    began = datetime.now(UTC)
    cameras = make_cameras()
    with TemporaryDirectory() as folder:
        source = Path(folder)
        (source / "automations.yaml").write_text(AUTOMATIONS, encoding="utf-8")
        async with (
            CameraServer(cameras[0], tls=True) as front,
            CameraServer(cameras[1]) as garden,
            CameraServer(cameras[2]) as gate,
        ):
            servers = [front, garden, gate]
            async with _home(source, starts=True) as hass:
                version = (await async_get_integration(hass, DOMAIN)).version
                facts = await _live(hass, servers)
            unreported = _live_on(cameras[0], cameras[2])
            # What is found while Home Assistant starts is reported once it has: here, by the next version.
            async with _home(source, starts=False):
                await asyncio.sleep(SETTLING)
            described = [_describe(server) for server in servers]
        found = [
            each
            for path in (source / ".storage").glob(f"{DOMAIN}.*.db")
            for each in _activities(path)
        ]
        assert sorted(found) == sorted(unreported), found
        _copy(source, target)
    facts |= {
        "version": str(version),
        "home_assistant": __version__,
        "began": began,
        "made": datetime.now(UTC),
        "cameras": described,
        "unreported": unreported,
        "loggers": _loggers(),
    }
    _write(target / "installation.json", facts)


def main() -> None:
    """Read the command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to put the copy")
    try:
        asyncio.run(make(parser.parse_args().folder))
    finally:
        # Home Assistant's own writes to a log that has ended.
        sys.excepthook = sys.__excepthook__


if __name__ == "__main__":
    main()
