"""What recordings are called in the language of Home Assistant, by which a search may find them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from homeassistant.core import callback

from ..helpers.language import async_texts
from ..vapix import RecordingType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant


@dataclass(frozen=True, slots=True, kw_only=True)
class Describer:
    """The words for what all recordings of one kind have in common."""

    types: Mapping[RecordingType, str]
    """What the types of recordings are called, by VAPIX and in the language."""
    by_home_assistant: str
    in_progress: str

    @classmethod
    @callback
    def async_load(cls, hass: HomeAssistant) -> Self:
        """Look the words up."""
        texts, common = async_texts(hass, "selector"), async_texts(hass, "common")
        return cls(
            types={
                each: f"{each.value}\n{texts.get(f'recording_type.options.{each.value}', '')}"
                for each in RecordingType
            },
            by_home_assistant=common.get("by_home_assistant", ""),
            in_progress=common.get("in_progress", ""),
        )
