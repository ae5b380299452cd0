"""What a camera sends is data: it chooses no demuxer, and fills neither memory nor time."""

import asyncio
from io import BytesIO
import socket
import time
from typing import TYPE_CHECKING

import av
import pytest

from custom_components.axis_recordings.playback import exports, film, segments, stills
from custom_components.axis_recordings.playback.errors import NotAFilmError
from custom_components.axis_recordings.playback.exports import read_export
from custom_components.axis_recordings.playback.film import Film
from custom_components.axis_recordings.playback.stills import decode_still
from custom_components.axis_recordings.vapix import CameraTimeoutError

from .films import START, filming, make_film
from .test_exports import read_all, whole
from .test_segments import cut_film, filmed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import OnStage

EBML = bytes.fromhex("1A45DFA3")
SDP = b"""v=0
o=- 0 0 IN IP4 127.0.0.1
s=x
c=IN IP4 127.0.0.1
t=0 0
m=video %d RTP/AVP 96
a=rtpmap:96 H264/90000
"""
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n/etc/hostname\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/hostname\n"


def free_port() -> int:
    """Return a UDP port that nobody listens at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "head",
    [EBML + b"\x01AAAAAAA\n", b"\0\0\0\x08ftyp", b""],
    ids=["matroska", "mp4", "none"],
)
@pytest.mark.parametrize(
    "body", [SDP, PLAYLIST, CONCAT], ids=["sdp", "playlist", "concat"]
)
def test_another_demuxer(head: bytes, body: bytes) -> None:
    """It is a film of a known kind, whatever else follows its first bytes."""
    if body is SDP:
        body %= free_port()
    begun = time.monotonic()
    with pytest.raises(NotAFilmError):
        Film(BytesIO(head + body + bytes(70_000)), 0.0)
    # FFmpeg would wait at the port for what a third party sends there.
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("muxer", ["avi", "mpegts", "asf", "nut"])
def test_another_container(muxer: str) -> None:
    """Cameras have two kinds of files."""
    file = BytesIO()
    with av.open(file, "w", format=muxer) as container:
        track = container.add_stream("mpeg4", rate=10)
        track.width, track.height, track.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame(64, 48, "yuv420p")
        container.mux(track.encode(frame))
        container.mux(track.encode(None))
    file.seek(0)
    with pytest.raises(NotAFilmError):
        Film(file, 0.0)


def test_too_much_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames whose clock stands still all belong to one segment."""
    data = restamped(lambda _: 0)
    monkeypatch.setattr(segments, "MOST_SAMPLES", 30)
    with pytest.raises(NotAFilmError, match="more than a recording"):
        cut_film(data)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """So do frames that are too large."""
    data = make_film(filmed(), 0, 60)
    monkeypatch.setattr(segments, "MOST_BYTES", len(data))
    cut_film(data)
    monkeypatch.setattr(segments, "MOST_BYTES", len(data) // 60)
    with pytest.raises(NotAFilmError, match="more than a recording"):
        cut_film(data)


def restamped(stamp: Callable[[int], int]) -> bytes:
    """Return a film whose frames are shown at another time, in seconds by their number."""
    file = BytesIO()
    with (
        av.open(BytesIO(make_film(filmed(), 0, 60)), "r") as source,
        av.open(file, "w", format="matroska") as container,
    ):
        track = container.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.pts is not None and packet.time_base is not None:
                packet.pts = packet.dts = round(stamp(number) / packet.time_base)
                packet.stream = track
                container.mux(packet)
    return file.getvalue()


@pytest.mark.parametrize("seconds", [3e6, 1e9, 4e12])
def test_far_away(seconds: float) -> None:
    """A frame in a hundred years has no segment."""
    data = restamped(lambda number: number // 10 + round(seconds) * (number > 20))
    begun = time.monotonic()
    with pytest.raises(NotAFilmError, match="far outside"):
        cut_film(data)
    assert time.monotonic() - begun < 5


def test_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that are all shown before one that came first are no group of a camera."""
    source = Film(BytesIO(make_film(filmed(), 0, 60)), 0.0)
    samples = list(source.samples())
    for sample in samples[1:]:
        sample.time = samples[0].time
    monkeypatch.setattr(source, "samples", lambda: iter(samples))
    monkeypatch.setattr(film, "_MOST_REORDERED", 20)
    with pytest.raises(NotAFilmError, match="no order"):
        list(source.groups())


def test_picture_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody decodes pictures that are larger than those of any camera."""
    data = make_film(filmed(), 0, 1)
    decode_still(BytesIO(data), begins=0.0, moment=None)
    monkeypatch.setattr(stills, "MOST_PIXELS", 100)
    with pytest.raises(NotAFilmError):
        decode_still(BytesIO(data), begins=0.0, moment=None)


async def test_more_than_any_camera_sends(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export has an end, in proportion to its length."""
    stage = await on_stage(filming())
    properties = await whole(stage)
    monkeypatch.setattr(exports, "_LEAST_LIMIT", 1000)
    monkeypatch.setattr(exports, "MOST_PER_SECOND", 100)
    monkeypatch.setattr(exports, "_ESTIMATES", 0)
    with pytest.raises(NotAFilmError, match="larger than"):
        await read_export(stage.client, stage.key(), properties, read_all, lambda: True)
    await stage.idle(seconds=2)


async def test_slower_than_any_camera(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever for one that goes on and on."""
    stage = await on_stage(filming(export_speed=2))
    properties = await stage.client.fetch_export_properties(stage.key(), START)
    monkeypatch.setattr(exports, "_LEAST_SECONDS", 0.5)
    monkeypatch.setattr(exports, "_SLOWEST", 0.0)
    async with asyncio.timeout(10):
        with pytest.raises(CameraTimeoutError):
            await read_export(
                stage.client, stage.key(), properties, read_all, lambda: True
            )
    await stage.idle(seconds=2)
