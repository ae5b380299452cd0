"""Change what a camera sends: bytes, XML, JSON, headers, video. The same seed changes it the same way."""

import json
import re
from typing import TYPE_CHECKING, Any, Final

from . import video

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

MOST_BYTES: Final = 4 * 1024 * 1024
"""What a mutation may grow an answer to: twice what a client should read."""

NUMBERS: Final = (
    *("-1", "0", "1", "7", "255", "65536", "2147483648", "-9223372036854775809"),
    *(
        "18446744073709551616",
        "9" * 40,
        "9" * 5000,
        "1e309",
        "-1e309",
        "NaN",
        "Infinity",
    ),
    *("0x10", "1_000", "1.5", "1,5", "٣", " 3 ", "+3", "", "3 3", "1:0", "0:0", "1e5"),
)
TIMES: Final = (
    *(
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999999Z",
    ),
    *(
        "9999-12-31T23:59:59-14:00",
        "1970-01-01T00:00:00.000000Z",
        "2026-02-30T00:00:00Z",
    ),
    *(
        "2026-11-27T24:00:00Z",
        "2026-W48-5",
        "20261127T000000Z",
        "2026-11-27T00:00:00",
        "0",
    ),
    *(
        "2026-11-27",
        "2026-11-27T23:59:60Z",
        "2026-11-27T10:00:00.1234567890123Z",
        "tomorrow",
    ),
    *(
        "2026-11-27T10:00:00+99:99",
        "-2026-11-27T10:00:00Z",
        "2038-01-19T03:14:08Z",
        "T",
    ),
)
TEXTS: Final = (
    *(
        "",
        " ",
        "\x00",
        "\x7f",
        "\ud7ff",
        "\uffff",
        "\u202egpj",
        "a\u0301\u0301",
        "Ω" * 300,
    ),
    *(
        "../../etc/passwd",
        "..\\..\\x",
        "CON",
        "a/b",
        "*",
        "all",
        ",",
        "a,b",
        "%00",
        "%s%n",
    ),
    *(
        "<script>alert(1)</script>",
        "![x](http://192.0.2.1/x.png)",
        "[x](javascript:x)",
        "{x}",
    ),
    *(
        "{0.__class__}",
        "' OR 1=1 --",
        "$(id)",
        "`id`",
        "\r\nX: y",
        "&amp;&lt;",
        "A" * 300,
    ),
    *(
        "A" * 100_000,
        "true",
        "false",
        "null",
        "None",
        "OK",
        "ERROR",
        "SD_DISK",
        "NetworkShare",
    ),
)
XML_HEADS: Final = (
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<?xml version="1.0" encoding="iso-8859-1"?>',
    '<?xml version="1.0" encoding="x-unknown"?>',
    '<?xml version="1.1"?>',
    '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE r SYSTEM "http://192.0.2.1/x.dtd">',
    '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "\ufeff",
    "\r\n\r\n",
    "<!-- -->",
)
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
_ELEMENT = re.compile(r"<([\w:-]+)(\s[^<>]*)?>")
_NUMBER = re.compile(rb"\d+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?")
_DEEP: Final = 20_000


def mutate(random: Random, body: bytes) -> bytes:
    """Change a body in one to four ways, such that the changes fit what it is."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        body = random.choice(_ways_for(body))(random, body)
        if len(body) > MOST_BYTES:
            return body[:MOST_BYTES]
    return body


def mutate_text(random: Random, text: str) -> str:
    """Change a text."""
    return mutate(random, text.encode()).decode(errors="replace")


def _ways_for(body: bytes) -> tuple[Callable[[Random, bytes], bytes], ...]:
    if video.is_video(body):
        return (*_BYTES[:7], *video.WAYS)
    head = body[:200].lstrip()
    if head.startswith(b"<"):
        return (*_BYTES, *_XML)
    if head.startswith((b"{", b"[")):
        return (*_BYTES, *_JSON)
    return _BYTES


def _span(random: Random, length: int) -> tuple[int, int]:
    """Return where something begins and ends, more often short than long."""
    start = random.randrange(length + 1)
    return start, min(length, start + int(random.paretovariate(0.6)))


def flip(random: Random, body: bytes) -> bytes:
    """Change single bits."""
    changed = bytearray(body)
    for _ in range(min(len(changed), int(random.paretovariate(1)))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def overwrite(random: Random, body: bytes) -> bytes:
    """Put random bytes, or one byte again and again, in the place of others."""
    start, stop = _span(random, len(body))
    filler = random.randbytes(stop - start)
    if random.random() < 0.5:
        filler = bytes([random.choice((0, 0xFF, 0x20, 0x80))]) * (stop - start)
    return body[:start] + filler + body[stop:]


def insert(random: Random, body: bytes) -> bytes:
    """Put random bytes in between."""
    start, stop = _span(random, len(body))
    return body[:start] + random.randbytes(stop - start + 1) + body[start:]


def drop(random: Random, body: bytes) -> bytes:
    """Leave something out."""
    start, stop = _span(random, len(body))
    return body[:start] + body[stop:]


def cut(random: Random, body: bytes) -> bytes:
    """End early."""
    return body[: random.randrange(len(body) + 1)]


def repeat(random: Random, body: bytes) -> bytes:
    """Send a part of it again and again."""
    start, stop = _span(random, len(body))
    times = random.choice((1, 2, 100, 3000))
    times = min(times, MOST_BYTES // max(1, stop - start))
    return body[:start] + body[start:stop] * times + body[start:]


def swap(random: Random, body: bytes) -> bytes:
    """Exchange two neighboring parts."""
    first, middle, last = sorted(random.randrange(len(body) + 1) for _ in range(3))
    return body[:first] + body[middle:last] + body[first:middle] + body[last:]


def number(random: Random, body: bytes) -> bytes:
    """Put an odd number in the place of another."""
    return _replace(random, body, _NUMBER, random.choice(NUMBERS).encode())


def nothing(_random: Random, _body: bytes) -> bytes:
    """Send nothing."""
    return b""


_BYTES: Final = (flip, overwrite, insert, drop, cut, repeat, swap, number, nothing)


def _replace(
    random: Random, body: bytes, pattern: re.Pattern[bytes], value: bytes
) -> bytes:
    found = list(pattern.finditer(body))
    if not found:
        return body
    place = random.choice(found)
    return body[: place.start()] + value + body[place.end() :]


def _in_text(
    change: Callable[[Random, str], str],
) -> Callable[[Random, bytes], bytes]:
    def changed(random: Random, body: bytes) -> bytes:
        text = change(random, body.decode(errors="surrogateescape"))
        return text.encode(errors="surrogateescape")

    return changed


def _splice(text: str, place: re.Match[str] | None, value: str) -> str:
    return (
        text if place is None else text[: place.start()] + value + text[place.end() :]
    )


def _any(random: Random, pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return random.choice(found) if found else None


def _escape(text: str) -> str:
    for char, name in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        text = text.replace(char, name)
    return text


@_in_text
def attribute_value(random: Random, text: str) -> str:
    """Give an attribute another value."""
    place = _any(random, _ATTRIBUTE, text)
    value = random.choice(random.choice((NUMBERS, TIMES, TEXTS)))
    if random.random() < 0.8:
        value = _escape(value)
    return _splice(text, place, f'{place[1]}="{value}"' if place else "")


@_in_text
def attribute_gone(random: Random, text: str) -> str:
    """Leave an attribute out, or say it twice."""
    place = _any(random, _ATTRIBUTE, text)
    return _splice(
        text, place, random.choice(("", f"{place[0]} {place[0]}" if place else ""))
    )


@_in_text
def attributes_swapped(random: Random, text: str) -> str:
    """Give an attribute the value of another one."""
    place, other = (_any(random, _ATTRIBUTE, text) for _ in range(2))
    value = f'{place[1]}="{other[2]}"' if place and other else ""
    return _splice(text, place, value)


@_in_text
def time_value(random: Random, text: str) -> str:
    """Put an odd time in the place of another."""
    return _splice(text, _any(random, _TIME, text), random.choice(TIMES))


@_in_text
def element_renamed(random: Random, text: str) -> str:
    """Call an element something else; its end keeps its name."""
    place = _any(random, _ELEMENT, text)
    name = random.choice(
        ("x", "root", "recording", "disk", "GeneralError", "a:b", "video")
    )
    return _splice(text, place, f"<{name}{(place[2] or '') if place else ''}>")


@_in_text
def element_as_text(random: Random, text: str) -> str:
    """Put mere text into an element, or two of them where it is."""
    place = _any(random, _ELEMENT, text)
    name = place[1] if place else ""
    inner = random.choice((*NUMBERS[:8], *TEXTS[:12]))
    added = random.choice(
        (f"<{name}>{_escape(inner)}</{name}>", f"<{name}/>", _escape(inner))
    )
    return _splice(text, place, f"{added}{place[0]}" if place else "")


@_in_text
def record_repeated(random: Random, text: str) -> str:
    """Send a whole element again and again, with other numbers in it or not."""
    place = _any(random, _ELEMENT, text)
    if place is None:
        return text
    end = text.find(f"</{place[1]}>", place.end())
    stop = place.end() if end < 0 else end + len(place[1]) + 3
    record = text[place.start() : stop]
    times = min(random.choice((2, 50, 3000)), MOST_BYTES // max(1, len(record)))
    is_new = random.random() < 0.5
    copies = (
        re.sub(r"\d(?=\D*$)", str(each), record, count=1) if is_new else record
        for each in range(times)
    )
    return text[: place.start()] + "".join(copies) + text[stop:]


@_in_text
def nested(random: Random, text: str) -> str:
    """Nest elements very deeply."""
    place = _any(random, _ELEMENT, text)
    deep = random.choice((10, 1000, _DEEP))
    added = "<a>" * deep + ("</a>" * deep if random.random() < 0.7 else "")
    return _splice(text, place, f"{place[0]}{added}" if place else "")


@_in_text
def headed(random: Random, text: str) -> str:
    """Begin with another declaration."""
    head = random.choice(XML_HEADS)
    if random.random() < 0.5:
        text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    return f"{head}{text}"


def encoded(random: Random, body: bytes) -> bytes:
    """Send it in another encoding than it says."""
    name = random.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"))
    return body.decode(errors="replace").encode(name, errors="replace")


_XML: Final = (
    *(
        attribute_value,
        attribute_value,
        attribute_value,
        attribute_gone,
        attributes_swapped,
    ),
    *(time_value, time_value, element_renamed, element_as_text, element_as_text),
    *(record_repeated, nested, headed, encoded),
)


def json_value(random: Random, body: bytes) -> bytes:
    """Put something odd in the place of a value, wherever it is."""
    places: list[tuple[Any, Any]] = []
    try:
        document = json.loads(body)
        _collect(document, places)
    except ValueError, RecursionError:
        return body
    if not places:
        return json.dumps(_odd(random)).encode()
    parent, key = random.choice(places)
    match random.randrange(6):
        case 0 if isinstance(parent, dict):
            del parent[key]
        case 1 if isinstance(parent, list):
            parent *= random.choice((2, 100, 2000)) if len(parent) < 100 else 1
        case 2 if isinstance(parent, dict):
            parent[random.choice(TEXTS)[:1000]] = parent.pop(key)
        case _:
            parent[key] = _odd(random)
    return json.dumps(document).encode()[:MOST_BYTES]


def json_deep(random: Random, body: bytes) -> bytes:
    """Nest lists very deeply in the place of a number or text."""
    deep = random.choice((10, 1000, _DEEP * 5))
    deeply = b"[" * deep + (b"]" * deep if random.random() < 0.7 else b"")
    return _replace(random, body, re.compile(rb'"[^"]*"|\d+'), deeply)


_JSON: Final = (json_value, json_value, json_value, json_value, json_deep, encoded)


def _collect(value: Any, places: list[tuple[Any, Any]]) -> None:
    """Collect where the values are of which a document is made."""
    keys = (
        value
        if isinstance(value, dict)
        else range(len(value))
        if isinstance(value, list)
        else ()
    )
    for key in list(keys):
        places.append((value, key))
        _collect(value[key], places)


def _odd(random: Random) -> Any:
    """Return a value that nobody expects."""
    return random.choice(
        (
            *(
                None,
                True,
                False,
                0,
                -1,
                2**63,
                2**64,
                10**400,
                1.5,
                float("nan"),
                float("inf"),
            ),
            *([], {}, [[]], {"": {}}, [None] * 1000, {"value": {"value": 1}}),
            *(random.choice(NUMBERS), random.choice(TEXTS), random.choice(TIMES)),
        )
    )
