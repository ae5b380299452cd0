"""Read single values from what a camera sends: never an error, at worst None."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

from .bounds import LONGEST_ID, LONGEST_TEXT

# More than any size in kB, and Python refuses to read numbers of thousands of digits.
MAX_DIGITS = 18


def text(element: Mapping[str, Any], name: str) -> str:
    """Return a text without blanks around it, cut if it is too long; empty if it is missing."""
    return str(element.get(name) or "")[: 2 * LONGEST_TEXT].strip()[:LONGEST_TEXT]


def identifier(element: Mapping[str, Any], name: str) -> str:
    """Return what something is called; empty if that is missing, or too long for a name."""
    found = text(element, name)
    return found if len(found) <= LONGEST_ID else ""


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
