"""Who the camera is, when it started, what time it has, and what the account may do."""

from datetime import timedelta
import json
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.vapix import (
    AuthenticationError,
    Boot,
    DeviceInformation,
    MissingRightsError,
    NotAxisError,
    NotSupportedError,
    UnexpectedAnswerError,
    VapixClient,
)
from tests.camera import Camera, CameraServer, Fault, Quirks

from .scripted import http, xml

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect
    from .scripted import ScriptedServer

LIST = xml("<recordings/>")
MISSING = http("", status="404 Not Found")
PARAMETERS = http(
    "root.Brand.Brand=AXIS\nroot.Brand.ProdShortName=AXIS P5512\n"
    "root.Properties.System.SerialNumber=00:40:8c:aa:bb:cc\nnonsense\n"
)


def properties(**values: Any) -> bytes:
    """Make an answer of basicdeviceinfo.cgi."""
    return http(json.dumps({"data": {"propertyList": values}}))


@pytest.mark.parametrize("user", ["viewer", "operator"])
@pytest.mark.parametrize("api", ["1.3", "1.1", None])
@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json;charset=utf8"]
)
async def test_each_age_of_camera(
    connect: Connect, user: str, api: Any, content_type: Any
) -> None:
    """New ones tell anybody, older ones an operator, and param.cgi the rest."""
    camera = Camera(
        recordings=2,
        quirks=Quirks(basic_device_info=api, json_content_type=content_type),
    )
    async with CameraServer(camera) as server:
        found = await connect(server, user).fetch_camera()
    hardware = None if api is None or (api == "1.1" and user == "viewer") else "A1B"
    assert found.device == DeviceInformation(
        serial=camera.serial,
        model=camera.model,
        name="Front camera",
        product_type="Dome Camera",
        firmware=camera.firmware,
        hardware_id=hardware,
    )
    assert found.is_operator is (user != "viewer")
    assert len(found.disks) == int(user != "viewer")


async def test_the_makers_name_is_no_name(connect: Connect) -> None:
    """A name with the serial number in it was given by nobody."""
    camera = Camera(serial="ACCC8E012345", name="AXIS P3265-LVE - accc8e012345")
    async with CameraServer(camera) as server:
        assert (await connect(server).fetch_camera()).device.name is None


async def test_wrong_password(server: CameraServer, connect: Connect) -> None:
    """One failed log-in, and nothing is asked after it."""
    with pytest.raises(AuthenticationError):
        await connect(server, password="wrong").fetch_camera()
    assert len(server.requests) == 2


async def test_rights_are_tried_without_harm(
    camera: Camera, server: CameraServer, connect: Connect
) -> None:
    """To find out what an account may do, nothing is started."""
    await connect(server, "viewer").fetch_camera()
    assert not any("record.cgi" in each.path for each in server.requests)
    assert not camera.recordings.ongoing


async def test_camera_without_disk_api(camera: Camera, client: VapixClient) -> None:
    """A start will show whether there is a disk."""
    camera.faults.set("disks/list.cgi", Fault.NOT_FOUND)
    found = await client.fetch_camera()
    assert found.is_operator
    assert found.disks == ()


async def test_camera_without_recording_api(
    camera: Camera, client: VapixClient
) -> None:
    """An AXIS device, but without recordings."""
    camera.faults.set("record/list.cgi", Fault.NOT_FOUND)
    with pytest.raises(NotSupportedError):
        await client.fetch_camera()


@pytest.mark.parametrize(
    "answers",
    [
        [http("<html><body>Router</body></html>")],
        [MISSING],
        [http("")],
        [LIST, properties(SerialNumber="1", Brand="ACME"), MISSING],
        [LIST, properties(Brand="AXIS"), MISSING],
        [LIST, properties(SerialNumber="1"), http("root.Brand.Brand=ACME")],
        [LIST, http('{"data":{"propertyList":["AXIS"]}}'), MISSING],
        [LIST, http('{"data":{}}'), MISSING],
        [LIST, http("[" * 100_000), MISSING],
    ],
)
async def test_not_an_axis_device(
    scripted: ScriptedServer, connect: Connect, answers: list[bytes]
) -> None:
    """A router, a web page, another maker's camera."""
    scripted.answers = answers
    with pytest.raises(NotAxisError):
        await connect(scripted).fetch_camera()


async def test_only_parameters(scripted: ScriptedServer, connect: Connect) -> None:
    """The oldest cameras; the serial number is written with colons."""
    scripted.answers = [LIST, MISSING, MISSING, PARAMETERS, MISSING]
    found = await connect(scripted).fetch_camera()
    assert found.device == DeviceInformation(
        serial="00408CAABBCC",
        model="AXIS P5512",
        name=None,
        product_type=None,
        firmware=None,
        hardware_id=None,
    )


async def test_parameters_fail(scripted: ScriptedServer, connect: Connect) -> None:
    """They only add to what is known."""
    scripted.answers = [
        LIST,
        properties(SerialNumber="1", Brand="AXIS", ProdFullName="AXIS Full", ProdNbr=1),
        http("", status="500 Internal Server Error"),
        MISSING,
    ]
    found = await connect(scripted).fetch_camera()
    assert (found.device.serial, found.device.model) == ("1", "AXIS Full")


async def test_boot(
    camera: Camera, client: VapixClient, freezer: FrozenDateTimeFactory
) -> None:
    """Each start has another id."""
    freezer.tick(timedelta(hours=2))
    first = await client.fetch_boot()
    assert first == Boot(boot_id=camera.boot_id, uptime=timedelta(hours=2))
    camera.reboot()
    second = await client.fetch_boot()
    assert second == Boot(boot_id=camera.boot_id, uptime=timedelta(0))
    assert second.boot_id != first.boot_id


@pytest.mark.parametrize("uptime", ["", "soon", "-1", "9" * 15, "9" * 5000, None])
async def test_odd_uptime(
    scripted: ScriptedServer, connect: Connect, uptime: str | None
) -> None:
    """Not known, rather than an error."""
    scripted.answers = [http(json.dumps({"data": {"uptime": uptime}}))]
    assert await connect(scripted).fetch_boot() == Boot(boot_id=None, uptime=None)


async def test_time(connect: Connect) -> None:
    """By the camera's clock, in UTC."""
    camera = Camera(clock_offset=timedelta(hours=5), time_zone="Asia/Tokyo")
    async with CameraServer(camera) as server:
        time = await connect(server).fetch_time()
    assert time is not None
    assert abs(time - camera.clock.now()) < timedelta(seconds=5)


async def test_old_camera(connect: Connect) -> None:
    """Without the small APIs."""
    camera = Camera(quirks=Quirks(time_api=False, system_ready=False))
    async with CameraServer(camera) as server:
        client = connect(server)
        with pytest.raises(NotSupportedError):
            await client.fetch_time()
        with pytest.raises(NotSupportedError):
            await client.fetch_boot()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"data": []}',
        '{"error": {"code": 2004, "message": "Method not supported"}}',
        b"\xff\xfe\xff",
    ],
)
async def test_json_that_is_none(
    scripted: ScriptedServer, connect: Connect, body: str | bytes
) -> None:
    """No data."""
    scripted.answers = [http(body)]
    with pytest.raises(UnexpectedAnswerError, match=r"time\.cgi"):
        await connect(scripted).fetch_time()


async def test_time_without_a_time(scripted: ScriptedServer, connect: Connect) -> None:
    """The camera does not know."""
    scripted.answers = [http('{"data": {"dateTime": "later"}}')]
    assert await connect(scripted).fetch_time() is None


async def test_account_may_nothing_else(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """What only adds to the picture may be forbidden."""
    scripted.answers = [
        LIST,
        properties(SerialNumber="1", Brand="AXIS", ProdShortName="AXIS X"),
        http("", status="403 Forbidden"),
    ]
    found = await connect(scripted).fetch_camera()
    assert not found.is_operator
    assert found.device.name is None
    with pytest.raises(MissingRightsError):
        await connect(scripted).fetch_boot()


@pytest.mark.parametrize("answer", ["name", "posix"])
async def test_time_without_time_cgi(
    camera: Camera, client: VapixClient, answer: Any
) -> None:
    """What replaces time.cgi tells the same."""
    expected = {"name": "America/New_York", "posix": "EST5EDT,M3.2.0,M11.1.0"}[answer]
    for quirks in (
        Quirks(time_zone=answer),
        Quirks(time_zone=answer, time_api=False, time_rest=True),
    ):
        camera.quirks = quirks
        assert await client.fetch_time_zone() == expected
        reported = await client.fetch_time()
        assert reported is not None
        assert abs(reported - camera.clock.now()) <= timedelta(seconds=1)
    camera.quirks = Quirks(time_api=False)
    with pytest.raises(NotSupportedError, match=r"time\.cgi"):
        await client.fetch_time_zone()


@pytest.mark.parametrize(
    ("reported", "zone"),
    [
        ({"timeZone": "Asia/Tokyo", "posixTimeZone": "JST-9"}, "Asia/Tokyo"),
        (
            {"posixTimeZone": "<UTC1>-1<UTC2>-2,M3.5.0,M10.5.0/3"},
            "<UTC1>-1<UTC2>-2,M3.5.0,M10.5.0/3",
        ),
        ({"posixTimeZone": "CET-1CEST,M3.5.0,M10.5.0/3", "dstEnabled": False}, "CET-1"),
        ({"timeZone": None, "posixTimeZone": ""}, None),
        ({}, None),
    ],
)
async def test_time_zone(
    scripted: ScriptedServer,
    connect: Connect,
    reported: dict[str, Any],
    zone: str | None,
) -> None:
    """Its name or its rule, without summer time where the owner has turned that off."""
    scripted.answers = [http(json.dumps({"apiVersion": "1.1", "data": reported}))]
    assert await connect(scripted).fetch_time_zone() == zone


@pytest.mark.parametrize(
    "data", [None, [], {"timeZone": 5}, {"timeZone": {"iana": 1, "posix": None}}]
)
async def test_strange_time_settings(
    scripted: ScriptedServer, connect: Connect, data: Any
) -> None:
    """Nothing that is reported is nothing, or an answer without data."""
    scripted.answers = [
        http("", status="404 Not Found"),
        http(json.dumps({"status": "success", "data": data})),
    ]
    if isinstance(data, dict):
        assert await connect(scripted).fetch_time_zone() is None
    else:
        with pytest.raises(NotSupportedError):
            await connect(scripted).fetch_time_zone()
