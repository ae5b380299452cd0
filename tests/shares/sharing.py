"""What the tests of shares do."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from homeassistant.core import Context
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockUser,
    async_fire_time_changed,
)

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.recordings.extent import TimeRange
from custom_components.axis_recordings.shares.copies import VIDEO as COPY
from custom_components.axis_recordings.shares.models import Share, digest_of, new_token
from custom_components.axis_recordings.shares.shares import async_shares
from custom_components.axis_recordings.vapix import RecordingKey
from tests.common import IN_PROGRESS
from tests.videos import DISK, VIDEO, at, until

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

MAY_CONTROL = {"entities": True}
MAY_ONLY_SEE = {"entities": {"all": {"read": True}}}


def made_up(entry_id: str, token: str | None = None, **fields: Any) -> Share:
    """Return a share of the video."""
    now = dt_util.utcnow()
    given: dict[str, Any] = {
        "share_id": uuid4().hex[:12],
        "digest": digest_of(token or new_token()),
        "entry_id": entry_id,
        "key": RecordingKey(DISK, VIDEO),
        "span": TimeRange(at(4), at(9)),
        "created": now,
        "expires": now + timedelta(hours=1),
        "user_id": None,
        "names_camera": True,
    }
    return Share(**given | fields)


def person(hass: HomeAssistant, policy: dict[str, Any] | None = None) -> MockUser:
    """Return somebody who is no administrator, and may control everything if nothing else is said."""
    user = MockUser(name="maker").add_to_hass(hass)
    user.mock_policy(policy or MAY_CONTROL)
    return user


async def share(
    hass: HomeAssistant, user: MockUser | None = None, **fields: Any
) -> dict[str, Any]:
    """Share the video, or a part of it, and return the answer."""
    answer = await call_as(hass, user, "link", **{"recording_id": VIDEO, **fields})
    assert answer["page_path"]
    return answer


async def call_as(
    hass: HomeAssistant, user: MockUser | None, action: str, **fields: Any
) -> dict[str, Any]:
    """Call an action that answers, as somebody or as an automation."""
    answer = await hass.services.async_call(
        DOMAIN,
        action,
        {"entity_id": IN_PROGRESS, **fields},
        blocking=True,
        context=Context(user_id=user.id if user else None),
        return_response=True,
    )
    assert isinstance(answer, dict)
    return answer


def token_of(answer: dict[str, Any]) -> str:
    """Return the token in an address."""
    return str(answer["page_path"]).rsplit("/", 1)[1]


async def copied(hass: HomeAssistant, answer: dict[str, Any]) -> Path:
    """Wait until something shared is copied, and return the copy."""
    copies = async_shares(hass).copies
    await until(lambda: copies.has(answer["share_id"], COPY))
    path = await copies.async_find(answer["share_id"], COPY)
    assert path is not None
    return path


def files_of(hass: HomeAssistant) -> set[str]:
    """Return the names of the files that there are of shares."""
    folder = async_shares(hass).copies.folder
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


async def later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, delta: timedelta
) -> None:
    """Let time pass, also for timers, of which a running clock takes no notice."""
    freezer.tick(delta)
    async_fire_time_changed(hass, dt_util.utcnow() + delta)
    await hass.async_block_till_done(wait_background_tasks=True)
