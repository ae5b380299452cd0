"""Ask a camera something, and keep how it answered."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field, fields
from enum import StrEnum
import re
from typing import TYPE_CHECKING, Any, Final
from xml.parsers.expat import ExpatError

from ..vapix import CameraConnectionError
from ..vapix.answers import Inspection
from ..vapix.xml import read_well_formed
from .shapes import describe, describe_media_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..vapix.http import CameraHttp

NOT_FOUND: Final = 404
_SHORTEST_SECRET: Final = 3

type ExportTurn = Callable[[], AbstractAsyncContextManager[None]]
"""Waits until nobody else exports, and keeps others from it."""

type Value = str | int | float | bool | None
"""What is found out; None if the camera has nothing of the kind."""


class Reason(StrEnum):
    """Why a question is not answered."""

    NEEDS_VIDEO_WHOSE_FRAMES_CHANGE_PLACES = "needs_video_whose_frames_change_places"
    SOMEBODY_ELSE_RECORDS = "somebody_else_records"
    SOMEBODY_IS_WATCHING = "somebody_is_watching"
    ANSWER_NOT_UNDERSTOOD = "answer_not_understood"
    NEEDS_A_DISK_AND_AN_OPERATOR = "needs_a_disk_and_an_operator"
    NEEDS_A_DISK_THAT_IS_PULLED_OUT = "needs_a_disk_that_is_pulled_out"
    NEEDS_A_FULL_DISK = "needs_a_full_disk"
    NEEDS_A_POWER_CUT = "needs_a_power_cut"
    NEEDS_A_RECORDING = "needs_a_recording"
    NEEDS_AN_ENDED_RECORDING = "needs_an_ended_recording"
    NEEDS_AN_ONGOING_RECORDING = "needs_an_ongoing_recording"
    NEEDS_AN_UNMOUNTED_DISK = "needs_an_unmounted_disk"
    NEEDS_ANOTHER_RECORDING = "needs_another_recording"
    NEEDS_ENDED_RECORDINGS_AND_A_ZONE_OTHER_THAN_UTC = (
        "needs_ended_recordings_and_a_zone_other_than_utc"
    )
    NEEDS_EVENTS_OVER_WEBSOCKET = "needs_events_over_websocket"
    NEEDS_OWN_RECORDING = "needs_own_recording"
    NEEDS_SEVERAL_EVENTS_AT_ONCE = "needs_several_events_at_once"
    NEEDS_THE_CAMERAS_TIME = "needs_the_cameras_time"
    NEEDS_THE_EXPORT_API = "needs_the_export_api"
    NEEDS_TWO_RECORDINGS = "needs_two_recordings"
    NEEDS_VIEWER_ACCOUNT = "needs_viewer_account"
    NO_ANSWER = "no_answer"
    NOT_ANSWERED = "not_answered"
    TAKES_MINUTES = "takes_minutes"
    THE_CAMERA_ENDED_THE_STREAM = "the_camera_ended_the_stream"
    THE_CAMERA_GIVES_ODD_IDS = "the_camera_gives_odd_ids"
    THE_RECORDING_COULD_NOT_BE_STOPPED = "the_recording_could_not_be_stopped"
    THE_RECORDING_WAS_NOT_LISTED = "the_recording_was_not_listed"
    TOOK_TOO_LONG = "took_too_long"
    WOULD_DISTURB_OTHERS = "would_disturb_others"
    WOULD_LET_GO_OF_A_DISK = "would_let_go_of_a_disk"
    WOULD_LOCK_US_OUT = "would_lock_us_out"
    WOULD_STOP_OTHER_RECORDINGS = "would_stop_other_recordings"


class OpenQuestionError(Exception):
    """A question can't be answered now."""

    def __init__(self, reason: Reason) -> None:
        """Say what it would take."""
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Report:
    """What is known after a check."""

    findings: dict[str, Value] = field(default_factory=dict)
    """Answers, by the names of the questions."""
    open: dict[str, str] = field(default_factory=dict)
    """Why a question was not answered."""
    shapes: dict[str, str] = field(default_factory=dict)
    """How answers are built, by what was asked for."""

    def find(self, question: str, value: Value) -> None:
        """Note an answer."""
        self.open.pop(question, None)
        self.findings[question] = value

    def leave_open(self, reason: str, *questions: str) -> None:
        """Note why questions are not answered, unless they are."""
        for question in questions:
            if question not in self.findings:
                self.open.setdefault(question, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Inspection):
    """An answer and what its XML holds."""

    root: dict[str, Any]
    """The root element; empty if there is none that can be read."""


class Inspector:
    """Asks one camera, and writes into a report."""

    def __init__(
        self,
        http: CameraHttp,
        report: Report,
        secrets: Iterable[str] = (),
        export_turn: ExportTurn = nullcontext,
    ) -> None:
        """Use a connection, and export only in turn with others.

        Secrets are left out of the report: names that people gave.
        """
        self.http = http
        self.report = report
        self.export_turn = export_turn
        words = sorted(
            {each for each in secrets if len(each) >= _SHORTEST_SECRET},
            key=len,
            reverse=True,
        )
        self._secrets = (
            re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
            if words
            else None
        )

    async def get(
        self,
        name: str,
        path: str,
        arguments: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Seen:
        """Ask for something, and note the shape of the answer under a name.

        OpenQuestionError if there is none; what can't be asked once can be later.
        """
        try:
            answer = await self.http.inspect(path, arguments, **options)
        except CameraConnectionError as err:
            self.report.shapes[name] = f"no answer: {err}"
            raise OpenQuestionError(Reason.NO_ANSWER) from err
        kind = answer.headers.get("Content-Type", "")
        # A long page takes a while.
        shape, root = await asyncio.to_thread(read, answer.body, kind)
        media_type = describe_media_type(answer.headers).partition(";")[0]
        self.note(name, f"{answer.status} {media_type} {shape}")
        return Seen(
            **{each.name: getattr(answer, each.name) for each in fields(answer)},
            root=root,
        )

    def hide(self, text: str) -> str:
        """Return a text without the secrets."""
        return self._secrets.sub("…", text) if self._secrets else text

    def note(self, name: str, shape: str) -> None:
        """Note the shape of an answer."""
        shape = self.hide(shape).strip()
        for before, known in self.report.shapes.items():
            if known == shape and before != name:
                shape = f"as: {before}"
                break
        self.report.shapes[name] = shape


def read(body: bytes, content_type: str) -> tuple[str, dict[str, Any]]:
    """Return the shape of an answer, and its root element if it is XML. For a thread."""
    root = None
    with suppress(ExpatError, ValueError, LookupError):
        document = read_well_formed(body.strip())
        root = next(iter(document.values()), None)
    return describe(body, content_type), root if isinstance(root, dict) else {}


def is_refusal(answer: Seen) -> bool:
    """Return whether the answer is an error in VAPIX's own form, which comes with status 200."""
    children = (
        child
        for found in answer.root.values()
        for child in (found if isinstance(found, list) else [found])
    )
    return "GeneralError" in answer.root or any(
        isinstance(child, dict) and str(child.get("@result")).upper() == "ERROR"
        for child in children
    )


def is_good(answer: Seen) -> bool:
    """Return whether the answer is one, and no error of any form."""
    return 200 <= answer.status < 300 and not is_refusal(answer)  # noqa: PLR2004
