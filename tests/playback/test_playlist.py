"""Playlists of parts of recordings."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
import re
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.export_queue import Priority
from custom_components.axis_recordings.playback.playlist import (
    Listing,
    numbers,
    write_playlist,
)
from custom_components.axis_recordings.recordings.extent import TimeRange

from .videos import START, VIDEO, camera_with_video

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.segment_source import SegmentSource

    from .conftest import OnStage


@dataclass
class Playlist:
    """A playlist as a player reads it (RFC 8216)."""

    tags: dict[str, str] = field(default_factory=dict)
    segments: list[tuple[str, float]] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> Playlist:
        """Read one."""
        lines = text.split("\n")
        assert lines[0] == "#EXTM3U"
        assert lines[-2:] == ["#EXT-X-ENDLIST", ""]
        result = cls()
        length: float | None = None
        for line in lines[1:-2]:
            if line.startswith("#EXTINF:"):
                assert length is None
                length = float(line.removeprefix("#EXTINF:").removesuffix(","))
            elif line.startswith("#"):
                assert not result.segments
                name, _, value = line.removeprefix("#").partition(":")
                assert name not in result.tags
                result.tags[name] = value
            else:
                assert length is not None
                result.segments.append((line, length))
                length = None
        assert length is None
        return result

    @property
    def length(self) -> float:
        """Return the length of all of it."""
        return sum(length for _, length in self.segments)

    @property
    def offset(self) -> float:
        """Return where to start."""
        match = re.fullmatch(
            r"TIME-OFFSET=([\d.]+),PRECISE=YES", self.tags["EXT-X-START"]
        )
        assert match
        return float(match[1])

    @property
    def begins(self) -> datetime:
        """Return the moment at which the first segment begins."""
        return datetime.fromisoformat(self.tags["EXT-X-PROGRAM-DATE-TIME"])


def span(first: float, last: float) -> TimeRange:
    """Return a part of the video."""
    return TimeRange(START + timedelta(seconds=first), START + timedelta(seconds=last))


def listed(
    source: SegmentSource, first: float, last: float, begin: float = 0
) -> Playlist:
    """Return the playlist of a part of the video."""
    listing = Listing(source, span(first, last))
    text = write_playlist([listing], begin=begin - listing.begins)
    return Playlist.parse(text)


async def test_whole(on_stage: OnStage) -> None:
    """All of it is listed before any of it is there."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    playlist = listed(source, 0, 60)
    assert playlist.segments == [(f"{number}.m4s", 2.0) for number in range(30)]
    assert playlist.length == pytest.approx(60)
    assert playlist.offset == 0
    assert playlist.begins == START
    assert playlist.tags == {
        "EXT-X-VERSION": "7",
        "EXT-X-PLAYLIST-TYPE": "VOD",
        "EXT-X-TARGETDURATION": "5",
        "EXT-X-MEDIA-SEQUENCE": "0",
        "EXT-X-START": "TIME-OFFSET=0.000,PRECISE=YES",
        "EXT-X-MAP": 'URI="init.mp4"',
        "EXT-X-PROGRAM-DATE-TIME": "2025-10-20T12:00:00.500+00:00",
    }
    assert stage.server.exports_made == 0


@pytest.mark.parametrize(
    ("first", "last", "begin", "expected", "offset"),
    [
        (10, 20, 12.5, range(5, 10), 2.5),
        (11, 21, 11, range(5, 11), 1),
        (10, 20, 3, range(5, 10), 0),
        # A listed end may be a little later than the last frame.
        (0, 10.2, 0, range(5), 0),
        (0, 10.3, 0, range(6), 0),
        (10, 10.1, 10, range(5, 6), 0),
        (0, 0.1, 0, range(1), 0),
    ],
)
async def test_part(
    on_stage: OnStage,
    first: float,
    last: float,
    begin: float,
    expected: range,
    offset: float,
) -> None:
    """A part begins with the segment that holds its beginning, and starts where it should."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    assert numbers(source, span(first, last)) == expected
    playlist = listed(source, first, last, begin)
    assert [name for name, _ in playlist.segments] == [f"{n}.m4s" for n in expected]
    assert playlist.tags["EXT-X-MEDIA-SEQUENCE"] == str(expected.start)
    assert playlist.offset == offset
    assert playlist.begins == START + timedelta(seconds=2 * expected.start)
    assert playlist.length == pytest.approx(last - 2 * expected.start, abs=0.001)


async def test_known_segments_are_exact(on_stage: OnStage) -> None:
    """What was cut is listed as long as it is."""
    stage = await on_stage(camera_with_video(gop=3.0))
    source = await stage.source()
    before = listed(source, 0, 60)
    cut = [await source.segment(number, Priority.PLAYBACK) for number in range(2, 6)]
    playlist = listed(source, 0, 60)
    lengths = dict(playlist.segments)
    for segment in cut:
        assert lengths[f"{segment.number}.m4s"] == pytest.approx(
            segment.end - segment.start, abs=1e-5
        )
        assert source.start_of(segment.number) == segment.start
    assert source.start_of(6) == cut[-1].end
    assert playlist.length == pytest.approx(before.length)
    # RFC 8216: rounded to the nearest second.
    assert round(max(lengths.values())) <= int(playlist.tags["EXT-X-TARGETDURATION"])
    part = listed(source, 6, 12, 6)
    assert part.begins == START + timedelta(seconds=cut[1].start)
    assert part.offset == pytest.approx(6 - cut[1].start, abs=0.001)


@pytest.mark.parametrize(
    ("rate", "length"), [("30:1", 2), ("1:1", 4), ("1:2", 8), ("1:10", 40)]
)
async def test_low_frame_rates(on_stage: OnStage, rate: str, length: float) -> None:
    """Each segment holds some frames, so none is missing that is listed."""
    stage = await on_stage(camera_with_video(seconds=120, rate=rate, gop=120))
    source = await stage.source()
    playlist = listed(source, 0, 120)
    assert playlist.length == pytest.approx(120)
    assert [each for _, each in playlist.segments] == pytest.approx(
        [length] * (120 // int(length))
    )
    assert int(playlist.tags["EXT-X-TARGETDURATION"]) == ceil(2.25 * length)
    # The last frame lasts longer than usual, so that a segment behind it would be empty.
    frames = 1.5 / float(Fraction(rate.replace(":", "/")))
    if length > 2:
        assert len(listed(source, 0, length + frames - 0.1).segments) == 1
        assert len(listed(source, 0, length + frames + 0.1).segments) == 2


async def test_unknown_frame_rate(on_stage: OnStage) -> None:
    """A camera may not report; then it is taken for a usual one."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    source.frame_rate = None
    assert len(listed(source, 0, 10.2).segments) == 5
    assert source.key.recording_id == VIDEO


@pytest.mark.parametrize(
    ("rate", "length"), [("1:1000", 40), ("1000000000:1", 2), ("1:9", 36)]
)
async def test_odd_frame_rates(on_stage: OnStage, rate: str, length: float) -> None:
    """What a camera reports them makes no segment that fills the memory."""
    stage = await on_stage(camera_with_video(seconds=600, rate=rate))
    source = await stage.source()
    assert source.grid.length == pytest.approx(length)
    assert len(listed(source, 0, 600).segments) >= 600 // length - 1


@pytest.mark.parametrize("rate", ["30000:1001", "7:1", "1:3"])
@pytest.mark.parametrize("gop", [1.3, (5.0, 0.5, 9.0)])
async def test_all_that_is_listed_exists(
    on_stage: OnStage, rate: str, gop: float | tuple[float, ...]
) -> None:
    """And their lengths are those that were listed, but for a segment length."""
    stage = await on_stage(camera_with_video(seconds=31.7, rate=rate, gop=gop))
    source = await stage.source()
    before = listed(source, 0, 31.7)
    for number in numbers(source, span(0, 31.7)):
        segment = await source.segment(number, Priority.PLAYBACK)
        assert segment.number == number
        assert abs(segment.start - source.grid.at(number)) < source.grid.length
    after = listed(source, 0, 31.7)
    assert after.length == pytest.approx(before.length, abs=0.001)
    target = int(before.tags["EXT-X-TARGETDURATION"])
    assert max(round(length) for _, length in after.segments) <= target
