"""What the tests of playing a camera at a moment do: recordings with gaps, and a player that reads all of them."""

from dataclasses import dataclass
from datetime import timedelta
import re
from typing import TYPE_CHECKING, Final

from custom_components.axis_recordings.users.requester import Requester
from tests.camera import Camera, Encoding, Pause
from tests.hls import ListedSegment, Playlist, read_playlist
from tests.videos import Movie, add_video, at

if TYPE_CHECKING:
    from datetime import datetime

    from custom_components.axis_recordings.playback.player import Player
    from custom_components.axis_recordings.playback.playing_at import PlayingAt
    from custom_components.axis_recordings.playback.session import Session

FIRST: Final = 30.0
"""When the first of the recordings begins, in seconds after START; the others follow every half minute."""
NAMES: Final = ("plain", "modern", "narrow", "reordered", "quiet")
LENGTHS: Final = (7.0, 6.3, 5.0, 8.0, 12.0)


def add_five(camera: Camera) -> None:
    """Let a camera have five recordings with gaps, each of another kind."""
    kinds: tuple[dict[str, object], ...] = (
        {},
        {"mimetype": "video/x-h265"},
        {"size": (640, 480)},
        {"encoding": Encoding(b_frames=2, references=2), "gop": 4.0},
        {"encoding": Encoding(pauses=(Pause(3, 8, every=0.5),)), "gop": 30.0},
    )
    for number, (name, length, kind) in enumerate(
        zip(NAMES, LENGTHS, kinds, strict=True)
    ):
        start = at(FIRST + 30 * number)
        add_video(camera, start, length, recording_id=name, **kind)  # type: ignore[arg-type]


@dataclass
class Viewer:
    """A player of one session, which keeps nothing in its own memory."""

    playing: PlayingAt
    session: Session
    playlist: Playlist

    @classmethod
    async def begin(
        cls, player: Player, moment: datetime, **wanted: str | None
    ) -> Viewer:
        """Begin to play a camera at a moment."""
        playing = await player.async_play_at(moment, Requester(), **wanted)
        session = player.sessions[playing.token]
        return cls(playing, session, read_playlist(session.write_playlist()))

    @property
    def names(self) -> list[str]:
        """Return the IDs of what is played."""
        return [each.key.recording_id for each in self.playing.recordings]

    async def play(self, listed: list[ListedSegment]) -> Movie:
        """Fetch segments of one recording, as a player does, and open them."""
        index, _ = _words(listed[0].init)
        data = await self.session.init(index)
        for each in listed:
            data += await self.fetch(each)
        return Movie(data)

    async def fetch(self, segment: ListedSegment) -> bytes:
        """Fetch a segment."""
        index, name = _words(segment.address)
        return await self.session.segment(int(name.removesuffix(".m4s")), index)

    async def play_all(self) -> list[Movie]:
        """Play everything, recording by recording."""
        return [await self.play(each) for each in self.playlist.parts]

    def moment(self, position: float) -> datetime:
        """Return what clock should be seen at a position."""
        recording = next(
            each
            for each in reversed(self.playing.recordings)
            if each.position <= position + 0.0005
        )
        return recording.start + timedelta(seconds=position - recording.position)


def _words(address: str) -> tuple[int, str]:
    found = re.fullmatch(r"(\d+)/(.+)", address)
    assert found, address
    return int(found[1]), found[2]
