"""Tell the owner what is wrong with a camera and what to do, and take it back when it is cured."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.util import dt as dt_util

from .const import CONF_DISK, CONF_NOTHING_RECORDED_HOURS, CONF_READ_ONLY, DOMAIN
from .disk_devices import disk_name, has_device
from .disk_state import DiskState, DiskStatus, StorageEvent
from .markdown import escape
from .vapix import (
    CertificateError,
    ForbiddenError,
    HttpsRequiredError,
    NotAxisError,
    RedirectError,
    VapixError,
    WrongCameraError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from homeassistant.config_entries import ConfigEntry, ConfigEntryChange

    from .coordinator import AxisRecordingsCoordinator
    from .recorder import FailedStop

type Placeholders = Mapping[str, str]

# Cameras list events and recordings by their own clock, so a wrong one is worth a word.
CLOCK_TOLERANCE: Final = timedelta(minutes=1)
# Cameras clean up once an hour. One that does so may be full for as long.
CLEAN_UP_INTERVAL: Final = timedelta(hours=1)
# In percent. There should be time to buy another card.
WORN: Final = 90
NO_WORDS: Final[Placeholders] = {}


class CameraFacts(NamedTuple):
    """What the checks of a camera look at."""

    clock_offset: timedelta | None
    has_lost_rights: bool
    idle: timedelta
    """For how long nothing has been recorded."""
    longest_idle: timedelta
    """For how long that is nothing to worry about; zero is for ever."""
    overdue: list[FailedStop]
    """What should have ended, but could not be stopped."""


class DiskFacts(NamedTuple):
    """What the checks of a disk look at."""

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
        "recordings": ", ".join(each.own.recording_id for each in facts.overdue),
        "reason": facts.overdue[-1].reason,
    }


def _chosen_disk_gone(facts: ChosenDisk) -> Placeholders | None:
    if not facts.disk_id or not facts.known or facts.disk_id in facts.known:
        return None
    return {"disk": facts.disk_id, "disks": ", ".join(facts.known)}


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
        # Some cameras tell it of each disk that can't be written to. Then there is another reason.
        or (state.status is DiskStatus.OK and StorageEvent.FAILURE in state.events)
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


@callback
def async_forget_issues(hass: HomeAssistant, entry_id: str) -> None:
    """Take back all that was reported of a camera."""
    for issue_id in _reported(hass, entry_id):
        ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_follow_entries(hass: HomeAssistant) -> None:
    """Take back what is reported of cameras that are disabled, also if they could not be set up."""

    @callback
    def follow(_change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        if entry.domain == DOMAIN and entry.disabled_by:
            async_forget_issues(hass, entry.entry_id)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, follow)


def _reported(hass: HomeAssistant, entry_id: str) -> list[str]:
    """Return the issues of a camera, also those that an earlier setup has reported."""
    return [
        issue_id
        for domain, issue_id in ir.async_get(hass).issues
        if domain == DOMAIN and issue_id.endswith(f"_{entry_id}")
    ]


class CameraIssues:
    """All that is reported of one camera. While it can't be reached, that stays as it is."""

    def __init__(
        self, hass: HomeAssistant, coordinator: AxisRecordingsCoordinator
    ) -> None:
        """Review what the coordinator knows."""
        self._hass = hass
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._last_activity = dt_util.utcnow()
        self._has_recorded = False
        self._full_since: dict[str, datetime] = {}

    @callback
    def async_report(self, err: VapixError) -> None:
        """Report why the camera can't be polled, if somebody must act, until a poll works again.

        There is one reason at a time, the last one.
        """
        if (check := UNREACHABLE.get(type(err))) is None:
            return
        words = {"host": self._entry.data[CONF_HOST]}
        if isinstance(err, WrongCameraError):
            other = self._hass.config_entries.async_entry_for_domain_unique_id(
                DOMAIN, err.serial
            )
            words["serial"] = str(self._entry.unique_id)
            words["other"] = f"{other.title if other else err.model} ({err.serial})"
        else:
            words["reason"] = str(err)
        reported = self._create(check, words)
        for former in map(self._issue_id, UNREACHABLE.values()):
            if former != reported:
                ir.async_delete_issue(self._hass, DOMAIN, former)

    @callback
    def async_review(self) -> None:
        """Report what is wrong now, and take back what is not any more."""
        if not self._coordinator.last_update_success:
            return
        storage = self._coordinator.storage
        knows_disks = storage.last_update_success and storage.data.is_listed
        found = self._review_camera()
        if knows_disks:
            found |= self._review_disks()
        about_camera = {self._issue_id(check) for check in CAMERA_CHECKS}
        for issue_id in _reported(self._hass, self._entry.entry_id):
            if issue_id not in found and (knows_disks or issue_id in about_camera):
                ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    def _review_camera(self) -> set[str]:
        hours = self._entry.options.get(CONF_NOTHING_RECORDED_HOURS, 0)
        facts = CameraFacts(
            clock_offset=self._coordinator.data.clock_offset,
            has_lost_rights=not (
                self._coordinator.camera.is_operator
                or self._entry.data.get(CONF_READ_ONLY)
            ),
            idle=self._idle(),
            longest_idle=timedelta(hours=hours),
            overdue=self._coordinator.recorder.overdue,
        )
        return self._check(CAMERA_CHECKS, facts)

    def _review_disks(self) -> set[str]:
        storage = self._coordinator.storage
        now = dt_util.utcnow()
        self._full_since = {
            disk_id: self._full_since.get(disk_id, now)
            for disk_id, state in storage.data.disks.items()
            if state.status is DiskStatus.FULL
        }
        disks = {
            disk_id: DiskFacts(
                state=state,
                was_attached=has_device(storage, disk_id),
                is_busy=disk_id in storage.jobs,
                full_for=now - self._full_since.get(disk_id, now),
            )
            for disk_id, state in storage.data.disks.items()
        }
        chosen = ChosenDisk(self._entry.options.get(CONF_DISK), [*disks])
        found = self._check((NO_DISK,), [*disks.values()])
        found |= self._check((CHOSEN_DISK_GONE,), chosen)
        for disk_id, facts in disks.items():
            found |= self._check(DISK_CHECKS, facts, disk_id)
        return found

    def _idle(self) -> timedelta:
        """Return for how long nothing has been recorded, or has been seen to be."""
        data, now = self._coordinator.data, dt_util.utcnow()
        if data.ongoing:
            self._last_activity, self._has_recorded = now, True
        unseen = now - self._last_activity
        newest = data.newest
        end = None if newest is None else newest.stop or newest.start
        if end is None:
            return unseen
        idle = now + (data.clock_offset or timedelta(0)) - end
        # What began before the newest one may have ended after it.
        return min(idle, unseen) if self._has_recorded else idle

    def _check[FactsT](
        self, checks: Iterable[Check[FactsT]], facts: FactsT, disk_id: str = ""
    ) -> set[str]:
        """Report what is found, and return its ids."""
        return {
            self._create(check, words, disk_id)
            for check in checks
            if (words := check.find(facts)) is not None
        }

    def _issue_id[FactsT](self, check: Check[FactsT], disk_id: str = "") -> str:
        return "_".join(filter(None, (check.key, disk_id, self._entry.entry_id)))

    def _create[FactsT](
        self, check: Check[FactsT], words: Placeholders, disk_id: str = ""
    ) -> str:
        names = {"camera": self._coordinator.name}
        if disk_id:
            names |= {
                "disk": disk_name(self._coordinator.storage, disk_id),
                "disk_id": disk_id,
            }
        issue_id = self._issue_id(check, disk_id)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=check.severity,
            translation_key=check.key,
            translation_placeholders={
                name: escape(text) for name, text in {**names, **words}.items()
            },
        )
        return issue_id
