"""HTTP authentication as cameras do it: Digest with MD5, and Basic (RFC 7616, RFC 7617)."""

import base64
import binascii
from collections import defaultdict, deque
from dataclasses import dataclass
from hashlib import md5
import hmac
import re
import secrets
from time import monotonic
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from .accounts import Account
    from .camera import Camera

type AuthenticationPolicy = Literal["recommended", "digest", "basic", "basic_digest"]

FAILURES_ALLOWED = 20
FAILURE_PERIOD = 1.0
LOCKOUT = 10.0

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))')


class Credentials(NamedTuple):
    """An `Authorization` header: its scheme, and the user that it claims to come from."""

    scheme: str
    user: str | None
    parameters: dict[str, str]


class Login(NamedTuple):
    """Result of a check: the account, or how the attempt went wrong.

    `failed` counts for the brute-force guard; a request without credentials, or with an aged
    nonce, does not.
    """

    account: Account | None = None
    failed: bool = False
    stale: bool = False


@dataclass
class Nonce:
    """A nonce's age and the highest count that it was used with."""

    issued: float
    count: int = 0
    uses: int = 0


def read_credentials(header: str | None) -> Credentials | None:
    """Take an `Authorization` header apart, None without one."""
    if not header:
        return None
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(rest, validate=True).decode()
        except binascii.Error, UnicodeDecodeError:
            return Credentials("Basic", None, {})
        user, _, password = text.partition(":")
        return Credentials("Basic", user, {"password": password})
    parameters = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare
        for name, quoted, bare in _PARAMETER.findall(rest)
    }
    return Credentials(scheme.title(), parameters.get("username"), parameters)


class Authenticator:
    """Checks logins by the camera's policy and hands out challenges."""

    def __init__(self, camera: Camera) -> None:
        """Check against the accounts and settings that the camera has at the time."""
        self._camera = camera
        self._nonces: dict[str, Nonce] = {}

    def forget_nonces(self) -> None:
        """Lose all nonces, as a camera does that starts."""
        self._nonces.clear()

    def schemes(self, *, secure: bool) -> tuple[str, ...]:
        """Give the schemes that the policy allows (VAPIX: network settings)."""
        match self._camera.auth:
            case "basic":
                return ("Basic",)
            case "digest":
                return ("Digest",)
            case "basic_digest":
                return ("Digest", "Basic")
            case "recommended":
                return ("Basic",) if secure else ("Digest",)

    def challenges(self, *, secure: bool, stale: bool = False) -> list[str]:
        """Make the values of `WWW-Authenticate`."""
        return [
            self._digest_challenge(stale=stale)
            if scheme == "Digest"
            else f'Basic realm="{self._camera.realm}"'
            for scheme in self.schemes(secure=secure)
        ]

    def check(
        self,
        credentials: Credentials | None,
        *,
        method: str,
        uri: str,
        secure: bool,
    ) -> Login:
        """Check credentials for a request; `uri` is the target as it stood in the request line."""
        if credentials is None:
            return Login()
        account = self._camera.accounts.get(credentials.user or "")
        if account is None or credentials.scheme not in self.schemes(secure=secure):
            return Login(failed=True)
        if credentials.scheme == "Basic":
            right = hmac.compare_digest(
                credentials.parameters.get("password", "").encode(),
                account.password.encode(),
            )
            return Login(account) if right else Login(failed=True)
        nonce = credentials.parameters.get("nonce", "")
        if self._camera.quirks.nonce_uses == "once" and self._is_used(nonce):
            return Login(failed=True)
        return self._check_digest(credentials.parameters, account, method, uri)

    def _check_digest(
        self,
        given: dict[str, str],
        account: Account,
        method: str,
        uri: str,
    ) -> Login:
        if given.get("uri") != uri or given.get("realm") != self._camera.realm:
            return Login(failed=True)
        if given.get("algorithm", "MD5").upper() != "MD5":
            return Login(failed=True)
        qop = given.get("qop")
        if qop is not None and not (self._camera.qop and qop == "auth"):
            return Login(failed=True)
        nonce = given.get("nonce", "")
        secret = _md5(
            f"{given.get('username')}:{self._camera.realm}:{account.password}"
        )
        request = _md5(f"{method}:{uri}")
        middle = (
            nonce
            if qop is None
            else f"{nonce}:{given.get('nc')}:{given.get('cnonce')}:{qop}"
        )
        expected = _md5(f"{secret}:{middle}:{request}")
        if not hmac.compare_digest(expected, given.get("response", "")):
            return Login(failed=True)
        if not self._use_nonce(nonce, given.get("nc") if qop else None):
            return Login(stale=True)
        return Login(account)

    def _is_used(self, value: str) -> bool:
        """Return whether a nonce was taken before, and note that it is now."""
        nonce = self._nonces.get(value)
        if nonce is None:
            return False
        nonce.uses += 1
        return nonce.uses > 1

    def _use_nonce(self, value: str, nc: str | None) -> bool:
        """Return whether a nonce is young enough, and its count higher than ever before."""
        nonce = self._nonces.get(value)
        if nonce is None or monotonic() - nonce.issued > self._camera.nonce_lifetime:
            return False
        if nc is not None:
            if not re.fullmatch(r"[0-9a-fA-F]{8}", nc) or int(nc, 16) <= nonce.count:
                return False
            nonce.count = int(nc, 16)
        return True

    def _digest_challenge(self, *, stale: bool) -> str:
        now = monotonic()
        aged = now - self._camera.nonce_lifetime
        self._nonces = {
            value: nonce
            for value, nonce in self._nonces.items()
            if nonce.issued >= aged
        }
        value = secrets.token_urlsafe(24)
        self._nonces[value] = Nonce(now)
        challenge = (
            f'Digest realm="{self._camera.realm}", nonce="{value}", algorithm=MD5'
        )
        if self._camera.qop:
            challenge += ', qop="auth"'
        if stale:
            challenge += ", stale=true"
        return challenge


class BruteForceGuard:
    """Locks an address out after a burst of failed logins (AXIS OS knowledge base)."""

    def __init__(self) -> None:
        """Start with nobody locked out."""
        self._failures: defaultdict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=FAILURES_ALLOWED),
        )
        self._locked_until: dict[str, float] = {}

    def locks_out(self, address: str) -> bool:
        """Return whether requests from this address are refused now."""
        return monotonic() < self._locked_until.get(address, 0)

    def note_failure(self, address: str) -> None:
        """Count a failed login."""
        now = monotonic()
        failures = self._failures[address]
        failures.append(now)
        if len(failures) == FAILURES_ALLOWED and now - failures[0] <= FAILURE_PERIOD:
            self._locked_until[address] = now + LOCKOUT
            failures.clear()

    def forgive(self) -> None:
        """Forget every failure, as a camera does that starts."""
        self._failures.clear()
        self._locked_until.clear()


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
