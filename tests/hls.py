"""Read playlists as players do, and see that they keep the rules of RFC 8216."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
import re
from typing import Final

_ONCE: Final = (
    *("EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE"),
    *("EXT-X-PLAYLIST-TYPE", "EXT-X-START", "EXT-X-ENDLIST"),
)
_OF_SEGMENTS: Final = (
    *("EXTINF", "EXT-X-DISCONTINUITY", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME"),
)
# 7: a map in a playlist that is not of I-frames alone, and lengths that are no whole numbers.
_VERSION_OF_MAPS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSegment:
    """A segment in a playlist."""

    address: str
    length: float
    init: str
    """The address of its initialization section."""
    position: float
    """Where it begins, in seconds from the beginning of the playlist."""
    moment: datetime | None
    """When it begins, if that is said."""
    is_discontinuous: bool


@dataclass(slots=True)
class Playlist:
    """A playlist of all that there is."""

    tags: dict[str, str] = field(default_factory=dict)
    segments: list[ListedSegment] = field(default_factory=list)

    @property
    def length(self) -> float:
        """Return how long all of it is."""
        return sum(each.length for each in self.segments)

    @property
    def offset(self) -> float:
        """Return where to start."""
        match = re.fullmatch(
            r"TIME-OFFSET=([\d.]+),PRECISE=YES", self.tags["EXT-X-START"]
        )
        assert match
        return float(match[1])

    @property
    def parts(self) -> list[list[ListedSegment]]:
        """Return the segments between the discontinuities."""
        parts: list[list[ListedSegment]] = [[]]
        for each in self.segments:
            if each.is_discontinuous:
                parts.append([])
            parts[-1].append(each)
        return parts

    def at(self, position: float) -> ListedSegment:
        """Return the segment at a position."""
        return next(
            each
            for each in reversed(self.segments)
            if each.position <= position + 0.0005
        )


def read_playlist(text: str) -> Playlist:
    """Read a playlist, and fail where it breaks a rule."""
    lines = text.split("\n")
    assert lines[0] == "#EXTM3U", "4.3.1.1"
    assert lines[-1] == ""
    assert lines[-2] == "#EXT-X-ENDLIST", "of a playlist of all there is"
    playlist = Playlist()
    pending: dict[str, str] = {}
    init, position = "", 0.0
    for line in lines[1:-1]:
        assert line, "no line is empty"
        if line.startswith("#"):
            name, _, value = line.removeprefix("#").partition(":")
            tags = playlist.tags if name in _ONCE else pending
            assert name in (*_ONCE, *_OF_SEGMENTS), name
            assert name not in tags, f"{name} twice"
            is_end = name == "EXT-X-ENDLIST"
            assert name in _OF_SEGMENTS or is_end or not playlist.segments, name
            tags[name] = value
            continue
        if map_ := pending.pop("EXT-X-MAP", None):
            found = re.fullmatch(r'URI="([^"]+)"', map_)
            assert found, map_
            init = found[1]
        is_discontinuous = "EXT-X-DISCONTINUITY" in pending
        assert map_ or not is_discontinuous, "3.3: no map for what follows"
        playlist.segments.append(
            ListedSegment(
                address=line,
                length=float(pending["EXTINF"].removesuffix(",")),
                init=init,
                position=position,
                moment=_moment(pending.get("EXT-X-PROGRAM-DATE-TIME")),
                is_discontinuous=is_discontinuous,
            )
        )
        position += playlist.segments[-1].length
        pending.clear()
    assert not pending, f"{pending} belong to nothing"
    _check(playlist)
    return playlist


def _moment(text: str | None) -> datetime | None:
    moment = None if text is None else datetime.fromisoformat(text)
    # 4.3.2.6: with a zone.
    assert moment is None or moment.tzinfo is not None
    return moment


def _check(playlist: Playlist) -> None:
    tags, segments = playlist.tags, playlist.segments
    assert segments
    assert int(tags["EXT-X-VERSION"]) >= _VERSION_OF_MAPS, "7"
    assert tags["EXT-X-PLAYLIST-TYPE"] == "VOD"
    assert int(tags["EXT-X-MEDIA-SEQUENCE"]) >= 0
    target = int(tags["EXT-X-TARGETDURATION"])
    assert all(each.length > 0 for each in segments)
    assert all(round(each.length) <= target for each in segments), "4.3.3.1"
    assert all(each.init for each in segments), "3.3: each has a map"
    assert 0 <= playlist.offset <= playlist.length, "4.3.5.2"
    assert len({each.address for each in segments}) == len(segments)
    for each in segments:
        for address in (each.address, each.init):
            assert re.fullmatch(r"(\d+/)?[\w.]+", address), address
    moments = [each.moment for each in segments if each.moment]
    assert all(before < after for before, after in pairwise(moments))
    for part in playlist.parts:
        assert part[0].moment, "without it, nobody knows when it was"
