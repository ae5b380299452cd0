"""The actions: start, stop, remove and search."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import Context
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.search import MAX_EXAMINED
from tests.camera import Account, Camera, CameraServer, Disk, Fault, Level, Quirks

from .helpers import (
    IN_PROGRESS,
    LAST_ERROR,
    ONGOING,
    SWITCH,
    added,
    attributes_of,
    call,
    pass_time,
    state_of,
    turn,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

REMOVE = "record/remove.cgi"
ACTIONS = ("start", "stop", "remove", "search")


def device_of(hass: HomeAssistant, entry: MockConfigEntry) -> dr.DeviceEntry:
    """Return the camera's device."""
    assert entry.unique_id
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, entry.unique_id), entry.entry_id
    )
    assert device
    return device


async def refused(
    hass: HomeAssistant, action: str, **fields: Any
) -> ServiceValidationError:
    """Call an action that is used wrongly, and return why it was refused."""
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, action, **fields)
    return error.value


# Start


@pytest.mark.usefixtures("loaded")
async def test_start_answers_with_the_id(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Several may run; each answer names its own."""
    first = await call(hass, "start")
    second = await call(hass, "start")
    ids = [answer["recordings"][0]["recording_id"] for answer in (first, second)]
    assert {each.recording_id for each in camera.recordings.ongoing} == set(ids)
    assert first["recordings"] == [
        {
            "recording_id": ids[0],
            "disk": "SD_DISK",
            "end": None,
            "camera": "Front camera",
            "device_id": device_of(hass, loaded).id,
        }
    ]
    assert state_of(hass, ONGOING) == "2"


@pytest.mark.usefixtures("loaded")
async def test_start_with_a_duration(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The recording ends by itself, and that shows at once."""
    answer = await call(hass, "start", duration={"minutes": 1})
    end = dt_util.parse_datetime(answer["recordings"][0]["end"])
    assert end == dt_util.utcnow() + timedelta(minutes=1)

    await pass_time(hass, freezer, 59)
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    await pass_time(hass, freezer, 1.5)
    assert not camera.recordings.ongoing
    assert state_of(hass, IN_PROGRESS) == STATE_OFF


@pytest.mark.parametrize("down", [timedelta(seconds=30), timedelta(hours=3)])
async def test_duration_survives_a_restart(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    down: timedelta,
) -> None:
    """Also when its end passed while Home Assistant was down."""
    await call(hass, "start", duration="01:00:00")
    await hass.config_entries.async_unload(loaded.entry_id)
    freezer.tick(down)
    await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    over = down > timedelta(hours=1)
    assert bool(camera.recordings.ongoing) is not over

    await pass_time(hass, freezer, 3600)
    assert not camera.recordings.ongoing
    assert state_of(hass, IN_PROGRESS) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_duration_ends_while_the_camera_is_gone(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The recording is stopped as soon as the camera is back."""
    camera.quirks = Quirks(after_power_loss="continues")
    await call(hass, "start", duration={"seconds": 40})
    camera.shut_down()
    await pass_time(hass, freezer, 60)
    camera.start_up()
    # It takes a moment to listen again, so the first poll may still find nobody.
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert not camera.recordings.ongoing


@pytest.mark.usefixtures("loaded")
async def test_camera_refuses_to_stop_when_time_is_over(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is tried again with each poll; the entities stay available, and the log tells."""
    await call(hass, "start", duration={"seconds": 20})
    camera.faults.set("record/stop.cgi", Fault.ERROR, message="Internal error")
    await pass_time(hass, freezer, 21)
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    assert "should have ended but could not be stopped: Internal error" in caplog.text
    camera.faults.clear()
    await pass_time(hass, freezer, 11)
    assert not camera.recordings.ongoing


@pytest.mark.parametrize(
    "duration", ["00:00:00", {"milliseconds": 1}, {"hours": 24, "seconds": 1}]
)
@pytest.mark.usefixtures("loaded")
async def test_duration_out_of_range(
    hass: HomeAssistant, camera: Camera, duration: Any
) -> None:
    """Nothing is started."""
    error = await refused(hass, "start", duration=duration)
    assert error.translation_key == "duration_out_of_range"
    assert not camera.recordings.ongoing


@pytest.mark.usefixtures("loaded")
async def test_start_on_a_disk(hass: HomeAssistant, camera: Camera) -> None:
    """The field goes before the option."""
    camera.attach_disk(Disk("NetworkShare"))
    await call(hass, "start", disk="NetworkShare")
    assert [each.disk_id for each in camera.recordings.ongoing] == ["NetworkShare"]


@pytest.mark.usefixtures("loaded")
async def test_start_on_an_unknown_disk(
    hass: HomeAssistant, camera: Camera, server: CameraServer
) -> None:
    """The answer names the field, its value and the disks that there are."""
    error = await refused(hass, "start", disk="HDD")
    assert error.translation_key == "unknown_disk"
    assert error.translation_placeholders == {
        "camera": "Front camera",
        "disk": "HDD",
        "disks": "SD_DISK",
    }
    assert not [each for each in server.requests if "record.cgi" in each.path]


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        ({"source": 2}, "camera=2"),
        ({"stream_profile": "Quality & more"}, "streamprofile=Quality%20%26%20more"),
        ({"stream_options": {"resolution": "640x480"}}, "resolution=640x480"),
    ],
)
async def test_start_with_stream_options(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    fields: dict[str, Any],
    options: str,
) -> None:
    """They are one argument, percent-encoded in itself."""
    camera.sources = 4
    camera.stream_profiles["Quality & more"] = "resolution=1280x720"
    await hass.config_entries.async_setup(entry.entry_id)
    await call(hass, "start", **fields)
    (start,) = [each for each in server.requests if "record.cgi" in each.path]
    assert start.query["options"] == options


# Stop


@pytest.mark.usefixtures("loaded")
async def test_stop_all_that_home_assistant_started(
    hass: HomeAssistant, camera: Camera
) -> None:
    """The switch's recording is one of them; those of others go on."""
    others = camera.start_recording()
    await turn(hass, "on")
    await call(hass, "start")
    answer = await call(hass, "stop")
    assert [each["result"] for each in answer["recordings"]] == ["stopped", "stopped"]
    assert [each.recording_id for each in camera.recordings.ongoing] == [others]
    assert state_of(hass, SWITCH) == STATE_OFF
    assert await call(hass, "stop") == {"recordings": []}


@pytest.mark.usefixtures("loaded")
async def test_stop_by_id(hass: HomeAssistant, camera: Camera) -> None:
    """A named recording is stopped, whoever started it."""
    others = camera.start_recording()
    answer = await call(hass, "stop", recording_id=others)
    assert answer["recordings"][0]["result"] == "stopped"
    assert not camera.recordings.ongoing

    answer = await call(hass, "stop", recording_id=[others])
    assert answer["recordings"][0]["result"] == "already_ended"


@pytest.mark.usefixtures("loaded")
async def test_stop_an_unknown_id(hass: HomeAssistant, server: CameraServer) -> None:
    """It is refused before anything is sent."""
    error = await refused(hass, "stop", recording_id="20260101_000000_0000_0")
    assert error.translation_key == "unknown_recording"
    assert not [each for each in server.requests if "stop.cgi" in each.path]


# Remove


@pytest.mark.usefixtures("loaded")
async def test_remove(hass: HomeAssistant, camera: Camera) -> None:
    """Exactly the named ones are gone."""
    ids = [each.recording_id for each in camera.recordings]
    answer = await call(hass, "remove", recording_id=ids[:2])
    assert [each["result"] for each in answer["recordings"]] == ["removed"] * 2
    assert {each.recording_id for each in camera.recordings} == set(ids[2:])
    assert state_of(hass, "sensor.front_camera_recordings") == "6"


@pytest.mark.parametrize("remove_ongoing", ["removed", "error"])
@pytest.mark.usefixtures("loaded")
async def test_remove_an_ongoing_one(
    hass: HomeAssistant, camera: Camera, remove_ongoing: str
) -> None:
    """It is stopped first, so that it does not matter what a camera would do."""
    camera.quirks = Quirks(remove_ongoing=remove_ongoing)  # type: ignore[arg-type]
    await turn(hass, "on")
    recording_id = attributes_of(hass, SWITCH)["recording_id"]
    answer = await call(hass, "remove", recording_id=recording_id)
    assert answer["recordings"][0]["result"] == "removed"
    assert camera.recordings.find(recording_id) is None
    facts = [fact.what for fact in camera.journal if fact.recording_id == recording_id]
    assert facts == ["started", "stopped", "removed"]
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "removed"


@pytest.mark.usefixtures("loaded")
async def test_remove_one_that_does_not_stop(
    hass: HomeAssistant, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that says yes and goes on keeps its recording."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.recorder.STOP_CHECK_SECONDS", 0
    )
    recording_id = camera.start_recording()
    monkeypatch.setattr(Camera, "end_recording", lambda *_, **__: None)
    answer = await call(hass, "remove", recording_id=recording_id)
    assert answer["recordings"][0]["result"] == "failed"
    assert camera.recordings.find(recording_id)


@pytest.mark.parametrize(
    ("recording_id", "key"),
    [
        ("all", "not_a_recording_id"),
        ("ALL", "not_a_recording_id"),
        ("", "not_a_recording_id"),
        ("  ", "not_a_recording_id"),
        ("a,b", "not_a_recording_id"),
        ("*", "not_a_recording_id"),
        ([], "no_recording_id"),
        ("20260101_000000_0000_B8A44F0A1B2C", "unknown_recording"),
    ],
)
@pytest.mark.usefixtures("loaded")
async def test_remove_is_refused_before_anything_is_sent(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    recording_id: Any,
    key: str,
) -> None:
    """Also where the other ids are good: all or nothing is begun."""
    good = [each.recording_id for each in camera.recordings][:1] if recording_id else []
    wanted = [*good, recording_id] if isinstance(recording_id, str) else recording_id
    error = await refused(hass, "remove", recording_id=wanted)
    assert error.translation_key == key
    assert not [each for each in server.requests if each.path.endswith(REMOVE)]
    assert len(camera.recordings) == 8


@pytest.mark.usefixtures("loaded")
async def test_remove_tells_each_result(hass: HomeAssistant, camera: Camera) -> None:
    """One that the camera refuses does not keep the others; without an answer, it is an error."""
    ids = [each.recording_id for each in camera.recordings][:2]
    camera.faults.set(REMOVE, Fault.ERROR, times=1, message="Disk is locked")
    answer = await call(hass, "remove", recording_id=ids)
    assert [each["result"] for each in answer["recordings"]] == ["failed", "removed"]
    assert "Disk is locked" in answer["recordings"][0]["error"]

    camera.faults.set(REMOVE, Fault.ERROR, times=1, message="Disk is locked")
    with pytest.raises(HomeAssistantError, match="Disk is locked"):
        await hass.services.async_call(
            DOMAIN,
            "remove",
            {"recording_id": ids[0]},
            target={"entity_id": SWITCH},
            blocking=True,
        )


@pytest.mark.usefixtures("loaded")
async def test_camera_names_a_recording_twice(
    hass: HomeAssistant, camera: Camera
) -> None:
    """The same record twice is one recording."""
    camera.faults.set("record/list.cgi", Fault.DUPLICATE_IDS)
    recording_id = next(iter(camera.recordings)).recording_id
    answer = await call(hass, "remove", recording_id=recording_id)
    assert [each["result"] for each in answer["recordings"]] == ["removed"]


async def test_same_id_on_two_cameras(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Nothing is guessed: the camera or the disk has to be named."""
    second = Camera(
        serial="B8A44F0A1B2D", name="Back garden", disks=[Disk("NetworkShare")]
    )
    start = camera.clock.now() - timedelta(days=200)
    stop = start + timedelta(minutes=1)
    recording_id = camera.add_recording(start, stop)
    second.add_recording(start, stop, recording_id=recording_id)
    async with added(hass, second):
        target = {"entity_id": [SWITCH, "switch.back_garden_recording"]}

        with pytest.raises(ServiceValidationError) as error:
            await call(hass, "remove", target=target, recording_id=recording_id)
        assert error.value.translation_key == "ambiguous_recording"

        await call(
            hass,
            "remove",
            target=target,
            recording_id=recording_id,
            disk="NetworkShare",
        )
        assert camera.recordings.find(recording_id)
        assert second.recordings.find(recording_id) is None


async def test_remove_is_for_administrators(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_read_only_user: MockUser,
) -> None:
    """Others are turned away, and nothing is removed."""
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "remove",
            {"recording_id": next(iter(camera.recordings)).recording_id},
            target={"entity_id": SWITCH},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )
    assert len(camera.recordings) == 8


async def test_users_without_the_right_to_control(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_read_only_user: MockUser,
) -> None:
    """A user who may only look can search, but neither start nor stop."""
    context = Context(user_id=hass_read_only_user.id)
    target = {"entity_id": SWITCH}
    for action in ("start", "stop"):
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN, action, {}, target=target, blocking=True, context=context
            )
    assert not camera.recordings.ongoing
    answer = await hass.services.async_call(
        DOMAIN,
        "search",
        {},
        target=target,
        blocking=True,
        context=context,
        return_response=True,
    )
    assert answer
    assert len(answer["recordings"]) == 8  # type: ignore[arg-type]
    with pytest.raises(UnknownUser):
        await hass.services.async_call(
            DOMAIN,
            "start",
            {},
            target=target,
            blocking=True,
            context=Context(user_id="nobody"),
        )


# Search


@pytest.mark.usefixtures("loaded")
async def test_search_fields(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Everything that an automation may want, as plain values."""
    start = datetime(2026, 3, 1, 12, 0, 0, 250000, tzinfo=dt_util.UTC)
    recording_id = camera.add_recording(
        start, start + timedelta(seconds=44.5), event_id="Gate", locked=True
    )
    answer = await call(
        hass,
        "search",
        start_time="2026-03-01 11:00:00+00:00",
        end_time="2026-03-01 13:00:00+00:00",
    )
    identity = {"camera": "Front camera", "device_id": device_of(hass, loaded).id}
    assert answer == {
        "recordings": [
            {
                "recording_id": recording_id,
                "disk": "SD_DISK",
                "start": "2026-03-01T12:00:00.250000+00:00",
                "end": "2026-03-01T12:00:44.750000+00:00",
                "duration": 44.5,
                "status": "completed",
                "type": "triggered",
                "event": "Gate",
                "event_trigger": "Record video while the rule is active",
                "source": "1",
                "locked": True,
                "media_content_id": (
                    f"media-source://axis_recordings/{loaded.entry_id}"
                    f"/play/SD_DISK/{recording_id}"
                ),
                **identity,
            }
        ],
        "cameras": [{"total": 9, "count": 1, "next_offset": None, **identity}],
    }


@pytest.mark.parametrize("first_result_number", [0, 1])
@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_search_in_pages(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    first_result_number: int,
    order: str,
) -> None:
    """Each recording comes exactly once, whatever number the camera gives to the first."""
    camera.quirks = Quirks(first_result_number=first_result_number)  # type: ignore[arg-type]
    await hass.config_entries.async_setup(entry.entry_id)
    found: list[str] = []
    offset: int | None = 0
    while offset is not None:
        answer = await call(hass, "search", limit=3, offset=offset, order=order)
        found += [each["recording_id"] for each in answer["recordings"]]
        offset = answer["cameras"][0]["next_offset"]
    expected = sorted(camera.recordings, key=lambda each: each.start)
    if order == "newest":
        expected.reverse()
    assert found == [each.recording_id for each in expected]


async def test_search_filters(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Those that the camera knows, and those that are compared here."""
    camera.attach_disk(Disk("NetworkShare"))
    now = camera.clock.now()
    hours_ago = [now - timedelta(hours=hour) for hour in range(200)]
    gate = camera.add_recording(
        hours_ago[110],
        hours_ago[109],
        disk_id="NetworkShare",
        event_id="Gate",
        event_trigger="Door opened",
        recording_type="scheduled",
        source="2",
    )
    broken = camera.add_recording(
        hours_ago[108], hours_ago[107], recording_status="unknown"
    )
    await hass.config_entries.async_setup(entry.entry_id)

    async def ids(**fields: Any) -> list[str]:
        answer = await call(hass, "search", **fields)
        return [each["recording_id"] for each in answer["recordings"]]

    assert await ids(disk="NetworkShare") == [gate]
    # Found although it is not among the first that the camera lists.
    assert await ids(type="scheduled", limit=1) == [gate]
    assert await ids(event="Gate") == [gate]
    assert await ids(event_trigger="door OPENED") == [gate]
    assert await ids(type="scheduled") == [gate]
    assert await ids(source=2) == [gate]
    assert await ids(status="unknown") == [broken]
    assert await ids(event="Gate", type="triggered") == []
    assert len(await ids()) == 10

    error = await refused(hass, "search", disk="HDD")
    assert error.translation_key == "unknown_disk"


@pytest.mark.usefixtures("loaded")
async def test_search_by_local_time(hass: HomeAssistant, camera: Camera) -> None:
    """A time without a zone is Home Assistant's, also in the hour that comes twice."""
    await hass.config.async_set_time_zone("Europe/Stockholm")
    # At the end of summer time, 02:30 comes twice: 00:30 and 01:30 in UTC.
    night = datetime(2026, 10, 25, tzinfo=dt_util.UTC)
    first, second = (
        camera.add_recording(
            night + timedelta(minutes=minutes), night + timedelta(minutes=minutes + 1)
        )
        for minutes in (30, 90)
    )
    answer = await call(
        hass, "search", start_time="2026-10-25 02:00:00", end_time="2026-10-25 03:00:00"
    )
    assert [each["recording_id"] for each in answer["recordings"]] == [second, first]
    local = [
        datetime.fromisoformat(each["start"]).astimezone(ZoneInfo("Europe/Stockholm"))
        for each in answer["recordings"]
    ]
    assert [each.strftime("%H:%M%z") for each in local] == ["02:30+0100", "02:30+0200"]


async def test_search_of_a_camera_that_knows_no_filter(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """An old camera lists everything; what was not asked for is left out."""
    camera.quirks = Quirks(time_filter=False)
    start = datetime(2026, 3, 1, 12, tzinfo=dt_util.UTC)
    recording_id = camera.add_recording(start, start + timedelta(minutes=1))
    await hass.config_entries.async_setup(entry.entry_id)
    answer = await call(
        hass, "search", start_time="2026-03-01 11:59Z", end_time="2026-03-01 12:30Z"
    )
    assert [each["recording_id"] for each in answer["recordings"]] == [recording_id]


async def test_search_does_not_read_for_ever(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the camera can't filter for is looked for in bounded steps, and the answer says so."""
    monkeypatch.setattr("custom_components.axis_recordings.search.MAX_EXAMINED", 400)
    camera = Camera(recordings=1000)
    async with added(hass, camera):
        answer = await call(hass, "search", event_trigger="nothing has this")
        assert answer["recordings"] == []
        assert 400 <= answer["cameras"][0]["next_offset"] < 600

        answer = await call(hass, "search", limit=250)
        newest = sorted((each.start for each in camera.recordings), reverse=True)
        assert [each["start"] for each in answer["recordings"]] == [
            start.isoformat() for start in newest[:250]
        ]
        assert answer["cameras"][0]["next_offset"] == 250

        # A camera that lists slowly is asked for no further page.
        monkeypatch.setattr(
            "custom_components.axis_recordings.services.MAX_SECONDS", -1
        )
        answer = await call(hass, "search", event_trigger="nothing has this")
        assert answer["cameras"][0]["next_offset"] <= 200
    assert MAX_EXAMINED > 1000


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"offset": -1}, "offset"),
        ({"type": "weekly"}, "type"),
        ({"status": "over"}, "status"),
        ({"order": "random"}, "order"),
        ({"start_time": "yesterday"}, "start_time"),
        ({"disk": ""}, "disk"),
        ({"colour": "red"}, "colour"),
    ],
)
@pytest.mark.usefixtures("loaded")
async def test_search_with_bad_input(
    hass: HomeAssistant, fields: dict[str, Any], field: str
) -> None:
    """The error names the field."""
    with pytest.raises(vol.Invalid, match=field):
        await call(hass, "search", **fields)


@pytest.mark.usefixtures("loaded")
async def test_search_with_times_the_wrong_way_round(hass: HomeAssistant) -> None:
    """Rather than an empty answer, an error."""
    error = await refused(
        hass, "search", start_time="2026-03-02 00:00", end_time="2026-03-01 00:00"
    )
    assert error.translation_key == "end_before_start"


@pytest.mark.usefixtures("loaded", "entity_registry_enabled_by_default")
async def test_camera_does_not_answer_a_search(
    hass: HomeAssistant, camera: Camera
) -> None:
    """The message says what to do."""
    camera.faults.set("record/list.cgi", Fault.TRUNCATED)
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, "search")
    assert error.value.translation_key in {"cannot_connect", "unexpected_answer"}


# Targets


async def test_targets(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A camera counts once, by whatever it is named."""
    device = device_of(hass, loaded)
    area = ar.async_get(hass).async_create("Garden")
    label = lr.async_get(hass).async_create("Outside")
    dr.async_get(hass).async_update_device(
        device.id, area_id=area.id, labels={label.label_id}
    )
    for target in (
        {"entity_id": SWITCH},
        {"entity_id": [SWITCH, IN_PROGRESS]},
        {"device_id": device.id},
        {"area_id": area.id},
        {"label_id": label.label_id},
        {"device_id": device.id, "area_id": area.id, "entity_id": SWITCH},
    ):
        answer = await call(hass, "search", target=target, limit=1)
        assert len(answer["cameras"]) == 1, target


async def test_target_is_the_core_integrations_device(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Most users have both, and pick the device that they see first."""
    core_entry = MockConfigEntry(domain="axis")
    core_entry.add_to_hass(hass)
    mac = dr.format_mac(camera.serial)
    core_device = dr.async_get(hass).async_get_or_create(
        config_entry_id=core_entry.entry_id,
        identifiers={("axis", mac)},
        connections={(dr.CONNECTION_NETWORK_MAC, mac)},
    )
    core_camera = er.async_get(hass).async_get_or_create(
        "camera", "axis", mac, config_entry=core_entry, device_id=core_device.id
    )
    for target in (
        {"device_id": core_device.id},
        {"entity_id": core_camera.entity_id},
    ):
        answer = await call(hass, "search", target=target, limit=1)
        assert len(answer["cameras"]) == 1


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.usefixtures("enable_custom_integrations")
async def test_target_without_a_camera(hass: HomeAssistant, action: str) -> None:
    """The actions exist without any camera, and say that there is none."""
    assert await async_setup_component(hass, DOMAIN, {})
    fields = {"recording_id": "x"} if action == "remove" else {}
    error = await refused(hass, action, target={"entity_id": "light.bed"}, **fields)
    assert error.translation_key == "no_camera"


@pytest.mark.parametrize("action", ACTIONS)
async def test_camera_is_not_loaded(
    hass: HomeAssistant, loaded: MockConfigEntry, action: str
) -> None:
    """The message names the camera."""
    await hass.config_entries.async_unload(loaded.entry_id)
    fields = {"recording_id": "x"} if action == "remove" else {}
    error = await refused(hass, action, target={"entity_id": IN_PROGRESS}, **fields)
    assert error.translation_key == "camera_not_loaded"
    assert error.translation_placeholders == {"camera": "Front camera"}


@pytest.mark.parametrize("action", ["start", "stop", "remove"])
async def test_viewer_account(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, action: str
) -> None:
    """It may only search, and is told so before anything is sent."""
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    fields = {"recording_id": "x"} if action == "remove" else {}
    error = await refused(hass, action, **fields)
    assert error.translation_key == "read_only"
    assert await call(hass, "search", disk="SD_DISK")


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
async def test_last_error(hass: HomeAssistant, camera: Camera) -> None:
    """The sensor keeps the camera's words, in the length that a state can have."""
    assert state_of(hass, LAST_ERROR) == "unknown"
    camera.faults.set("record/record.cgi", Fault.ERROR, message="Disk is full. " * 50)
    with pytest.raises(HomeAssistantError):
        await call(hass, "start")
    assert state_of(hass, LAST_ERROR).startswith("Disk is full.")
    assert len(state_of(hass, LAST_ERROR)) <= 255
    assert attributes_of(hass, LAST_ERROR)["command"] == "start"


async def test_one_of_two_cameras_fails(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
) -> None:
    """The other one records all the same, and the answer names the one that failed."""
    second = Camera(serial="B8A44F0A1B2D", name="Back garden")
    target = {"entity_id": [SWITCH, "switch.back_garden_recording"]}
    async with added(hass, second):
        camera.faults.set("record/record.cgi", Fault.ERROR, message="Disk is full")
        answer = await call(hass, "start", target=target)
        assert [each["camera"] for each in answer["recordings"]] == ["Back garden"]
        assert answer["errors"] == [
            {
                "camera": "Front camera",
                "device_id": device_of(hass, loaded).id,
                "error": "Front camera refuses: Disk is full",
                "error_key": "refused",
            }
        ]
        assert len(second.recordings.ongoing) == 1

        second.faults.set("record/record.cgi", Fault.ERROR, message="Disk is gone")
        with pytest.raises(HomeAssistantError, match="Front camera refuses"):
            await call(hass, "start", target=target)
