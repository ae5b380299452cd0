"""Slow down those who try addresses of shares.

A token has 192 bits, so nobody finds one. This keeps whoever tries from keeping Home Assistant busy, and tells
the owner.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
import time
from typing import Final

from ..const import LOGGER

FREE: Final = 5
"""Somebody may open a few old links."""
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 5.0
"""Before each answer, in seconds; the answers to one address come one after the other."""
MOST_WAITING: Final = 8
"""Requests of one address; more are refused at once."""
MOST_WAITING_IN_ALL: Final = 64
MOST_ADDRESSES: Final = 256
FORGET_SECONDS: Final = 3600.0
LOGGED_AT: Final = 20
QUIET_SECONDS: Final = 3600.0
"""So long nothing more is logged."""
_NETWORK: Final = 64
"""Bits of an IPv6 address; one household has all the others."""


class TooManyAttemptsError(Exception):
    """Somebody tries more at once than is waited with."""


@dataclass(eq=False, slots=True)
class _Address:
    failures: int = 0
    last: float = 0.0
    waiting: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Attempts:
    """The failures of each address, as far as they are remembered."""

    def __init__(self) -> None:
        """Begin with none."""
        self._addresses: OrderedDict[str, _Address] = OrderedDict()
        self._waiting = 0
        self._logged: float | None = None

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._addresses)

    async def async_hold_up(self, remote: str | None) -> None:
        """Count a failure of an address, and wait before it is answered. TooManyAttemptsError if too many do."""
        address = self._of(_network(remote))
        address.failures += 1
        if address.failures >= LOGGED_AT:
            self._log(remote)
        if address.failures <= FREE:
            return
        if address.waiting >= MOST_WAITING or self._waiting >= MOST_WAITING_IN_ALL:
            raise TooManyAttemptsError
        doublings = min(address.failures - FREE - 1, 10)
        address.waiting += 1
        self._waiting += 1
        try:
            async with address.turn:
                await asyncio.sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**doublings))
        finally:
            address.waiting -= 1
            self._waiting -= 1

    def _of(self, network: str) -> _Address:
        now = time.monotonic()
        address = self._addresses.pop(network, None)
        if address is None or now - address.last > FORGET_SECONDS:
            address = _Address()
        address.last = now
        self._addresses[network] = address
        while len(self._addresses) > MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        return address

    def _log(self, remote: str | None) -> None:
        now = time.monotonic()
        if self._logged is None or now - self._logged > QUIET_SECONDS:
            self._logged = now
            LOGGER.warning(
                "Somebody at %s opens addresses of shared recordings that lead nowhere, and is slowed down",
                remote or "an unknown address",
            )


def _network(remote: str | None) -> str:
    """Return what stands for whoever asks."""
    try:
        address = ip_address(remote or "")
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(int(address) >> (128 - _NETWORK))
    return str(address)
