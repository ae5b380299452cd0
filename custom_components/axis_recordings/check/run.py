"""Find out which side of each open point of VAPIX a camera takes."""

import asyncio
from contextlib import nullcontext
from functools import partial
import logging
from typing import TYPE_CHECKING, Final

from ..vapix import VapixError
from .basics import check_apis, check_http, check_rights
from .commands import IsOurs, Start, check_commands
from .disks import check_disks, check_health, check_limit
from .events import check_events, check_tokens
from .exports import check_exports
from .inspector import ExportTurn, Inspector, OpenQuestionError, Reason, Report
from .lists import check_filters, check_form, check_names, check_numbers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ..vapix.http import CameraHttp

_LOGGER = logging.getLogger(__name__)

# Listing may take a camera tens of seconds, but not each time.
CHECK_SECONDS: Final = 120.0
COMMANDS_SECONDS: Final = 90.0

# Each check, and the questions that it answers if it can.
CHECKS: Final[
    tuple[tuple[Callable[[Inspector], Awaitable[None]], tuple[str, ...]], ...]
] = (
    (check_http, ("log_in", "nonce_uses", "keep_alive", "date_header")),
    (
        check_apis,
        (
            *("basic_device_info", "json_content_type", "api_discovery"),
            *("system_ready", "system_ready_uptime", "time_api", "time_rest"),
            *("time_zone", "user_group"),
        ),
    ),
    (check_rights, ("insufficient_rights",)),
    (check_numbers, ("first_result_number", "page_limit", "default_limit")),
    (
        check_form,
        (
            *("fraction_digits", "source_attribute", "locked_attribute"),
            *("video_source", "audio", "video_types"),
        ),
    ),
    (
        check_filters,
        (
            *("time_filter", "bare_times", "empty_list", "list_without_criteria"),
            *("missing_disk", "unknown_recording"),
        ),
    ),
    (check_names, ("spaced_values",)),
    (check_disks, ("disk_encryption_attribute", "unmounted_size")),
    (check_health, ("disk_health",)),
    (check_limit, ("storage_limit",)),
    (
        check_exports,
        (
            *("export", "export_formats", "export_size", "export_framing"),
            *(
                "export_duration",
                "export_mp4",
                "export_outside",
                "export_parallel",
                "export_unknown",
            ),
        ),
    ),
    (
        check_tokens,
        ("session_token", "session_token_newline", "session_token_refused"),
    ),
    (
        check_events,
        (
            *("event_stream", "event_rights", "event_pong", "event_initial"),
            *("event_topics", "event_filter_spelling", "event_root_filter"),
            *("event_empty_filter", "event_timestamp", "event_empty_parts"),
            *("storage_alert", "storage_failure"),
        ),
    ),
)
COMMANDS: Final = (
    *("ongoing_stop", "ongoing_in_window"),
    *("second_recording", "stop_completed", "stop_unknown", "remove_ongoing"),
    *("remove_unknown", "remove_several", "event_changes", "event_copies"),
)
NOT_ASKED: Final = {
    "after_power_loss": Reason.NEEDS_A_POWER_CUT,
    "while_down": Reason.NEEDS_A_POWER_CUT,
    "empty_after_start": Reason.NEEDS_A_POWER_CUT,
    "stop_unread": Reason.NEEDS_A_POWER_CUT,
    "unknown_stop": Reason.NEEDS_A_POWER_CUT,
    "export_end": Reason.NEEDS_VIDEO_WHOSE_FRAMES_CHANGE_PLACES,
    "brute_force_guard": Reason.WOULD_LOCK_US_OUT,
    "profile_restarts": Reason.WOULD_STOP_OTHER_RECORDINGS,
    "mount_again": Reason.WOULD_LET_GO_OF_A_DISK,
    "forced_clean_up": Reason.NEEDS_A_FULL_DISK,
    "removal_frees": Reason.NEEDS_A_FULL_DISK,
    "export_lost": Reason.NEEDS_A_DISK_THAT_IS_PULLED_OUT,
    "event_stream_limit": Reason.WOULD_DISTURB_OTHERS,
    "event_ping": Reason.TAKES_MINUTES,
    "event_order": Reason.NEEDS_SEVERAL_EVENTS_AT_ONCE,
}
"""What is left out on purpose, and why."""


async def check_camera(
    http: CameraHttp,
    *,
    secrets: Iterable[str] = (),
    export_turn: ExportTurn = nullcontext,
    start: Start | None = None,
    is_ours: IsOurs = lambda _: True,
) -> Report:
    """Find out how a camera answers. Only reads, unless there is a way to start recordings of our own.

    ``is_ours`` returns whether such a recording is still nobody else's, who may have started the same one.
    ``secrets`` are names that people gave. What can't be found out is in the report with its reason.
    """
    report = Report()
    # Thousands of names take a while.
    ask = await asyncio.to_thread(Inspector, http, report, secrets, export_turn)
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            for check, questions in CHECKS:
                await run_check(ask, check, questions)
                if report.open.get("log_in") == Reason.NO_ANSWER:
                    break
    except TimeoutError:
        _leave_all_open(report, Reason.TOOK_TOO_LONG)
    if report.open.get("log_in") == Reason.NO_ANSWER:
        _leave_all_open(report, Reason.NO_ANSWER)
        report.leave_open(Reason.NO_ANSWER, *COMMANDS)
    elif start is None:
        report.leave_open(Reason.NEEDS_OWN_RECORDING, *COMMANDS)
    else:
        await _try_commands(ask, start, is_ours)
    for question, reason in NOT_ASKED.items():
        report.leave_open(reason, question)
    for question, value in report.findings.items():
        if isinstance(value, str):
            report.findings[question] = ask.hide(value)
    return report


async def _try_commands(ask: Inspector, start: Start, is_ours: IsOurs) -> None:
    check = partial(check_commands, start=start, is_ours=is_ours)
    try:
        async with asyncio.timeout(COMMANDS_SECONDS):
            await run_check(ask, check, COMMANDS)
    except TimeoutError:
        ask.report.leave_open(Reason.TOOK_TOO_LONG, *COMMANDS)


def _leave_all_open(report: Report, reason: Reason) -> None:
    for _, questions in CHECKS:
        report.leave_open(reason, *questions)


async def run_check(
    ask: Inspector,
    check: Callable[[Inspector], Awaitable[None]],
    questions: tuple[str, ...],
) -> None:
    """Let one check fail without the others."""
    reason: str = Reason.NOT_ANSWERED
    try:
        await check(ask)
    except OpenQuestionError as err:
        reason = err.reason
    except VapixError as err:
        reason = f"failed: {type(err).__name__}"
    except TimeoutError:
        raise
    except Exception as err:
        # Whatever the camera said, the rest of the report is worth having.
        _LOGGER.exception("A part of the check of a camera failed")
        reason = f"failed: {type(err).__name__}"
    ask.report.leave_open(reason, *questions)
