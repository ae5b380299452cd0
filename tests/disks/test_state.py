"""What follows from what is known of a disk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.axis_recordings.disks.state import DiskState
from custom_components.axis_recordings.vapix import (
    Disk,
    DiskHealth,
    StorageLimit,
    StorageTopic,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GIGABYTE = 1_000_000_000
DISK = Disk(
    disk_id="SD_DISK",
    name="",
    total_size=100 * GIGABYTE,
    free_size=55 * GIGABYTE,
    status="OK",
    locked=False,
    full=False,
    read_only=False,
    file_system="ext4",
    max_age=timedelta(days=7),
    clean_up_policy="none",
)
# 45 GB in 9 hours are 5 GB in one.
STATE = DiskState(disk=DISK, oldest=NOW - timedelta(hours=9), recordings=8, time=NOW)


def state(**changes: Any) -> DiskState:
    """Return the disk with other properties."""
    return replace(STATE, disk=replace(DISK, **changes))


@pytest.mark.parametrize(
    ("changes", "status", "reasons"),
    [
        ({}, "ok", []),
        ({"full": True}, "full", ["full"]),
        ({"locked": True, "full": True}, "locked", ["locked", "full"]),
        (
            {"read_only": True, "locked": True, "full": True},
            "read_only",
            ["read_only", "locked", "full"],
        ),
        ({"status": "connected"}, "connected", ["connected"]),
        ({"status": "connected", "locked": True}, "connected", ["connected", "locked"]),
        ({"status": "disconnected"}, "disconnected", ["disconnected"]),
        ({"status": "not encrypted"}, "not_encrypted", ["not_encrypted"]),
        ({"status": "no passphrase"}, "no_passphrase", ["no_passphrase"]),
        ({"status": "wrong passphrase"}, "wrong_passphrase", ["wrong_passphrase"]),
        ({"status": "failed"}, "failed", ["failed"]),
        ({"status": "melted"}, None, ["unknown"]),
        ({"status": ""}, None, ["unknown"]),
    ],
)
def test_status(
    changes: dict[str, Any], status: str | None, reasons: list[str]
) -> None:
    """One word, the worst; the reasons have all."""
    assert state(**changes).status == status
    assert state(**changes).reasons == reasons


@pytest.mark.parametrize(
    ("wear", "passed", "reasons"),
    [
        (None, None, []),
        (99, True, []),
        (100, True, ["worn_out"]),
        (3, False, ["test_failed"]),
        (120, False, ["test_failed", "worn_out"]),
    ],
)
def test_health(wear: int | None, passed: bool | None, reasons: list[str]) -> None:
    """A disk may be about to fail while all is well."""
    health = DiskHealth(wear=wear, temperature=None, passed=passed)
    assert replace(STATE, health=health).reasons == reasons
    assert replace(STATE, health=health).status == "ok"


def test_events() -> None:
    """What the camera reports counts, too."""
    events = frozenset(
        {StorageTopic.FAILURE, StorageTopic.ALERT, StorageTopic.DISRUPTION}
    )
    assert replace(STATE, events=events).reasons == ["disruption", "alert", "failure"]


def test_sizes() -> None:
    """In bytes, and in percent."""
    assert STATE.total == 100 * GIGABYTE
    assert STATE.free == 55 * GIGABYTE
    assert STATE.used == 45 * GIGABYTE
    assert STATE.used_part == 45


@pytest.mark.parametrize(
    "changes",
    [
        {"total_size": 0, "free_size": 0},
        {"total_size": None},
        {"status": "disconnected"},
    ],
)
def test_no_sizes(changes: dict[str, Any]) -> None:
    """What is not there has none, and nothing is no size."""
    odd = state(**changes)
    assert (odd.total, odd.free, odd.used, odd.used_part) == (None,) * 4


def test_odd_sizes() -> None:
    """More free than there is, or nobody knows how much."""
    assert state(free_size=200 * GIGABYTE).used == 0
    assert state(free_size=None).used is None
    assert state(free_size=None).used_part is None


def test_retention() -> None:
    """The age counts only where the oldest recordings are removed because of it."""
    assert STATE.retention is None
    assert state(clean_up_policy="fifo").retention == timedelta(days=7)
    assert state(clean_up_policy="fifo", max_age=None).retention is None


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        # 5 % of the card stay free.
        ({}, 10),
        # On a share, and on a small card, it is 750 MB.
        ({"disk_id": "NetworkShare"}, 10.85),
        (
            {"total_size": 10 * GIGABYTE, "free_size": 5 * GIGABYTE},
            4.25 / 5 * 9,
        ),
        # The camera makes room already.
        ({"free_size": 4 * GIGABYTE}, 0),
        ({"clean_up_policy": "fifo", "max_age": timedelta(hours=10)}, 1),
        ({"clean_up_policy": "fifo", "max_age": timedelta(hours=8)}, 0),
        ({"clean_up_policy": "fifo", "max_age": timedelta(days=7)}, 10),
        # So empty that nobody knows.
        ({"free_size": 100 * GIGABYTE - 100}, None),
        ({"free_size": 100 * GIGABYTE}, None),
        ({"total_size": None}, None),
        # Nothing is removed from what can't be written to.
        ({"locked": True}, None),
        ({"full": True}, None),
        ({"read_only": True}, None),
        ({"status": "connected"}, None),
    ],
)
def test_time_left(changes: dict[str, Any], hours: float | None) -> None:
    """By room and by age, whichever comes first."""
    left = state(**changes).time_left
    expected = None if hours is None else pytest.approx(hours)
    assert (left and left / timedelta(hours=1)) == expected or left == timedelta(0)
    assert (left is None) == (hours is None)
    assert (left == timedelta(0)) == (hours == 0)


def test_time_left_without_recordings() -> None:
    """Nothing is overwritten."""
    assert replace(STATE, oldest=None).time_left is None
    assert replace(STATE, time=None).time_left is None


@pytest.mark.parametrize("year", [1970, 2000])
def test_time_left_of_a_clock_that_was_not_set(year: int) -> None:
    """Neither how old the oldest recording is nor how long the disk took to fill is known."""
    oldest = NOW.replace(year=year, month=1, day=1)
    aging = replace(DISK, clean_up_policy="fifo")
    assert replace(STATE, oldest=oldest).time_left is None
    assert replace(STATE, oldest=oldest, disk=aging).time_left is None


def test_time_left_at_first() -> None:
    """Half an hour tells nothing of what comes, but the age is known."""
    young = replace(STATE, oldest=NOW - timedelta(minutes=30))
    assert young.time_left is None
    aging = replace(young, disk=replace(DISK, clean_up_policy="fifo"))
    assert aging.time_left == timedelta(days=7) - timedelta(minutes=30)


@pytest.mark.parametrize(
    ("limit", "hours"),
    [
        # 18 GB in 9 hours are 2 GB in one.
        (StorageLimit(size=0, used=18 * GIGABYTE), 25),
        (StorageLimit(size=20 * GIGABYTE, used=18 * GIGABYTE), 1),
        (StorageLimit(size=90 * GIGABYTE, used=18 * GIGABYTE), 25),
        (StorageLimit(size=10 * GIGABYTE, used=18 * GIGABYTE), 0),
        (StorageLimit(size=60 * GIGABYTE, used=None), 3),
        (StorageLimit(size=60 * GIGABYTE, used=0), 3),
    ],
)
def test_time_left_with_a_limit(limit: StorageLimit, hours: float) -> None:
    """What recordings take is reported, and how much they may."""
    left = replace(STATE, limit=limit).time_left
    assert left is not None
    assert left / timedelta(hours=1) == pytest.approx(hours)


def test_time_left_of_a_disk_that_makes_no_sense() -> None:
    """It is so large and so full, of so little, that it would have been full before there were times."""
    full = state(total_size=10**18, free_size=0)
    limit = StorageLimit(size=0, used=1)
    assert replace(full, limit=limit).time_left == timedelta(0)
