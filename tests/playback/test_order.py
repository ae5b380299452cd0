"""When frames are decoded and shown."""

from functools import partial
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

import av
import pytest

from custom_components.axis_recordings.playback.order import (
    ROOM,
    TICK,
    Order,
    decode_ticks,
    is_b_frame,
)
from tests.camera import Encoding
from tests.camera.exports import footage_of

from .films import FILM, filming, make_film

if TYPE_CHECKING:
    from collections.abc import Sequence


def placed(
    times: Sequence[float], early: tuple[int, ...] = (), duration: float = 0.1
) -> list[float]:
    """Place frames, of which some may be shown early."""
    order = Order(is_sure=True)
    return [
        order.place(time, duration, partial(early.__contains__, number))
        for number, time in enumerate(times)
    ]


def test_decoded_as_late_as_can_be() -> None:
    """Before they are shown, one after the other, and the first one when the first one is shown."""
    assert decode_ticks([]) == []
    assert decode_ticks([0, 10, 20]) == [0, 10, 20]
    assert decode_ticks([0, 30, 10, 20, 60, 40, 50]) == [0, 9, 10, 20, 39, 40, 50]
    assert decode_ticks([40, 30, 20]) == [18, 19, 20]


def test_even() -> None:
    """What is right stays."""
    assert placed([0, 0.1, 5.0, 5.1]) == [0, 0.1, 5.0, 5.1]
    assert placed([0, 0.3, 0.1, 0.2, 0.6], early=(2, 3)) == [0, 0.3, 0.1, 0.2, 0.6]


@pytest.mark.parametrize("fallen", [0.1, 0.05, -2.0])
def test_falling(fallen: float) -> None:
    """What comes too early moves behind the last one, and what is right again is at its time."""
    assert placed([0, 0.1, fallen, 0.3]) == [0, 0.1, 0.1 + TICK, 0.3]


def test_equal_where_frames_change_places() -> None:
    """Each has a time of its own, and stays on its side."""
    times = placed([0, 0.3, 0.1, 0.1, 0.3, 0.0, 0.6], early=(2, 3, 4, 5))
    assert times[1] == 0.3
    assert len(set(times)) == 7
    assert all(0 < time < 0.3 for time in (times[2], times[3], times[4], times[5]))
    assert all(abs(a - b) > TICK / 2 for a, b in pairwise(sorted(times)))


def test_room_for_early_frames() -> None:
    """Between frames that are moved there is room for those that are shown before the later one."""
    times = placed([0, 0.3, 0.1, 0.3, 0.2], early=(2, 4))
    assert times[3] == pytest.approx(0.3 + ROOM)
    assert times[2] < times[4] < times[3]


def test_guess() -> None:
    """Where it is not known which frames are early, those are that lie between the last two."""
    order = Order(is_sure=False)
    times = [order.place(time, 0.1, lambda: True) for time in (0, 0.4, 0.2, 0.8, 0.1)]
    assert times == [0, 0.4, 0.2, 0.8, 0.8 + ROOM]


def test_clock_far_back() -> None:
    """What would take long to catch up is not waited for."""
    times = placed([3600, 3600.1, 0, 0.1, 0.2])
    assert times == pytest.approx([3600, 3600.1, 3600.2, 3600.3, 3600.4])


@pytest.mark.parametrize("annex_b", [False, True])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_b_frames_of_h264(b_frames: int, annex_b: bool) -> None:
    """They are known by their slices, with lengths in front as with start codes."""
    camera = filming(encoding=Encoding(b_frames=b_frames))
    recording = camera.recordings.find(FILM)
    assert recording is not None
    film = make_film(footage_of(recording, camera), 0, 31)
    with av.open(BytesIO(film), "r") as container:
        packets = [each for each in container.demux(video=0) if each.size]
        latest, found = -1, 0
        for packet in packets:
            assert packet.pts is not None
            data, length = bytes(packet), 4
            if annex_b:
                data, length = _with_start_codes(data), 0
            is_early = packet.pts < latest
            assert is_b_frame(data, length) is is_early
            latest, found = max(latest, packet.pts), found + is_early
    assert bool(found) is bool(b_frames)
    assert not is_b_frame(b"", 4)
    assert not is_b_frame(b"\0\0\1\x09", 0)


def _with_start_codes(data: bytes) -> bytes:
    parts, position = [], 0
    while position < len(data):
        begin = position + 4
        position = begin + int.from_bytes(data[begin - 4 : begin])
        parts.append(b"\0\0\0\1" + data[begin:position])
    return b"".join(parts)
