"""What cameras write as XML, and what becomes of it where it is none."""

import asyncio
from contextlib import suppress
import time
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.vapix import (
    RecordingQuery,
    RefusedError,
    UnexpectedAnswerError,
)
from custom_components.axis_recordings.vapix.xml import parse_xml

if TYPE_CHECKING:
    from .conftest import Connect
    from .scripted import ScriptedServer

ALL = RecordingQuery(recording_id="all")
DECLARATION = '<?xml version="1.0"?>'


def listed(*names: str, declaration: str = DECLARATION) -> str:
    """Write a list with a recording for each name of a rule, which is put there as it is."""
    records = "".join(
        f'<recording diskid="SD_DISK" recordingid="id{number}" eventid="{name}"'
        ' starttime="2026-11-24T12:00:00Z" stoptime="2026-11-24T12:01:00Z"'
        ' recordingstatus="completed"><video mimetype="video/x-h264"/></recording>'
        for number, name in enumerate(names)
    )
    counters = (
        f'totalnumberofrecordings="{len(names)}" numberofrecordings="{len(names)}"'
    )
    return f"{declaration}<root><recordings {counters}>{records}</recordings></root>\n"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (listed("Tür").encode(), ["Tür"]),
        # An encoding that is not declared, or another one than is declared.
        (listed("Tür").encode("latin-1"), ["Tür"]),
        (listed("“Tür” 5 €").encode("cp1252"), ["“Tür” 5 €"]),
        (
            listed("Tür", declaration='<?xml version="1.0" encoding="utf-8"?>').encode(
                "latin-1"
            ),
            ["Tür"],
        ),
        (
            listed(
                "Tür", declaration='<?xml version="1.0" encoding="ISO-8859-1"?>'
            ).encode("latin-1"),
            ["Tür"],
        ),
        (
            listed("门", declaration='<?xml version="1.0" encoding="gb2312"?>').encode(
                "gb2312"
            ),
            ["门"],
        ),
        (listed("\x81").encode("latin-1"), ["\x81"]),
        # What stands before the declaration, and after the end.
        (b"\n" + listed("a").encode(), ["a"]),
        (b"\r\n \xef\xbb\xbf\n" + listed("a").encode(), ["a"]),
        (b"\xef\xbb\xbf\n" + listed("a").encode(), ["a"]),
        (listed("a").encode("utf-8-sig") + b"\n\n\0", ["a"]),
        (listed("Tür").encode("utf-16"), ["Tür"]),
        (("\n" + listed("Tür")).encode("utf-16"), ["Tür"]),
        (listed("Tür").encode("utf-16-be"), ["Tür"]),
        # What has a meaning in XML.
        (
            listed("A & B", "C&amp;D", "&#65;&lt;", "&nbsp;").encode(),
            ["A & B", "C&D", "A<", "&nbsp;"],
        ),
        (listed("a < b", "<b>", "it's").encode(), ["a < b", "<b>", "it's"]),
        (
            listed("bell \x07\x00.", "&#7;&#x1F;!", "&#xFFFFFF;").encode(),
            ["bell .", "!", ""],
        ),
        # What can't be mended is left out, and nothing else.
        (listed("a", 'the "best" one', "c").encode(), ["a", "c"]),
        (listed("a", "b").replace("/></recording>", ">", 1).encode(), ["b"]),
        (listed("a", 'no"', "c").replace("</root>", "</root>").encode(), ["a", "c"]),
    ],
    ids=lambda _: "",
)
async def test_all_that_can_be_read(
    scripted: ScriptedServer, connect: Connect, body: bytes, names: list[str]
) -> None:
    """One bad name of a rule hides nothing but itself."""
    scripted.answers = [answer(body)]
    page = await connect(scripted).fetch_recordings(ALL)
    assert [each.event_id for each in page.recordings] == names
    assert all(each.start and each.end for each in page.recordings)


def answer(body: bytes) -> bytes:
    """Make an answer of bytes."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"\x00\x01\x02",
        b"plain text",
        b"<root",
        b"<root><recordings>",
        b"<html><body>log in</body></html>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><root>&b;</root>",
        b"{}",
        b"&&&&<<<<",
    ],
)
async def test_what_can_not_be_read(body: bytes) -> None:
    """It is reported, and not taken for an empty list."""
    with pytest.raises(UnexpectedAnswerError):
        await parse_xml(body, "/list.cgi")


async def test_refusal_that_is_not_well_formed() -> None:
    """The camera's words are passed on."""
    body = '<root><record result="ERROR" errormsg="Für A & B"/></root>'
    with pytest.raises(RefusedError, match="Für A & B"):
        await parse_xml(body.encode("latin-1"), "/record.cgi")


@pytest.mark.parametrize(
    "content",
    [
        "<recording>a</recording>" * 2,
        '<recording recordingid="a" diskid="b"><video>x</video><audio>y</audio></recording>',
        '<recording recordingid="a" diskid="b"><video/><audio/></recording>',
        '<recording recordingid="a" diskid="b">text<video>x</video></recording>',
    ],
)
async def test_text_where_an_element_is_expected(
    scripted: ScriptedServer, connect: Connect, content: str
) -> None:
    """A recording is kept without it."""
    scripted.answers = [
        answer(f"<root><recordings>{content}</recordings></root>".encode())
    ]
    page = await connect(scripted).fetch_recordings(ALL)
    assert len(page.recordings) == content.count("recordingid")
    for recording in page.recordings:
        assert (recording.video, recording.audio) == ((), ())


async def test_text_instead_of_a_disk(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """A disk is passed over that is none."""
    disks = '<disk>@diskid</disk><disk diskid="SD_DISK" status="OK"/><disk/>'
    scripted.answers = [answer(f"<root><disks>{disks}</disks></root>".encode())]
    found = await connect(scripted).fetch_disks()
    assert [disk.disk_id for disk in found] == ["SD_DISK"]
    for content in ("<HealthStatus>a</HealthStatus>", "text", ""):
        root = "HealthStatusResponse"
        body = f"<{root}><HealthStatusSuccess>{content}</HealthStatusSuccess></{root}>"
        scripted.answers = [answer(body.encode())]
        assert await connect(scripted).fetch_disk_health() == {}


@pytest.mark.parametrize(
    "body",
    [
        b"<recording " * 100_000,
        b"&" * 1_000_000,
        b'="' * 500_000,
        b"='" * 500_000,
        b"<root>" + b"<recording a='" * 70_000,
        b"<root a='" + b"\xff&<" * 300_000 + b"'/>",
        b"<?xml " * 150_000,
        b"<a>" * 600_000,
        b"<a>" * 280_000 + b"</a>" * 280_000,
    ],
    ids=len,
)
async def test_mending_takes_no_time(body: bytes) -> None:
    """Whatever somebody sends: time grows with its length, not faster."""
    before = time.process_time()
    with suppress(UnexpectedAnswerError):
        await parse_xml(body, "/list.cgi")
    assert time.process_time() - before < 3


@pytest.mark.parametrize("body", [b"\1" * 2_000_000, b"\1a" * 1_000_000], ids=len)
async def test_mending_leaves_room_for_others(body: bytes) -> None:
    """A thread that works for long without a pause holds the event loop, too."""

    async def longest_pause() -> float:
        """Return the longest pause of the event loop, as a part of the time that reading takes."""
        begun = time.perf_counter()
        reading = asyncio.create_task(parse_xml(body, "/list.cgi"))
        longest = 0.0
        while not reading.done():
            before = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - before)
        assert isinstance(reading.exception(), UnexpectedAnswerError)
        return longest / (time.perf_counter() - begun)

    # Others may need the machine, too.
    assert min([await longest_pause() for _ in range(4)]) < 0.5
