"""When frames are decoded and shown."""

from functools import partial
from itertools import accumulate, product
from operator import itemgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.frame_order import (
    ROOM,
    TICK,
    Order,
    decode_ticks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def placed(
    times: Sequence[float],
    early: tuple[int, ...] = (),
    *,
    ranks: Sequence[tuple[int, int] | None] | None = None,
    is_sure: bool = True,
) -> list[float]:
    """Place frames, of which some may be shown early."""
    order = Order(is_sure=is_sure)
    frames = [SimpleNamespace(time=time) for time in times]
    for number, frame in enumerate(frames):
        order.place(
            frame,
            0.1,
            partial(early.__contains__, number),
            ranks[number] if ranks else None,
        )
    return [frame.time for frame in frames]


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
    shown = [times[each] for each in (0, 5, 2, 3, 4, 1, 6)]
    assert shown == pytest.approx([0, ROOM, 0.1, 0.1 + ROOM, 0.3, 0.3 + ROOM, 0.6])


def test_frame_that_is_shown_later_than_stamped() -> None:
    """It moves behind those that are shown before it, which stay at their times."""
    times = placed([0, 0.3, 0.1, 0.3, 0.2, 0.6], early=(2, 4))
    assert times == pytest.approx([0, 0.3, 0.1, 0.3 + 2 * ROOM, 0.3 + ROOM, 0.6])


def test_guess() -> None:
    """Where it is not known which frames are early, those are that lie between the last two."""
    times = placed([0, 0.4, 0.2, 0.8, 0.1], early=(2, 4), is_sure=False)
    assert times == [0, 0.4, 0.2, 0.8, 0.8 + ROOM]


def test_clock_far_back() -> None:
    """What would take long to catch up is not waited for."""
    times = placed([3600, 3600.1, 0, 0.1, 0.2])
    assert times == pytest.approx([3600, 3600.1, 3600.2, 3600.3, 3600.4])


def ranked(frames: Sequence[tuple[float, int]]) -> list[float]:
    """Place frames whose places are known, but for one that tells none (-1)."""
    times, ranks = zip(*frames, strict=True)
    return placed(times, ranks=[None if rank < 0 else (0, rank) for rank in ranks])


@pytest.mark.parametrize("ranks", [(1, 2, 3), (2, 1, 3), (3, 2, 1)])
def test_rank(ranks: tuple[int, ...]) -> None:
    """Frames are shown by rank, at their stamps, or behind the one before."""
    for stamps in product((-0.1, 0.05, 0.1, 0.2, 0.3, 0.35), repeat=3):
        frames = [(0.0, 0), (0.3, 4), *zip(stamps, ranks, strict=True), (0.6, 8)]
        in_order = sorted(frames, key=itemgetter(1))
        wanted = accumulate(
            (stamp for stamp, _ in in_order),
            lambda before, stamp: max(stamp, before + ROOM),
        )
        shown = sorted(zip([0, 4, *ranks, 8], ranked(frames), strict=True))
        assert [time for _, time in shown] == pytest.approx(list(wanted))


def test_rank_after_a_step() -> None:
    """Where the clock goes back, those that are shown before it have their times."""
    before = [(4.8, 0), (5.0, 4), (4.9, 2)]
    group = [(4.0, 8), (5.0, 5), (5.1, 6), (5.2, 7)]
    times = ranked([*before, *group, (4.4, 12)])
    shown = [times[each] for each in (0, 2, 1, 4, 5, 6, 3, 7)]
    last = 5.2 + ROOM
    assert shown == pytest.approx(
        [4.8, 4.9, 5.0, 5.0 + ROOM, 5.1, 5.2, last, last + ROOM]
    )


def test_rank_before_a_large_step() -> None:
    """Where the video's own time goes on, those that are shown before it have no times of their own."""
    times = ranked([(50.0, 0), (9.0, 4), (50.1, 1), (50.2, 2), (9.4, 8)])
    shown = [times[each] for each in (0, 2, 3, 1, 4)]
    assert shown == pytest.approx([50, 50 + ROOM, 50 + 2 * ROOM, 50.1, 50.5])


def test_rank_that_makes_no_sense() -> None:
    """Frames that have lost count, or tell none, are shown as they come."""
    assert ranked([(0, 40), (0.1, 42), (0.2, 10), (0.3, 12)]) == [0, 0.1, 0.2, 0.3]
    assert ranked([(0, 0), (0.1, 0), (0.2, -1), (0.3, 0)]) == [0, 0.1, 0.2, 0.3]
