"""Play drawn videos from drawn points in every way, and compare each frame with the camera's own.

Each picture holds its number, so it is known which frame it is; the camera knows when that was.
"""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from itertools import dropwhile, pairwise
from random import Random
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import aiohttp
import av
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from custom_components.axis_recordings.playback.clips import join_clips
from custom_components.axis_recordings.playback.errors import NothingRecordedError
from custom_components.axis_recordings.playback.player import Player
from custom_components.axis_recordings.playback.reader import TOLERANCE as EARLY
from custom_components.axis_recordings.playback.session import Session
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.vapix import Address, RecordingKey, VapixClient
from tests.camera import CameraServer
from tests.camera.video import ClockUnreadableError, read_clock
from tests.drawn_videos import VIDEO_ID, DrawnVideo

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Generator, Iterable
    from datetime import datetime
    from pathlib import Path

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from custom_components.axis_recordings.playback.session import Session
    from custom_components.axis_recordings.recordings.finder import RecordingFinder

TOLERANCE: Final = 0.004
"""Matroska counts milliseconds, and a camera may report them only, twice."""
UNSURE: Final = 0.002
"""So close to where segments are cut, which is `EARLY` before a boundary, a frame may be on either side.

Frames lie at boundaries or far from them, until the clock is set.
"""
SQUEEZED: Final = 0.05
"""Frames that are decoded but not to be seen are shown within this time."""
PATIENCE: Final = 120
SAMPLES: Final = b"trun"
"""What a segment without a frame does not hold (ISO 14496-12, 8.8.8)."""
DISK: Final = "SD_DISK"


class WrongError(Exception):
    """Something else came than the camera has."""


class NothingError(Exception):
    """It was rightly reported that there is nothing."""


@dataclass
class Outcome:
    """What a video came to."""

    points: int = 0
    """From how many points it was played."""
    compared: int = 0
    """Frames."""
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """A frame that a player shows: when, in seconds, and which."""

    time: float
    number: int


def watch(data: bytes) -> list[Seen]:
    """Decode a file as a player does."""
    seen = []
    with av.open(BytesIO(data), "r") as container:
        for frame in container.decode(video=0):
            try:
                seen.append(Seen(frame.time, read_clock(frame).number))
            except ClockUnreadableError as err:
                message = f"The frame at {frame.time:.3f} s is damaged"
                raise WrongError(message) from err
    # Players show each at its time. Where pictures in an open group of H.264 are sent again in a pause,
    # some decoders give them before those that they have held back.
    seen.sort(key=lambda each: each.time)
    for before, after in pairwise(seen):
        if after.time <= before.time:
            message = (
                f"Two frames at {after.time:.6f} s: {before.number}, {after.number}"
            )
            raise WrongError(message)
    return seen


class Run(NamedTuple):
    """Segments that were played in a row."""

    first: int
    last: int
    parts: list[bytes]


@dataclass
class Viewing:
    """Plays a video in every way."""

    video: DrawnVideo
    player: Player
    folder: Path
    random: Random
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def key(self) -> RecordingKey:
        """The name of the recording."""
        return RecordingKey(DISK, VIDEO_ID)

    async def play(self, ways: int) -> Outcome:
        """Play from so many points."""
        choices = {
            self.play_on: 5,
            self.seek: 4,
            self.play_together: 2,
            self.clip: 4,
            self.clips_in_a_row: 1,
            self.picture: 2,
            self.thumbnail: 1,
        }
        for _ in range(ways):
            (way,) = self.random.choices(list(choices), weights=list(choices.values()))
            await self._try(way.__name__, way())
        return self.outcome

    async def _try(self, name: str, way: Coroutine[None, None, None]) -> None:
        self.outcome.points += 1
        try:
            async with asyncio.timeout(PATIENCE):
                await way
        except NothingError:
            pass
        except Exception as err:  # noqa: BLE001 - whatever it is, it is reported
            self.outcome.wrong.append(f"{name}: {_describe(err)}")

    # Ways

    async def play_on(self) -> None:
        """Play some segments, or all that follow."""
        session, listed = await self._begin()
        first = session.part.source.grid.containing(session.begin)
        number = self.random.choice((1, 2, 4, 8, len(listed)))
        await self._run(session, listed, first, number)

    async def seek(self) -> None:
        """Play here and there."""
        session, listed = await self._begin()
        before: Run | None = None
        for _ in range(self.random.randint(2, 5)):
            first, number = self.random.choice(listed), self.random.randint(1, 4)
            if before is not None and first == before.last + 1:
                # Going on is no jump.
                number += first - before.first
                first = before.first
            else:
                before = None
            before = await self._run(session, listed, first, number, before)

    async def play_together(self) -> None:
        """Play at several places at once, some of them twice."""
        await asyncio.gather(
            *(
                self.random.choice((self.play_on, self.seek, self.clip))()
                for _ in range(self.random.randint(2, 3))
            )
        )

    async def clip(self) -> None:
        """Make a file of a part."""
        begin, end = self._part()
        path = self.folder / f"clip-{self.random.getrandbits(32)}.mp4"
        begun = await self._write(begin, end, path)
        self._compare_clip(watch(path.read_bytes()), begun, begin, end)

    async def clips_in_a_row(self) -> None:
        """Join two files, as is done for recordings that follow each other."""
        parts = [self._part() for _ in range(2)]
        paths, begun, seen = [], [], []
        for begin, end in parts:
            path = self.folder / f"part-{self.random.getrandbits(32)}.mp4"
            paths.append(path)
            begun.append(await self._write(begin, end, path))
            seen.append(watch(path.read_bytes()))
        joined = self.folder / f"joined-{self.random.getrandbits(32)}.mp4"
        number = await asyncio.to_thread(join_clips, paths, joined)
        if number < len(paths):
            group = self.video.coded_video.timeline.group_at(seen[1][0].number)
            if seen[1][0].number == group:
                message = "Two parts of one video don't fit into one file"
                raise WrongError(message)
            # Pictures are counted from the beginning of an open group on.
            del seen[number:]
        together = watch(joined.read_bytes())
        if [each.number for each in together] != [
            each.number for part in seen for each in part
        ]:
            message = f"{parts} joined show other frames"
            raise WrongError(message)
        for part in seen:
            own, together = together[: len(part)], together[len(part) :]
            shift = own[0].time - part[0].time
            for each, other in zip(own, part, strict=True):
                self._check_time(each.number, each.time - shift, other.time, "joined")

    async def picture(self) -> None:
        """Take a picture of a moment."""
        moment = self._moment()
        recording, _ = await self.player.async_find(RecordingPart(key=self.key))
        data, reported = await self.player.images.async_snapshot_at(
            recording, self._at(moment), width=None
        )
        (seen,) = watch(data)
        wanted = self._frame_at(moment)
        at = self._seconds(reported)
        self._check_time(seen.number, at, self.video.times[seen.number], "picture")
        if seen.number not in wanted:
            message = f"picture at {moment:.3f} s shows {seen.number}, not {wanted}"
            raise WrongError(message)

    async def thumbnail(self) -> None:
        """Take a small picture, which is of the key frame before."""
        moment = self._moment()
        # Players come before thumbnails.
        self.player.sessions.clear()
        part = RecordingPart(key=self.key, start=self._at(moment))
        data = await self.player.images.async_thumbnail(part)
        (seen,) = watch(data)
        keys = {
            self.video.coded_video.timeline.key_at_or_before(frame)
            # All times of a camera that tells whole seconds are too early, but not what is asked of it.
            for when in (moment, moment - self.video.ahead)
            for frame in self._frame_at(when)
        }
        if seen.number not in keys:
            message = f"thumbnail at {moment:.3f} s shows {seen.number}, not {keys}"
            raise WrongError(message)

    # What they have in common

    async def _begin(self) -> tuple[Session, list[int]]:
        """Begin to play at a moment, and tell the segments that are listed."""
        part = RecordingPart(key=self.key)
        if "instant" not in self.video.kinds and self.random.random() < 0.8:
            part = RecordingPart(key=self.key, start=self._at(self._moment()))
        with self._nothing_outside(part.start):
            token = await self.player.async_play(part, Requester())
        session = self.player.sessions[token]
        listed = [
            int(number)
            for number in re.findall(r"(\d+)\.m4s", session.write_playlist())
        ]
        return session, listed

    async def _run(
        self,
        session: Session,
        listed: list[int],
        first: int,
        number: int,
        before: Run | None = None,
    ) -> Run:
        """Play some segments in a row, and compare; the run before may be gone on with."""
        first = min(max(first, listed[0]), listed[-1])
        last = min(first + number - 1, listed[-1])
        parts = before.parts if before else []
        parts = [
            *parts,
            *[
                await session.segment(each)
                for each in range(first + len(parts), last + 1)
            ],
        ]
        end = session.part.source.end
        is_to_the_end = (
            last == listed[-1] and end is not None and session.part.span.end >= end
        )
        seen = (
            watch(b"".join([session.part.source.init or b"", *parts]))
            if any(SAMPLES in part for part in parts)
            else []
        )
        length = session.part.source.grid.length
        for each in range(first + 1, last + 1):
            frozen = self._frozen(each * length)
            if frozen and self._may_be_silent(each * length, length):
                seen = [one for one in seen if not self._is_shown_again(one, frozen)]
        after = self._after if is_to_the_end else self._cut((last + 1) * length, length)
        self._compare_run(
            seen,
            self._cut(first * length, length),
            after,
            self._frozen(first * length),
            f"segments {first}-{last} of {length:.2f} s",
            is_silent=self._is_silent(first * length, length),
            unsure={
                *self._close_to_cut(first * length),
                *self._close_to_cut((last + 1) * length),
            },
        )
        return Run(first, last, parts)

    def _cut(self, boundary: float, length: float) -> int:
        """Find the first frame of a segment.

        It is the last key frame in the length before a boundary, or the first frame from there on.
        """
        times = self.video.times
        keys = [
            key
            for key in self.video.keys
            if boundary - length + EARLY < times[key] <= boundary + EARLY
        ]
        following = (
            frame for frame in self.video.frames if times[frame] >= boundary - EARLY
        )
        return keys[-1] if keys else next(following, self._after)

    def _close_to_cut(self, boundary: float) -> set[int]:
        """Find the frames of which it is not known on which side of a cut they are."""
        times = self.video.times
        return {
            frame
            for frame in self.video.frames
            if abs(times[frame] - boundary + EARLY) < UNSURE
        }

    @property
    def _after(self) -> int:
        return self.video.frames[-1] + 1

    def _is_silent(self, boundary: float, length: float) -> bool:
        """Return whether a segment lies in a pause."""
        first = self._cut(boundary, length)
        return first == self._cut(boundary + length, length) != self._after

    def _may_be_silent(self, boundary: float, length: float) -> bool:
        """Return whether it lies in a pause, or so may what is sent before its frames."""
        video = self.video
        return self._is_silent(boundary, length) or bool(
            video.coded_video.reorder_depth and video.kinds & {"pauses", "slow"}
        )

    def _frozen(self, boundary: float) -> Seen | None:
        """Return which picture is still seen where a segment begins."""
        times = self.video.times
        before = [
            frame for frame in self.video.frames if times[frame] < boundary - EARLY
        ]
        return Seen(boundary, before[-1]) if before else None

    def _is_shown_again(self, seen: Seen, frozen: Seen) -> bool:
        """Return whether it is the picture that is still seen, or one that is needed to decode it."""
        return (
            frozen.time - SQUEEZED < seen.time < frozen.time + TOLERANCE
            and seen.number <= frozen.number
            and not self._is_on_time(seen)
        )

    def _compare_run(
        self,
        seen: list[Seen],
        first: int,
        after: int,
        frozen: Seen | None,
        what: str,
        *,
        is_silent: bool,
        unsure: set[int],
    ) -> None:
        wanted = [frame for frame in self.video.frames if first <= frame < after]
        optional = {*self._reordered(first), *self._reordered(after), *unsure}
        least = min([*optional, first])
        # What is needed, but was to be seen before, is over in an instant.
        shown = list(
            dropwhile(
                lambda each: (
                    (each.number < first or each.number in unsure)
                    and (each.number < least or not self._is_on_time(each))
                ),
                seen,
            )
        )
        hidden = seen[: len(seen) - len(shown)]
        begin = shown[0] if shown else None
        # Frames that are sent after it, but seen before, may be what is seen in a pause.
        is_seen = begin.number < first if begin else bool(self._reordered(first))
        if (
            not is_silent
            and frozen
            and hidden
            and hidden[-1].number == frozen.number
            and abs(hidden[-1].time - frozen.time) <= TOLERANCE
        ):
            # What comes next is sent after one that is seen later.
            begin = hidden.pop()
        if (
            is_silent
            and frozen
            and not is_seen
            and frozen.number not in self.video.blurred
        ):
            begin = hidden.pop() if hidden else None
            if (
                begin is None
                or begin.number != frozen.number
                or abs(begin.time - frozen.time) > TOLERANCE
            ):
                message = f"{what}: {begin} is shown in a pause, not {frozen}"
                raise WrongError(message)
        if hidden and begin and hidden[0].time < begin.time - SQUEEZED:
            message = f"{what}: {hidden[0]} is to be hidden before {begin}"
            raise WrongError(message)
        if shown:
            # Nothing was played before, so there is nothing that these refer to.
            optional.update(self._leading(shown[0].number))
        self._compare(shown, wanted, optional, 0.0, what)

    def _leading(self, frame: int) -> list[int]:
        """List the frames that are sent after a key frame and need what is before it."""
        video = self.video
        return video.coded_video.leading(frame) if frame in video.keys else []

    def _reordered(self, frame: int) -> list[int]:
        """List the frames before one, some of which may be sent after it.

        Before a key frame there are none, but in open groups of pictures.
        """
        coded_video = self.video.coded_video
        if frame in self.video.keys:
            return coded_video.leading(frame)
        number = coded_video.reorder_depth and coded_video.encoding.b_frames
        before = [each for each in self.video.frames if each < frame]
        return before[len(before) - number :]

    def _is_on_time(self, seen: Seen) -> bool:
        return abs(seen.time - self.video.times[seen.number]) < TOLERANCE

    def _compare(
        self,
        seen: list[Seen],
        wanted: list[int],
        optional: set[int],
        shift: float,
        what: str,
    ) -> None:
        """See that each frame is there once, in order, at its time."""
        blurred = self.video.blurred
        free = optional | blurred
        numbers = [each.number for each in seen]
        certain = [frame for frame in wanted if frame not in free]
        found = [number for number in numbers if number not in free]
        if found != certain:
            missing = [frame for frame in certain if frame not in found]
            more = [number for number in found if number not in certain]
            twice = [n for n, count in Counter(found).items() if count > 1]
            message = (
                f"{what}: missing {_brief(missing)}, too many {_brief(more)}, "
                f"twice {_brief(twice)} of {_brief(certain)}"
            )
            raise WrongError(message)
        if any(after <= before for before, after in pairwise(numbers)):
            message = f"{what}: out of order: {numbers}"
            raise WrongError(message)
        for each in seen:
            self._check_time(
                each.number, each.time + shift, self.video.times[each.number], what
            )
        self.outcome.compared += len(seen)

    def _check_time(self, number: int, time: float, wanted: float, what: str) -> None:
        # What came at one time is moved on a little.
        early = wanted - self.video.times[number] + self.video.stamps[number]
        late = SQUEEZED if early < wanted else TOLERANCE
        if number in self.video.blurred:
            return
        if not early - TOLERANCE < time < wanted + late:
            message = f"{what}: frame {number} at {time:.4f} s, not {wanted:.4f} s"
            raise WrongError(message)

    async def _write(self, begin: float, end: float, path: Path) -> float:
        recording, span = await self.player.async_find(
            RecordingPart(key=self.key)
            if "instant" in self.video.kinds
            else RecordingPart(key=self.key, start=self._at(begin), end=self._at(end))
        )
        with self._nothing_outside(span.start, span.end):
            clip, _ = await self.player.async_write_clip(recording, span, path, None)
        return clip.start

    @contextmanager
    def _nothing_outside(
        self, start: datetime | None, stop: datetime | None = None
    ) -> Generator[None]:
        """Take it for true that there is nothing, but only before the first frame or after the last."""
        times, frames = self.video.times, self.video.frames
        first, last = times[frames[0]], times[frames[-1]]
        try:
            yield
        except (NothingRecordedError, HomeAssistantError) as err:
            is_before = stop is not None and self._seconds(stop) <= first + TOLERANCE
            if not is_before and (start is None or self._seconds(start) <= last):
                at = (
                    "its beginning"
                    if start is None
                    else f"{self._seconds(start):.3f} s"
                )
                message = f"there is something from {at} on"
                raise WrongError(message) from err
            raise NothingError from err

    def _compare_clip(
        self, seen: list[Seen], begun: float, begin: float, end: float
    ) -> None:
        video, what = self.video, f"clip {begin:.3f}-{end:.3f} s"
        keys = {
            video.coded_video.timeline.key_at_or_before(frame)
            for frame in self._frame_at(begin)
        }
        if not seen:
            message = f"{what} is empty"
            raise WrongError(message)
        first = seen[0].number
        if first not in keys:
            message = f"{what} begins with frame {first}, not {keys}"
            raise WrongError(message)
        wanted = [
            frame
            for frame in video.frames
            if frame >= first and video.times[frame] < end - TOLERANCE
        ]
        # Of the end, as of all times, a frame may be a little off.
        near = {
            frame
            for frame in video.frames
            if abs(video.times[frame] - end) < 2 * TOLERANCE
        }
        # Frames that are shown earlier may need one that is shown after the end.
        last = max([*wanted, first])
        near.update(
            frame
            for frame in video.frames
            if video.coded_video.reorder_depth and last < frame
        )
        if seen[0].time > TOLERANCE:
            message = f"{what} begins at {seen[0].time:.3f} s"
            raise WrongError(message)
        self._compare(seen, wanted, near, begun, what)

    def _frame_at(self, moment: float) -> set[int]:
        """Find the last frame up to a moment, or both where it is close; else the first one."""
        found = set()
        for near in (moment - TOLERANCE, moment, moment + TOLERANCE):
            past = [f for f in self.video.frames if self.video.times[f] <= near]
            found.add(past[-1] if past else self.video.frames[0])
        if found & self.video.blurred:
            found |= self.video.blurred
        return found

    def _seconds(self, moment: datetime) -> float:
        return (moment - self.video.zero).total_seconds()

    def _at(self, seconds: float) -> datetime:
        return self.video.zero + timedelta(seconds=seconds)

    def _moment(self) -> float:
        """Draw a moment, often close to where something is."""
        moment = self.random.uniform(0, self.video.length)
        if self.random.random() < 0.3:
            frame = self.random.choice(self.video.frames)
            moment = self.video.times[frame] + self.random.choice((0, 0, -0.001, 0.001))
        return min(max(moment, 0.0), max(0.0, self.video.length - 0.01))

    def _part(self) -> tuple[float, float]:
        if "instant" in self.video.kinds:
            return 0.0, max(1.0, self.video.length)
        begin = self._moment()
        length = self.random.choice((0.2, 1.0, 3.0, 10.0, 60.0))
        return begin, min(
            begin + self.random.uniform(0.05, 1) * length, self.video.length
        )


def _describe(error: BaseException) -> str:
    """Answer with an error and what caused it."""
    if isinstance(error, HomeAssistantError):
        # Its words come from a Home Assistant that is running.
        said = f"{error.translation_key}"
    else:
        said = str(error) if isinstance(error, WrongError) else repr(error)
    return f"{said}, of {_describe(error.__cause__)}" if error.__cause__ else said


def _brief(numbers: Iterable[int]) -> str:
    """Write numbers as ranges."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    shown = [f"{a}" if a == b else f"{a}-{b}" for a, b in runs[:6]]
    return "[" + " ".join(shown) + (" …" if len(runs) > len(shown) else "") + "]"


@asynccontextmanager
async def on_stage(video: DrawnVideo, folder: Path) -> AsyncGenerator[Viewing]:
    """Put a camera on the network, and give what plays its video."""
    async with CameraServer(video.camera) as server, aiohttp.ClientSession() as session:
        address = Address(host=server.host, port=server.port, protocol="http")
        client = VapixClient(session, address, "viewer", "viewer-secret")
        player = player_of(client, folder)
        await player.cache.open()
        try:
            yield Viewing(video, player, folder, Random(video.seed))  # noqa: S311
        finally:
            await player.async_close()


def player_of(client: VapixClient, folder: Path) -> Player:
    """Return what plays, with no more of Home Assistant than that needs."""

    def create_task(
        _hass: object,
        work: Coroutine[None, None, None],
        name: str,
        *,
        eager_start: bool,
    ) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(
            work, name=name, eager_start=eager_start
        )

    def cache_path(*parts: str) -> str:
        return str(folder.joinpath(*parts))

    entry = SimpleNamespace(
        entry_id="entry",
        options={},
        async_create_background_task=create_task,
        async_on_unload=lambda _retire: None,
    )
    return Player(
        cast(
            "HomeAssistant",
            SimpleNamespace(
                config=SimpleNamespace(cache_path=cache_path),
                data={},
            ),
        ),
        cast("ConfigEntry[Any]", entry),
        client,
        # What is played here is known by its key.
        finder=cast("RecordingFinder", None),
        camera_name=lambda: "camera",
        camera_now=dt_util.utcnow,
    )
