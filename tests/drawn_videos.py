"""Videos of all kinds that real cameras make, drawn from a seed, and what they truly show."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Any, Final

from tests.camera import (
    Audio,
    Camera,
    ClockStep,
    Encoding,
    Pause,
    Quirks,
    Recording,
    Video,
)
from tests.camera.exports import coded_video_of

if TYPE_CHECKING:
    from tests.camera.video import CodedVideo

START: Final = datetime(2026, 11, 20, 9, 30, 0, 250_000, tzinfo=UTC)
VIDEO_ID: Final = "video"
CATCHING_UP: Final = 1.0
"""How long it takes until what began before the listed beginning is seen in time, in seconds."""
WIDTH: Final = 96
"""The narrowest whose clock outlasts every encoder."""

KINDS: Final = (
    "even",
    "b_frames",
    "open_gop",
    "pauses",
    "slow",
    "long_gop",
    "dynamic_gop",
    "equal_stamps",
    "small_step_back",
    "step_back",
    "step_ahead",
    "late",
    "short",
    "instant",
    "whole_seconds",
    "mp4",
    "index_last",
    "sound",
    "other_sound",
    "h265",
    "av1",
)
"""What may be special about a video; most have several of these."""

_STEPS: Final = ("equal_stamps", "small_step_back", "step_back", "step_ahead")
APART: Final = {
    "even": KINDS,
    "b_frames": ("av1",),
    "open_gop": ("av1",),
    "pauses": ("instant",),
    "slow": ("instant",),
    "dynamic_gop": ("long_gop",),
    "late": ("instant",),
    "short": ("instant",),
    "mp4": ("index_last",),
    "other_sound": ("sound",),
    "av1": ("h265",),
    **{
        step: ("instant", "whole_seconds", *(each for each in _STEPS if each != step))
        for step in _STEPS
    },
}
"""What a video that is to be of a kind can't be."""
NEEDED: Final = {"open_gop": ("b_frames",)}
"""What else a video that is to be of a kind must be."""


@dataclass(frozen=True)
class DrawnVideo:
    """A camera with one recording, and its kinds."""

    seed: int
    camera: Camera
    kinds: frozenset[str]

    @cached_property
    def recording(self) -> Recording:
        """The recording."""
        recording = self.camera.recordings.find(VIDEO_ID)
        assert recording is not None
        return recording

    @cached_property
    def coded_video(self) -> CodedVideo:
        """What the camera has recorded."""
        return coded_video_of(self.recording, self.camera)

    @cached_property
    def zero(self) -> datetime:
        """When the list says that the recording begins."""
        if "whole_seconds" in self.kinds:
            return self.recording.start.replace(microsecond=0)
        return self.recording.start

    @property
    def ahead(self) -> float:
        """How many seconds after `zero` it truly begins."""
        return (self.recording.start - self.zero).total_seconds()

    @cached_property
    def frames(self) -> list[int]:
        """The numbers of all frames."""
        timeline = self.coded_video.timeline
        assert timeline.frames is not None
        return list(timeline.between(0, timeline.frames))

    @cached_property
    def stamps(self) -> dict[int, float]:
        """The time stamps of the frames, in seconds after `zero`.

        A camera that tells whole seconds tells all times as much too early.
        """
        timeline = self.coded_video.timeline
        ahead = self.recording.start - self.zero
        return {
            frame: (timeline.stamp(frame) - self.zero - ahead).total_seconds()
            for frame in self.frames
        }

    @cached_property
    def times(self) -> dict[int, float]:
        """When the frames are to be seen: at their time stamps, but none before an earlier one."""
        raised = accumulate((self.stamps[frame] for frame in self.frames), max)
        return dict(zip(self.frames, raised, strict=True))

    @cached_property
    def blurred(self) -> frozenset[int]:
        """The frames of a time that came twice; which of them are sent depends on what is asked."""
        if "step_back" not in self.kinds:
            return frozenset()
        late = [
            frame for frame in self.frames if self.stamps[frame] < self.times[frame]
        ]
        if not late:
            return frozenset()
        low, high = self.stamps[late[0]], self.times[late[-1]]
        if low < 0:
            # What is older than the list says is seen a little faster.
            high = max(high, CATCHING_UP)
        # From the key frame on that is before both.
        key = self.coded_video.timeline.key_at_or_before(
            max(frame for frame in self.frames if self.stamps[frame] <= low - 0.01)
            if low > 0
            else 0
        )
        return frozenset(
            frame for frame in self.frames if frame >= key and self.times[frame] <= high
        )

    @cached_property
    def keys(self) -> list[int]:
        """The key frames."""
        timeline = self.coded_video.timeline
        return [
            frame for frame in self.frames if timeline.key_at_or_before(frame) == frame
        ]

    @property
    def length(self) -> float:
        """From zero to the end that the list says, in seconds."""
        stop = self.recording.stop
        assert stop is not None
        if "whole_seconds" in self.kinds:
            stop = stop.replace(microsecond=0)
        return (stop - self.zero).total_seconds()


def draw(seed: int, kind: str | None = None) -> DrawnVideo:
    """Draw a video; with a kind, it is of that kind at least."""
    return _Draw(seed, kind).video()


class _Draw:
    """One draw."""

    def __init__(self, seed: int, kind: str | None) -> None:
        self._random = Random(seed)  # noqa: S311 - no secrets
        self._seed = seed
        self._wanted = {kind, *NEEDED.get(kind or "", ())} - {None}
        self._kinds: set[str] = set()

    def _is(self, kind: str, chance: float) -> bool:
        """Decide whether it is of a kind."""
        drawn = self._random.random() < chance
        for wanted in self._wanted:
            if kind in APART.get(wanted, ()):
                drawn = False
        if drawn or kind in self._wanted:
            self._kinds.add(kind)
            return True
        return False

    def video(self) -> DrawnVideo:
        """Make it."""
        random = self._random
        mimetype = "video/x-h264"
        if self._is("h265", 0.3):
            mimetype = "video/x-h265"
        elif self._is("av1", 0.1):
            mimetype = "video/x-av1"
        whole = self._is("whole_seconds", 0.06)
        rate = random.choice((5, 8, 10)) if whole else random.choice(RATES)
        gop = self._gop(whole=whole)
        seconds = random.uniform(6, 40) if gop[0] < 20 else random.uniform(60, 200)
        if self._is("instant", 0.05):
            seconds = random.choice((0.0, 0.04, 0.3, 0.9))
        encoding = self._encoding(
            seconds, whole=whole, reorders=mimetype != "video/x-av1"
        )
        camera = Camera(
            export_speed=None,
            picture_width=WIDTH,
            name="",
            quirks=self._quirks(whole=whole),
        )
        camera.add_recording(
            START,
            START + timedelta(seconds=seconds),
            recording_id=VIDEO_ID,
            video=Video(mimetype, 640, 400, _fraction(rate)),
            audio=self._sound(),
            gop=gop,
            encoding=encoding,
        )
        self._kinds = self._kinds or {"even"}
        return DrawnVideo(self._seed, camera, frozenset(self._kinds))

    def _gop(self, *, whole: bool) -> tuple[float, ...]:
        random = self._random
        if self._is("long_gop", 0.08):
            return (random.choice((30.0, 80.0)),)
        if self._is("dynamic_gop", 0.25):
            lengths = (random.uniform(0.5, 12) for _ in range(random.randint(2, 6)))
            return tuple(float(round(x) or 1) if whole else x for x in lengths)
        return (float(random.choice((1, 2, 4, 10))),)

    def _encoding(self, seconds: float, *, whole: bool, reorders: bool) -> Encoding:
        random = self._random
        traits: dict[str, Any] = {}
        if reorders and self._is("b_frames", 0.5):
            traits["b_frames"] = random.randint(1, 4)
            traits["pyramid"] = random.random() < 0.5
            traits["references"] = random.randint(1, 3)
            traits["open_gop"] = self._is("open_gop", 0.4)
        if seconds < 1:
            return Encoding(**traits)
        if self._is("pauses", 0.3) | self._is("slow", 0.2):
            traits["pauses"] = tuple(self._pauses(seconds, whole=whole))
        if not whole:
            traits["clock_steps"] = self._steps(seconds)
        if self._is("late", 0.1):
            late = random.uniform(0.1, min(6, seconds / 2))
            traits["late"] = float(int(late)) if whole else late
        if self._is("short", 0.15):
            traits["short"] = random.uniform(0.05, min(12, seconds / 2))
        return Encoding(**traits)

    def _pauses(self, seconds: float, *, whole: bool) -> list[Pause]:
        random, pauses, begin = self._random, [], 0.0
        for _ in range(random.randint(1, 3)):
            start = begin + random.uniform(0.3, seconds / 3)
            length = random.uniform(0.4, seconds / 2)
            every = random.choice((1, 2, 3, 5, 8)) if "slow" in self._kinds else None
            if random.random() < 0.2 and "pauses" in self._kinds:
                every = None
            stop = start + length
            if whole:
                start, stop = float(int(start) + 1), float(int(stop) + 2)
            pauses.append(Pause(start, stop, every))
            begin = stop
        return pauses

    def _steps(self, seconds: float) -> tuple[ClockStep, ...]:
        """Draw at most one step, as two of them tell nothing more."""
        random = self._random
        at = random.uniform(0.5, seconds)
        if self._is("equal_stamps", 0.06):
            return (ClockStep(at, -0.1), ClockStep(at + 0.1, 0.0))
        if self._is("small_step_back", 0.05):
            return (ClockStep(at, -0.15),)
        if self._is("step_back", 0.05):
            return (ClockStep(at, -random.uniform(0.6, 4)),)
        if self._is("step_ahead", 0.05):
            return (ClockStep(at, random.uniform(0.2, 10)),)
        return ()

    def _sound(self) -> Audio | None:
        if self._is("sound", 0.2):
            return Audio()
        if self._is("other_sound", 0.05):
            return Audio("audio/x-opus", 32_000, 48_000)
        return None

    def _quirks(self, *, whole: bool) -> Quirks:
        random = self._random
        settings: dict[str, Any] = {
            "fraction_digits": 0 if whole else random.choice((3, 4, 6)),
            # With frames that change places around a pause, a picture would miss those before it.
            "export_end": (
                "needed"
                if self._kinds & {"pauses", "slow"}
                else random.choice(("needed", "first"))
            ),
            "export_outside": random.choice(("clamped", "error")),
        }
        if self._is("index_last", 0.06):
            settings["export_formats"] = ("mp4",)
            settings["export_mp4"] = "index_last"
        elif self._is("mp4", 0.12):
            settings["export_formats"] = ("mp4",)
            settings["export_mp4"] = random.choice(("fragmented", "index_first"))
        return Quirks(**settings)


RATES: Final = (5, 8, 10, 7.5, 12.5)


def _fraction(rate: float) -> str:
    numerator, denominator = rate.as_integer_ratio()
    return f"{numerator}:{denominator}"
