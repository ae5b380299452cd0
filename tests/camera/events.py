"""What the camera reports of itself: its events, and the states that some of them are of."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .disks import ABSENT, NOT_SUPPORTED
from .topics import Topic, read_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from .camera import Camera
    from .clock import CameraClock
    from .disks import Disk

RECORDING = "tnsaxis:Storage/Recording"
DISRUPTION = "tnsaxis:Storage/Disruption"
ALERT = "tnsaxis:Storage/Alert"
FAILURE = "tns1:Device/tnsaxis:HardwareFailure/StorageFailure"

type Items = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the camera reports; `stateful` ones are the state of something.

    All values are text, as on the wire: booleans are `0` and `1`.
    """

    time: datetime
    topic: Topic
    source: Mapping[str, str]
    data: Mapping[str, str]
    key: Mapping[str, str] = field(default_factory=dict)
    stateful: bool = True


class State(NamedTuple):
    """The state of something: what it is, and how it is."""

    topic: str
    source: dict[str, str]
    data: dict[str, str]
    reporting: frozenset[str] | None = None
    """What must change to be reported, None for anything."""

    def is_news(self, before: Mapping[str, str]) -> bool:
        """Return whether this is reported after that."""
        names = self.data if self.reporting is None else self.reporting
        return any(self.data[name] != before.get(name) for name in names)

    @property
    def identity(self) -> tuple[Topic, Items]:
        """What it is the state of."""
        return read_topic(self.topic), tuple(sorted(self.source.items()))


OTHERS = (
    State("tns1:Device/tnsaxis:Status/SystemReady", {}, {"ready": "1"}),
    State("tns1:Device/tnsaxis:IO/VirtualPort", {"port": "1"}, {"state": "0"}),
    State("tns1:PTZController/tnsaxis:PTZReady", {"channel": "1"}, {"ready": "1"}),
    State(
        "tns1:VideoSource/tnsaxis:DayNightVision",
        {"VideoSourceConfigurationToken": "1"},
        {"day": "1"},
    ),
)
"""States that have nothing to do with recordings."""


class Events:
    """The events of one camera: `history` holds all, in the order in which they happened.

    `listeners` are called with each. Events are reported while the camera is up only.
    """

    def __init__(self, clock: CameraClock) -> None:
        """Start without events."""
        self._clock = clock
        self.history: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self._states: dict[tuple[Topic, Items], Event] = {}
        self._followed: set[tuple[Topic, Items]] = set()

    @property
    def states(self) -> list[Event]:
        """The states that things are in now."""
        return list(self._states.values())

    def emit(
        self,
        topic: str,
        data: dict[str, str],
        *,
        source: dict[str, str] | None = None,
        key: dict[str, str] | None = None,
        stateful: bool = False,
    ) -> Event:
        """Report anything, whether or not it is news."""
        state = State(topic, source or {}, data)
        return self._report(state, key=key or {}, stateful=stateful)

    def follow(self, states: Iterable[State], *, silent: bool = False) -> None:
        """Return which of these states have changed, and forget those that are not there any more."""
        found: set[tuple[Topic, Items]] = set()
        for state in states:
            found.add(state.identity)
            known = self._states.get(state.identity)
            if known is None or known.data != state.data:
                news = known is None or state.is_news(known.data)
                self._report(state, silent=silent or not news)
        for identity in self._followed - found:
            self._states.pop(identity, None)
        self._followed = found

    def restart(self) -> None:
        """Forget all states, as a camera does that starts."""
        self._states.clear()
        self._followed.clear()
        for state in OTHERS:
            self._report(state, silent=True)

    def _report(
        self,
        state: State,
        *,
        key: dict[str, str] | None = None,
        stateful: bool = True,
        silent: bool = False,
    ) -> Event:
        topic, _ = state.identity
        event = Event(
            self._clock.now(),
            topic,
            dict(state.source),
            dict(state.data),
            key or {},
            stateful,
        )
        if stateful:
            self._states[state.identity] = event
        if not silent:
            self.history.append(event)
            for listener in tuple(self.listeners):
                listener(event)
        return event


def storage_states(camera: Camera) -> Iterator[State]:
    """Give the states that recordings and disks are in (VAPIX: Edge storage API)."""
    yield State(RECORDING, {}, {"recording": _digit(camera.recordings.ongoing)})
    for disk in camera.disks.values():
        source = {"disk_id": disk.id}
        yield State(DISRUPTION, source, {"disruption": _digit(disk.disrupted)})
        if camera.quirks.storage_alert is not None:
            alarms = camera.quirks.storage_alert == "alarms"
            reporting = frozenset({"alert"}) if alarms else None
            yield State(ALERT, source, _alert(disk), reporting)
        if camera.quirks.storage_failure is not None:
            failed = (
                disk.status == "failed"
                if camera.quirks.storage_failure == "failed"
                else disk.disrupted
            )
            yield State(FAILURE, source, {"disruption": _digit(failed)})


def _alert(disk: Disk) -> dict[str, str]:
    health = {
        "wear": disk.wear,
        "temperature": disk.temperature_kelvin,
        "overall_health": disk.overall_health,
    }
    reported = {
        name: str(
            ABSENT
            if disk.status == "disconnected"
            else NOT_SUPPORTED
            if value is None
            else value
        )
        for name, value in health.items()
    }
    return {"alert": _digit(disk.alarming), **reported}


def _digit(value: object) -> str:
    return "1" if value else "0"
