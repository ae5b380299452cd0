"""What a search by words may find a recording by."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from homeassistant.core import callback

from ..helpers.language import async_texts
from .own import async_own_recordings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from homeassistant.core import HomeAssistant

    from ..vapix import Recording, RecordingKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Describer:
    """Describes the recordings of one camera, also in the language of Home Assistant."""

    types: Mapping[str, str]
    """What the types of recordings are called."""
    by_home_assistant: str
    own: Collection[RecordingKey]
    """Those that Home Assistant has started, as far as it remembers them."""

    @classmethod
    @callback
    def async_load(cls, hass: HomeAssistant, entry_id: str) -> Self:
        """Look the words up, and what Home Assistant has started."""
        return cls(
            types=async_texts(hass, "selector"),
            by_home_assistant=async_texts(hass, "common").get("by_home_assistant", ""),
            own={each.key for each in async_own_recordings(hass, entry_id).all},
        )

    def describe(self, recording: Recording) -> str:
        """Return its rule, trigger, type, and disk, and who has started it if that is known."""
        kind = recording.type.value
        return "\n".join(
            (
                recording.event_id,
                recording.event_trigger,
                kind,
                self.types.get(f"recording_type.options.{kind}", ""),
                recording.disk_id,
                self.by_home_assistant if recording.key in self.own else "",
            )
        )
