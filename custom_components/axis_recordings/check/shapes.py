"""Describe how an answer is built, without what it says about somebody.

Names of elements and fields stay, and so do the words of VAPIX; all else becomes the kind of value that it
is: ``int``, ``time``, ``text``.
"""

import json
import re
from typing import TYPE_CHECKING, Any, Final
from xml.parsers.expat import ExpatError

from ..vapix.xml import read_well_formed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONGEST: Final = 4000
"""Characters of a description; what is beyond is left out."""
LONGEST_JSON: Final = 256 * 1024
"""Bytes of JSON that are read, in one go and with nothing else running meanwhile; lists of APIs have a tenth."""
_MOST_DIFFERENT: Final = 8
_DEEPEST: Final = 12
_NAME: Final = re.compile(r"[A-Za-z][\w:.-]{0,63}", re.ASCII)
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
# Such as `video/x-h264`, `md5-sess`, `auth, auth-int` or `disk-management`; nothing that could be an address or a
# serial number.
_MEDIA_TYPE: Final = re.compile(
    r"(?:video|image|audio|text|application)/"
    r"[a-z]{1,20}[a-z0-9]{0,3}(?:[.+-][a-z]{1,20}[0-9]{0,3}){0,3}"
    r"(?:; ?charset=[a-z]{1,10}-?[0-9]{0,4}(?:-[0-9]{1,2})?)?",
    re.ASCII | re.IGNORECASE,
)
_TOKEN: Final = re.compile(
    r"[a-z]{1,20}\d{0,3}(?:[_-](?:[a-z]{1,20}|\d{3})){0,5}(?:, ?[a-z]{1,20}(?:-[a-z]{1,20})?)?",
    re.ASCII | re.IGNORECASE,
)
_VERSION: Final = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,2}", re.ASCII)
_KNOWN_FORM: Final = re.compile(
    # Rates, versions, and the addresses of schemas.
    # Four numbers may as well be the address of a server of time.
    r"\d{1,6}:\d{1,6}|\d{1,3}\.\d{1,3}(?:\.\d{1,5})?"
    r"|http://www\.axis\.com/vapix/http_cgi/[\w./-]{1,80}"
    r"|http://www\.w3\.org/2001/XMLSchema-instance",
    re.ASCII,
)
_WORDS: Final = frozenset(
    {
        *("ok", "error", "yes", "no", "true", "false", "none", "unknown", "n/a"),
        *("recording", "completed", "triggered", "scheduled", "continuous", "quad"),
        *("connected", "disconnected", "failed", "no passphrase", "wrong passphrase"),
        *("not encrypted", "fifo", "ext4", "vfat", "cifs", "matroska", "mp4"),
        *(
            "sd_disk",
            "networkshare",
            "hdd_disk",
            "emmc",
            "usb_disk",
            "mount",
            "unmount",
        ),
        *("axis", "systemready", "getdatetimeinfo", "getapilist"),
    }
)
_WORD: Final = re.compile(r"[A-Za-z]{1,20}[.,:;!?]?|[-,.:;!?]", re.ASCII)
_LONGEST_WORDS: Final = 200


def describe(body: bytes, content_type: str = "") -> str:
    """Return the shape of an answer in one line."""
    text = body.strip()
    if not text:
        return "nothing"
    if text[:1] in b"{[":
        return _shorten(_describe_json(text))
    if text[:1] == b"<" or b"<?xml" in text[:100]:
        return _shorten(_describe_xml(text))
    if content_type.startswith("text/plain"):
        return f"{len(text.splitlines())} lines of text"
    return "data"


def describe_words(words: str) -> str:
    """Return what a camera says of an error: its plain words, without numbers, names and IDs."""
    kept = (
        word if _WORD.fullmatch(word) else "…" for word in words.split()[:_MOST_WORDS]
    )
    return " ".join(kept)[:_LONGEST_WORDS]


def describe_word(word: str) -> str:
    """Return a name that programs use as it is, and ``text`` for all else."""
    return word if _TOKEN.fullmatch(word) else "text"


def describe_version(version: object) -> str | None:
    """Return a version as it is; None if there is none."""
    if version in (None, ""):
        return None
    return str(version) if _VERSION.fullmatch(str(version)) else "text"


def describe_media_type(headers: Mapping[str, str]) -> str:
    """Return what kind of data an answer says that it is; of its parameters, only the character set."""
    kind = headers.get("Content-Type", "")
    if not kind or _MEDIA_TYPE.fullmatch(kind):
        return kind
    bare = kind.partition(";")[0].strip()
    return bare if _MEDIA_TYPE.fullmatch(bare) else "text"


def describe_value(value: str) -> str:
    """Return a word of VAPIX as it is, and of all else what kind it is."""
    value = value.strip()
    if not value:
        return '""'
    if (
        value.lower() in _WORDS
        or _KNOWN_FORM.fullmatch(value)
        or _MEDIA_TYPE.fullmatch(value)
    ):
        return f'"{value}"'
    if re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        # Negative numbers stand for something: that it is not supported, or failed.
        return value if value.startswith("-") else "int"
    if time := _TIME.fullmatch(value):
        digits = len(time[1] or "")
        zone = "Z" if time[2] == "Z" else "offset" if time[2] else "bare"
        return f"time({digits} digits, {zone})"
    return "text"


_MOST_WORDS: Final = 40


def _describe_xml(text: bytes) -> str:
    try:
        document = read_well_formed(text)
    except ExpatError, ValueError, LookupError:
        return "HTML" if b"<html" in text[:1000].lower() else "broken XML"
    declaration = re.match(rb"<\?xml([^>]{0,80})\?>", text)
    encoding = b"encoding" in declaration[1] if declaration else None
    head = {None: "", True: "<?xml encoding?>", False: "<?xml?>"}[encoding]
    return head + "".join(
        _element(name, content, 0) for name, content in document.items()
    )


def _element(name: str, content: object, depth: int) -> str:
    if isinstance(content, list):
        return _several(_element(name, each, depth) for each in content)
    name = _name(name)
    if depth > _DEEPEST:
        return f"<{name}>…"
    if not isinstance(content, dict):
        inside = "" if content is None else _text_of(name, str(content))
        return f"<{name}>{inside}</{name}>" if inside else f"<{name}/>"
    attributes = "".join(
        f" {_name(key[1:])}={_text_of(key, str(value or ''))}"
        for key, value in content.items()
        if key.startswith("@") and not key.startswith("@xmlns")
    )
    inside = "".join(
        _text_of(name, str(value))
        if key == "#text"
        else _element(key, value, depth + 1)
        for key, value in content.items()
        if not key.startswith("@")
    )
    start = f"<{name}{attributes}"
    return f"{start}>{inside}</{name}>" if inside else f"{start}/>"


def _text_of(name: str, value: str) -> str:
    if name.strip("@").lower() in {"errormsg", "description", "errordescription"}:
        return f'"{describe_words(value)}"'
    if name.lower() == "errorcode":
        return value[:6] if value[:6].strip("-").isdigit() else "text"
    return describe_value(value)


def _describe_json(text: bytes) -> str:
    if len(text) >= LONGEST_JSON:
        return "long JSON"
    try:
        return _value(json.loads(text), 0)
    except ValueError, RecursionError:
        return "broken JSON"


def _value(value: Any, depth: int) -> str:
    if depth > _DEEPEST:
        return "…"
    match value:
        case dict():
            fields = (
                f"{_name(str(key))}: {_field(str(key), each, depth + 1)}"
                for key, each in value.items()
            )
            return "{" + ", ".join(fields) + "}"
        case list():
            return (
                "[" + _several((_value(each, depth + 1) for each in value), ", ") + "]"
            )
        case str():
            return describe_value(value)
        case bool() | None:
            return json.dumps(value)
        case _:
            return "number"


def _field(name: str, value: Any, depth: int) -> str:
    if isinstance(value, int) and name == "code":
        return str(value)
    if isinstance(value, str) and name == "message":
        return f'"{describe_words(value)}"'
    return _value(value, depth)


def _several(shapes: Iterable[str], separator: str = "") -> str:
    """Return shapes one after the other, each once with its number."""
    counts: dict[str, int] = {}
    for shape in shapes:
        counts[shape] = counts.get(shape, 0) + 1
    return separator.join(_numbered(counts))


def _numbered(counts: dict[str, int]) -> Iterator[str]:
    for index, (shape, count) in enumerate(counts.items()):
        if index == _MOST_DIFFERENT:
            yield "…"
            return
        yield shape if count == 1 else f"{shape}x{count}"


def _name(name: str) -> str:
    return name if _NAME.fullmatch(name) else "name"


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
