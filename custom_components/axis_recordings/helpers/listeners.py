"""Notify several listeners of the same."""

from typing import TYPE_CHECKING, Any

from homeassistant.core import CALLBACK_TYPE, callback

from .supervision import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.config_entries import ConfigEntry


class Listeners[T]:
    """Who hears of something. What one of them raises reaches neither the others nor whoever notifies them."""

    def __init__(self, entry: ConfigEntry[Any]) -> None:
        """Begin with none. What they raise is an error of the config entry."""
        self._entry = entry
        self._calls: dict[object, Callable[[T], None]] = {}

    def __bool__(self) -> bool:
        """Return whether anybody hears."""
        return bool(self._calls)

    @callback
    def async_add(self, listener: Callable[[T], object]) -> CALLBACK_TYPE:
        """Call for each piece of news. Returns what ends that, however often it is called."""
        key = object()
        self._calls[key] = guarded(self._entry, listener)

        @callback
        def remove() -> None:
            self._calls.pop(key, None)

        return remove

    @callback
    def async_notify(self, news: T) -> None:
        """Call all of them, in the order in which they came."""
        for call in tuple(self._calls.values()):
            call(news)
