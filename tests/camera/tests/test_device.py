"""The CGIs about the device itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
import json
from typing import Any

import pytest

from tests.camera import Camera, Disk, Quirks

from .caller import Caller, Reply, Serve, plain


async def ask(
    caller: Caller, cgi: str, method: str, version: str = "1.0", **more: Any
) -> Reply:
    """Call a JSON method with credentials."""
    return await caller.post(
        cgi, json={"apiVersion": version, "method": method, **more}
    )


async def test_disks(serve: Serve) -> None:
    """Disks are listed with the odd white space of a real answer."""
    camera = plain(
        disks=[
            Disk("SD_DISK", cleanup_max_age=7000),
            Disk(
                "NetworkShare", total_kb=1_073_741_824, free_kb=920_987_392, locked=True
            ),
        ],
    )
    async with serve(camera) as caller:
        caller.user = "operator"
        reply = await caller.get("disks/list.cgi", diskid="all")
        assert reply.headers["Content-Type"] == "text/xml"
        assert reply.text == (
            '<?xml version="1.0"?>\n'
            '<root xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:noNamespaceSchemaLocation="http://www.axis.com/vapix/http_cgi/disk/list1.xsd">\n'
            '<disks numberofdisks="2" >  <disk diskid="SD_DISK" name="" totalsize="116109036" '
            'freesize="63126240" cleanuplevel="99" cleanupmaxage="7000" cleanuppolicy="fifo" '
            'locked="no" full="no" readonly="no" status="OK" filesystem="ext4" group="S0" '
            'requiredfilesystem="none" encryptionenabled="false" diskencrypted="false"/>\n'
            '  <disk diskid="NetworkShare" name="" totalsize="1073741824" freesize="920987392" '
            'cleanuplevel="99" cleanupmaxage="7" cleanuppolicy="fifo" locked="yes" full="no" '
            'readonly="no" status="OK" filesystem="cifs" group="S1" requiredfilesystem="none" '
            'encryptionenabled="false" diskencrypted="false"/>\n'
            "</disks> </root>\n"
        )
        camera.detach_disk("SD_DISK")
        reply = await caller.get("disks/list.cgi", diskid="HDD_DISK,SD_DISK")
        (disk,) = reply.root["disks"]["disk"]
        assert (disk["@status"], disk["@totalsize"], disk["@group"]) == (
            "disconnected",
            "0",
            "S0",
        )
        camera.quirks = Quirks(disk_encryption_attribute="diskencryptionenabled")
        reply = await caller.get("disks/list.cgi", diskid="all")
        assert "@diskencryptionenabled" in reply.root["disks"]["disk"][0]


async def test_basic_device_info(serve: Serve) -> None:
    """Who the device is, for anybody; more for an operator."""
    camera = plain(
        model="AXIS P8815-2", product_type="3D People Counter", firmware="10.12.228"
    )
    cgi = "basicdeviceinfo.cgi"
    unrestricted = {
        "apiVersion": "1.3",
        "method": "getAllUnrestrictedProperties",
        "context": "me",
    }
    async with serve(camera) as caller:
        reply = await caller.request("POST", cgi, json=unrestricted)
        assert reply.headers["Content-Type"] == "application/json"
        answer = json.loads(reply.body)
        assert answer["context"] == "me"
        assert answer["data"]["propertyList"] | {"BuildDate": ""} == {
            "ProdNbr": "P8815-2",
            "HardwareID": "A1B",
            "ProdFullName": "AXIS P8815-2 3D People Counter",
            "Version": "10.12.228",
            "ProdType": "3D People Counter",
            "Brand": "AXIS",
            "WebURL": "http://www.axis.com",
            "ProdVariant": "",
            "SerialNumber": "B8A44F0A1B2C",
            "ProdShortName": "AXIS P8815-2",
            "BuildDate": "",
        }
        everything = {"apiVersion": "1.0", "method": "getAllProperties"}
        assert (await caller.request("POST", cgi, json=everything)).status == 401
        caller.user = "viewer"
        assert (await caller.post(cgi, json=everything)).status == 401
        caller.user = "operator"
        answer = json.loads((await caller.post(cgi, json=everything)).body)
        assert "SocSerialNumber" in answer["data"]["propertyList"]
        reply = await ask(
            caller, cgi, "getProperties", params={"propertyList": ["Soc", "None"]}
        )
        assert list(json.loads(reply.body)["data"]["propertyList"]) == ["Soc"]
        camera.quirks = Quirks(
            basic_device_info="1.1",
            json_content_type="application/json;charset=utf8",
        )
        assert (await caller.request("POST", cgi, json=unrestricted)).status == 401
        reply = await ask(caller, cgi, "getAllUnrestrictedProperties", "1.1")
        assert reply.headers["Content-Type"] == "application/json;charset=utf8"
        assert json.loads(reply.body)["error"]["code"] == 2004


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 4000),
        (b"[]", 4000),
        (b'{"method": "getAllProperties"}', 2003),
        (b'{"apiVersion": "1", "method": "getAllProperties"}', 2003),
        (b'{"apiVersion": "9.0", "method": "getAllProperties"}', 2003),
        (b'{"apiVersion": "1.0", "method": "getNothing"}', 2004),
        (b'{"apiVersion": "1.0", "method": "getProperties"}', 4002),
        (b'{"apiVersion": "1.0", "method": "getProperties", "params": 1}', 4002),
    ],
)
async def test_json_errors(serve: Serve, body: bytes, code: int) -> None:
    """Errors are reported by code, with status 200."""
    async with serve(plain()) as caller:
        reply = await caller.post("basicdeviceinfo.cgi", data=body)
        assert reply.status == 200
        assert json.loads(reply.body)["error"]["code"] == code
        reply = await caller.get("basicdeviceinfo.cgi")
        assert json.loads(reply.body)["error"]["code"] == 2002


async def test_parameters(serve: Serve) -> None:
    """Parameters come by group; what may not be read is as if it were not there."""
    camera = plain(name="Back door", disks=[Disk("SD_DISK", name="Card")])
    async with serve(camera) as caller:
        reply = await caller.get(
            "param.cgi", action="list", group="Brand,root.Properties.API"
        )
        assert reply.headers["Content-Type"] == "text/plain"
        assert reply.text.splitlines() == [
            "root.Brand.Brand=AXIS",
            "root.Brand.ProdFullName=AXIS P3265-LVE Dome Camera",
            "root.Brand.ProdNbr=P3265-LVE",
            "root.Brand.ProdShortName=AXIS P3265-LVE",
            "root.Brand.ProdType=Dome Camera",
            "root.Brand.ProdVariant=",
            "root.Brand.WebURL=http://www.axis.com",
            "root.Properties.API.HTTP.Version=3",
            "root.Properties.API.Metadata.Metadata=yes",
            "root.Properties.API.RTSP.Version=2.01",
        ]
        reply = await caller.get(
            "param.cgi", action="list", group="Network.*.FriendlyName"
        )
        assert reply.text.splitlines() == [
            "root.Network.Bonjour.FriendlyName=Back door",
            "root.Network.UPnP.FriendlyName=Back door",
        ]
        reply = await caller.get(
            "param.cgi", action="list", group="Bran,Recording.DefaultDiskId"
        )
        assert reply.status == 200
        assert reply.text.splitlines() == [
            "# Error: Error -1 getting param in group 'Bran'",
            "root.Recording.DefaultDiskId=SD_DISK",
        ]
        assert (
            "root.Storage.S0.FriendlyName=Card"
            in (await caller.get("param.cgi", action="list")).text
        )
        caller.user = "viewer"
        reply = await caller.get(
            "param.cgi", action="list", group="Storage,root.Properties.System"
        )
        assert reply.text.startswith(
            "# Error: Error -1 getting param in group 'Storage'\n"
        )
        assert "root.Properties.System.SerialNumber=B8A44F0A1B2C" in reply.text
        reply = await caller.get("param.cgi", action="list", group="root.Network.HTTP")
        assert reply.text.startswith("# Error")
        assert (await caller.get("param.cgi", action="update")).text.startswith(
            "# Error"
        )


async def test_api_discovery(serve: Serve) -> None:
    """The list of APIs is open to all, with a quirk to users only, and follows the firmware."""
    camera = plain()
    asked = {"apiVersion": "1.0", "method": "getApiList"}
    async with serve(camera) as caller:
        reply = await caller.request("POST", "apidiscovery.cgi", json=asked)
        apis = {api["id"]: api for api in json.loads(reply.body)["data"]["apiList"]}
        assert {
            "recording",
            "disk-management",
            "basic-device-info",
            "param-cgi",
        } <= set(apis)
        assert apis["basic-device-info"]["version"] == "1.3"
        camera.quirks = Quirks(
            api_discovery="viewer",
            basic_device_info="1.1",
            system_ready=False,
            time_api=False,
        )
        assert (
            await caller.request("POST", "apidiscovery.cgi", json=asked)
        ).status == 401
        reply = await caller.post("apidiscovery.cgi", json=asked)
        apis = {api["id"]: api for api in json.loads(reply.body)["data"]["apiList"]}
        assert apis["basic-device-info"]["version"] == "1.1"
        assert not {"systemready", "time-service"} & set(apis)
        reply = await ask(caller, "apidiscovery.cgi", "getSupportedVersions")
        assert json.loads(reply.body)["data"] == {"apiVersions": ["1.0"]}


async def test_time(serve: Serve) -> None:
    """Camera time is the host's plus an offset, in answers and in every Date header."""
    camera = plain(clock_offset=timedelta(hours=3), time_zone="Asia/Taipei")
    async with serve(camera) as caller:
        reply = await ask(caller, "time.cgi", "getDateTimeInfo")
        data = json.loads(reply.body)["data"]
        shown = datetime.fromisoformat(data["dateTime"])
        assert abs(shown - datetime.now(UTC) - timedelta(hours=3)) < timedelta(
            seconds=5
        )
        assert datetime.fromisoformat(data["localDateTime"]) == shown
        assert data["localDateTime"].endswith("+08:00")
        assert data["timeZone"] == "Asia/Taipei"
        camera.clock.offset = timedelta(days=-2)
        reply = await caller.request("GET", "nothing.cgi")
        dated = parsedate_to_datetime(reply.headers["Date"])
        assert abs(dated - datetime.now(UTC) + timedelta(days=2)) < timedelta(seconds=5)
        camera.quirks = Quirks(date_header=False)
        assert "Date" not in (await caller.request("GET", "nothing.cgi")).headers


async def test_system_ready(serve: Serve) -> None:
    """Anybody may ask whether the camera is up, since when, and whether it was set up."""
    camera = plain()

    async def ready() -> dict[str, str]:
        body = {"apiVersion": "1.1", "method": "systemready", "params": {"timeout": 1}}
        reply = await caller.request("POST", "systemready.cgi", json=body)
        data: dict[str, str] = json.loads(reply.body)["data"]
        return data

    async with serve(camera) as caller:
        assert await ready() == {
            "systemready": "yes",
            "needsetup": "no",
            "uptime": "0",
            "bootid": camera.boot_id,
        }
        before = camera.boot_id
        camera.reboot()
        camera.accounts.clear()
        await asyncio.sleep(0.05)
        after = await ready()
        assert after["needsetup"] == "yes"
        assert after["bootid"] != before
        reply = await caller.request("GET", "param.cgi?action=list")
        assert (reply.status, reply.headers["Axis-Setup"]) == (401, "vapix")


@pytest.mark.parametrize(
    ("user", "text"),
    [
        ("viewer", "viewer\nviewer\n"),
        ("operator", "operator\noperator viewer\n"),
        ("administrator", "administrator\noperator admin viewer\n"),
        ("root", "root\nroot operator admin viewer\n"),
    ],
)
async def test_user_group(serve: Serve, user: str, text: str) -> None:
    """Two lines tell the user and the groups."""
    camera = plain()
    camera.accounts["root"] = camera.accounts["administrator"]
    async with serve(camera) as caller:
        caller.user = user
        assert (await caller.get("usergroup.cgi")).text == text


@pytest.mark.parametrize(
    ("quirks", "cgi"),
    [
        (Quirks(basic_device_info=None), "basicdeviceinfo.cgi"),
        (Quirks(api_discovery=None), "apidiscovery.cgi"),
        (Quirks(system_ready=False), "systemready.cgi"),
        (Quirks(time_api=False), "time.cgi"),
        (Quirks(), "/config/rest/time/v2"),
        (Quirks(user_group=False), "usergroup.cgi"),
        (Quirks(), "record/lock.cgi"),
        (Quirks(), "/nothing"),
    ],
)
async def test_absent(serve: Serve, quirks: Quirks, cgi: str) -> None:
    """What a firmware lacks is a web page that says so."""
    async with serve(plain(quirks=quirks)) as caller:
        reply = await caller.request("POST", cgi, json={})
        assert reply.status == 404
        assert reply.headers["Content-Type"].startswith("text/html")


async def test_rule_of_a_time_zone(serve: Serve) -> None:
    """A zone that somebody has set as POSIX writes it has no name."""
    quirks = Quirks(time_zone="posix", time_rest=True)
    async with serve(plain(quirks=quirks, time_zone="Europe/Stockholm")) as caller:
        reply = await ask(caller, "time.cgi", "getDateTimeInfo")
        data = json.loads(reply.body)["data"]
        assert "timeZone" not in data
        assert data["posixTimeZone"] == "CET-1CEST,M3.5.0,M10.5.0/3"
        assert data["dstEnabled"] is True
        reply = await caller.get("/config/rest/time/v2")
        answer = json.loads(reply.body)
        assert answer["status"] == "success"
        zone = answer["data"]["timeZone"]
        assert zone["activeTimeZone"] == zone["posix"]["timeZone"]
        assert zone["posix"]["timeZone"] == data["posixTimeZone"]
        assert zone["iana"] == {"posixTimeZone": None, "timeZone": None}
        assert answer["data"]["time"]["dateTime"][:16] == data["dateTime"][:16]


async def test_no_uptime(serve: Serve) -> None:
    """API 1.2 of systemready.cgi does not report when the camera started."""
    async with serve(plain(quirks=Quirks(uptime=False))) as caller:
        answer = json.loads((await ask(caller, "systemready.cgi", "systemready")).body)
        assert answer["apiVersion"] == "1.2"
        assert answer["data"] == {"systemready": "yes", "needsetup": "no"}


async def test_methods_and_pages(serve: Serve) -> None:
    """A wrong method is refused; the device has web pages too."""
    async with serve(plain()) as caller:
        for cgi in (
            "record/record.cgi",
            "record/stop.cgi",
            "record/remove.cgi",
            "disks/list.cgi",
        ):
            reply = await caller.post(cgi)
            assert (reply.status, reply.headers["Allow"]) == (405, "GET")
        assert (await caller.get("time.cgi")).status == 405
        reply = await caller.request("GET", "/")
        assert reply.status == 200
        assert reply.headers["Content-Type"].startswith("text/html")


def test_disks_default_to_one_card() -> None:
    """A camera has a card unless asked otherwise, and may have no slot at all."""
    assert list(Camera().disks) == ["SD_DISK"]
    assert Camera(disks=[], recordings=3).attached_disks == set()
