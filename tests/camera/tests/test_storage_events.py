"""What the camera reports recordings and disks (VAPIX: Edge storage events)."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.camera import Camera, Disk, Quirks
from tests.camera.topics import write_topic

from .caller import Serve, plain, reported
from .listener import (
    ALERT,
    DISRUPTION,
    FAILURE,
    PORT,
    RECORDING,
    Listener,
    listening,
    opened,
)

if TYPE_CHECKING:
    from collections.abc import Callable

STORAGE = "tnsaxis:Storage//."


async def states(listener: Listener, number: int) -> set[tuple[str, ...]]:
    """Ask for the states of storage anew."""
    await listener.configure(STORAGE, FAILURE)
    return set(await listener.values(number))


async def test_recording(serve: Serve) -> None:
    """The event is true while anything is recorded; a second recording gives no edge."""
    camera = plain()
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        first = camera.start_recording()
        assert await listener.hear() == {
            "timestamp": pytest.approx(camera.clock.now().timestamp() * 1000, abs=5000),
            "topic": RECORDING,
            "message": {"source": {}, "key": {}, "data": {"recording": "1"}},
        }
        reply = await caller.get("record/record.cgi", diskid="SD_DISK")
        second = reply.root["record"]["@recordingid"]
        camera.end_recording(first)
        await listener.hears_nothing()
        await caller.get("record/stop.cgi", recordingid=second)
        assert await listener.values(1) == [(RECORDING, "0")]
        third = camera.start_recording()
        await caller.get("record/remove.cgi", recordingid=third)
        assert await listener.values(2) == [(RECORDING, "1"), (RECORDING, "0")]
        camera.remove_recording(first)
        await listener.hears_nothing()


def test_profile_gives_edges() -> None:
    """A profile's recording that is stopped gives two edges: it starts anew."""
    camera = plain()
    camera.add_profile()
    (recording,) = camera.recordings.ongoing
    camera.end_recording(recording.recording_id)
    assert reported(camera, RECORDING) == [
        (RECORDING, "1"),
        (RECORDING, "0"),
        (RECORDING, "1"),
    ]


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        (
            lambda camera: camera.unmount_disk("SD_DISK"),
            lambda camera: camera.mount_disk("SD_DISK"),
        ),
        (
            lambda camera: camera.lock_disk("SD_DISK"),
            lambda camera: camera.unlock_disk("SD_DISK"),
        ),
        (
            lambda camera: setattr(camera.disks["SD_DISK"], "readonly", True),
            lambda camera: setattr(camera.disks["SD_DISK"], "readonly", False),
        ),
        (
            lambda camera: setattr(camera.disks["SD_DISK"], "full", True),
            lambda camera: setattr(camera.disks["SD_DISK"], "full", False),
        ),
        (
            lambda camera: setattr(camera.disks["SD_DISK"], "status", "failed"),
            lambda camera: setattr(camera.disks["SD_DISK"], "status", "OK"),
        ),
        (
            lambda camera: camera.detach_disk("SD_DISK"),
            lambda camera: camera.attach_disk(Disk("SD_DISK")),
        ),
    ],
    ids=["unmounted", "locked", "readonly", "full", "failed", "removed"],
)
async def test_disruption(
    serve: Serve, change: Callable[[Camera], object], mend: Callable[[Camera], object]
) -> None:
    """A disk that can't be written to is a disruption, and ends what is recorded on it."""
    camera = plain(disks=[Disk("SD_DISK"), Disk("NetworkShare")])
    other = camera.start_recording("NetworkShare")
    async with (
        serve(camera) as caller,
        listening(caller, f"{DISRUPTION} | {RECORDING}") as listener,
    ):
        recording_id = camera.start_recording("SD_DISK")
        change(camera)
        assert await listener.values(1) == [(DISRUPTION, "SD_DISK", "1")]
        assert [each.recording_id for each in camera.recordings.ongoing] == [other]
        assert camera.journal.lives()[recording_id][1] in {"interrupted", "stopped"}
        mend(camera)
        assert await listener.values(1) == [(DISRUPTION, "SD_DISK", "0")]
        await listener.hears_nothing()
        camera.start_recording("SD_DISK")


@pytest.mark.parametrize(
    ("attributes", "disruption"),
    [
        ({}, "0"),
        ({"status": "connected"}, "1"),
        ({"status": "disconnected"}, "1"),
        ({"status": "failed"}, "1"),
        ({"status": "no passphrase"}, "1"),
        ({"status": "wrong passphrase"}, "1"),
        ({"status": "not encrypted"}, "1"),
        ({"locked": True}, "1"),
        ({"readonly": True}, "1"),
        ({"full": True}, "1"),
    ],
)
async def test_states_of_disks(
    serve: Serve, attributes: dict[str, Any], disruption: str
) -> None:
    """The states of disks are reported when the client says what it wants to hear."""
    camera = plain(disks=[Disk("SD_DISK", **attributes), Disk("NetworkShare")])
    async with serve(camera) as caller, opened(caller) as listener:
        found = await states(listener, 7)
        health = "-3" if attributes.get("status") == "disconnected" else "-1"
        failure = "1" if attributes.get("status") == "failed" else "0"
        assert found == {
            (RECORDING, "0"),
            (DISRUPTION, "SD_DISK", disruption),
            (DISRUPTION, "NetworkShare", "0"),
            (ALERT, "SD_DISK", "0", health, health, health),
            (ALERT, "NetworkShare", "0", "-1", "-1", "-1"),
            (FAILURE, "SD_DISK", failure),
            (FAILURE, "NetworkShare", "0"),
        }


async def test_slot_is_forgotten(serve: Serve) -> None:
    """A disk that the camera does not have any more has no states."""
    camera = plain()
    async with serve(camera) as caller, opened(caller) as listener:
        assert len(await states(listener, 4)) == 4
        camera.disks.clear()
        assert await states(listener, 1) == {(RECORDING, "0")}
        camera.attach_disk(Disk("NetworkShare"))
        assert {values[:2] for values in await listener.values(3)} == {
            (DISRUPTION, "NetworkShare"),
            (ALERT, "NetworkShare"),
            (FAILURE, "NetworkShare"),
        }


async def test_alert(serve: Serve) -> None:
    """An alert is raised by wear, temperature or overall health, and its values are reported."""
    camera = plain(disks=[Disk(wear=20, temperature_kelvin=310, overall_health=1)])
    disk = camera.disks["SD_DISK"]
    async with serve(camera) as caller, listening(caller, ALERT) as listener:
        disk.wear = 95
        assert await listener.hear() == {
            "timestamp": pytest.approx(camera.clock.now().timestamp() * 1000, abs=5000),
            "topic": ALERT,
            "message": {
                "source": {"disk_id": "SD_DISK"},
                "key": {},
                "data": {
                    "alert": "1",
                    "wear": "95",
                    "temperature": "310",
                    "overall_health": "1",
                },
            },
        }
        disk.wear = 20
        disk.temperature_kelvin = 350
        disk.temperature_kelvin = 310
        disk.overall_health = 0
        camera.detach_disk("SD_DISK")
        assert [values[2:] for values in await listener.values(5)] == [
            ("0", "20", "310", "1"),
            ("1", "20", "350", "1"),
            ("0", "20", "310", "1"),
            ("1", "20", "310", "0"),
            ("0", "-3", "-3", "-3"),
        ]


def test_alerts_of_alarms_only() -> None:
    """A camera may report wear only with an alert, though the state holds it; or not at all."""
    camera = plain(disks=[Disk(wear=20)], quirks=Quirks(storage_alert="alarms"))
    disk = camera.disks["SD_DISK"]
    for wear in (30, 92, 93):
        disk.wear = wear
    assert reported(camera, ALERT) == [(ALERT, "SD_DISK", "1", "92", "-1", "-1")]
    (state,) = (
        event
        for event in camera.events.states
        if write_topic(event.topic, full=False) == ALERT
    )
    assert state.data["wear"] == "93"
    camera = plain(quirks=Quirks(storage_alert=None))
    camera.disks["SD_DISK"].overall_health = 0
    assert reported(camera, ALERT) == []


def test_failure() -> None:
    """A failure of storage is one of the disk, or any disruption, or not reported at all."""
    for quirk, expected in (
        ("failed", [(FAILURE, "SD_DISK", "1"), (FAILURE, "SD_DISK", "0")]),
        (
            "disrupted",
            [(FAILURE, "SD_DISK", "1"), (FAILURE, "SD_DISK", "0")] * 2,
        ),
        (None, []),
    ):
        camera = plain(quirks=Quirks(storage_failure=quirk))  # type: ignore[arg-type]
        camera.lock_disk("SD_DISK")
        camera.unlock_disk("SD_DISK")
        camera.disks["SD_DISK"].status = "failed"
        camera.disks["SD_DISK"].status = "OK"
        assert reported(camera, FAILURE) == expected
        assert len(reported(camera, DISRUPTION)) == 4


def test_removal_frees() -> None:
    """A full disk is full no more once something is removed, or stays so."""
    for quirk in (True, False):
        camera = plain(quirks=Quirks(removal_frees=quirk))
        recording_id = camera.start_recording()
        camera.disks["SD_DISK"].full = True
        camera.remove_recording(recording_id)
        assert camera.disks["SD_DISK"].full is not quirk
        assert reported(camera, DISRUPTION)[-1][-1] == ("0" if quirk else "1")


def test_nothing_is_reported_without_power() -> None:
    """A camera that is down tells nothing, and starts with the states of then."""
    camera = plain()
    camera.start_recording()
    before = len(camera.events.history)
    camera.shut_down()
    camera.disks["SD_DISK"].locked = True
    assert len(camera.events.history) == before
    camera.start_up()
    assert len(camera.events.history) == before
    assert {
        (write_topic(event.topic, full=False), *event.data.values())
        for event in camera.events.states
    } >= {(RECORDING, "0"), (DISRUPTION, "1")}


async def test_other_topics(serve: Serve) -> None:
    """A camera reports other things too, of states and of moments."""
    camera = plain()
    async with serve(camera) as caller, opened(caller) as listener:
        await listener.configure("//.")
        first = await listener.values(8)
        assert (PORT, "1", "0") in first
        moment = camera.events.emit(
            "tnsaxis:Storage/Novelty",
            {"a": "1", "b": "2"},
            source={"x": "y", "disk_id": "SD_DISK"},
            key={"k": "v"},
        )
        assert not moment.stateful
        assert (await listener.hear())["message"] == {
            "source": {"x": "y", "disk_id": "SD_DISK"},
            "key": {"k": "v"},
            "data": {"a": "1", "b": "2"},
        }
        camera.events.emit(PORT, {"state": "1"}, source={"port": "1"}, stateful=True)
        await listener.hear()
        await listener.configure("//.")
        again = await listener.values(8)
        assert (PORT, "1", "1") in again
        assert len(again) == len(first)
