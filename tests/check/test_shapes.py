"""Shapes tell how answers are built, and nothing about anybody."""

import tracemalloc

import pytest

from custom_components.axis_recordings.check.inspector import read
from custom_components.axis_recordings.check.shapes import (
    LONGEST,
    describe,
    describe_media_type,
    describe_version,
    describe_word,
)

LIST = b"""<?xml version="1.0"?>
<root xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><recordings totalnumberofrecordings="2">
<recording diskid="SD_DISK" recordingid="20251020_101320_C6B5_B8A44F445F5A" eventid="Grandma's door"
 starttime="2025-10-20T15:13:20.164869Z" starttimelocal="2025-10-20T10:13:20-05:00" stoptime=""
 recordingstatus="recording"><video mimetype="video/x-h264" framerate="15:1" width="1920"/></recording>
<recording diskid="Anna" recordingid="x" eventid="" starttime="2025-10-20T15:13:20" starttimelocal=""
 stoptime="" recordingstatus="completed"/>
</recordings></root>"""


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        (
            LIST,
            (
                "<?xml?><root><recordings totalnumberofrecordings=int>"
                '<recording diskid="SD_DISK" recordingid=text eventid=text '
                "starttime=time(6 digits, Z) starttimelocal=time(0 digits, offset) "
                'stoptime="" recordingstatus="recording">'
                '<video mimetype="video/x-h264" framerate="15:1" width=int/></recording>'
                '<recording diskid=text recordingid=text eventid="" '
                'starttime=time(0 digits, bare) starttimelocal="" stoptime="" '
                'recordingstatus="completed"/></recordings></root>'
            ),
        ),
        (
            b'<root><stop result="ERROR" errormsg="No recording 20251020_C6 of 10.0.0.3 found."/></root>',
            '<root><stop result="ERROR" errormsg="No recording … of … found."/></root>',
        ),
        (b"<root><disk/><disk/><disk/></root>", "<root><disk/>x3</root>"),
        (
            b'{"apiVersion":"1.3","data":{"zone":"Europe/Oslo","on":true,"n":3,"list":["a","b"]}}',
            '{apiVersion: "1.3", data: {zone: text, on: true, n: number, list: [textx2]}}',
        ),
        (
            b'{"error":{"code":2004,"message":"Method not supported"}}',
            '{error: {code: 2004, message: "Method not supported"}}',
        ),
        (
            b'{"data":{"ntp":{"servers":["192.168.0.1","fe80::1"]},"version":"12.4.59"}}',
            '{data: {ntp: {servers: [textx2]}, version: "12.4.59"}}',
        ),
        (b"", "nothing"),
        (b"<root><a></root>", "broken XML"),
        (b"<html><body>Anna<br></body></html>", "HTML"),
        (b"{broken", "broken JSON"),
        (b"\x1a\x45\xdf\xa3 video", "data"),
    ],
)
def test_shape(answer: bytes, shape: str) -> None:
    """What people may know stays, and what is about somebody becomes its kind."""
    assert describe(answer) == shape


def test_a_long_answer_is_cut() -> None:
    """A camera that says too much makes no long report."""
    many = b"".join(b"<e%d a%d='1'/>" % (n, n) for n in range(2000))
    assert len(describe(b"<root>" + many + b"</root>")) <= LONGEST + 1


def test_a_deep_answer_is_cut() -> None:
    """Nor does one that nests without an end."""
    assert "…" in describe(b"<a>" * 50 + b"</a>" * 50)
    assert "…" in describe(b"[" * 50 + b"]" * 50)


def test_a_deep_answer_takes_no_memory() -> None:
    """What nests as deep as an answer is long is no answer, here as in the client."""
    answer = b"<a>" * 100_000 + b"</a>" * 100_000
    tracemalloc.start()
    try:
        assert describe(answer) == "broken XML"
        assert read(answer, "text/xml") == ("broken XML", {})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(answer)


@pytest.mark.parametrize(
    ("reported", "shape"),
    [
        ("application/json;charset=utf8", "application/json;charset=utf8"),
        ("text/xml; charset=ISO-8859-1", "text/xml; charset=ISO-8859-1"),
        ("video/x-matroska", "video/x-matroska"),
        ('multipart/mixed; boundary="Anna"', "text"),
        ('text/xml; name="B8A44F0A1B2C"', "text/xml"),
        ("text/B8A44F0A1B2C", "text"),
        ("text/192.168.0.7", "text"),
        ("Anna's camera", "text"),
        ("", ""),
    ],
)
def test_media_type(reported: str, shape: str) -> None:
    """A header may hold anything; only what kind of data it is stays."""
    assert describe_media_type({"Content-Type": reported}) == shape


@pytest.mark.parametrize(
    ("reported", "shape"),
    [
        *((each, each) for each in ("bytes", "MD5-sess", "SHA-256", "auth,auth-int")),
        *((each, each) for each in ("mp4", "matroska", "disk-management")),
        *((each, "text") for each in ("B8A44F0A1B2C", "10.0.0.3", "a b", "", "2026-1")),
    ],
)
def test_word(reported: str, shape: str) -> None:
    """The words of programs stay."""
    assert describe_word(reported) == shape


@pytest.mark.parametrize(
    ("reported", "shape"),
    [("1.3", "1.3"), (1, "1"), (None, None), ("", None), ("10.0.0.3", "text")],
)
def test_version(reported: object, shape: str | None) -> None:
    """So do versions, but no addresses."""
    assert describe_version(reported) == shape
