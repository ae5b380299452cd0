"""The way into the camera: which CGI is meant, and whether the caller may use it."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from .accounts import Level
from .answers import (
    Answer,
    forbidden,
    html,
    method_not_allowed,
    not_found,
    unauthorized,
    unavailable,
)
from .auth import Authenticator, BruteForceGuard, Credentials
from .cgi import ROUTES, Call, Route

if TYPE_CHECKING:
    from .camera import Camera

CGI_ROOT = "/axis-cgi/"
PAGES = ("/", "/index.html")


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request says of where it comes from and goes to.

    `target` is the path and query as they stood in the request line.
    """

    address: str
    target: str
    path: str
    secure: bool
    credentials: Credentials | None


class TurnedAwayError(Exception):
    """A request that no CGI gets to see."""

    def __init__(self, answer: Answer) -> None:
        """Turn away with `answer`."""
        super().__init__(answer.status)
        self.answer = answer


class Gate:
    """Lets calls in to their CGIs, or turns them away."""

    def __init__(self, camera: Camera) -> None:
        """Guard a camera."""
        self._camera = camera
        self._authenticator = Authenticator(camera)
        self._guard = BruteForceGuard()

    def restart(self) -> None:
        """Forget nonces and failures, as a camera does that starts."""
        self._authenticator.forget_nonces()
        self._guard.forgive()

    def admit(self, visit: Visit, call: Call) -> tuple[Route, Call]:
        """Find the CGI and log the caller in."""
        if not self._camera.running:
            raise TurnedAwayError(unavailable())
        if self._camera.quirks.brute_force_guard and self._guard.locks_out(
            visit.address
        ):
            raise TurnedAwayError(forbidden())
        route = ROUTES.get(call.path)
        if route is None or not route.available(self._camera.quirks):
            page = html("AXIS web interface") if visit.path in PAGES else not_found()
            raise TurnedAwayError(page)
        if call.method not in route.methods:
            raise TurnedAwayError(method_not_allowed(route.methods))
        level = route.required_level(call)
        return route, call if level == Level.ANONYMOUS else self._log_in(
            visit, call, level
        )

    def challenge(self, *, secure: bool, stale: bool = False) -> Answer:
        """Ask for a login; a camera without accounts says that it wants to be set up."""
        answer = unauthorized(
            self._authenticator.challenges(secure=secure, stale=stale)
        )
        if self._camera.accounts:
            return answer
        return replace(answer, headers=(*answer.headers, ("Axis-Setup", "vapix")))

    def _log_in(self, visit: Visit, call: Call, level: Level) -> Call:
        login = self._authenticator.check(
            visit.credentials,
            method=call.method,
            uri=visit.target,
            secure=visit.secure,
        )
        if login.failed:
            self._guard.note_failure(visit.address)
        if login.account is None or visit.credentials is None:
            raise TurnedAwayError(
                self.challenge(secure=visit.secure, stale=login.stale)
            )
        if login.account.level < level:
            refuses = (
                self._camera.quirks.insufficient_rights == HTTPStatus.FORBIDDEN.value
            )
            raise TurnedAwayError(
                forbidden() if refuses else self.challenge(secure=visit.secure),
            )
        return replace(
            call, user=visit.credentials.user or "", level=login.account.level
        )
