"""All that is shared: who may open it, and when it ends."""

import asyncio
from datetime import timedelta
import logging
from typing import TYPE_CHECKING
from unittest.mock import patch

from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
import pytest

from custom_components import axis_recordings
from custom_components.axis_recordings.shares import shares as module
from custom_components.axis_recordings.shares.models import new_token
from custom_components.axis_recordings.shares.shares import (
    LONGEST_PAUSE,
    RETRY_PAUSE,
    Shares,
)
from tests.cancellation import each_cancellation
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.videos import running_clock
from tests.waiting import until

from .sharing import MAY_ONLY_SEE, files_of, later, made_up, person

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.playback.player import Player
    from custom_components.axis_recordings.shares.models import Share
    from tests.camera import Camera

pytestmark = running_clock

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no room for copies, which are tested by themselves."""
    monkeypatch.setattr("custom_components.axis_recordings.shares.copies.MOST_BYTES", 0)


async def test_token(loaded: MockConfigEntry, shares: Shares) -> None:
    """It opens its share, and nothing else does."""
    token, other = new_token(), new_token()
    share = made_up(loaded.entry_id, token)
    await shares.async_add(share)
    await shares.async_add(made_up(loaded.entry_id, other))
    assert await shares.async_find(token) == share
    for wrong in (
        *("", "x", token[:-1], token.swapcase(), new_token()),
        *(share.digest, share.share_id),
    ):
        assert await shares.async_find(wrong) is None
    await shares.async_end([share])
    assert await shares.async_find(token) is None
    assert await shares.async_find(other) is not None


async def test_time(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    shares: Shares,
    freezer: FrozenDateTimeFactory,
) -> None:
    """When it is over, a share ends by itself, with its files."""
    for hours in (1, 3):
        share = made_up(loaded.entry_id, expires=dt_util.utcnow() + hours * HOUR)
        await shares.async_add(share)
        async with shares.copies.create(share.share_id, ".jpg") as path:
            path.touch()
    await later(hass, freezer, HOUR + timedelta(minutes=1))
    await until(lambda: len(shares.all) == 1)
    await until(lambda: files_of(hass) == {f"{share.share_id}.jpg"})
    # Somebody has set the clock ahead, of which timers know nothing.
    freezer.tick(2 * HOUR)
    assert await shares.async_of(loaded.entry_id) == []
    await until(lambda: not files_of(hass))


async def test_time_at_access(
    loaded: MockConfigEntry, shares: Shares, freezer: FrozenDateTimeFactory
) -> None:
    """No timer is needed for it."""
    token = new_token()
    await shares.async_add(made_up(loaded.entry_id, token))
    freezer.tick(timedelta(minutes=50))
    assert await shares.async_find(token)
    freezer.tick(timedelta(minutes=20))
    assert await shares.async_find(token) is None
    assert not shares.all


async def test_restart(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    shares: Shares,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is shared is known again, but for what has ended meanwhile, and so is how often it was opened."""
    token = new_token()
    share = made_up(loaded.entry_id, token)
    short = made_up(loaded.entry_id, expires=dt_util.utcnow() + timedelta(minutes=1))
    await shares.async_add(share)
    await shares.async_add(short)
    shares.async_note_opening(share)
    await later(hass, freezer, timedelta(minutes=2))

    again = Shares(hass)
    await again.async_load()
    found = await again.async_find(token)
    assert found is not None
    assert found.openings == 1
    assert found.last_opened is not None
    assert again.all == [found]
    await again.async_load()
    assert again.all == [found]


async def test_ended_while_home_assistant_was_off(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    shares: Shares,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is gone at the start, with its files."""
    share = made_up(loaded.entry_id)
    await shares.async_add(share)
    async with shares.copies.create(share.share_id, ".jpg") as path:
        path.touch()
    freezer.tick(2 * HOUR)
    again = Shares(hass)
    await again.async_load()
    assert not again.all
    assert not files_of(hass)
    once_more = Shares(hass)
    await once_more.async_load()
    assert not once_more.all


@pytest.mark.parametrize("end", ["removed", "deactivated", "policy"])
async def test_maker(
    hass: HomeAssistant, loaded: MockConfigEntry, shares: Shares, end: str
) -> None:
    """A share ends with the right of whoever has made it; others go on."""
    maker = person(hass)
    token, other = new_token(), new_token()
    await shares.async_add(made_up(loaded.entry_id, token, user_id=maker.id))
    await shares.async_add(made_up(loaded.entry_id, other, user_id=person(hass).id))
    await shares.async_add(made_up(loaded.entry_id))
    assert await shares.async_find(token)
    if end == "removed":
        await hass.auth.async_remove_user(maker)
    else:
        if end == "deactivated":
            await hass.auth.async_deactivate_user(maker)
        else:
            maker.mock_policy(MAY_ONLY_SEE)
        assert await shares.async_find(token) is None
    await until(lambda: len(shares.all) == 2)
    assert await shares.async_find(token) is None
    assert await shares.async_find(other)


async def test_who_may_not_share(
    hass: HomeAssistant, loaded: MockConfigEntry, shares: Shares
) -> None:
    """What was shared by somebody who may only see, however that came about, can't be opened."""
    token = new_token()
    viewer = person(hass, MAY_ONLY_SEE)
    await shares.async_add(made_up(loaded.entry_id, token, user_id=viewer.id))
    assert await shares.async_find(token) is None


async def test_camera_is_removed(
    hass: HomeAssistant, loaded: MockConfigEntry, shares: Shares
) -> None:
    """Unloading keeps what is shared, removing ends it and leaves no file."""
    token = new_token()
    share = made_up(loaded.entry_id, token)
    await shares.async_add(share)
    async with shares.copies.create(share.share_id, ".mp4") as path:
        path.touch()
    await hass.config_entries.async_unload(loaded.entry_id)
    assert await shares.async_find(token)
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert await shares.async_find(token) is None
    assert not shares.all
    assert not shares.copies.folder.exists()


@pytest.mark.parametrize("end", ["revoked", "expired", "right"])
async def test_what_is_under_way_ends(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    shares: Shares,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    """Whatever is done for a visitor is broken off, and no new one is let in."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    maker = person(hass)
    share = made_up(loaded.entry_id, user_id=maker.id)
    other = made_up(loaded.entry_id, user_id=maker.id, expires=share.expires + 9 * HOUR)
    await shares.async_add(share)
    await shares.async_add(other)

    async def send(what: object) -> None:
        async with shares.while_shared(what):  # type: ignore[arg-type]
            await asyncio.Event().wait()

    sending = [asyncio.ensure_future(send(share)) for _ in range(3)]
    goes_on = asyncio.ensure_future(send(other))
    await until(lambda: len(shares._sending.get(share.share_id, ())) == 3)
    if end == "revoked":
        await shares.async_end([share])
    elif end == "expired":
        await later(hass, freezer, HOUR + timedelta(minutes=1))
    else:
        maker.mock_policy(MAY_ONLY_SEE)
    for task in sending:
        with pytest.raises(Unauthorized):
            await asyncio.wait_for(task, 5)
    if end == "right":
        with pytest.raises(Unauthorized):
            await asyncio.wait_for(goes_on, 5)
        return
    with pytest.raises(Unauthorized):
        await send(share)
    assert not goes_on.done()
    goes_on.cancel()


async def test_other_time_outs_pass(loaded: MockConfigEntry, shares: Shares) -> None:
    """They say nothing of the share."""
    share = made_up(loaded.entry_id)
    await shares.async_add(share)
    with pytest.raises(TimeoutError):
        async with shares.while_shared(share), asyncio.timeout(0):
            await asyncio.Event().wait()


async def test_a_person_shares_no_more_than_that(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    shares: Shares,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever has shared enough is told so; that is no limit for others."""
    monkeypatch.setattr(module, "MAX_PER_USER", 3)
    maker = person(hass)
    for _ in range(3):
        await shares.async_add(made_up(loaded.entry_id, user_id=maker.id))
    with pytest.raises(ServiceValidationError, match="already share 3"):
        await shares.async_add(made_up(loaded.entry_id, user_id=maker.id))
    await shares.async_add(made_up(loaded.entry_id, user_id=person(hass).id))
    await shares.async_add(made_up(loaded.entry_id))
    await shares.async_end(shares.all[:1])
    await shares.async_add(made_up(loaded.entry_id, user_id=maker.id))
    assert len(shares.all) == 5


async def test_automations_share_the_newest(
    loaded: MockConfigEntry, shares: Shares, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their oldest share ends, and nobody else's."""
    monkeypatch.setattr(module, "MAX_WITHOUT_USER", 3)
    mine = made_up(loaded.entry_id, user_id="somebody")
    made = [mine, *(made_up(loaded.entry_id) for _ in range(5))]
    for share in made:
        await shares.async_add(share)
    assert shares.all == [mine, *made[-3:]]


async def test_full_disk(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    shares: Shares,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is revoked is gone at once, and is stored as soon as that works; it is said once."""
    caplog.set_level(logging.WARNING)
    token = new_token()
    share = made_up(loaded.entry_id, token)
    await shares.async_add(share)
    await shares.async_add(made_up(loaded.entry_id, expires=share.expires + 9 * HOUR))
    full = WriteError("No space left on device")
    with patch.object(Store, "_async_write_data", side_effect=full):
        await shares.async_end([share])
        assert await shares.async_find(token) is None
        await shares.async_add(made_up(loaded.entry_id))
        await later(hass, freezer, RETRY_PAUSE * 1.1)
    again = Shares(hass)
    await again.async_load()
    assert await again.async_find(token)
    assert caplog.text.count("could not be stored") == 1

    await later(hass, freezer, RETRY_PAUSE * 1.1)
    again = Shares(hass)
    await again.async_load()
    assert await again.async_find(token) is None
    assert again.all == shares.all


async def test_canceled(
    hass: HomeAssistant, loaded: MockConfigEntry, shares: Shares
) -> None:
    """A share whose address nobody got to know is none; one that is ended has ended."""
    share = made_up(loaded.entry_id)

    async def nothing() -> None:
        await shares.async_end(shares.all)

    moments = 0
    async for _ in each_cancellation(lambda: shares.async_add(share), None, nothing):
        await hass.async_block_till_done()
        assert not shares.all
        moments += 1
    assert moments

    async def shared() -> None:
        await shares.async_add(share)

    async for _ in each_cancellation(lambda: shares.async_end([share]), None, shared):
        assert not shares.all
        await hass.async_block_till_done()
    stored = Shares(hass)
    await stored.async_load()
    assert not stored.all


async def test_looks_again_once_an_hour(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    shares: Shares,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What nobody reports is seen then: a maker's right that has ended with an entity, for example."""
    maker = person(hass)
    await shares.async_add(
        made_up(loaded.entry_id, user_id=maker.id, expires=dt_util.utcnow() + 48 * HOUR)
    )
    maker.mock_policy(MAY_ONLY_SEE)
    await hass.async_block_till_done()
    assert shares.all
    await later(hass, freezer, LONGEST_PAUSE * 1.1)
    assert not shares.all


async def test_sessions_end_with_their_share(
    loaded: MockConfigEntry, shares: Shares, player: Player, camera: Camera
) -> None:
    """Nothing is kept of them."""
    one, other = made_up(loaded.entry_id), made_up(loaded.entry_id)
    tokens = []
    for share in (one, other):
        await shares.async_add(share)
        tokens.append(await player.async_play(share.part, share.visitor, is_exact=True))
    await shares.async_end([one])
    assert list(player.sessions) == tokens[1:]


async def test_camera_is_removed_while_it_is_away(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    shares: Shares,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing can be opened while the camera is waited for."""
    await shares.async_add(made_up(loaded.entry_id))
    left: list[list[Share]] = []

    async def note(*_: object) -> None:
        left.append(shares.all)

    monkeypatch.setattr(axis_recordings, "_stop_own_recordings", note)
    await hass.config_entries.async_remove(loaded.entry_id)
    assert left == [[]]
