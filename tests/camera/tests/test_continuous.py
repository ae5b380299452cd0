"""record/continuous/*.cgi (VAPIX: Edge storage API)."""

from tests.camera import Disk, Quirks

from .caller import Serve, plain

ADD = "record/continuous/addconfiguration.cgi"
LIST = "record/continuous/listconfiguration.cgi"
REMOVE = "record/continuous/removeconfiguration.cgi"


async def test_profile(serve: Serve) -> None:
    """A profile records until it is removed."""
    camera = plain(disks=[Disk("SD_DISK"), Disk("NetworkShare", status="disconnected")])
    options = "resolution=1280x720&camera=1"
    async with serve(camera) as caller:
        reply = await caller.get(ADD, diskid="SD_DISK", options=options)
        assert "continuousconfigurationadd1.xsd" in reply.text
        assert reply.root["configure"] == {"@profile": "1", "@result": "OK"}
        reply = await caller.get(LIST)
        listed = reply.root["continuousrecordingconfigurations"][
            "continuousrecordingconfiguration"
        ]
        assert listed == [
            {
                "@profile": "1",
                "@diskid": "SD_DISK",
                "@options": options,
                "@eventid": "continuous",
            },
        ]
        assert (await caller.get(LIST, profile="2")).root == {
            "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "@xsi:noNamespaceSchemaLocation": (
                "http://www.axis.com/vapix/http_cgi/recording/continuousconfigurationlist1.xsd"
            ),
            "continuousrecordingconfigurations": None,
        }
        (recording,) = (await caller.list(recordingid="all")).recordings
        assert recording["@recordingtype"] == recording["@eventid"] == "continuous"
        assert recording["video"]["@resolution"] == "1280x720"
        reply = await caller.get(REMOVE, profile="1")
        assert reply.root["remove"] == [{"@profile": "1", "@result": "OK"}]
        assert camera.recordings.ongoing == []
        reply = await caller.get(REMOVE, profile="1")
        assert reply.root["remove"][0]["@result"] == "ERROR"


async def test_add_refused(serve: Serve) -> None:
    """Disk and options are required, the number of profiles is limited."""
    camera = plain()
    async with serve(camera) as caller:
        for arguments in (
            {"options": ""},
            {"diskid": "SD_DISK"},
            {"diskid": "HDD_DISK", "options": ""},
            {"diskid": "SD_DISK", "options": "camera=9"},
        ):
            reply = await caller.get(ADD, **arguments)
            assert reply.root["configure"]["@result"] == "ERROR"
        camera.add_profile("SD_DISK")
        reply = await caller.get(ADD, diskid="SD_DISK", options="")
        assert "Maximum" in reply.root["configure"]["@errormsg"]


def test_profile_waits_for_its_disk() -> None:
    """A profile starts when its disk is there, and anew after each interruption."""
    camera = plain(disks=[Disk("NetworkShare", status="disconnected")])
    camera.add_profile("NetworkShare", event_id="always")
    assert len(camera.recordings) == 0
    camera.attach_disk(Disk("NetworkShare"))
    (first,) = camera.recordings.ongoing
    assert first.event_id == "always"
    disk = camera.detach_disk("NetworkShare")
    assert camera.recordings.ongoing == []
    assert camera.disks["NetworkShare"].total_kb == 0
    camera.attach_disk(disk)
    (second,) = camera.recordings.ongoing
    assert second.recording_id != first.recording_id
    camera.end_recording(second.recording_id)
    (third,) = camera.recordings.ongoing
    camera.quirks = Quirks(profile_restarts=False)
    camera.remove_recording(third.recording_id)
    assert camera.recordings.ongoing == []
    assert [fact.what for fact in camera.journal] == [
        "started",
        "interrupted",
        "started",
        "stopped",
        "started",
        "stopped",
        "removed",
    ]
