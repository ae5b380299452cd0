"""The answers that cameras may give either way."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Quirks:
    """What the documentation of VAPIX leaves open, and what differs between firmwares.

    The defaults are one likely camera, not a promise.
    """

    # record/list.cgi: which recordings
    first_result_number: Literal[0, 1] = 0
    """Number of the first recording for `startatresultnumber`."""
    ongoing_in_window: bool = True
    """Whether `starttime` matches what is still going on, which has no stop time."""
    time_filter: bool = True
    """Whether `starttime` and `stoptime` narrow a list at all; an old camera may ignore them."""
    bare_times: Literal["utc", "local"] = "utc"
    """How a time without `Z` or an offset is taken."""
    list_without_criteria: Literal["empty", "all", "error"] = "empty"
    """Answer when none of `recordingid`, `starttime` and `stoptime` is given."""
    missing_disk: Literal["empty", "error", "not_found"] = "empty"
    """Answer for a `diskid` that is unknown or not attached; `not_found` is an HTML page."""
    unknown_recording: Literal[
        "empty",
        "error",
        "bad_request",
        "not_found",
        "gone",
        "no_content",
        "nothing",
        "internal_server_error",
    ] = "empty"
    """Answer for a `recordingid` that is unknown: an empty list, an error, 400, 404, 410, 204, 200
    without a body, or 500. Where it is 404, so it is for exports."""
    page_limit: int | None = None
    """Most recordings in one answer, whatever was asked for."""
    default_limit: int | None = None
    """Recordings in an answer without `maxnumberofresults`; some claim that it is 1."""

    empty_after_start: float = 0.0
    """Seconds after a start for which a list is empty, although the disks are there already."""

    # record/list.cgi: what it looks like
    empty_list: Literal["counters", "childless", "bare"] = "counters"
    """Shape of a list without recordings: `<recordings>` with counters, no `<recordings>`, or one
    without attributes."""
    fraction_digits: Literal[0, 3, 4, 6] = 6
    """Digits of a second's fraction."""
    ongoing_stop: Literal["empty", "time", "absent"] = "empty"
    """`stoptime` of what is still going on; real cameras were seen to send a time."""
    unknown_stop: Literal["time", "empty"] = "time"
    """`stoptime` of a recording of status `unknown`, which is over and of which a camera may not know when
    it was."""
    source_attribute: bool = True
    locked_attribute: bool = True
    video_source: bool = False
    """Whether `<video>` has a `source` too."""
    audio: bool = False
    """Whether every recording has an `<audio>` element."""
    spaced_values: bool = True
    """Whether `listentity=eventid` pads its values with spaces, as in Axis' own sample."""

    # record/record.cgi, stop.cgi, remove.cgi
    second_recording: Literal["new", "error", "same"] = "new"
    """Answer of record.cgi while a recording that it started goes on, on the same disk."""
    stop_completed: Literal["ok", "error"] = "ok"
    """Answer when what is to be stopped has ended already."""
    stop_unknown: Literal["ok", "error", "not_found"] = "error"
    stop_unread: Literal["stopped", "unknown"] = "stopped"
    """Whether a recording can be stopped that the list does not show yet after a start, or is unknown to
    stop.cgi as well."""
    profile_restarts: bool = True
    """Whether a continuous profile starts anew after its recording was stopped or removed."""
    remove_ongoing: Literal["removed", "error"] = "removed"
    """What remove.cgi does, by id, to what is still going on: stop it first, or refuse."""
    remove_unknown: Literal["ok", "error", "not_found"] = "error"
    remove_several: Literal["each", "all_or_nothing"] = "each"
    """Whether one bad id among several spoils the others."""

    # power
    after_power_loss: Literal["completed", "unknown", "recording", "continues"] = (
        "completed"
    )
    """What is going on when power is lost becomes: completed, of status `unknown`, still listed as
    `recording` though nothing is written any more, or really goes on."""
    while_down: Literal["refuse", "unavailable"] = "refuse"
    """Whether a camera that is starting refuses connections or answers 503."""

    # record/export/*.cgi
    export: Literal["1.0", "1.1", "1.2"] | None = "1.1"
    """Version; older cameras have no such API (AXIS OS 5.51)."""
    export_formats: tuple[Literal["matroska", "mp4"], ...] = ("matroska",)
    """What capabilities.cgi offers; mp4 was seen on one newer camera."""
    export_mp4: Literal["fragmented", "index_first", "index_last"] = "fragmented"
    """How mp4 is written: in fragments, while it is sent; or with an index (`moov`) before or after all
    frames, which is sent when it is complete. Unconfirmed."""
    export_end: Literal["needed", "first"] = "needed"
    """Where frames change places, an export ends with all that those before the end need, so with
    some that are shown later; or before the first one that is shown later."""
    export_size: Literal["estimated", "unknown"] = "estimated"
    """Whether properties.cgi estimates a size, or says -1."""
    export_outside: Literal["clamped", "error"] = "clamped"
    """What exportrecording.cgi makes of times outside the recording: the best of it, or an error
    as properties.cgi."""
    export_framing: Literal["chunked", "close"] = "chunked"
    """How the end of the file is known: by chunks, or when the connection closes. The
    documentation shows HTTP/1.0, which has the latter only."""
    export_lost: Literal["ends", "cut"] = "ends"
    """How an export stops whose recording is removed, or its disk: as if it were complete, or by
    the loss of its connection (with `close` the two look alike)."""
    export_limit: int | None = None
    """Most exports at once."""
    export_busy: Literal["error", "unavailable"] = "error"
    """Answer to one more: error 10, or 503."""
    export_duration: bool = False
    """Whether the file begins with its duration."""

    # vapix/ws-data-stream
    event_stream: Literal["1.0"] | None = "1.0"
    """Version; first documented in June 2023 (about AXIS OS 11.5). Older cameras have no events over
    WebSocket, and answer 404."""
    session_token: Literal["once", "many"] | None = "once"
    """Whether a token of wssession.cgi opens one stream or, while it is valid, any number; or the
    camera has no such CGI."""
    session_token_newline: bool = False
    """Whether a line end follows the token."""
    session_token_refused: Literal[401, 403] = 401
    """Status of a handshake whose token is wrong or too old."""
    event_rights: Literal["viewer", "handshake", "configure"] = "viewer"
    """Whether a viewer may listen; the documentation names no level. Otherwise a viewer is refused
    at the handshake, or when it says what it wants to hear (error 2105)."""
    event_stream_limit: int | None = None
    """Most streams at once."""
    event_stream_busy: Literal["unavailable", "closed", "oldest"] = "unavailable"
    """What comes of one more: 503, a close with code 1013 after the handshake, or the oldest stream
    is dropped."""
    event_compression: bool = True
    """Whether the camera takes `permessage-deflate` when it is offered."""
    event_ping: float | None = None
    """Seconds of silence after which the camera pings; it hangs up on who does not answer."""
    event_pong: bool = True
    """Whether the camera answers pings."""
    event_initial: Literal["after_answer", "before_answer", "never"] = "after_answer"
    """When the states are reported that things are in already: after or before the answer to
    `events:configure`, or not at all. Only for RTSP it is documented that they are."""
    event_changes: Literal["reported", "unreported", "stale"] = "reported"
    """Whether changes are reported; or only the states when they are asked for, as they are then or as they
    were when the stream was opened."""
    event_topics: Literal["short", "full", "other"] = "short"
    """How topics are written: `tnsaxis:Storage/Recording`, as seen, or with a prefix at each name, or
    by another last name than the documented one."""
    event_filter_spelling: Literal["either", "short", "full"] = "either"
    """Which of the two ways a filter must be written in to match anything."""
    event_root_filter: Literal["subtree", "nothing", "error"] = "subtree"
    """What `//.` does after the first name of a topic, as in `tnsaxis:Storage//.`; the documented
    grammar has it only after a later one."""
    event_empty_filter: Literal["nothing", "everything", "error"] = "nothing"
    """What an empty list of filters stands for."""
    event_request_limit: int = 65_536
    """Longest request, in bytes; more is error 2107. No number is documented."""
    event_timestamp: Literal["utc", "local", "absent"] = "utc"
    """What `timestamp` is: optional, and in local time if the camera is not sure of UTC."""
    event_empty_parts: bool = True
    """Whether `source`, `key` and `data` are there when there is nothing in them."""
    event_copies: int = 1
    """How often an event is sent that one filter matches."""
    event_order: Literal["in_order", "reversed"] = "in_order"
    """Whether events that come in a burst are sent in order, or the last one first."""
    event_delay: float = 0.0
    """Seconds from an event to its notification."""
    storage_alert: Literal["changes", "alarms"] | None = "changes"
    """Whether `Storage/Alert`, seen since 2020 but documented nowhere, is reported with each change of
    wear or temperature, or only when the alert is raised or ends; older cameras don't report it."""
    storage_failure: Literal["failed", "disrupted"] | None = "failed"
    """Whether `StorageFailure` is true for failed disks only or for every disruption; or the camera
    does not report it."""

    # disks/list.cgi, mount.cgi, gethealth.cgi
    disk_encryption_attribute: Literal["encryptionenabled", "diskencryptionenabled"] = (
        "encryptionenabled"
    )
    """Name on AXIS OS 9.80, or the name in the documentation."""
    unmounted_size: Literal["known", "zero"] = "zero"
    """What sizes a disk has that is not mounted; one that is not there has none."""
    mount_again: Literal["ok", "error"] = "ok"
    """Answer when what is to be mounted or unmounted is so already."""
    disk_health: Literal["overall", "wear"] | None = "overall"
    """What gethealth.cgi reports: all (AXIS OS 9.50), only `wear` (7.20), or it is not there."""

    # record/storage/*.cgi, clean-up
    storage_limit: Literal["usedspace", "usedsize"] | None = "usedspace"
    """Name of the used space, as in the sample or in the table of the documentation; older cameras
    (before AXIS OS 5.70) have no such API."""
    forced_clean_up: bool = True
    """Whether a camera that runs out of space deletes in spite of `cleanuppolicy="none"`; the
    documentation says both."""
    removal_frees: bool = True
    """Whether a full disk is full no more as soon as a recording is removed."""

    # HTTP
    insufficient_rights: Literal[401, 403] = 401
    """Status when the login is right and its level too low."""
    brute_force_guard: bool = True
    """Whether 20 failed logins within a second lock an address out for 10 s (AXIS OS 11.5)."""
    nonce_uses: Literal["many", "once"] = "many"
    """How often a nonce of Digest is taken; more counts as a failed login."""
    keep_alive: bool = True
    """Whether connections stay open; otherwise each answer says `Connection: close`."""
    date_header: bool = True
    json_content_type: Literal["application/json", "application/json;charset=utf8"] = (
        "application/json"
    )

    # CGIs that older firmware lacks
    basic_device_info: Literal["1.3", "1.1"] | None = "1.3"
    """Version; 1.1 (AXIS OS 9.80) has no `getAllUnrestrictedProperties`."""
    api_discovery: Literal["anonymous", "viewer"] | None = "anonymous"
    """Lowest level; AXIS OS 9.80 and 10.12 want a login."""
    system_ready: bool = True
    uptime: bool = True
    """Whether systemready.cgi reports when the camera started; API 1.1 and 1.2 (AXIS OS 9.80, 10.12)
    don't."""
    time_api: bool = True
    """Whether there is time.cgi, which AXIS OS 12.4 deprecates."""
    time_rest: bool = False
    """Whether there is `/config/rest/time/v2`, which replaces it."""
    time_zone: Literal["name", "posix"] = "name"
    """Whether a time zone is reported by its name, or by a rule of POSIX alone, as somebody has set it."""
    user_group: bool = True
