"""Recordings by how long they last, so that what lasts into a moment is found without a look at all before it.

A short one that lasts into a moment began shortly before it. The few long ones have an index of their own, in classes:
of each, what lasts into a moment began no longer before it than the longest of its class lasts.
"""

from typing import Final

_SECOND: Final = 1_000_000
_HOUR: Final = 3600 * _SECOND
_DAY: Final = 24 * _HOUR

SHORT: Final = 600 * _SECOND
"""In microseconds, as all lengths here. What lasts as long or longer is long."""
LONGEST: Final = 3650 * _DAY
"""What seems to last longer has an end that nobody knows."""
CLASSES: Final = (_HOUR, 6 * _HOUR, 2 * _DAY, 15 * _DAY, 120 * _DAY, LONGEST)
"""Up to which length recordings belong to each class of long ones, from the first class on."""

IS_LONG: Final = f"stop - start >= {SHORT}"
CLASS: Final = "CASE {} ELSE 0 END".format(
    " ".join(
        f"WHEN stop - start <= {longest} THEN {number}"
        for number, longest in enumerate(CLASSES, 1)
    )
)
"""As SQL, which has to be the same wherever the index is made and used."""
