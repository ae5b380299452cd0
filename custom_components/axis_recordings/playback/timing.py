"""How long the engine waits for cameras and for those who watch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """All in seconds."""

    check: float = 0.2
    """How often it is asked whether anybody still wants an export; it has to end within a second."""
    busy: tuple[float, ...] = (0.3, 0.6, 1.2)
    """A camera may take a moment to notice that an export was broken off, and allow only one."""
    grace: float = 0.6
    """A player asks for the next segment at once when it has got one, unless it has enough or is gone."""
    linger: float = 120.0
    """Where key frames are far apart, an export comes a long way before it is where it was asked for.

    It goes on until then, as it would have to begin anew for who asks again.
    """
    patience: float = 40.0
    """How long somebody waits before hearing that it does not work now."""


USUAL = Timing()
