"""Read single values from what a camera sends: never an error, at worst None."""

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

from .bounds import LONGEST_ID, LONGEST_TEXT, note_left_out

# More than any size in kB, and Python refuses to read numbers of thousands of digits.
MAX_DIGITS = 18
# What begins another line, or commands a terminal: texts are shown, and logged, on one line.
_CONTROLS: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f\x85\x9b\u2028\u2029]+")


def text(element: Mapping[str, Any], name: str) -> str:
    """Return a text on one line without blanks around it, cut if it is too long; empty if there is none."""
    return _CONTROLS.sub(" ", shorten(_words(element, name).strip())).strip()


def shorten(words: str) -> str:
    """Return a text, cut if it is too long, which is noted."""
    note_left_out("characters in texts", len(words) - LONGEST_TEXT)
    return words[:LONGEST_TEXT]


def identifier(element: Mapping[str, Any], name: str, kind: str = "") -> str:
    """Return what something is called; empty if that is missing, or can't be a name as it is.

    The latter is noted if it is given what kind of thing is left out.
    """
    found = _words(element, name).strip()
    if len(found) <= LONGEST_ID and not _CONTROLS.search(found):
        return found
    if kind:
        note_left_out(kind, 1)
    return ""


def _words(element: Mapping[str, Any], name: str) -> str:
    found = element.get(name)
    return "" if not found or isinstance(found, dict | list) else str(found)


def integer(element: Mapping[str, Any], name: str) -> int | None:
    """Return a number, or None if it is missing, negative, absurdly large or not a number."""
    digits = text(element, name)
    if len(digits) > MAX_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits)


def size(element: Mapping[str, Any], name: str) -> int | None:
    """Return a size in bytes (VAPIX: kB, which is 1024 bytes here as in the file system)."""
    kilobytes = integer(element, name)
    return None if kilobytes is None else kilobytes * 1024


def yes(element: Mapping[str, Any], name: str) -> bool | None:
    """Return yes/no or true/false in any spelling, or None if it is missing."""
    word = text(element, name).lower()
    return word in ("yes", "true", "1") if word else None
