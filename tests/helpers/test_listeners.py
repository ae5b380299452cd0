"""Several hear the same, whatever one of them does."""

from typing import TYPE_CHECKING

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings.helpers.listeners import Listeners

if TYPE_CHECKING:
    import pytest


def test_listeners(caplog: pytest.LogCaptureFixture) -> None:
    """All of them hear everything in order, until they want no more."""
    listeners: Listeners[int] = Listeners(MockConfigEntry())
    heard: list[tuple[str, int]] = []

    def leave_early(news: int) -> None:
        heard.append(("early", news))
        remove()

    def fail_always(news: int) -> None:
        raise RuntimeError

    remove = listeners.async_add(leave_early)
    listeners.async_add(fail_always)
    remove_last = listeners.async_add(lambda news: heard.append(("last", news)))
    for news in range(3):
        listeners.async_notify(news)
    assert heard == [("early", 0), ("last", 0), ("last", 1), ("last", 2)]
    (record,) = caplog.records
    assert record.exc_info
    assert "fail_always" in record.message
    remove_last()
    remove_last()
    remove()
    listeners.async_notify(4)
    assert len(heard) == 4
