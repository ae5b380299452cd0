"""Which recordings are played one after the other, from before a moment on."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from .extent import TimeRange, extent_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ..vapix import Recording

# What is left of a recording after another one that has shown the rest of it.
_LEAST_REST: Final = timedelta(seconds=1)
_NONE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class PlayedSpan:
    """What is played of a recording: what none before it has shown."""

    recording: Recording
    span: TimeRange


@dataclass(frozen=True, slots=True)
class Succession:
    """Recordings that follow each other, oldest first. No time is in two of them."""

    before: tuple[PlayedSpan, ...]
    """What ended at or before the moment."""
    rest: tuple[PlayedSpan, ...]
    """What is played from the moment on. The first one holds it, or follows it."""

    @property
    def previous(self) -> Recording | None:
        """Return what ended last before the moment."""
        return self.before[-1].recording if self.before else None

    def next(self, moment: datetime) -> Recording | None:
        """Return what begins first after the moment."""
        return next(
            (each.recording for each in self.rest if each.span.start > moment), None
        )

    def bounded(
        self, moment: datetime, *, before: timedelta, after: timedelta
    ) -> Succession:
        """Return no more than so much of it on either side of the moment, gaps not counted."""
        rest: list[PlayedSpan] = []
        for each in self.rest:
            if after <= _NONE:
                break
            begin = max(each.span.start, moment)
            end = min(each.span.end, begin + after)
            after -= end - begin
            rest.append(PlayedSpan(each.recording, replace(each.span, end=end)))
        if rest and rest[0].span.start < moment:
            played = rest[0]
            start = max(played.span.start, moment - before)
            before -= moment - start
            span = replace(played.span, start=start)
            rest[0] = PlayedSpan(played.recording, span)
        earlier: list[PlayedSpan] = []
        for each in reversed(self.before):
            if before <= _NONE:
                break
            start = max(each.span.start, each.span.end - before)
            before -= each.span.end - start
            span = replace(each.span, start=start)
            earlier.append(PlayedSpan(each.recording, span))
        return Succession(before=tuple(reversed(earlier)), rest=tuple(rest))


def follow(
    recordings: Iterable[Recording], moment: datetime, now: datetime
) -> Succession:
    """Return in which order recordings are played, and what of each.

    Where some show the same time, the one that began first is played to its end, and of the others what goes on
    after it. ``now`` is the camera's clock, at which a recording ends that goes on.
    """
    extents = [
        (extent, recording)
        for recording in recordings
        if (extent := extent_of(recording, now))
    ]
    extents.sort(key=lambda each: (each[0].start, -each[0].duration))
    spans: list[PlayedSpan] = []
    for extent, recording in extents:
        span = extent
        if spans and (shown := spans[-1].span.end) > extent.start:
            if extent.end - shown < _LEAST_REST:
                continue
            span = TimeRange(shown, extent.end)
        spans.append(PlayedSpan(recording, span))
    return Succession(
        before=tuple(each for each in spans if each.span.end <= moment),
        rest=tuple(each for each in spans if each.span.end > moment),
    )


def of_one_source(
    recordings: Iterable[Recording], moment: datetime, now: datetime
) -> tuple[Recording, ...]:
    """Return those of the same source as what is played at a moment; cameras with one source need not name it."""
    recordings = tuple(recordings)
    played = follow(recordings, moment, now).rest
    source = played[0].recording.source if played else None
    if source is None:
        return recordings
    return tuple(each for each in recordings if each.source in (None, source))
