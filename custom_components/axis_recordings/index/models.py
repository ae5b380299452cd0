"""What is known of a recording."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ..vapix import AudioTrack, VideoTrack

if TYPE_CHECKING:
    from ..vapix import Recording


class Stage(StrEnum):
    """How far it is known what became of a recording."""

    ONGOING = "ongoing"
    ENDING = "ending"
    """It has ended, but can't be played yet."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecording:
    """A recording as it was last listed."""

    recording: Recording
    """In the index, without more of its tracks than a ``Layout`` has."""
    stage: Stage
    number: int = field(default=0, compare=False)
    """Its key in the index, which no other recording gets, even once this one is gone; 0 outside of it."""


class StarterKind(StrEnum):
    """What made Home Assistant start a recording."""

    PERSON = "person"
    AUTOMATION = "automation"
    SCRIPT = "script"
    VOICE = "voice"
    """Assist, in words that were spoken or typed."""
    ACTION = "action"
    """Whatever else has called the action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """Who or what started a recording in Home Assistant."""

    kind: StarterKind
    user_id: str | None = None
    name: str | None = None
    """As it was then; None if it has none, or nobody knows."""


class Layout(NamedTuple):
    """What the index keeps of a recording's tracks; None where the camera does not tell."""

    codec: str | None
    """MIME type of the first video track, as in VAPIX."""
    width: int | None
    height: int | None
    frame_rate: float | None
    """Frames per second."""
    has_audio: bool

    @classmethod
    def of(cls, recording: Recording) -> Layout | None:
        """Return what is listed of a recording's tracks; None if nothing is."""
        track = next(iter(recording.video), _NO_VIDEO)
        layout = cls(
            codec=track.mime_type,
            width=track.width,
            height=track.height,
            frame_rate=track.frame_rate,
            has_audio=bool(recording.audio),
        )
        return None if layout == _NOTHING else layout

    @property
    def video(self) -> tuple[VideoTrack, ...]:
        """Return the first video track, if anything is known of it."""
        track = VideoTrack(
            mime_type=self.codec,
            width=self.width,
            height=self.height,
            frame_rate=self.frame_rate,
        )
        return () if track == _NO_VIDEO else (track,)

    @property
    def audio(self) -> tuple[AudioTrack, ...]:
        """Return a track of which nothing else is known than that there is audio, or none."""
        return (_AUDIO,) if self.has_audio else ()


_NO_VIDEO = VideoTrack(mime_type=None, width=None, height=None, frame_rate=None)
_AUDIO = AudioTrack(mime_type=None, bit_rate=None, sample_rate=None)
_NOTHING = Layout(None, None, None, None, has_audio=False)


def with_layout(recording: Recording, layout: Layout | None) -> Recording:
    """Return a recording with the tracks of a layout; without any if it is None."""
    if layout is None:
        return replace(recording, video=(), audio=())
    return replace(recording, video=layout.video, audio=layout.audio)


def differs(listed: Recording, known: Recording) -> bool:
    """Return whether a recording is listed as another one than the index keeps.

    Tracks that are not listed may still be there.
    """
    layout = Layout.of(listed) or Layout.of(known)
    return with_layout(listed, layout) != known
