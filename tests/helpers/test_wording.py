"""What people read of many things."""

import pytest

from custom_components.axis_recordings.helpers.wording import MOST_NAMES, joined


@pytest.mark.parametrize(
    ("count", "end"), [(0, ""), (1, "1"), (MOST_NAMES, "20"), (500, "20, … (+480)")]
)
def test_joined(count: int, end: str) -> None:
    """However many there are, somebody can read it."""
    line = joined([str(number) for number in range(1, count + 1)])
    assert line.endswith(end)
    assert line.count(", ") <= MOST_NAMES
