"""When frames are decoded and shown."""

from functools import partial
from itertools import pairwise, product
from operator import itemgetter
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.order import (
    ROOM,
    TICK,
    Order,
    decode_ticks,
)

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


def ranked(frames: Sequence[tuple[float, int]]) -> list[float]:
    """Place frames whose places are known, but for one that tells none (-1)."""
    order = Order(is_sure=True)
    return [
        order.place(time, 0.1, lambda: False, None if rank < 0 else (0, rank))
        for time, rank in frames
    ]


@pytest.mark.parametrize("ranks", [(1, 2, 3), (2, 1, 3), (3, 2, 1)])
def test_rank(ranks: tuple[int, ...]) -> None:
    """Frames are shown by rank, whatever their stamps; those that are right keep theirs."""
    for stamps in product((-0.1, 0.05, 0.1, 0.2, 0.3, 0.35), repeat=3):
        between = list(zip(stamps, ranks, strict=True))
        times = ranked([(0.0, 0), (0.3, 4), *between, (0.6, 8)])
        shown = sorted(zip([0, 4, *ranks, 8], times, strict=True))
        assert all(b - a >= TICK * 0.99 for (_, a), (_, b) in pairwise(shown))
        assert [times[0], times[1], times[-1]] == [0, 0.3, 0.6]
        right = sorted({stamp for stamp in stamps if 0 < stamp < 0.3})
        if [stamp for stamp, _ in sorted(between, key=itemgetter(1))] == right:
            assert times[2:5] == list(stamps)


def test_rank_after_a_step() -> None:
    """There is room where the clock goes back, too."""
    before = [(4.8, 0), (5.0, 4), (4.9, 2)]
    group = [(4.0, 8), (5.0, 5), (5.1, 6), (5.2, 7)]
    times = ranked([*before, *group, (4.4, 12)])
    shown = [times[each] for each in (0, 2, 1, 4, 5, 6, 3, 7)]
    assert all(b - a >= TICK * 0.99 for a, b in pairwise(shown))
    assert shown[-1] < 5.01


def test_rank_that_makes_no_sense() -> None:
    """Frames that have lost count, or tell none, are shown as they come."""
    assert ranked([(0, 40), (0.1, 42), (0.2, 10), (0.3, 12)]) == [0, 0.1, 0.2, 0.3]
    assert ranked([(0, 0), (0.1, 0), (0.2, -1), (0.3, 0)]) == [0, 0.1, 0.2, 0.3]
