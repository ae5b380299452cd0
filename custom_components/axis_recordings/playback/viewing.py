"""Who watches which recordings of one camera."""

import asyncio
from contextlib import asynccontextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..exceptions import translated_error
from ..helpers.context import async_begin
from ..helpers.supervision import Guard, survive
from ..helpers.wording import shown_moment
from ..recordings.part import (
    LONGEST_AFTER,
    LONGEST_BEFORE,
    LONGEST_PLAYED,
    RecordingPart,
    part_from,
)
from ..recordings.succession import follow, of_one_source
from ..users.limits import Kind
from ..vapix import RefusedError
from .access import Access
from .codecs import is_listed_as_playable, require_listed_as_playable
from .errors import ExportBusyError, NothingRecordedError
from .exact_part import ExactPart
from .export_queue import ExportQueue, Priority
from .images import Images
from .played_part import NO_VIDEO, PlayedPart, is_final
from .playing_at import PlayingAt
from .segment_source import SegmentSource
from .session import Session
from .sound import sound_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from ..recordings.finder import RecordingFinder
    from ..recordings.succession import PlayedSpan, Succession
    from ..users.requester import Requester
    from ..vapix import Recording, RecordingKey, VapixClient
    from .cache import MediaCache

# Sessions cost little, but somebody who asks for thousands should not get them. The limit is that of one
# user on all cameras, so that nobody ends what others play.
MAX_SESSIONS: Final = 30
# What one playlist of a camera holds before and after what it begins with.
MOST_BEFORE: Final = 20
MOST_AFTER: Final = 100
# So many recordings may turn out to be gone before another one is found that plays.
MOST_TRIES: Final = 3

_VIEWINGS: Final[HassKey[WeakSet[Viewing]]] = HassKey(f"{DOMAIN}_players")
"""Those of all cameras. One that is closed has no sessions."""


class Viewing(Access):
    """Lets users play the recordings of one camera."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        client: VapixClient,
        *,
        finder: RecordingFinder,
        cache: MediaCache,
        camera_name: Callable[[], str],
        camera_now: Callable[[], datetime],
    ) -> None:
        """Prepare; nothing is asked of the camera.

        ``camera_now`` returns the camera's clock.
        """
        super().__init__(hass, client, camera_name=camera_name, camera_now=camera_now)
        self._entry = entry
        self._finder = finder
        self._sources: dict[RecordingKey, SegmentSource] = {}
        self._starting: list[Requester] = []
        self._producing = Guard(entry, "video")
        self.sessions: dict[str, Session] = {}
        """By their tokens."""
        self._viewings = hass.data.setdefault(_VIEWINGS, WeakSet())
        self._viewings.add(self)
        self.queue = ExportQueue()
        self.cache = cache
        self.images = Images(
            self,
            self.queue,
            self.cache,
            lambda: self._is_watched,
            lambda requester: any(
                each.is_played_by(requester) for each in self._viewings
            ),
        )

    async def async_play(
        self, part: RecordingPart, requester: Requester, *, is_exact: bool = False
    ) -> str:
        """Begin to play, and return the session's token once there is something to see.

        What lies before and after the part can be sought to, unless it has to be exact.

        Raises HomeAssistantError, in the user's words.
        """
        async with self._beginning(requester):
            recording, span = await self.find(part)
            require_listed_as_playable(recording)
            source = self.source_of(recording)
            begin = source.seconds(span.start)
            await self._first_picture(source, begin)
            span = span.first(LONGEST_PLAYED)
            if is_exact:
                played: PlayedPart = ExactPart(source, span)
            else:
                now = self._camera_now()
                played = PlayedPart(source, span.with_neighbors(recording, now))
            session = Session(parts=[played], begin=begin, requester=requester)
        return self._keep(session)

    async def async_play_at(
        self,
        moment: datetime,
        requester: Requester,
        *,
        source: str | None = None,
        disk: str | None = None,
    ) -> PlayingAt:
        """Begin to play a camera, or one of its sources, at a moment or as soon after it as there is a recording.

        It goes on through the recordings that follow, and those before can be sought to. Returns once there is
        something to see. Raises HomeAssistantError, in the user's words.
        """
        async with self._beginning(requester):
            recordings = await self._find_around(moment, requester, source, disk)
            succession, begin = await self._find_first(recordings, moment)
            session, spans = self._session_of(succession, moment, begin, requester)
            playing = PlayingAt.of(session, moment, spans, succession)
        self._keep(session)
        return playing

    async def async_part_at(
        self, moment: datetime, requester: Requester, *, source: str | None = None
    ) -> RecordingPart:
        """Return what of a recording is played from a moment on, or of the next one, for players that take one file.

        Raises HomeAssistantError, in the user's words.
        """
        with self.translated_errors():
            recordings = await self._find_around(moment, requester, source, None)
        now = self._camera_now()
        if not (rest := follow(recordings, moment, now).rest):
            raise self._nothing_since(recordings, moment)
        recording = rest[0].recording
        found = part_from(recording, moment, now)
        return found[0] if found else RecordingPart(key=recording.key)

    async def _find_around(
        self,
        moment: datetime,
        requester: Requester,
        source: str | None,
        disk: str | None,
    ) -> tuple[Recording, ...]:
        """Return the recordings of one source around a moment that players may show. Raises VapixError."""
        async with self.asking(requester):
            around = await self._finder.async_around(
                moment,
                source=source,
                disk=disk,
                before=MOST_BEFORE,
                after=MOST_AFTER,
            )
        found = (*around.at, *around.before, *around.after)
        playable = tuple(filter(is_listed_as_playable, found))
        if found and not playable:
            require_listed_as_playable(found[0])
        if source is not None:
            return playable
        return of_one_source(playable, moment, self._camera_now())

    async def _find_first(
        self, recordings: tuple[Recording, ...], moment: datetime
    ) -> tuple[Succession, float]:
        """Return the recordings in their order, without those that turn out to be gone, and where to start.

        That is in seconds on the timeline of the first one of the rest.
        """
        error: Exception | None = None
        for _ in range(MOST_TRIES):
            succession = follow(recordings, moment, self._camera_now())
            if not succession.rest:
                break
            played = succession.rest[0]
            try:
                source = self.source_of(played.recording)
                begin = source.seconds(max(moment, played.span.start))
                await self._first_picture(source, begin)
            except NO_VIDEO as err:
                if isinstance(err, RefusedError) and not is_final(err):
                    # The camera is busy.
                    raise
                error = error or err
                recordings = tuple(
                    each for each in recordings if each.key != played.recording.key
                )
            else:
                return succession, begin
        raise error or self._nothing_since(recordings, moment)

    async def _first_picture(self, source: SegmentSource, begin: float) -> None:
        """Wait until there is something to see of a recording. Raises VapixError, PlaybackError."""
        number = source.grid.containing(begin)
        try:
            async with asyncio.timeout(self.timing.patience):
                await source.key_before(number, Priority.PLAYBACK)
        except TimeoutError:
            raise source.why_late() from None

    def _session_of(
        self,
        succession: Succession,
        moment: datetime,
        begin: float,
        requester: Requester,
    ) -> tuple[Session, tuple[PlayedSpan, ...]]:
        """Return a session of recordings that follow each other, and what it plays of each."""
        bounded = succession.bounded(moment, before=LONGEST_BEFORE, after=LONGEST_AFTER)
        spans = (*bounded.before, *bounded.rest)
        sounds = {sound_of(each.recording) for each in spans}
        session = Session(
            parts=[
                PlayedPart(
                    self.source_of(each.recording),
                    each.span,
                    is_alone=len(spans) == 1,
                    is_silent=len(sounds) > 1,
                )
                for each in spans
            ],
            first=len(bounded.before),
            begin=begin,
            is_indexed=True,
            requester=requester,
        )
        return session, spans

    def _nothing_since(
        self, recordings: tuple[Recording, ...], moment: datetime
    ) -> HomeAssistantError:
        """Return the error for a moment after which nothing was recorded."""
        before = follow(recordings, moment, self._camera_now()).before
        if not before:
            return translated_error(
                HomeAssistantError, "nothing_to_play", camera=self._camera_name()
            )
        return translated_error(
            HomeAssistantError,
            "nothing_recorded_since",
            camera=self._camera_name(),
            moment=shown_moment(moment),
            last=shown_moment(before[-1].span.end),
        )

    @asynccontextmanager
    async def _beginning(self, requester: Requester) -> AsyncGenerator[None]:
        """Let a user begin to play, for whom thumbnails are given up. Raises HomeAssistantError."""
        # Whoever only waits for a place keeps nobody from thumbnails.
        with self.translated_errors():
            async with self.place(requester, Kind.PLAYBACK):
                self._starting.append(requester)
                try:
                    # A browser has few connections, and all may be waiting for thumbnails.
                    for each in list(self._viewings):
                        each.images.give_up_thumbnails_for(requester)
                    await self.images.give_up_thumbnails(ExportBusyError())
                    yield
                finally:
                    self._starting.remove(requester)

    def _keep(self, session: Session) -> str:
        """Keep a session, and return its token.

        What the same user has not watched for longest, on whichever camera, ends if it is too much.
        """
        self.sessions[session.token] = session
        user_id = session.requester.user_id
        played = [
            (each.last_used, each.token, viewing.sessions)
            for viewing in self._viewings
            for each in viewing.sessions.values()
            if each.requester.user_id == user_id
        ]
        for _, token, sessions in sorted(played, key=itemgetter(0))[:-MAX_SESSIONS]:
            del sessions[token]
        return session.token

    def is_played_by(self, requester: Requester) -> bool:
        """Return whether a log-in plays a video at the moment, or is about to."""
        return requester in self._starting or any(
            session.requester == requester and session.is_watched
            for session in self.sessions.values()
        )

    @property
    def _is_watched(self) -> bool:
        """Return whether somebody watches at the moment."""
        return bool(self._starting or self.watched_sessions)

    @property
    def watched_sessions(self) -> int:
        """Return how many videos are watched at the moment."""
        return sum(session.is_watched for session in self.sessions.values())

    def source_of(self, recording: Recording) -> SegmentSource:
        """Return the source of a recording's segments, the same for everybody who views it."""
        self.require_open()
        key = recording.key
        source = self._sources.get(key)
        if source is None:
            if recording.start is None:
                raise NothingRecordedError
            video = next(iter(recording.video), None)
            source = self._sources[key] = SegmentSource(
                self.client,
                self.queue,
                self.cache,
                self._create_task,
                key=key,
                zero=recording.start,
                frame_rate=video.frame_rate if video else None,
                timing=self.timing,
            )
        source.end = recording.end
        return source

    def _create_task(
        self, work: Coroutine[None, None, None], name: str
    ) -> asyncio.Task[None]:
        return async_begin(
            self._hass, self._entry, survive(self._producing, work), name
        )
