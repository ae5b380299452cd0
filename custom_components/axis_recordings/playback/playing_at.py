"""What a playlist of a camera shows, and when."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from .codec_names import codec_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..recordings.succession import PlayedSpan, Succession
    from ..vapix import Recording, RecordingKey
    from .session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedRecording:
    """One recording in a playlist."""

    key: RecordingKey
    position: float
    """Where it begins in the playlist, in seconds, as is its length."""
    length: float
    start: datetime
    """When that is, and when it ends, in UTC by the camera's clock."""
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayingAt:
    """How a camera is played from a moment on. All times are in UTC, by the camera's clock."""

    token: str = field(repr=False)
    """Of the session, for the address of its playlist."""
    moment: datetime
    """What was asked for."""
    starts_at: datetime
    """The moment of the first picture; a later one, where nothing was recorded at the moment."""
    position: float
    """Where that is in the playlist, in seconds."""
    zero: datetime
    """The moment of the beginning of the playlist."""
    recordings: tuple[PlayedRecording, ...]
    """All that the playlist holds, in the order in which it is played."""
    previous: Recording | None
    """What ended last before the moment; None if nothing is known of any."""
    next: Recording | None
    """What begins first after the moment; None likewise."""
    codecs: str
    """Of the recording that is played first (RFC 6381)."""

    @classmethod
    def of(
        cls,
        session: Session,
        moment: datetime,
        spans: Sequence[PlayedSpan],
        succession: Succession,
    ) -> Self:
        """Describe a session that plays spans of a succession, and knows with what it begins."""
        recordings: list[PlayedRecording] = []
        position = 0.0
        for part, played in zip(session.parts, spans, strict=True):
            listing = part.listing
            recordings.append(
                PlayedRecording(
                    key=played.recording.key,
                    position=position,
                    length=listing.length,
                    start=listing.start,
                    end=listing.end,
                )
            )
            position += listing.length
        return cls(
            token=session.token,
            moment=moment,
            starts_at=session.part.source.moment(session.begin),
            position=session.position,
            zero=session.parts[0].listing.start,
            recordings=tuple(recordings),
            previous=succession.previous,
            next=succession.next(moment),
            codecs=codec_names(session.part.init or b""),
        )
