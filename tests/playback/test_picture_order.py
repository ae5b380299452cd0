"""In which order pictures are shown, as their coding tells."""

from dataclasses import replace
from io import BytesIO
from random import Random
import re
from time import process_time
from typing import TYPE_CHECKING, NamedTuple

import av
import pytest

from custom_components.axis_recordings.playback.picture_order import (
    PictureOrder,
    _avc_units,
    _units,
)
from custom_components.axis_recordings.playback.reader import VideoReader
from tests.camera import ClockStep, Encoding
from tests.camera.exports import coded_video_of

from .videos import VIDEO, camera_with_video, make_export

if TYPE_CHECKING:
    from collections.abc import Iterable

H264, H265 = "video/x-h264", "video/x-h265"
PLAIN = Encoding()
B_FRAMES = Encoding(b_frames=3)
PYRAMID = Encoding(b_frames=3, pyramid=True, references=2)
OPEN = Encoding(b_frames=2, open_gop=True)


class Coded(NamedTuple):
    """A video's configuration, and its pictures with their time stamps."""

    codec: str
    extradata: bytes
    pictures: list[tuple[int, bytes]]


def coded(export: bytes) -> Coded:
    """Take a video apart."""
    with av.open(BytesIO(export), "r") as container:
        video = container.streams.video[0]
        pictures = [
            (each.pts or 0, bytes(each)) for each in container.demux(video) if each.size
        ]
        context = video.codec_context
        return Coded(context.codec.canonical_name, context.extradata or b"", pictures)


def exported_video(encoding: Encoding, mimetype: str = H264, gop: float = 2.0) -> bytes:
    """Return a video of twelve seconds."""
    camera = camera_with_video(encoding=encoding, mimetype=mimetype, gop=gop)
    recording = camera.recordings.find(VIDEO)
    assert recording is not None
    return make_export(coded_video_of(recording, camera), 0, 120)


def encoded(options: str, pixels: str = "yuv420p") -> Coded:
    """Return some frames from an encoder with options of its own."""
    file = BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixels
        stream.options = {"x264-params": f"threads=1:bframes=2:b-adapt=0:{options}"}
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame(64, 64, pixels)))
        container.mux(stream.encode())
    return coded(file.getvalue())


def assert_ranked(order: PictureOrder, pictures: Iterable[tuple[int, bytes]]) -> None:
    """See that ranks grow with times."""
    ranks = [(time, order.rank(picture)) for time, picture in pictures]
    by_time = [rank for _, rank in sorted(ranks)]
    known = [rank for rank in by_time if rank is not None]
    assert len(known) == len(by_time) > 10
    assert known == sorted(set(known))


@pytest.mark.parametrize("gop", [2.0, 12.0])
@pytest.mark.parametrize("mimetype", [H264, H265])
@pytest.mark.parametrize("encoding", [PLAIN, B_FRAMES, PYRAMID, OPEN])
def test_ranks(encoding: Encoding, mimetype: str, gop: float) -> None:
    """They grow as frames are shown, over many groups of pictures."""
    export = coded(exported_video(encoding, mimetype, gop))
    assert_ranked(PictureOrder(export.codec, export.extradata), export.pictures)


@pytest.mark.parametrize("mimetype", [H264, H265])
def test_start_codes(mimetype: str) -> None:
    """Pictures and parameter sets may follow start codes instead of lengths."""
    export = coded(exported_video(PYRAMID, mimetype))
    order = PictureOrder(export.codec, export.extradata)
    name = "h264" if mimetype == H264 else "hevc"
    with av.open(BytesIO(exported_video(PYRAMID, mimetype)), "r") as container:
        video = container.streams.video[0]
        plain = av.BitStreamFilterContext(f"{name}_mp4toannexb", video)
        pictures = [
            (each.pts or 0, bytes(each))
            for packet in container.demux(video)
            for each in plain.filter(packet if packet.size else None)
        ]
    assert pictures[0][1][:3] in (b"\0\0\0", b"\0\0\1")
    assert_ranked(PictureOrder(export.codec, b""), pictures)
    assert order.rank(pictures[0][1]) is None


@pytest.mark.parametrize(
    ("options", "pixels"),
    [
        ("fake-interlaced=1", "yuv420p"),
        ("interlaced=1", "yuv420p"),
        ("cqm=jvt", "yuv420p"),
        ("slices=3", "yuv420p"),
        ("", "yuv444p"),
    ],
)
def test_other_headers(options: str, pixels: str) -> None:
    """Fields, scaling lists and colors stand in front of what is read."""
    export = encoded(options, pixels)
    assert_ranked(PictureOrder(export.codec, export.extradata), export.pictures)


def ue(number: int) -> str:
    """Return a number that tells its length, in bits."""
    bits = f"{number + 1:b}"
    return "0" * (len(bits) - 1) + bits


def renumbered(unit: bytes, *, skip: int, numbers: list[int]) -> bytes:
    """Return a unit of H.264 with other numbers behind the first ``skip`` ones."""
    content = unit[1:].replace(b"\0\0\3", b"\0\0")
    bits, fixed = "".join(f"{byte:08b}" for byte in content), ""
    if unit[0] & 0x1F == 7:
        fixed, bits = bits[:24], bits[24:]
    for index in range(skip + len(numbers)):
        length = 2 * bits.index("1") + 1
        fixed += bits[:length] if index < skip else ue(numbers[index - skip])
        bits = bits[length:]
    bits = fixed + bits
    bits += "0" * (-len(bits) % 8)
    plain = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    return unit[:1] + re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", plain)


def with_numbers(export: Coded, sequence: int, picture: int) -> Coded:
    """Return a video of H.264 with start codes, whose parameter sets have other numbers."""
    settings = {7: (0, [sequence]), 8: (0, [picture, sequence])}
    slices = dict.fromkeys((1, 5), (2, [picture]))

    def rewritten(units: Iterable[bytes]) -> bytes:
        written = b""
        for unit in units:
            skip, numbers = (settings | slices).get(unit[0] & 0x1F, (0, []))
            written += b"\0\0\1" + renumbered(unit, skip=skip, numbers=numbers)
        return written

    return Coded(
        export.codec,
        rewritten(_avc_units(export.extradata)),
        [(time, rewritten(_units(data, 4))) for time, data in export.pictures],
    )


@pytest.mark.parametrize("sequence", [0, 31])
@pytest.mark.parametrize("picture", [0, 3, 255])
def test_numbers_of_parameter_sets(sequence: int, picture: int) -> None:
    """Those of pictures are numbered by themselves (ISO 14496-10, 7.3.2.2)."""
    export = with_numbers(encoded("sps-id=0"), sequence, picture)
    assert_ranked(PictureOrder("h264", export.extradata), export.pictures)


def test_several_parameter_sets() -> None:
    """Each picture is read by the settings that it names."""
    # Their counts have different lengths, as the longer group needs larger ones.
    short = with_numbers(encoded("keyint=2"), 1, 2)
    long = with_numbers(encoded("keyint=300"), 2, 0)
    assert short.extradata[:8] != long.extradata[:8]
    for export in (short, long):
        order = PictureOrder("h264", short.extradata + long.extradata)
        assert_ranked(order, export.pictures)


@pytest.mark.parametrize(
    ("codec", "unit"),
    [
        ("h264", b"\x67\x42\0\x0a" + bytes.fromhex("0020") + 8 * b"\xff"),
        ("h264", b"\x68" + bytes.fromhex("00808080") + 8 * b"\xff"),
        ("hevc", b"\x44\1" + bytes.fromhex("0208") + 8 * b"\xff"),
        ("hevc", b"\x42\1" + 13 * b"\1" + bytes.fromhex("0880") + 8 * b"\xff"),
    ],
)
def test_more_parameter_sets_than_there_are(codec: str, unit: bytes) -> None:
    """Numbers beyond those of the standards are kept by nobody."""
    order = PictureOrder(codec, b"\0\0\1" + unit)
    kept = [each for each in vars(order._reader).values() if each]
    assert not kept


@pytest.mark.parametrize("encoding", [PLAIN, B_FRAMES])
def test_b_frames(encoding: Encoding) -> None:
    """They are known by their slices."""
    export = coded(exported_video(encoding))
    order = PictureOrder("h264", export.extradata)
    latest, found = -1, 0
    for time, picture in export.pictures:
        assert order.is_b_frame(picture) is (time < latest)
        latest, found = max(latest, time), found + (time < latest)
    assert bool(found) is bool(encoding.b_frames)
    assert not order.is_b_frame(b"")
    assert not order.is_b_frame(b"\0\0\0\1\1")


@pytest.mark.parametrize("mimetype", [H264, H265])
def test_garbage(mimetype: str) -> None:
    """What can't be read has no rank, and is no error."""
    export = coded(exported_video(PYRAMID, mimetype))
    random = Random(1)  # noqa: S311 - no secrets
    first = export.pictures[0][1]
    for length in range(len(export.extradata)):
        PictureOrder(export.codec, export.extradata[:length]).rank(first)
    order = PictureOrder(export.codec, export.extradata)
    for length in range(120):
        order.rank(first[:length])
        order.rank(random.randbytes(length))
        order.rank(b"\0\0\0" + bytes([length]) + random.randbytes(length))
        damaged = bytearray(export.extradata)
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
        other = PictureOrder(export.codec, bytes(damaged))
        for _, picture in export.pictures[:3]:
            other.rank(picture)
            other.is_b_frame(picture)
    assert order.rank(b"") is None
    assert PictureOrder(export.codec, b"").rank(first) is None
    assert PictureOrder("av1", export.extradata).rank(first) is None


@pytest.mark.parametrize(
    ("codec", "head"), [("h264", b"\x67BBB"), ("hevc", b"\x42\1" + 13 * b"\1")]
)
def test_endless_number(codec: str, head: bytes) -> None:
    """Time grows with the length of the settings, not faster, and no further than any have."""
    begun = process_time()
    settings = head + bytes(50_000)
    assert PictureOrder(codec, b"").rank(b"\0\0\1" + settings) is None
    assert process_time() - begun < 1


@pytest.mark.parametrize("mimetype", [H264, H265])
@pytest.mark.parametrize("encoding", [B_FRAMES, PYRAMID, OPEN])
@pytest.mark.parametrize("at", [4.5, 4.6, 4.7, 4.8])
def test_equal_stamps(encoding: Encoding, mimetype: str, at: float) -> None:
    """Two frames with one time stamp are shown in their order, a little apart."""
    steps = (ClockStep(at, -0.1), ClockStep(at + 0.1, 0.0))
    camera = camera_with_video(
        encoding=replace(encoding, clock_steps=steps), mimetype=mimetype, gop=2.0
    )
    recording = camera.recordings.find(VIDEO)
    assert recording is not None
    uneven = make_export(coded_video_of(recording, camera), 0, 120)
    # A frame may move when others have come that are shown before it.
    all_samples = (
        list(VideoReader(BytesIO(export), 0.0).samples())
        for export in (uneven, exported_video(encoding, mimetype))
    )
    times, right = ([each.time for each in samples] for samples in all_samples)
    assert len(set(times)) == len(times)
    places = [sorted(each).index(time) for each in (times, right) for time in each]
    assert places[: len(times)] == places[len(times) :]
    stamps = [each - 0.1 if abs(each - at) < 0.01 else each for each in right]
    assert times == pytest.approx(stamps, abs=0.004)
