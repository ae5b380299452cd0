"""Names and messages of any length are cut, or left out, wherever a camera says them."""

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.vapix import (
    NotAxisError,
    RecordingQuery,
    UnexpectedAnswerError,
    VapixError,
    bounds,
)
from tests.bench.fuzz.readers import READERS, impatient
from tests.camera import Camera, CameraServer, Disk, Fault

from .scripted import ScriptedServer, http, xml

if TYPE_CHECKING:
    from .conftest import Connect

LONG = "A" * 100_000
# Texts in XML, in JSON and in parameters; not names, nor what says which API it is.
_TEXT = r'(?<=")(?<!version=")[^"<>=]{2,}(?="[^:])|(?<==)[^"\r\n<>]+(?=\r?\n)'


def texts_of(value: Any) -> list[str]:
    """Return all texts in a model."""
    match value:
        case str():
            return [value]
        case dict():
            return [each for item in value.items() for each in texts_of(item)]
        case list() | tuple():
            return [each for item in value for each in texts_of(item)]
        case _ if is_dataclass(value):
            return texts_of([getattr(value, field.name) for field in fields(value)])
        case _:
            return []


@pytest.mark.parametrize(
    "field",
    [
        *("Brand", "ProdShortName", "ProdFullName", "ProdType", "Version"),
        *("HardwareID", "BuildDate", "SocSerialNumber"),
        *("Network.Bonjour.FriendlyName", "Network.UPnP.FriendlyName"),
    ],
)
async def test_device(connect: Connect, field: str) -> None:
    """Whatever the camera calls itself, it is shown in a line."""
    camera = Camera(model="AXIS X", name="Door")
    async with CameraServer(camera) as server:
        pattern = rf'(?<="{field}": ")[^"]*|(?<="{field}":")[^"]*|(?<={field}=)[^\r\n]*'
        for cgi in ("basicdeviceinfo.cgi", "param.cgi"):
            message = f"AXIS{LONG}"
            camera.faults.set(cgi, Fault.REPLACED, pattern=pattern, message=message)
        found = await connect(server).fetch_camera()
    assert max(map(len, texts_of(found))) <= bounds.LONGEST_TEXT


async def test_serial_number(connect: Connect) -> None:
    """A part of one would be another camera's."""
    camera = Camera(serial="A" * (bounds.LONGEST_ID + 1))
    async with CameraServer(camera) as server:
        with pytest.raises(NotAxisError):
            await connect(server).fetch_device()


async def test_all_texts(connect: Connect) -> None:
    """No reader keeps a text as long as it comes, and no error holds one."""
    camera = Camera(recordings=3, export_speed=None)
    async with CameraServer(camera) as server:
        camera.faults.set("*", Fault.REPLACED, pattern=_TEXT, message="A" * 20_000)
        for name in READERS.keys() - {"events"}:
            try:
                with impatient():
                    kept = texts_of(await READERS[name](connect(server)))
            except VapixError as err:
                kept = [str(err)]
            assert max(map(len, kept), default=0) <= bounds.LONGEST_TEXT + 100, name


@pytest.mark.parametrize(
    "answer",
    [
        f"<GeneralError><ErrorCode>{LONG}</ErrorCode></GeneralError>",
        f"<GeneralError><ErrorDescription>{LONG}</ErrorDescription></GeneralError>",
        f'<disks result="ERROR" errormsg="{LONG}"/>',
        f'<disks result="ERROR" description="{LONG}"/>',
    ],
)
async def test_refusals(
    scripted: ScriptedServer, connect: Connect, answer: str
) -> None:
    """What a camera says of an error is shown to people, in logs and in repairs."""
    scripted.answers = [xml(answer)]
    with pytest.raises(VapixError) as caught:
        await connect(scripted).fetch_disks()
    assert 0 < len(str(caught.value)) <= bounds.LONGEST_TEXT + 100


async def test_name_of_an_answer(scripted: ScriptedServer, connect: Connect) -> None:
    """Nor is the name of an element shown that nobody expects."""
    scripted.answers = [http(f"<{LONG}></{LONG}>")]
    with pytest.raises(UnexpectedAnswerError, match="AAA") as caught:
        await connect(scripted).fetch_disks()
    assert len(str(caught.value)) < bounds.LONGEST_TEXT


async def test_disk(connect: Connect) -> None:
    """A disk keeps its place, with as much of its name as fits."""
    long: Any = LONG
    camera = Camera(disks=[Disk("SD_DISK", name=long, status=long)])
    async with CameraServer(camera) as server:
        (disk,) = await connect(server).fetch_disks()
        assert disk.name == disk.status == LONG[: bounds.LONGEST_TEXT]


async def test_deep_elements(scripted: ScriptedServer, connect: Connect) -> None:
    """An element where a text is expected is none."""
    deep = f"{'<a>' * 40}{'</a>' * 40}"
    error = f"<GeneralError><ErrorDescription>{deep}</ErrorDescription></GeneralError>"
    scripted.answers = [xml(error)]
    with pytest.raises(VapixError, match=r"^error $"):
        await connect(scripted).fetch_recordings(RecordingQuery(recording_id="all"))
