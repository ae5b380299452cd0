"""In which order pictures are shown, as their coding tells."""

from dataclasses import replace
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import av
import pytest

from custom_components.axis_recordings.playback.film import Film
from custom_components.axis_recordings.playback.picture_order import PictureOrder
from tests.camera import ClockStep, Encoding
from tests.camera.exports import footage_of

from .films import FILM, filming, make_film

if TYPE_CHECKING:
    from collections.abc import Iterable

H264, H265 = "video/x-h264", "video/x-h265"
PLAIN = Encoding()
B_FRAMES = Encoding(b_frames=3)
PYRAMID = Encoding(b_frames=3, pyramid=True, references=2)
OPEN = Encoding(b_frames=2, open_gop=True)


class Coded(NamedTuple):
    """A film's configuration, and its pictures with their time stamps."""

    codec: str
    extradata: bytes
    pictures: list[tuple[int, bytes]]


def coded(film: bytes) -> Coded:
    """Take a film apart."""
    with av.open(BytesIO(film), "r") as container:
        video = container.streams.video[0]
        pictures = [
            (each.pts or 0, bytes(each)) for each in container.demux(video) if each.size
        ]
        context = video.codec_context
        return Coded(context.codec.canonical_name, context.extradata or b"", pictures)


def filmed(encoding: Encoding, mimetype: str = H264, gop: float = 2.0) -> bytes:
    """Return a film of twelve seconds."""
    camera = filming(encoding=encoding, mimetype=mimetype, gop=gop)
    recording = camera.recordings.find(FILM)
    assert recording is not None
    return make_film(footage_of(recording, camera), 0, 120)


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
    film = coded(filmed(encoding, mimetype, gop))
    assert_ranked(PictureOrder(film.codec, film.extradata), film.pictures)


@pytest.mark.parametrize("mimetype", [H264, H265])
def test_start_codes(mimetype: str) -> None:
    """Pictures and parameter sets may follow start codes instead of lengths."""
    film = coded(filmed(PYRAMID, mimetype))
    order = PictureOrder(film.codec, film.extradata)
    name = "h264" if mimetype == H264 else "hevc"
    with av.open(BytesIO(filmed(PYRAMID, mimetype)), "r") as container:
        video = container.streams.video[0]
        plain = av.BitStreamFilterContext(f"{name}_mp4toannexb", video)
        pictures = [
            (each.pts or 0, bytes(each))
            for packet in container.demux(video)
            for each in plain.filter(packet if packet.size else None)
        ]
    assert pictures[0][1][:3] in (b"\0\0\0", b"\0\0\1")
    assert_ranked(PictureOrder(film.codec, b""), pictures)
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
    film = encoded(options, pixels)
    assert_ranked(PictureOrder(film.codec, film.extradata), film.pictures)


@pytest.mark.parametrize("encoding", [PLAIN, B_FRAMES])
def test_b_frames(encoding: Encoding) -> None:
    """They are known by their slices."""
    film = coded(filmed(encoding))
    order = PictureOrder("h264", film.extradata)
    latest, found = -1, 0
    for time, picture in film.pictures:
        assert order.is_b_frame(picture) is (time < latest)
        latest, found = max(latest, time), found + (time < latest)
    assert bool(found) is bool(encoding.b_frames)
    assert not order.is_b_frame(b"")
    assert not order.is_b_frame(b"\0\0\0\1\1")


@pytest.mark.parametrize("mimetype", [H264, H265])
def test_garbage(mimetype: str) -> None:
    """What can't be read has no rank, and is no error."""
    film = coded(filmed(PYRAMID, mimetype))
    random = Random(1)  # noqa: S311 - no secrets
    first = film.pictures[0][1]
    for length in range(len(film.extradata)):
        PictureOrder(film.codec, film.extradata[:length]).rank(first)
    order = PictureOrder(film.codec, film.extradata)
    for length in range(120):
        order.rank(first[:length])
        order.rank(random.randbytes(length))
        order.rank(b"\0\0\0" + bytes([length]) + random.randbytes(length))
        damaged = bytearray(film.extradata)
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
        other = PictureOrder(film.codec, bytes(damaged))
        for _, picture in film.pictures[:3]:
            other.rank(picture)
            other.is_b_frame(picture)
    assert order.rank(b"") is None
    assert PictureOrder(film.codec, b"").rank(first) is None
    assert PictureOrder("av1", film.extradata).rank(first) is None


@pytest.mark.parametrize("mimetype", [H264, H265])
@pytest.mark.parametrize("encoding", [B_FRAMES, PYRAMID, OPEN])
@pytest.mark.parametrize("at", [4.5, 4.6, 4.7, 4.8])
def test_equal_stamps(encoding: Encoding, mimetype: str, at: float) -> None:
    """Two frames with one time stamp are shown in their order, a little apart."""
    steps = (ClockStep(at, -0.1), ClockStep(at + 0.1, 0.0))
    camera = filming(
        encoding=replace(encoding, clock_steps=steps), mimetype=mimetype, gop=2.0
    )
    recording = camera.recordings.find(FILM)
    assert recording is not None
    uneven = make_film(footage_of(recording, camera), 0, 120)
    # A frame may move when others have come that are shown before it.
    all_samples = (
        list(Film(BytesIO(film), 0.0).samples())
        for film in (uneven, filmed(encoding, mimetype))
    )
    times, right = ([each.time for each in samples] for samples in all_samples)
    assert len(set(times)) == len(times)
    places = [sorted(each).index(time) for each in (times, right) for time in each]
    assert places[: len(times)] == places[len(times) :]
    stamps = [each - 0.1 if abs(each - at) < 0.01 else each for each in right]
    assert times == pytest.approx(stamps, abs=0.004)
