"""How countries write dates, from Unicode's CLDR 48 (``availableFormats`` and ``weekData``)."""

from typing import Final

# Where no country is set, readers of American English most likely write dates as in the United States.
_AMERICAN: Final = "en"


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


MONTH_FIRST: Final = _codes(
    "AF AS CA CN GU HU IR JP KP KR LK LT MH MN MP PA PH PR SO TW UM US VI ZA"
)
"""Where 11/26 is in November, whether the year goes first or last. ISO 3166 codes."""
SUNDAY_FIRST: Final = _codes(
    "AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN IS JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE"
    " PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW"
)
SATURDAY_FIRST: Final = _codes("AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY")
"""Elsewhere, a week begins on Monday."""


def is_month_first(country: str | None, language: str) -> bool:
    """Return whether a month is written before its day."""
    return language == _AMERICAN if country is None else country in MONTH_FIRST


def first_weekday(country: str | None) -> int:
    """Return on which day a week begins, 0 for Monday."""
    if country in SUNDAY_FIRST:
        return 6
    return 5 if country in SATURDAY_FIRST else 0
