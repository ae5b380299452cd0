"""Time zones as POSIX writes them, for example CET-1CEST,M3.5.0,M10.5.0/3."""

from datetime import datetime
from io import BytesIO
import re
import struct
from typing import override
from zoneinfo import ZoneInfo

# Names of three letters and more, or anything of letters, digits and signs in angle brackets.
_NAME = r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)"
_TIME = r"[+-]?\d{1,3}(?::[0-5]?\d){0,2}"
_DAY = r"(?:J?\d{1,3}|M\d{1,2}\.\d\.\d)"
_RULE = re.compile(
    rf"(?P<standard>{_NAME}{_TIME})"
    rf"(?:(?P<summer>{_NAME}(?:{_TIME})?)(?P<dates>(?:,{_DAY}(?:/{_TIME})?){{2}})?)?",
    re.ASCII,
)
# POSIX leaves open when summer begins where a rule does not say. This is what the C library of AXIS OS does.
_USUAL_DATES = ",M3.2.0,M11.1.0"
# Summer never ends.
_ALL_YEAR = ",0/0,J365/25"
_MAX_LENGTH = 128


class PosixZone(ZoneInfo):
    """A time zone that follows a rule of POSIX; its key is the rule."""

    @classmethod
    def parse(cls, rule: str) -> PosixZone:
        """Read a rule. ValueError if it is malformed.

        A file of the IANA database ends with such a rule for all times after those that it lists. So one
        that lists none follows the rule at all times.
        """
        parts = _match(rule)
        if parts is None:
            message = f"Not a time zone: {rule[:_MAX_LENGTH]!r}"
            raise ValueError(message)
        text = standard = parts["standard"]
        rules = [standard]
        if parts["summer"]:
            text += parts["summer"] + (parts["dates"] or _USUAL_DATES)
            rules += [standard + parts["summer"] + _ALL_YEAR, text]
        # Some offsets are refused only when they are used, and summer may be short.
        for each in rules:
            zone = cls._of(each)
            for month in (1, 7):
                datetime(2000, month, 1, tzinfo=zone).utcoffset()
        return zone

    @classmethod
    def _of(cls, text: str) -> PosixZone:
        # RFC 9636: two headers and two bodies, each with one type of local time named UTC, and the rule.
        header = struct.pack(">5s15x6l", b"TZif2", 0, 0, 0, 0, 1, 4)
        body = struct.pack(">lbb4s", 0, 0, 0, b"UTC\0")
        file = (header + body) * 2 + f"\n{text}\n".encode()
        return cls.from_file(BytesIO(file), key=text)

    @override
    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Let it be copied, which zones from files can't be otherwise."""
        return PosixZone.parse, (self.key,)


def without_summer_time(text: str) -> str:
    """Return a rule with the same time all year; anything else stays as it is."""
    parts = _match(text)
    return text if parts is None else parts["standard"]


def _match(text: str) -> re.Match[str] | None:
    return _RULE.fullmatch(text.strip()) if len(text) <= _MAX_LENGTH else None
