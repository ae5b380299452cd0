"""The action that checks a camera, and its answer in the diagnostics."""

import asyncio
import gc
import json
from typing import TYPE_CHECKING, Any

from homeassistant.core import Context
from homeassistant.exceptions import (
    ServiceValidationError,
    Unauthorized,
)
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)

from custom_components.axis_recordings.check import camera_check
from tests.camera import Fault, Quirks
from tests.common import call
from tests.passing import passing
from tests.waiting import until

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import (
        MockConfigEntry,
        MockUser,
    )
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from custom_components.axis_recordings.vapix import RecordingKey
    from tests.camera import Camera, CameraServer


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, camera: Camera) -> None:
    """Let a simulated camera, which answers at once, be waited for only shortly."""
    camera.export_speed = None
    room = "custom_components.axis_recordings.check"
    monkeypatch.setattr(f"{room}.commands.AGE_SECONDS", 0.0)
    monkeypatch.setattr(f"{room}.commands.LISTING_INTERVAL", 0.0)


async def test_reading_changes_nothing(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """By default only questions are asked, and nobody is named in the answer."""
    camera.start_recording(event_id="Grandma's door")
    before = list(camera.recordings)
    server.requests.clear()
    answer = await call(hass, "check")
    assert list(camera.recordings) == before
    paths = {request.path for request in server.requests}
    assert not any(
        name in path for path in paths for name in ("record.cgi", "stop", "remove")
    )
    assert answer["model"] == "AXIS P3265-LVE"
    assert answer["findings"]["first_result_number"] == 0
    assert answer["findings"]["ongoing_stop"] == "empty"
    assert answer["open"]["second_recording"] == "needs_own_recording"
    text = json.dumps(answer).lower()
    for secret in (
        "grandma",
        server.host,
        camera.serial.lower(),
        camera.name.lower(),
        "2026-",
    ):
        assert secret not in text, secret


async def test_own_recordings_are_gone_afterwards(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """What was started for the check is stopped, removed and forgotten."""
    before = list(camera.recordings)
    answer = await call(hass, "check", own_recordings=True)
    assert answer["findings"]["second_recording"] == "new"
    assert answer["findings"]["stop_completed"] == "ok"
    assert list(camera.recordings) == before
    assert loaded.runtime_data.controller.own == ()


@pytest.mark.parametrize("path", ["record/stop.cgi", "record/remove.cgi"])
async def test_a_camera_that_fails_in_between_is_cleaned_up(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, path: str
) -> None:
    """Wherever the check breaks off, nothing of it stays."""
    before = list(camera.recordings)
    camera.faults.set(path, Fault.RESET, times=1)
    answer = await call(hass, "check", own_recordings=True)
    assert answer["open"]["remove_unknown"] == "no_answer"
    assert list(camera.recordings) == before
    assert loaded.runtime_data.controller.own == ()


async def test_clean_up_that_nobody_foresaw(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An error with one recording leaves that one, which the log says, and not the other."""
    before = list(camera.recordings)
    controller = loaded.runtime_data.controller
    remove = controller.async_remove
    failed: list[RecordingKey] = []

    async def fail_once(key: RecordingKey) -> None:
        if not failed:
            failed.append(key)
            raise KeyError(key.recording_id)
        await remove(key)

    monkeypatch.setattr(controller, "async_remove", fail_once)
    camera.faults.set("record/stop.cgi", Fault.RESET, times=1)
    await call(hass, "check", own_recordings=True)
    left = [each for each in camera.recordings if each not in before]
    assert [each.recording_id for each in left] == [
        each.recording_id for each in failed
    ]
    assert caplog.text.count("could not be removed") == 1


async def test_what_is_listed_late_is_cleaned_up(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A recording that the camera does not list yet goes on, and would forever."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.check.commands.LISTING_SECONDS", -1.0
    )
    before = list(camera.recordings)
    start = camera._start

    def start_unseen(*args: Any, **kwargs: Any) -> str:
        camera.faults.set("record/list.cgi", Fault.NO_RECORDINGS)
        return start(*args, **kwargs)

    monkeypatch.setattr(camera, "_start", start_unseen)
    answer = await call(hass, "check", own_recordings=True)
    assert answer["open"]["stop_completed"] == "the_recording_was_not_listed"
    assert list(camera.recordings) == before
    assert loaded.runtime_data.controller.own == ()


async def test_start_that_takes_too_long_is_cleaned_up(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The check ends, but not before it is known what the camera has started."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.check.run.COMMANDS_SECONDS", 5.0
    )
    before = list(camera.recordings)
    camera.faults.set("record/record.cgi", Fault.SLOW, step=100_000, delay=20)
    checking = asyncio.ensure_future(call(hass, "check", own_recordings=True))
    await until(lambda: camera.recordings.ongoing)
    await passing(freezer, checking.done, step=1)
    answer = await checking
    assert answer["open"]["stop_completed"] == "took_too_long"
    assert list(camera.recordings) == before
    assert loaded.runtime_data.controller.own == ()


async def test_others_are_left_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Some cameras answer a start with what goes on already, which is not ours to remove."""
    camera.quirks = Quirks(second_recording="same")
    camera.start_recording()
    with pytest.raises(ServiceValidationError) as err:
        await call(hass, "check", own_recordings=True)
    assert err.value.translation_key == "check_while_recording"
    assert len(camera.recordings) == 9


async def test_administrators_only(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """It asks much of a camera."""
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "axis_recordings",
            "check",
            {"entity_id": "sensor.front_camera_recordings"},
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_a_camera_that_is_gone(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """Without an answer there is no long wait for each question."""
    await server.close()
    answer = await call(hass, "check")
    assert set(answer["findings"]) == set()
    assert answer["open"]["first_result_number"] == "no_answer"


async def test_diagnostics_hold_it(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
) -> None:
    """The newest answer is in the diagnostics; without one the camera is checked."""
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert diagnostics["check"]["findings"]["first_result_number"] == 0
    assert diagnostics["check"]["own_recordings"] is False
    await call(hass, "check", own_recordings=True)
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert diagnostics["check"]["own_recordings"] is True


async def test_slow_camera(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody waits long for a download; what was found meanwhile is in the next one, with its age."""
    monkeypatch.setattr(camera_check, "DOWNLOAD_SECONDS", -1.0)
    found = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert "findings" not in found["check"]
    assert "again" in found["check"]["open"]
    await hass.async_block_till_done(wait_background_tasks=True)
    freezer.tick(720)
    found = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert found["check"]["findings"]["first_result_number"] == 0
    assert found["check"]["age_in_hours"] == 0.2


async def test_check_that_fails(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody is asked to come back for what will not be there, and the reason is in the log, once."""
    with monkeypatch.context() as patched:
        patched.setattr(camera_check, "check_camera", None)
        for _ in range(2):
            found = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
            assert "log" in found["check"]["open"]
    gc.collect()
    assert "never retrieved" not in caplog.text
    assert caplog.text.count("unexpected error (check)") == 1
    caplog.clear()
    found = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert found["check"]["findings"]


async def test_unloaded_while_it_is_checked(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is one check however often somebody asks, and nothing of it goes on."""
    monkeypatch.setattr(camera_check, "DOWNLOAD_SECONDS", -1.0)
    camera.faults.set("*", Fault.TIMEOUT)
    for _ in range(2):
        await get_diagnostics_for_config_entry(hass, hass_client, loaded)
        assert len(loaded._background_tasks) == 1
    await hass.config_entries.async_unload(loaded.entry_id)
    assert not loaded._background_tasks
