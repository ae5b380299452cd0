"""Tell the owner what is wrong with a camera and what to do, and take it back when it is cured."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_DISK,
    CONF_NOTHING_RECORDED_HOURS,
    CONF_READ_ONLY,
    DOMAIN,
)
from ..disks.devices import disk_name, has_device
from ..disks.state import DiskStatus
from ..helpers.markdown import escape
from ..vapix import VapixError, WrongCameraError
from .checks import (
    CAMERA_CHECKS,
    CHOSEN_DISK_GONE,
    DISK_CHECKS,
    NO_DISK,
    UNREACHABLE,
    CameraFacts,
    Check,
    ChosenDisk,
    DiskFacts,
    Placeholders,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.config_entries import ConfigEntry, ConfigEntryChange

    from ..coordinator import RecordingsCoordinator
    from ..disks.coordinator import DisksCoordinator
    from ..recordings.controller import RecordingController


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
    """All that is reported of one camera. While it can't be reached, only the reason for that changes."""

    def __init__(
        self,
        hass: HomeAssistant,
        recordings: RecordingsCoordinator,
        disks: DisksCoordinator,
        controller: RecordingController,
    ) -> None:
        """Review what is known of the camera."""
        self._hass = hass
        self._recordings = recordings
        self._disks = disks
        self._controller = controller
        self._entry = recordings.config_entry
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
        if not self._recordings.last_update_success:
            return
        knows_disks = self._disks.last_update_success and self._disks.data.is_listed
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
            clock_offset=self._recordings.data.clock_offset,
            has_lost_rights=not (
                self._recordings.is_operator or self._entry.data.get(CONF_READ_ONLY)
            ),
            idle=self._idle(),
            longest_idle=timedelta(hours=hours),
            overdue=self._controller.overdue,
        )
        return self._check(CAMERA_CHECKS, facts)

    def _review_disks(self) -> set[str]:
        states = self._disks.data.disks
        now = dt_util.utcnow()
        self._full_since = {
            disk_id: self._full_since.get(disk_id, now)
            for disk_id, state in states.items()
            if state.status is DiskStatus.FULL
        }
        disks = {
            disk_id: DiskFacts(
                state=state,
                was_attached=has_device(self._disks, disk_id),
                is_busy=disk_id in self._disks.jobs,
                full_for=now - self._full_since.get(disk_id, now),
            )
            for disk_id, state in states.items()
        }
        chosen = ChosenDisk(self._entry.options.get(CONF_DISK), [*disks])
        found = self._check((NO_DISK,), [*disks.values()])
        found |= self._check((CHOSEN_DISK_GONE,), chosen)
        for disk_id, facts in disks.items():
            found |= self._check(DISK_CHECKS, facts, disk_id)
        return found

    def _idle(self) -> timedelta:
        """Return for how long nothing has been recorded, or has been seen to be."""
        data, now = self._recordings.data, dt_util.utcnow()
        if data.ongoing:
            self._last_activity, self._has_recorded = now, True
        unseen = now - self._last_activity
        newest = data.newest
        end = None if newest is None else newest.end or newest.start
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
        names = {"camera": self._recordings.name}
        if disk_id:
            names |= {
                "disk": disk_name(self._disks, disk_id),
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
