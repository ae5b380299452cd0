"""What a camera sends is data: it chooses no demuxer, and fills neither memory nor time."""

import ast
import asyncio
from contextlib import nullcontext
from fractions import Fraction
from io import BytesIO
from itertools import chain, count
import os
from pathlib import Path
import re
from resource import RUSAGE_SELF, getrusage
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

import av
from av.audio.stream import AudioStream
import av.logging
from av.video.stream import VideoStream
import pytest

import custom_components.axis_recordings
from custom_components.axis_recordings.playback import (
    clips,
    export_stream,
    image_decoder,
    memory,
    reader,
)
from custom_components.axis_recordings.playback.clips import _write
from custom_components.axis_recordings.playback.errors import (
    InvalidVideoError,
    MemoryLimitError,
    NothingRecordedError,
    UnplayableError,
)
from custom_components.axis_recordings.playback.headers import CheckedBoxes
from custom_components.axis_recordings.playback.image_decoder import decode_frame
from custom_components.axis_recordings.playback.picture_order import PictureOrder
from custom_components.axis_recordings.playback.pipe import Pipe
from custom_components.axis_recordings.playback.reader import VideoReader
from custom_components.axis_recordings.playback.segments import LONGEST_BEFORE
from custom_components.axis_recordings.vapix import CameraTimeoutError
from tests.camera import Encoding

from .test_export_stream import read_all, whole
from .test_picture_order import ue
from .test_segments import GRID, cut_export, draw_video
from .videos import START, camera_with_video, make_export

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.packet import Packet
    from av.stream import Stream

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


def test_all_that_opens() -> None:
    """Wherever FFmpeg opens something, it is given what it is; and in one place only, it reads."""
    readers = []
    for path in Path(custom_components.axis_recordings.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "av.open":
                assert "format" in [each.arg for each in node.keywords], path
                if ast.unparse(node.args[1]) != "'w'":
                    readers.append(path.name)
    assert readers == ["reader.py"]


@pytest.mark.parametrize(
    "head",
    [EBML + b"\x01AAAAAAA\n", b"\0\0\0\x08ftyp", b""],
    ids=["matroska", "mp4", "none"],
)
@pytest.mark.parametrize(
    "body", [SDP, PLAYLIST, CONCAT], ids=["sdp", "playlist", "concat"]
)
def test_another_demuxer(head: bytes, body: bytes) -> None:
    """It is a video of a known kind, whatever else follows its first bytes."""
    if body is SDP:
        body %= free_port()
    begun = time.monotonic()
    with pytest.raises(InvalidVideoError):
        VideoReader(BytesIO(head + body + bytes(70_000)), 0.0)
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
    with pytest.raises(InvalidVideoError):
        VideoReader(file, 0.0)


@pytest.mark.parametrize("codec", ["mpeg4", "ffv1", "libvpx-vp9"])
def test_another_decoder(codec: str) -> None:
    """Cameras have four kinds of pictures. What decodes others is not tried on what a camera sends."""
    file = BytesIO()
    with av.open(file, "w", format="matroska") as container:
        track = container.add_stream(codec, rate=10)
        assert isinstance(track, VideoStream)
        track.width, track.height, track.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            container.mux(track.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(track.encode(None))
    data, before = file.getvalue(), av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=False) as said:
            VideoReader(BytesIO(data), 0.0).close()
        # FFmpeg decodes a picture to learn what the headers don't report, if it may.
        assert any("not on whitelist" in text for _, _, text in said)
    finally:
        av.logging.set_level(before)
    with pytest.raises(UnplayableError):
        decode_frame(BytesIO(data), begins=0.0, moment=None)


def test_too_much_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames whose clock stands still all belong to one segment."""
    data = restamped(lambda _: 0)
    monkeypatch.setattr(memory, "MOST_PACKETS", 30)
    with pytest.raises(MemoryLimitError):
        cut_export(data)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """So do frames that are too large."""
    data = make_export(draw_video(), 0, 60)
    monkeypatch.setattr(memory, "MOST_BYTES", 2 * len(data))
    cut_export(data)
    monkeypatch.setattr(memory, "MOST_BYTES", len(data) // 20)
    with pytest.raises(MemoryLimitError):
        cut_export(data)


def restamped(stamp: Callable[[int], int], **attributes: Any) -> bytes:
    """Return a video whose frames are shown at another time, in seconds by their number."""
    file = BytesIO()
    with (
        av.open(BytesIO(make_export(draw_video(**attributes), 0, 60)), "r") as source,
        av.open(file, "w", format="matroska") as container,
    ):
        track = container.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.pts is not None and packet.time_base is not None:
                packet.pts = round(stamp(number) / packet.time_base)
                packet.dts = min(number, packet.pts)
                packet.stream = track
                container.mux(packet)
    return file.getvalue()


@pytest.mark.parametrize("seconds", [3e6, 1e9, 4e12])
def test_far_away(seconds: float) -> None:
    """A frame in a hundred years has no segment."""
    data = restamped(lambda number: number // 10 + round(seconds) * (number > 20))
    begun = time.monotonic()
    with pytest.raises(InvalidVideoError, match="far outside"):
        cut_export(data)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("seconds", [30, 100, 3600])
def test_long_segment(seconds: int) -> None:
    """A picture that is shown long before one that came earlier is moved, and none is lost."""

    def stamp(number: int) -> int:
        # Each third one is shown after the two that follow it.
        shown = number and number + (2 if number % 3 == 1 else -1)
        return shown + seconds * (shown >= 6)

    late = restamped(stamp, encoding=Encoding(b_frames=2))
    cut = cut_export(late)
    longest = LONGEST_BEFORE + 2 * GRID.length
    for shown in cut.frames().values():
        assert max(shown).time - min(shown).time < longest
    frames = sorted(cut.movie.frames)
    assert [each.clock.number for each in frames[:60]] == list(range(60))
    is_moved = seconds > LONGEST_BEFORE
    assert frames[3].time == pytest.approx(3, abs=0.001)
    assert frames[4].time == pytest.approx(
        seconds + 6 - LONGEST_BEFORE if is_moved else 4, abs=0.001
    )
    assert frames[6].time == pytest.approx(seconds + 6, abs=0.001)


def test_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that are all shown before one that came first are no group of a camera."""
    ranks = chain([1000], count())
    monkeypatch.setattr(PictureOrder, "rank", lambda *_: (0, next(ranks)))
    monkeypatch.setattr(reader, "_MOST_REORDERED", 20)
    with pytest.raises(InvalidVideoError, match="no order"):
        cut_export(make_export(draw_video(), 0, 60))


def test_picture_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody decodes pictures that are larger than those of any camera."""
    data = make_export(draw_video(), 0, 1)
    decode_frame(BytesIO(data), begins=0.0, moment=None)
    monkeypatch.setattr(image_decoder, "MOST_PIXELS", 100)
    with pytest.raises(InvalidVideoError):
        decode_frame(BytesIO(data), begins=0.0, moment=None)


@pytest.mark.parametrize(
    ("pixels", "is_small"), [("yuv420p", True), ("yuv444p", False)]
)
def test_picture_of_any_depth(
    pixels: str, is_small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More colors take more memory for as many pixels, and a decoder holds more than one picture."""
    file = BytesIO()
    with av.open(file, "w", format="matroska") as container:
        track = container.add_stream("libx264", rate=10)
        assert isinstance(track, VideoStream)
        track.width, track.height, track.pix_fmt = 64, 48, pixels
        for _ in range(20):
            container.mux(track.encode(av.VideoFrame(64, 48, pixels)))
        container.mux(track.encode(None))
    monkeypatch.setattr(image_decoder, "_MOST_BITS", 64 * 48 * 12)
    with (
        nullcontext() if is_small else pytest.raises(InvalidVideoError, match="larger")
    ):
        decode_frame(BytesIO(file.getvalue()), begins=0.0, moment=None)


def test_pictures_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread can't be ended, so it ends by itself: pictures of a few bytes take long to decode."""
    data = make_export(draw_video(), 0, 60)
    decode_frame(BytesIO(data), begins=0.0, moment=5.0)
    monkeypatch.setattr(image_decoder, "thread_time", count(step=10).__next__)
    for moment in (5.0, 1e9):
        with pytest.raises(InvalidVideoError, match="too long"):
            decode_frame(BytesIO(data), begins=0.0, moment=moment)


@pytest.mark.parametrize(
    ("muxer", "width", "height"),
    [
        ("matroska", 100_000, 100_000),
        ("matroska", 2**31 - 1, 1),
        ("mp4", 65_535, 65_535),
    ],
)
def test_size_that_only_a_header_states(muxer: str, width: int, height: int) -> None:
    """Neither memory nor a picture is made for what is reported, but for what is there."""
    file = BytesIO()
    export = make_export(draw_video(), 0, 60)
    with (
        av.open(BytesIO(export), "r") as source,
        av.open(file, "w", format=muxer) as container,
    ):
        track = container.add_stream_from_template(source.streams.video[0])
        track.width, track.height = width, height
        for packet in source.demux(video=0):
            if packet.pts is not None:
                packet.stream = track
                container.mux(packet)
    data = file.getvalue()
    assert width.to_bytes((width.bit_length() + 7) // 8) in data
    before = getrusage(RUSAGE_SELF).ru_maxrss
    assert [each.clock for each in cut_export(data).movie.frames] == [
        each.clock for each in cut_export(export).movie.frames
    ]
    picture, _ = decode_frame(BytesIO(data), begins=0.0, moment=None)
    assert len(picture) < 100_000
    if sys.platform == "linux":
        assert getrusage(RUSAGE_SELF).ru_maxrss - before < 40_000


def with_stated_size(size: int) -> bytes:
    """Return a video whose pictures, H.264, are reported to be squares of so many pixels by themselves."""
    file = BytesIO()
    with (
        av.open(BytesIO(make_export(draw_video(), 0, 20)), "r") as source,
        av.open(file, "w", format="matroska") as container,
    ):
        template = source.streams.video[0]
        track = container.add_stream_from_template(template)
        # ISO 14496-15, 5.3.3.1: a sequence parameter set behind its length.
        settings = template.codec_context.extradata or b""
        end = 8 + int.from_bytes(settings[6:8])
        sequence = resized(settings[8:end], size)
        track.codec_context.extradata = (
            settings[:6] + len(sequence).to_bytes(2) + sequence + settings[end:]
        )
        for packet in source.demux(video=0):
            if packet.pts is not None:
                packet.stream = track
                container.mux(packet)
    return file.getvalue()


def resized(sequence: bytes, size: int) -> bytes:
    """Return a sequence parameter set with another size (ISO 14496-10, 7.3.2.1.1)."""
    bits = "".join(f"{each:08b}" for each in sequence[4:].replace(b"\0\0\3", b"\0\0"))
    at = 0

    def read() -> int:
        nonlocal at
        length = 2 * (bits.index("1", at) - at) + 1
        at += length
        return int(bits[at - length : at], 2) - 1

    read()
    if sequence[1] == 100:
        for _ in range(3):
            read()
        at += 2
    read()
    if read() == 0:
        read()
    read()
    at += 1
    begin = at
    read()
    read()
    side = ue(size // 16 - 1)
    changed = bits[:begin] + 2 * side + bits[at:]
    changed += "0" * (-len(changed) % 8)
    plain = int(changed, 2).to_bytes(len(changed) // 8)
    return sequence[:4] + re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", plain)


def with_stated_size_of_jpeg(size: int) -> bytes:
    """Return a video whose pictures, JPEG, say so."""
    export = make_export(draw_video(mimetype="image/jpeg"), 0, 2)
    # ITU-T T.81, B.2.2.
    return re.sub(
        rb"(\xff\xc0..\x08)....",
        lambda found: found[1] + 2 * size.to_bytes(2),
        export,
        flags=re.DOTALL,
    )


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (with_stated_size, 100_000),
        # FFmpeg by itself takes this.
        (with_stated_size, 16_000),
        (with_stated_size_of_jpeg, 65_500),
        (with_stated_size_of_jpeg, 16_000),
    ],
)
def test_size_that_pictures_state(make: Callable[[int], bytes], size: int) -> None:
    """No memory is taken for what can't be a camera's picture, and whoever copies them does not care."""
    picture, _ = decode_frame(BytesIO(make(64)), begins=0.0, moment=None)
    assert len(picture) < 100_000
    data = make(size)
    before = getrusage(RUSAGE_SELF).ru_maxrss
    with pytest.raises((InvalidVideoError, NothingRecordedError)):
        decode_frame(BytesIO(data), begins=0.0, moment=None)
    if make is with_stated_size:
        assert cut_export(data).segments
    if sys.platform == "linux":
        # FFmpeg makes room for tables, which are an eighth of a picture, but for no picture.
        assert getrusage(RUSAGE_SELF).ru_maxrss - before < 120_000


def element(name: str, content: bytes) -> bytes:
    """Return an element of Matroska."""
    return bytes.fromhex(name) + (len(content) | 1 << 56).to_bytes(8) + content


MANY = 200_000
MADE_UP = {
    "tracks": element("1654AE6B", bytes.fromhex("AE80") * MANY),
    "tags": element("1254C367", element("7373", bytes.fromhex("67C880") * MANY)),
    "cues": element("1C53BB6B", bytes.fromhex("BB80") * MANY),
    "chapters": element("1043A770", element("45B9", bytes.fromhex("B680") * MANY)),
    "many parts": element("EC", b"") * 10_000,
    "no length": bytes.fromhex("1654AE6B01") + b"\xff" * 7 + b"\xae\x80" * MANY,
    # Packets of some kilobytes become thousands of times as large, and a block holds hundreds.
    "packed": element("1654AE6B", element("AE", element("6D80", element("6240", b"")))),
    "hidden packed": element("1654AE6B", element("AE", bytes.fromhex("D7846D80"))),
    # FFmpeg does not understand the number, and looks for something that it knows.
    "hidden": element(
        "1549A966", element("2AD7B1", bytes(9)) + bytes.fromhex("1654AE6B1043A770")
    ),
}


@pytest.mark.parametrize("what", MADE_UP)
def test_endless_header(what: str) -> None:
    """Elements of two bytes each would fill the memory, before the first frame."""
    export = make_export(draw_video(), 0, 60)
    # Not where it is named in the index.
    begin = next(re.finditer(rb"(?<!\x53\xab\x84)\x15\x49\xa9\x66", export)).start()
    before = getrusage(RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidVideoError, match="any camera writes"):
        VideoReader(BytesIO(export[:begin] + MADE_UP[what] + export[begin:]), 0.0)
    if sys.platform == "linux":
        assert getrusage(RUSAGE_SELF).ru_maxrss - before < 20_000


def whole_mp4() -> bytearray:
    """Return an MP4 with an index of all of its frames."""
    file = BytesIO()
    with (
        av.open(BytesIO(make_export(draw_video(), 0, 60)), "r") as source,
        av.open(file, "w", format="mp4") as container,
    ):
        track = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.pts is not None:
                packet.stream = track
                container.mux(packet)
    return bytearray(file.getvalue())


def with_pictures_elsewhere(path: Path) -> bytes:
    """Return an MP4 whose pictures lie in another file (QuickTime File Format: data references)."""
    data = whole_mp4()
    words = os.fsencode(path)
    words += bytes(len(words) % 2)
    # Of the volume, the name and the levels between, nothing; then the path as a whole.
    alias = (
        bytes(150) + (2).to_bytes(2) + len(words).to_bytes(2) + words + b"\xff\xff\0\0"
    )
    reference = (12 + len(alias)).to_bytes(4) + b"alis" + bytes(4) + alias
    begin = data.rindex(b"url ") - 4
    data[begin : begin + 12] = reference
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        begin = data.rindex(name) - 4
        size = int.from_bytes(data[begin : begin + 4]) + len(reference) - 12
        data[begin : begin + 4] = size.to_bytes(4)
    return bytes(data)


@pytest.mark.parametrize("is_followed", [False, True])
def test_pictures_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_followed: bool
) -> None:
    """No file of Home Assistant's is shown as a video, even if FFmpeg were to follow such references."""
    path = tmp_path / "secret"
    path.write_bytes(b"secret" * 50_000)
    if is_followed:
        options = {"enable_drefs": "1", "use_absolute_path": "1"}
        monkeypatch.setattr(reader, "_OPTIONS", reader._OPTIONS | options)
    opened = VideoReader(BytesIO(with_pictures_elsewhere(path)), 0.0)
    assert not [each for each in opened._container.demux() if each.size]
    opened.close()


def box(name: bytes, content: bytes) -> bytes:
    """Return a box of an MP4."""
    return (8 + len(content)).to_bytes(4) + name + content


def with_made_up_names(many: int) -> bytes:
    """Return an MP4 with so many entries of its own in its index (QuickTime File Format: metadata)."""
    data = whole_mp4()
    begin = data.rindex(b"moov") - 4
    names = b"".join(box(b"mdta", b"%x" % each) for each in range(many))
    value = box(b"data", (1).to_bytes(4) + bytes(4) + b"a")
    values = b"".join(box((1 + each).to_bytes(4), value) for each in range(many))
    entries = (
        box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
        + box(b"keys", bytes(4) + many.to_bytes(4) + names)
        + box(b"ilst", values)
    )
    index = bytes(data[begin + 8 :]) + box(b"meta", entries)
    return bytes(data[:begin]) + box(b"moov", index)


def test_names_that_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 16 MB of them, FFmpeg would compare each with all others, for half an hour."""
    data = with_made_up_names(8000)
    VideoReader(BytesIO(data), 0.0).close()
    monkeypatch.setattr(memory, "MOST_SECONDS", 0.05)
    VideoReader(BytesIO(whole_mp4()), 0.0).close()
    with pytest.raises(MemoryLimitError):
        VideoReader(BytesIO(data), 0.0)


def with_plain_sound(seconds: int) -> bytearray:
    """Return an MP4 with an index of pictures, and of sound that is not compressed."""
    file = BytesIO()
    with (
        av.open(BytesIO(make_export(draw_video(), 0, 60)), "r") as source,
        av.open(file, "w", format="mp4") as container,
    ):
        pictures = container.add_stream_from_template(source.streams.video[0])
        sound = container.add_stream("pcm_s16le", rate=48_000)
        assert isinstance(sound, AudioStream)
        sound.layout = "mono"
        for packet in source.demux(video=0):
            if packet.pts is not None:
                packet.stream = pictures
                container.mux(packet)
        for second in range(seconds):
            heard: Packet[Stream] = av.Packet(bytes(96_000))
            heard.pts = heard.dts = second * 48_000
            heard.time_base, heard.stream = Fraction(1, 48_000), sound
            container.mux(heard)
    return bytearray(file.getvalue())


def test_plain_sound() -> None:
    """It has a million samples in 20 s, which fill no index."""
    reader = VideoReader(BytesIO(with_plain_sound(30)), 0.0)
    assert reader.dropped_audio == "pcm_s16le"
    assert sum(sample.is_video for sample in reader.samples()) == 60
    reader.close()


def with_made_up_sound() -> bytes:
    """Return an MP4 of some kilobytes whose sound has millions of samples in each piece."""
    data = with_plain_sound(1)
    sizes, chunks = (data.rindex(name) for name in (b"stsz", b"stsc"))
    data[sizes + 8 : sizes + 16] = (1).to_bytes(4) + (1000).to_bytes(4)
    data[chunks + 16 : chunks + 20] = (1 << 30).to_bytes(4)
    return bytes(data)


def with_samples_of_pictures() -> bytes:
    """Return an MP4 that reports pictures what is reported of sound."""
    data = with_plain_sound(11)
    handler = data.rindex(b"soun")
    data[handler : handler + 4] = b"vide"
    return bytes(data)


def with_made_up_frames() -> bytes:
    """Return an MP4 of some kilobytes that announces frames of one byte each."""
    data, number = whole_mp4(), (3_000_000).to_bytes(4)
    sizes, chunks, times = (data.index(name) for name in (b"stsz", b"stsc", b"stts"))
    data[sizes + 8 : sizes + 16] = (1).to_bytes(4) + number
    data[chunks + 16 : chunks + 20] = number
    data[times + 12 : times + 16] = number
    return bytes(data)


def with_made_up_run() -> bytes:
    """Return fragments, one of which has frames of which nothing is reported."""
    data = bytearray(make_export(draw_video(), 0, 60, file_format="mp4"))
    run = data.index(b"trun")
    data[run + 4 : run + 12] = bytes(4) + (3_000_000).to_bytes(4)
    return bytes(data)


def with_made_up_tracks() -> bytes:
    """Return an MP4 with an index of a hundred thousand tracks, of which nothing is reported."""
    data = whole_mp4()
    begin = data.rindex(b"moov") - 4
    index = data[begin:] + b"\0\0\0\x08trak" * 100_000
    return bytes(data[:begin] + len(index).to_bytes(4) + index[4:])


@pytest.mark.parametrize("is_piped", [True, False])
@pytest.mark.parametrize(
    "make",
    [
        with_made_up_tracks,
        with_made_up_frames,
        with_made_up_run,
        with_made_up_sound,
        with_samples_of_pictures,
    ],
)
async def test_made_up_frames(make: Callable[[], bytes], is_piped: bool) -> None:
    """An index needs no more bytes for millions of frames than for one."""
    data = make()
    source: Pipe | BytesIO = BytesIO(data)
    if is_piped:
        source = Pipe()
        await source.write(data)
        source.end()
    before = getrusage(RUSAGE_SELF).ru_maxrss

    def read() -> None:
        reader = VideoReader(source, 0.0)
        try:
            for _ in reader.samples():
                pass
        finally:
            reader.close()

    with pytest.raises(InvalidVideoError):
        await asyncio.to_thread(read)
    if sys.platform == "linux":
        assert getrusage(RUSAGE_SELF).ru_maxrss - before < 20_000


@pytest.mark.parametrize("version", [0, 1])
def test_made_up_parts(version: int) -> None:
    """An index of fragments has two kinds of numbers."""
    numbers = bytes(8 + (8 if version == 0 else 16) + 2)
    content = version.to_bytes() + bytes(3) + numbers + (65_535).to_bytes(2)
    box = (8 + len(content)).to_bytes(4) + b"sidx" + content
    CheckedBoxes(BytesIO(box)).read_all()
    with pytest.raises(InvalidVideoError, match="announces more"):
        CheckedBoxes(BytesIO(2 * box)).read_all()


async def test_more_than_any_camera_sends(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export has an end, in proportion to its length."""
    stage = await on_stage(camera_with_video())
    properties = await whole(stage)
    monkeypatch.setattr(export_stream, "_LEAST_LIMIT", 1000)
    monkeypatch.setattr(export_stream, "MOST_PER_SECOND", 100)
    monkeypatch.setattr(export_stream, "_ESTIMATES", 0)
    with pytest.raises(InvalidVideoError, match="larger than"):
        await stage.read(properties, read_all, lambda: True)
    await stage.idle(seconds=2)


async def test_slower_than_any_camera(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits forever for one that goes on and on."""
    stage = await on_stage(camera_with_video(export_speed=2))
    properties = await stage.client.fetch_export_properties(stage.key(), START)
    monkeypatch.setattr(export_stream, "_LEAST_SECONDS", 0.5)
    monkeypatch.setattr(export_stream, "_SLOWEST", 0.0)
    async with asyncio.timeout(10):
        with pytest.raises(CameraTimeoutError):
            await stage.read(properties, read_all, lambda: True)
    await stage.idle(seconds=2)


async def test_picture_takes_no_more_than_its_moment_needs(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera reports how far before the moment its video begins, and so how much it would send."""
    stage = await on_stage(camera_with_video())
    properties = await whole(stage)
    monkeypatch.setattr(export_stream, "_LEAST_LIMIT", 1000)
    monkeypatch.setattr(export_stream, "MOST_PER_SECOND", 1_000_000)
    export = (properties, read_all, lambda: True)
    assert await stage.read(*export)
    with pytest.raises(InvalidVideoError, match="larger than"):
        await stage.read(*export, longest=0.01)
    monkeypatch.setattr(export_stream, "_LEAST_SECONDS", 0.0)
    with pytest.raises(CameraTimeoutError):
        await stage.read(*export, longest=0.0)
    await stage.idle(seconds=2)
    # As docs/design/security.md and the time that people wait for a picture have it.
    seconds = export_stream.IMAGE_SECONDS
    monkeypatch.undo()
    assert export_stream.most_bytes(seconds) == 256 * 1024 * 1024
    assert export_stream._LEAST_SECONDS + export_stream._SLOWEST * seconds == 380


@pytest.mark.parametrize("limit", ["_LEAST_PACKETS", "_MOST_PER_SECOND"])
def test_more_frames_than_a_clip_has(
    limit: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each has its place in the index, which is held until the end, however short it is seen."""
    cut = cut_export(make_export(draw_video(), 0, 60))
    data = cut.init + b"".join(each.data for each in cut.segments)

    def write() -> None:
        _write(BytesIO(data), tmp_path / "clip.mp4", 0.0, 6.0, lambda: 6.0)

    write()
    monkeypatch.setattr(clips, "_LEAST_PACKETS", 0)
    monkeypatch.setattr(clips, "_MOST_PER_SECOND", 0)
    monkeypatch.setattr(clips, limit, 59 if limit == "_LEAST_PACKETS" else 59 / 6)
    with pytest.raises(InvalidVideoError, match="larger than"):
        write()


def test_more_bytes_than_a_clip_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A segment may be large, but not each."""
    cut = cut_export(make_export(draw_video(), 0, 60))
    data = cut.init + b"".join(each.data for each in cut.segments)
    monkeypatch.setattr(export_stream, "_LEAST_LIMIT", 0)
    monkeypatch.setattr(export_stream, "MOST_PER_SECOND", len(data) // 12)
    with pytest.raises(InvalidVideoError, match="larger than"):
        _write(BytesIO(data), tmp_path / "clip.mp4", 0.0, 6.0, lambda: 6.0)
