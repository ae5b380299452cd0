"""What is stored of shares."""

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.shares.store import STORAGE_VERSION, ShareStore
from tests.common import set_up

from .sharing import made_up

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.shares.shares import Shares

KEY = f"{DOMAIN}.shares"


def stored(data: Any, *, version: int = STORAGE_VERSION) -> dict[str, Any]:
    """Return a file as Home Assistant keeps it."""
    return {KEY: {"version": version, "minor_version": 1, "key": KEY, "data": data}}


async def test_file(hass: HomeAssistant) -> None:
    """It holds what is shared, and is there only as long as anything is."""
    store = ShareStore(hass)
    assert await store.async_load() == []
    some = [made_up("entry"), made_up("other")]
    assert await store.async_save(some)
    assert await ShareStore(hass).async_load() == some
    assert await store.async_save([])
    assert await ShareStore(hass).async_load() == []
    assert not await hass.async_add_executor_job(Path(store.path).exists)


async def test_full_disk(hass: HomeAssistant) -> None:
    """Whoever saves learns of it."""
    store = ShareStore(hass)
    assert await store.async_save([made_up("entry")])
    full = WriteError("No space left on device")
    with patch.object(Store, "_async_write_data", side_effect=full):
        assert not await store.async_save([made_up("entry")] * 10)
    assert await store.async_save([made_up("entry")] * 10)


async def test_opened_meanwhile(
    hass: HomeAssistant,
    shares: Shares,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is counted while something is stored is no sign of a full disk."""
    share = made_up(loaded.entry_id)
    await shares.async_add(share)
    write = Store._async_write_data

    async def note(self: Store[Any], *args: Any) -> None:
        await write(self, *args)
        shares.async_note_opening(share)

    with patch.object(Store, "_async_write_data", note):
        await shares.async_add(made_up(loaded.entry_id))
    assert "could not be stored" not in caplog.text


@pytest.mark.parametrize("data", ["x", {"a": 1}, [1], [{}], [None]])
async def test_makes_no_sense(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    data: Any,
) -> None:
    """The rest is known, and somebody learns that something is missing."""
    known = made_up("entry")
    if isinstance(data, list):
        data = [*data, known.to_json()]
    hass_storage |= json.loads(json.dumps(stored(data)))
    found = await ShareStore(hass).async_load()
    assert found == ([known] if isinstance(data, list) else [])
    assert caplog.text.count("makes no sense") == 1


async def test_newer_version(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    shares: Shares,
    hass_storage: dict[str, Any],
) -> None:
    """It is said what to do, what was stored stays as it is, and nothing of it can be opened."""
    before = stored({"new": "shape"}, version=STORAGE_VERSION + 1)
    hass_storage |= json.loads(json.dumps(before))
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.reason is not None
    assert "newer version of AXIS Recordings" in entry.reason
    with pytest.raises(ConfigEntryError):
        await shares.async_load()
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert before.items() <= hass_storage.items()


async def test_nothing_is_written_where_nothing_is_shared(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """Most homes share nothing."""
    await set_up(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert KEY not in hass_storage


async def test_is_quiet_when_it_works(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody needs to know."""
    caplog.set_level(logging.INFO)
    await ShareStore(hass).async_save([made_up("entry")])
    assert not caplog.records
