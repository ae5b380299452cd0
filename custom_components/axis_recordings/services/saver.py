"""Save parts of a camera's recordings as files."""

from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from ..helpers.threads import in_thread
from ..playback.clips import join_clips
from ..playback.errors import NothingRecordedError
from ..playback.producer import OUTSIDE
from ..recordings.extent import TimeRange, known_end
from ..recordings.part import RecordingPart, RecordingPartError
from ..recordings.search import RecordingSearch
from ..vapix import MATROSKA, MP4, Recording, RecordingQuery, RefusedError
from .files import Place, append, cannot_write

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime
    from pathlib import Path

    from ..runtime import AxisRecordingsData

# Longer ones take hours to export, and disks of Home Assistant are small.
LONGEST_SAVE: Final = timedelta(hours=24)
# Recordings of a range: more would be as many exports.
MAX_PIECES: Final = 500
# What is written at a time, so that the event loop is not kept busy with handing over.
_BLOCK: Final = 1024 * 1024
_ENDINGS: Final = {MATROSKA: ".mkv", MP4: ".mp4"}


class FileFormat(StrEnum):
    """What to save."""

    MP4 = "mp4"
    ORIGINAL = "original"

    @property
    def endings(self) -> tuple[str, ...]:
        """Return how its files may end."""
        return (".mp4",) if self is FileFormat.MP4 else (".mkv", ".mp4")


class TooManyPiecesError(Exception):
    """A range holds more recordings than can be saved at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of one recording."""

    recording: Recording
    span: TimeRange
    is_certain: bool = True
    """Whether there is anything of it; nobody knows when some recordings ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """A file that was saved. Times are by the camera's clock."""

    path: Path | None = None
    """None as long as it has no name of its own."""
    size: int = 0
    """In bytes."""
    start: datetime
    """Of the first frame, which is a key frame at or before the wanted start."""
    end: datetime
    duration: timedelta
    """Of the video: less than from start to end where there was a gap between recordings."""
    recording_ids: tuple[str, ...]
    dropped_audio: str | None = None
    """The codec of the sound, if it is one that MP4 players don't play."""


async def find_pieces(
    camera: AxisRecordingsData,
    start: datetime,
    end: datetime,
    *,
    disk: str | None = None,
    source: str | None = None,
) -> list[Piece]:
    """Return what was recorded in a range, one after the other and nothing twice.

    Without a source it is that of the first recording. Raises VapixError, and TooManyPiecesError if there are
    more than can be saved at once.
    """
    search = RecordingSearch(start=start, end=end, disk=disk, source=source)
    # What may have ended at any time may last into the range.
    any_end = replace(search, start=None)
    now = camera.recordings.camera_now

    def is_wanted(recording: Recording) -> bool:
        is_certain = known_end(recording, now) is not None
        return (search if is_certain else any_end).matches(recording)

    query = RecordingQuery(
        start=start, end=end, disk_id=disk, source=source, oldest_first=True
    )
    found: list[Recording] = []
    async with aclosing(camera.client.pages(query)) as pages:
        async for page in pages:
            found += [
                each for each in page.recordings if each.start and is_wanted(each)
            ]
            if len(found) > MAX_PIECES:
                raise TooManyPiecesError
    return _arrange(found, source, TimeRange(start, end), now)


def _arrange(
    found: list[Recording], source: str | None, wanted: TimeRange, now: datetime
) -> list[Piece]:
    """Return the parts of recordings that follow each other, without what another one holds as well."""
    found.sort(key=_start)
    source = source or next((each.source for each in found if each.source), None)
    found = [each for each in found if each.source in (None, source)]
    pieces: list[Piece] = []
    reached = wanted.start
    for recording, following in zip_longest(found, found[1:]):
        is_certain = known_end(recording, now) is not None
        latest = wanted.end
        if following and not is_certain:
            # It may have ended before that, and the other one surely had begun.
            latest = min(latest, _start(following))
        part = RecordingPart(key=recording.key, start=reached, end=latest)
        with suppress(RecordingPartError):
            span = part.within(recording, now)
            pieces.append(Piece(recording=recording, span=span, is_certain=is_certain))
            reached = span.end
    return pieces


class Saver:
    """Saves pieces of one camera, as few files as it takes."""

    def __init__(
        self,
        camera: AxisRecordingsData,
        target: Path,
        *,
        overwrite: bool,
        progress: Callable[[float], None],
    ) -> None:
        """Save to the target, and further files beside it."""
        self._hass = camera.hass
        self._player = camera.player
        self._target = target
        self._overwrite = overwrite
        self._progress = progress
        self._finished: list[tuple[Path, SavedFile, str]] = []
        """With how their names end."""

    async def save(
        self, pieces: list[Piece], file_format: FileFormat
    ) -> list[SavedFile]:
        """Save, and return the files.

        Raises HomeAssistantError, in the user's words. Whatever ends it early, no file is left behind.
        """
        ending = ".mp4"
        if file_format is FileFormat.ORIGINAL:
            export_format = await self._player.async_original_format()
            ending = _ENDINGS[export_format]
        self._target = _ending_with(ending, self._target)
        place = Place(self._hass, self._target, overwrite=self._overwrite)
        try:
            await in_thread(place.prepare)
            with self._player.translated_errors():
                if file_format is FileFormat.ORIGINAL:
                    await self._save_originals(pieces, place)
                else:
                    await self._save_clips(pieces, place)
                if not self._finished:
                    raise NothingRecordedError
            return await self._publish(place)
        except OSError as err:
            raise cannot_write(self._target, err) from err
        finally:
            await in_thread(place.close)

    async def _save_clips(self, pieces: list[Piece], place: Place) -> None:
        total = sum((piece.span.duration for piece in pieces), timedelta(0))
        done = timedelta(0)
        parts: list[tuple[Path, SavedFile]] = []
        for piece in pieces:
            path = await in_thread(place.new_temporary)
            share = piece.span.duration / total

            def progress(
                part: float, before: float = done / total, share: float = share
            ) -> None:
                self._progress(before + part * share)

            done += piece.span.duration
            with _passing_over(piece):
                clip, source = await self._player.async_write_clip(
                    piece.recording, piece.span, path, progress
                )
                file = SavedFile(
                    start=source.moment(clip.start),
                    end=source.moment(clip.end),
                    duration=timedelta(seconds=clip.duration),
                    recording_ids=(piece.recording.recording_id,),
                    dropped_audio=source.dropped_audio,
                )
                parts.append((path, file))
        await self._join(parts, place)

    async def _join(self, parts: list[tuple[Path, SavedFile]], place: Place) -> None:
        """Make as few files as it takes of clips that follow each other."""
        while parts:
            path, number = parts[0][0], 1
            if len(parts) > 1:
                path = await in_thread(place.new_temporary)
                number = await in_thread(join_clips, [part for part, _ in parts], path)
            files = [file for _, file in parts[:number]]
            parts = parts[number:]
            joined = replace(
                files[0],
                end=files[-1].end,
                duration=sum((file.duration for file in files), timedelta(0)),
                recording_ids=tuple(
                    id_ for file in files for id_ in file.recording_ids
                ),
            )
            self._finished.append((path, joined, ".mp4"))

    async def _save_originals(self, pieces: list[Piece], place: Place) -> None:
        for number, piece in enumerate(pieces):

            def progress(part: float, number: int = number) -> None:
                self._progress((number + part) / len(pieces))

            with _passing_over(piece):
                await self._save_original(piece, place, progress)
            progress(1.0)

    async def _save_original(
        self, piece: Piece, place: Place, progress: Callable[[float], None]
    ) -> None:
        path = await in_thread(place.new_temporary)
        key = piece.recording.key
        written = 0
        async with self._player.async_original(key, piece.span) as original:
            export, properties = original
            block = bytearray()
            async for chunk in export.chunks():
                block += chunk
                if len(block) >= _BLOCK:
                    written += await in_thread(append, path, bytes(block))
                    block.clear()
                    if properties.size:
                        progress(min(1.0, written / properties.size))
            await in_thread(append, path, bytes(block))
        file = SavedFile(
            start=properties.start,
            end=properties.end,
            duration=properties.end - properties.start,
            recording_ids=(key.recording_id,),
        )
        # It may be in another format than the camera was asked for.
        self._finished.append((path, file, _ENDINGS[export.format]))

    async def _publish(self, place: Place) -> list[SavedFile]:
        """Give the finished files their names, all at once."""
        targets = [
            _ending_with(
                ending,
                self._target.with_stem(f"{self._target.stem}_{number}")
                if number > 1
                else self._target,
            )
            for number, (_, _, ending) in enumerate(self._finished, 1)
        ]
        paths = [path for path, _, _ in self._finished]
        sizes = await in_thread(place.publish, list(zip(paths, targets, strict=True)))
        return [
            replace(file, path=target, size=size)
            for (_, file, _), target, size in zip(
                self._finished, targets, sizes, strict=True
            )
        ]


@contextmanager
def _passing_over(piece: Piece) -> Generator[None]:
    """Pass over a piece of which there is nothing, if its recording may have ended before."""
    try:
        yield
    except (NothingRecordedError, RefusedError) as err:
        is_there = isinstance(err, RefusedError) and err.code not in OUTSIDE
        if piece.is_certain or is_there:
            raise


def _ending_with(ending: str, path: Path) -> Path:
    return path if path.suffix.lower() == ending else path.with_suffix(ending)


def _start(recording: Recording) -> datetime:
    assert recording.start is not None  # noqa: S101 - those without were left out
    return recording.start
