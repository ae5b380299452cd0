"""Find out who or what makes Home Assistant start a recording.

What an automation or a script does carries the context of its run, as the event has with which the run begins. What
somebody does by hand or by voice carries a context with the user, if there is one.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.helpers.chat_session import current_session
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..index.models import Starter, StarterKind

if TYPE_CHECKING:
    from typing import Any

# Events of Home Assistant's own automations and scripts, which need not be there.
_RUNS: Final = {
    "automation_triggered": StarterKind.AUTOMATION,
    "script_started": StarterKind.SCRIPT,
}
# Of so many runs it is known what they are of. Of older ones, it is if nothing else has run since.
MOST_RUNS: Final = 1000
_KEY: Final[HassKey[dict[str, Starter]]] = HassKey(f"{DOMAIN}_runs")
"""By the IDs of their contexts, the oldest first."""


@callback
def async_follow_runs(hass: HomeAssistant) -> None:
    """Note from now on which automations and scripts run."""
    runs = hass.data.setdefault(_KEY, {})

    @callback
    def note(event: Event[Any]) -> None:
        # A script has the context of the automation or the script that has called it.
        runs.setdefault(
            event.context.id,
            Starter(kind=_RUNS[str(event.event_type)], name=event.data.get("name")),
        )
        while len(runs) > MOST_RUNS:
            del runs[next(iter(runs))]

    for event_type in _RUNS:
        hass.bus.async_listen(event_type, note)


async def async_find_starter(hass: HomeAssistant, context: Context | None) -> Starter:
    """Return who or what does what is done in a context, called from the task that does it."""
    # Before anything is awaited, as the session belongs to this moment.
    is_spoken = current_session.get() is not None
    if context and (run := _find_run(hass, context)):
        return run
    user = None
    if context and context.user_id:
        user = await hass.auth.async_get_user(context.user_id)
    if user and user.system_generated:
        user = None
    if is_spoken:
        kind = StarterKind.VOICE
    else:
        kind = StarterKind.PERSON if user else StarterKind.ACTION
    return Starter(
        kind=kind, user_id=user.id if user else None, name=user.name if user else None
    )


@callback
def _find_run(hass: HomeAssistant, context: Context) -> Starter | None:
    """Return which automation or script runs in a context, or in the one that has led to it."""
    runs = hass.data.get(_KEY, {})
    for context_id in filter(None, (context.id, context.parent_id)):
        if run := runs.get(context_id):
            return run
        for kind in (StarterKind.AUTOMATION, StarterKind.SCRIPT):
            for state in hass.states.async_all(kind.value):
                if state.context.id == context_id:
                    return Starter(kind=kind, name=state.name)
    return None
