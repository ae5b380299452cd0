"""The actions: start, stop and remove."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import Context
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.vapix import RecordingKey, VapixClient
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks
from tests.common import (
    IN_PROGRESS,
    ONGOING,
    SWITCH,
    added,
    attributes_of,
    call,
    device_of,
    pass_time,
    refused,
    set_up,
    state_of,
    turn,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

REMOVE = "record/remove.cgi"


def stored_as(recording_id: str) -> dict[str, Any]:
    """Return what is stored of a recording that Home Assistant has started."""
    own = {
        "disk_id": "SD_DISK",
        "recording_id": recording_id,
        "started": dt_util.utcnow().isoformat(),
        "deadline": None,
        "by_switch": False,
    }
    return {"version": 1, "minor_version": 1, "data": [own]}


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
            "device_id": device_of(hass, camera).id,
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
    """It is tried again with each poll; the entities stay available, and the log reports."""
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


@pytest.mark.parametrize("by_id", [False, True])
@pytest.mark.usefixtures("loaded")
async def test_stop_of_one_fails(
    hass: HomeAssistant,
    camera: Camera,
    caplog: pytest.LogCaptureFixture,
    by_id: bool,
) -> None:
    """All others are stopped all the same, and the answer reports both."""
    await turn(hass, "on")
    await call(hass, "start")
    first, second = (each.recording_id for each in reversed(camera.recordings.ongoing))
    fields: dict[str, Any] = {"recording_id": [first, second]} if by_id else {}
    camera.faults.set("record/stop.cgi", Fault.ERROR, times=1)
    answer = await call(hass, "stop", **fields)
    results = {each["recording_id"]: each["result"] for each in answer["recordings"]}
    assert sorted(results.values()) == ["failed", "stopped"]
    (left,) = camera.recordings.ongoing
    assert results[left.recording_id] == "failed"
    assert [each["error_key"] for each in answer["errors"]] == ["refused"]
    assert "Action stop failed for Front camera" in caplog.text


@pytest.mark.parametrize("is_foreseen", [True, False])
async def test_stop_of_one_that_was_named_oddly(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    is_foreseen: bool,
) -> None:
    """Earlier versions have taken any name for that of a recording. Later ones are stopped all the same."""
    if not is_foreseen:
        stop = VapixClient.stop_recording

        async def fail(self: VapixClient, key: RecordingKey) -> None:
            if key.recording_id == "all":
                raise RuntimeError
            await stop(self, key)

        monkeypatch.setattr(VapixClient, "stop_recording", fail)
    hass_storage[f"{DOMAIN}.{entry.entry_id}"] = stored_as("all")
    await set_up(hass, entry)
    await call(hass, "start")
    answer = await call(hass, "stop")
    assert [each["result"] for each in answer["recordings"]] == ["failed", "stopped"]
    (error,) = answer["errors"]
    assert error["error_key"] == (
        "unexpected_answer" if is_foreseen else "unexpected_error"
    )
    assert not camera.recordings.ongoing


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
        "custom_components.axis_recordings.recordings.controller.STOP_CHECK_SECONDS", 0
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
async def test_remove_returns_each_result(hass: HomeAssistant, camera: Camera) -> None:
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
    """A user with view-only access can search, but neither start nor stop."""
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
