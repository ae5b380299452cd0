"""What a camera answers to commands, tried on recordings that were started for this."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
import time
from typing import TYPE_CHECKING, Final

from ..vapix import RecordingKey, RefusedError, VapixError, is_single_id
from ..vapix.recordings import LIST_CGI, REMOVE_CGI, STOP_CGI
from .events import FULL, SHORT, fetch_clock, note_form, notification_of, talk, time_of
from .inspector import NOT_FOUND, Inspector, OpenQuestionError, Reason, Seen, is_good
from .lists import NO_RECORDING, check_ongoing, recordings_of
from .shapes import describe_words

if TYPE_CHECKING:
    from .events import Message, Talk

type Start = Callable[[], Awaitable[RecordingKey]]
"""Starts a recording that its owner stops and removes, whatever comes."""

type IsOurs = Callable[[RecordingKey], bool]
"""Whether such a recording is still nobody else's."""

# Cameras report and list what has begun some seconds later.
NEWS_SECONDS: Final = 4.0
# Only then, nothing but its going on can match a window that begins later.
AGE_SECONDS: Final = 4.0
COPY_SECONDS: Final = 1.0
LISTING_SECONDS: Final = 10.0
LISTING_INTERVAL: Final = 0.5
OK: Final = "ok"
_CLOSE: Final = timedelta(minutes=1)
_NEWEST: Final = {"recordingid": "all", "maxnumberofresults": "20"}


async def check_commands(ask: Inspector, start: Start, is_ours: IsOurs) -> None:
    """Start, stop and remove recordings of our own, in all the ways that are not documented."""

    def require_ours(key: RecordingKey) -> None:
        if not is_ours(key):
            raise OpenQuestionError(Reason.SOMEBODY_ELSE_RECORDS)

    first = await _start_and_listen(ask, start)
    await _wait_until_listed(ask, first)
    await asyncio.sleep(AGE_SECONDS)
    await check_ongoing(ask, await ask.get("what goes on", LIST_CGI, _NEWEST))
    second = await _start_again(ask, start, first)
    require_ours(first)
    if await _stop(ask, "stop", first.recording_id) != OK:
        raise OpenQuestionError(Reason.THE_RECORDING_COULD_NOT_BE_STOPPED)
    for question, recording_id in (
        ("stop_completed", first.recording_id),
        ("stop_unknown", NO_RECORDING),
    ):
        ask.report.find(question, await _stop(ask, question, recording_id))
    if second is not None:
        await _wait_until_listed(ask, second)
        require_ours(second)
        verdict = await _remove(ask, "remove_ongoing", second, second.recording_id)
        ask.report.find("remove_ongoing", "removed" if verdict == OK else verdict)
    several = f"{first.recording_id},{NO_RECORDING}"
    await _remove(ask, "remove_several", first, several)
    is_gone = not await _is_listed(ask, first)
    ask.report.find("remove_several", "each" if is_gone else "all_or_nothing")
    if is_gone or await _remove(ask, "remove", first, first.recording_id) == OK:
        verdict = await _remove(ask, "remove_unknown", first, first.recording_id)
        ask.report.find("remove_unknown", verdict)


async def _start_and_listen(ask: Inspector, start: Start) -> RecordingKey:
    """Start a recording, and find out what the events report of it."""
    async with AsyncExitStack() as stack:
        try:
            stream = await stack.enter_async_context(talk(ask))
            await stream.configure(*_topics(ask))
        except VapixError, OpenQuestionError:
            return await start()
        begun = time.monotonic()
        news = asyncio.ensure_future(stream.receive_first(NEWS_SECONDS))
        try:
            key = await start()
            message = await news
        except OpenQuestionError:
            return key
        finally:
            news.cancel()
        if message is None:
            ask.report.find("event_changes", "unreported")
            return key
        ask.report.find("event_changes", "reported")
        ask.report.find("event_at_start", round(stream.received - begun, 1))
        await _check_news(ask, stream, message)
        return key


def _topics(ask: Inspector) -> tuple[str, ...]:
    """Return the spelling that the camera takes: one that takes both would report everything twice."""
    match ask.report.findings.get("event_filter_spelling"):
        case "either" | "short":
            return (SHORT,)
        case "full":
            return (FULL,)
        case _:
            return SHORT, FULL


async def _check_news(ask: Inspector, stream: Talk, message: Message) -> None:
    await note_form(ask, message)
    copies = [each for each in await stream.receive(COPY_SECONDS) if each == message]
    ask.report.find("event_copies", 1 + len(copies))
    timestamp = notification_of(message).get("timestamp")
    now = await fetch_clock(ask)
    if now is not None and isinstance(timestamp, int | float):
        is_now = abs(time_of(timestamp) - now) < _CLOSE
        ask.report.find("event_timestamp", "utc" if is_now else "local")


async def _start_again(
    ask: Inspector, start: Start, first: RecordingKey
) -> RecordingKey | None:
    """Start one more beside the first; None if there is none."""
    try:
        second = await start()
    except RefusedError as err:
        ask.note("a second start", describe_words(str(err)))
        ask.report.find("second_recording", "error")
        return None
    is_same = second == first
    ask.report.find("second_recording", "same" if is_same else "new")
    return None if is_same else second


def _verdict(answer: Seen) -> str:
    """Return what a camera makes of a command."""
    if is_good(answer):
        return OK
    return "not_found" if answer.status == NOT_FOUND else "error"


async def _stop(ask: Inspector, name: str, recording_id: str) -> str:
    arguments = {"recordingid": recording_id}
    return _verdict(await ask.get(name, STOP_CGI, arguments, once=True))


async def _remove(ask: Inspector, name: str, own: RecordingKey, wanted: str) -> str:
    """Remove what is named, which holds nothing but the own recording and one that does not exist.

    Cameras pass over arguments that they don't know, and without an ID everything is removed.
    """
    if not is_single_id(own.recording_id):
        raise OpenQuestionError(Reason.THE_CAMERA_GIVES_ODD_IDS)
    arguments = {"recordingid": wanted, "diskid": own.disk_id}
    return _verdict(await ask.get(name, REMOVE_CGI, arguments, once=True))


async def _wait_until_listed(ask: Inspector, key: RecordingKey) -> None:
    begun = time.monotonic()
    while not await _is_listed(ask, key):
        if time.monotonic() - begun > LISTING_SECONDS:
            raise OpenQuestionError(Reason.THE_RECORDING_WAS_NOT_LISTED)
        await asyncio.sleep(LISTING_INTERVAL)
    ask.report.find("seconds_until_listed", round(time.monotonic() - begun, 1))


async def _is_listed(ask: Inspector, key: RecordingKey) -> bool:
    arguments = {"recordingid": key.recording_id}
    answer = await ask.get("a recording by its ID", LIST_CGI, arguments)
    return any(
        each["@recordingid"] == key.recording_id for each in recordings_of(answer)
    )
