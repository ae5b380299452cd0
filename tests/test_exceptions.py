"""What goes wrong with a camera, in the user's words."""

from homeassistant.components.media_player import BrowseError
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.update_coordinator import UpdateFailed
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.exceptions import (
    translated_error,
    translated_errors,
)
from custom_components.axis_recordings.vapix import CameraTimeoutError


@pytest.mark.parametrize("kind", [HomeAssistantError, BrowseError, UpdateFailed])
def test_kinds(kind: type[HomeAssistantError]) -> None:
    """Each says the same sentence, and keeps what it comes of."""
    err = CameraTimeoutError("It is silent", sent=True)
    with (
        pytest.raises(HomeAssistantError) as error,
        translated_errors("Front camera", kind),
    ):
        raise err
    assert type(error.value) is kind
    assert error.value.translation_domain == DOMAIN
    assert error.value.translation_key == "time_out"
    assert error.value.translation_placeholders == {
        "camera": "Front camera",
        "reason": "It is silent",
    }
    assert error.value.__cause__ is err


def test_others_pass() -> None:
    """What is no error of the camera is somebody else's to tell."""
    mine = translated_error(HomeAssistantError, "busy", camera="Front camera")
    with pytest.raises(HomeAssistantError) as error, translated_errors("Gate"):
        raise mine
    assert error.value is mine
