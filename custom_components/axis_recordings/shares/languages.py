"""Find the language in which a visitor is spoken to."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

ENGLISH: Final = "en"
_MOST: Final = 20
"""That one browser names."""


def best_language(accepted: str, offered: Collection[str]) -> str:
    """Return the one that somebody likes most of those that are offered, English if none of them.

    ``accepted`` is what browsers send as ``Accept-Language`` (RFC 9110, 12.5.4): ``de-CH, de;q=0.9, en;q=0.5``.
    """
    by_name = {each.lower(): each for each in offered}
    for wanted in _by_preference(accepted):
        for name in (wanted, wanted.partition("-")[0]):
            if name in by_name:
                return by_name[name]
    return ENGLISH


def _by_preference(accepted: str) -> list[str]:
    weighed: list[tuple[float, str]] = []
    for each in accepted.split(",")[:_MOST]:
        name, _, parameter = each.strip().lower().partition(";")
        weight = 1.0
        if parameter:
            try:
                weight = float(parameter.strip().removeprefix("q="))
            except ValueError:
                continue
        if weight > 0:
            weighed.append((weight, name.strip()))
    # Sorting keeps the order of those that are liked alike.
    return [name for _, name in sorted(weighed, key=lambda each: -each[0])]
