"""What may be wrong with a camera or a disk, and how that is seen."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from homeassistant.helpers.issue_registry import IssueSeverity

from ..const import CLOCK_TOLERANCE
from ..disks.state import DiskState, DiskStatus
from ..helpers.wording import joined
from ..vapix import (
    CertificateError,
    ForbiddenError,
    HttpsRequiredError,
    NotAxisError,
    RedirectError,
    StorageTopic,
    VapixError,
    WrongCameraError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..recordings.deadlines import FailedStop

type Placeholders = Mapping[str, str]

# Cameras clean up once an hour. One that does so may be full for as long.
CLEAN_UP_INTERVAL: Final = timedelta(hours=1)
# In percent. There should be time to buy another card.
WORN: Final = 90
NO_WORDS: Final[Placeholders] = {}


class CameraFacts(NamedTuple):
    """What the checks of a camera go by."""

    clock_offset: timedelta | None
    has_lost_rights: bool
    idle: timedelta
    """For how long nothing has been recorded."""
    longest_idle: timedelta
    """For how long that is nothing to worry about; zero is forever."""
    overdue: list[FailedStop]
    """What should have ended, but could not be stopped."""


class DiskFacts(NamedTuple):
    """What the checks of a disk go by."""

    state: DiskState
    was_attached: bool
    is_busy: bool
    """Whether it is being mounted or unmounted."""
    full_for: timedelta


class ChosenDisk(NamedTuple):
    """The disk to record to, and those that there are."""

    disk_id: str | None
    """None if the owner leaves the choice to us."""
    known: list[str]


class Check[FactsT](NamedTuple):
    """Something that may be wrong. The key is that of its texts."""

    key: str
    find: Callable[[FactsT], Placeholders | None]
    """Return what the texts need beside the names of the camera and the disk; None if all is well."""
    severity: IssueSeverity = IssueSeverity.WARNING
    """An error if nothing can be recorded."""


def _clock(direction: int) -> Callable[[CameraFacts], Placeholders | None]:
    def find(facts: CameraFacts) -> Placeholders | None:
        offset = direction * (facts.clock_offset or timedelta(0))
        if offset <= CLOCK_TOLERANCE:
            return None
        return {"minutes": str(round(offset / timedelta(minutes=1)))}

    return find


def _nothing_recorded(facts: CameraFacts) -> Placeholders | None:
    if not facts.longest_idle or facts.idle <= facts.longest_idle:
        return None
    return {"hours": f"{facts.longest_idle / timedelta(hours=1):g}"}


def _overdue(facts: CameraFacts) -> Placeholders | None:
    if not facts.overdue:
        return None
    return {
        "recordings": joined([each.own.recording_id for each in facts.overdue]),
        "reason": facts.overdue[-1].reason,
    }


def _chosen_disk_gone(facts: ChosenDisk) -> Placeholders | None:
    if not facts.disk_id or not facts.known or facts.disk_id in facts.known:
        return None
    return {"disk": facts.disk_id, "disks": joined(facts.known)}


def _worn(facts: DiskFacts) -> Placeholders | None:
    health = facts.state.health
    if health is None or health.wear is None or health.wear < WORN:
        return None
    return {"wear": str(health.wear)}


def _if[FactsT](
    is_so: Callable[[FactsT], bool | None],
) -> Callable[[FactsT], Placeholders | None]:
    return lambda facts: NO_WORDS if is_so(facts) else None


def _status(*statuses: DiskStatus) -> Callable[[DiskFacts], Placeholders | None]:
    return _if(lambda facts: facts.state.status in statuses)


def _disconnected(*, is_share: bool) -> Callable[[DiskFacts], Placeholders | None]:
    return _if(
        lambda facts: (
            facts.state.status is DiskStatus.DISCONNECTED
            and facts.was_attached
            and facts.state.is_share is is_share
        )
    )


def _failed(facts: DiskFacts) -> bool:
    state = facts.state
    return (
        state.status is DiskStatus.FAILED
        or (state.health is not None and state.health.passed is False)
        # Some cameras report it of each disk that can't be written to. Then there is another reason.
        or (state.status is DiskStatus.OK and StorageTopic.FAILURE in state.events)
    )


def _full(facts: DiskFacts, *, cleans_up: bool) -> bool:
    return (
        facts.state.status is DiskStatus.FULL
        and (facts.state.disk.clean_up_policy != "none") is cleans_up
        and (not cleans_up or facts.full_for >= CLEAN_UP_INTERVAL)
    )


def _without_encryption(facts: DiskFacts) -> bool:
    disk = facts.state.disk
    return (
        disk.is_mounted and disk.encryption_wanted is True and disk.encrypted is False
    )


def _not_by_polls(_: CameraFacts) -> None:
    """Find nothing: the facts come from polls, and with these errors there is none."""


UNREACHABLE: Final[Mapping[type[VapixError], Check[CameraFacts]]] = {
    CertificateError: Check("certificate_changed", _not_by_polls, IssueSeverity.ERROR),
    HttpsRequiredError: Check("https_required", _not_by_polls, IssueSeverity.ERROR),
    WrongCameraError: Check("wrong_camera", _not_by_polls, IssueSeverity.ERROR),
    NotAxisError: Check("not_axis", _not_by_polls, IssueSeverity.ERROR),
    RedirectError: Check("redirected", _not_by_polls, IssueSeverity.ERROR),
    ForbiddenError: Check("forbidden", _not_by_polls, IssueSeverity.ERROR),
}
CAMERA_CHECKS: Final[tuple[Check[CameraFacts], ...]] = (
    *UNREACHABLE.values(),
    Check("clock_ahead", _clock(1)),
    Check("clock_behind", _clock(-1)),
    Check("nothing_recorded", _nothing_recorded),
    Check("recording_not_stopped", _overdue),
    Check("too_few_rights", _if(lambda facts: facts.has_lost_rights)),
)
NO_DISK: Final[Check[list[DiskFacts]]] = Check(
    "no_disk",
    # One that was there has a word of its own.
    _if(
        lambda disks: (
            not any(each.state.disk.is_attached or each.was_attached for each in disks)
        )
    ),
    IssueSeverity.ERROR,
)
CHOSEN_DISK_GONE: Final[Check[ChosenDisk]] = Check(
    "chosen_disk_gone", _chosen_disk_gone, IssueSeverity.ERROR
)
DISK_CHECKS: Final[tuple[Check[DiskFacts], ...]] = (
    Check("disk_disconnected", _disconnected(is_share=False), IssueSeverity.ERROR),
    Check("share_disconnected", _disconnected(is_share=True), IssueSeverity.ERROR),
    Check(
        "disk_not_mounted",
        _if(
            lambda facts: (
                facts.state.status is DiskStatus.CONNECTED and not facts.is_busy
            )
        ),
        IssueSeverity.ERROR,
    ),
    Check("disk_read_only", _status(DiskStatus.READ_ONLY), IssueSeverity.ERROR),
    Check("disk_locked", _status(DiskStatus.LOCKED), IssueSeverity.ERROR),
    Check(
        "disk_full",
        _if(lambda facts: _full(facts, cleans_up=False)),
        IssueSeverity.ERROR,
    ),
    Check(
        "disk_stays_full",
        _if(lambda facts: _full(facts, cleans_up=True)),
        IssueSeverity.ERROR,
    ),
    Check("disk_failed", _if(_failed), IssueSeverity.ERROR),
    Check("disk_worn_out", _worn),
    Check("disk_not_encrypted", _status(DiskStatus.NOT_ENCRYPTED), IssueSeverity.ERROR),
    Check("disk_without_encryption", _if(_without_encryption)),
    Check(
        "disk_passphrase",
        _status(DiskStatus.NO_PASSPHRASE, DiskStatus.WRONG_PASSPHRASE),
        IssueSeverity.ERROR,
    ),
)
