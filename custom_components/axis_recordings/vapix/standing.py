"""How a camera takes an account."""

import time

from .status import FORBIDDEN

# After this long without a good answer, a refusal of everybody is no lock-out, which lasts for 10 s, also where
# another client's failures begin it anew.
LOCK_OUT_PATIENCE = 60.0


class Standing:
    """How the camera has taken this account, whoever of us asked."""

    def __init__(self) -> None:
        """Begin as a stranger."""
        self.is_let_in = False
        """Whether the log-in has ever been good."""
        self._refused_since: float | None = None

    def note_answer(self) -> None:
        """Note that the log-in was good."""
        self.is_let_in = True
        self._refused_since = None

    def may_be_locked_out(self, status: int, *, has_failed: bool) -> bool:
        """Return whether a refusal may pass by itself.

        ``has_failed`` says that a log-in has failed a short time ago.
        """
        if status != FORBIDDEN:
            return False
        now = time.monotonic()
        if self._refused_since is None:
            self._refused_since = now
        is_new = now - self._refused_since < LOCK_OUT_PATIENCE
        return is_new and (self.is_let_in or has_failed)
