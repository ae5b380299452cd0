"""Watches a camera for what its client can know of it."""

from http import HTTPStatus
import time
from typing import TYPE_CHECKING, Final

from tests.exactly_once import Look

if TYPE_CHECKING:
    from tests.camera import CameraServer, Exchange

LIST: Final = "/axis-cgi/record/list.cgi"
READING: Final = 2.0
"""A poll takes several requests, and is looked at after the last one."""


class Witness:
    """Notes each list that a client is shown, and not those that it may be gone before it has read."""

    def __init__(self, server: CameraServer) -> None:
        """Watch a server from now on."""
        self._counts = True
        self._server = server
        self._looks: list[tuple[float, Exchange, Look]] = []
        server.request_listeners.append(self._note)

    @property
    def looks(self) -> list[Look]:
        """Return what the client was shown."""
        return [
            look
            for _, exchange, look in self._looks
            if exchange.status == HTTPStatus.OK
        ]

    def look_away(self) -> None:
        """Note nothing: the client is about to go. What it has just been shown, it may not look at any more."""
        self._counts = False
        latest = time.monotonic() - READING
        self._looks = [each for each in self._looks if each[0] <= latest]

    def look_again(self) -> None:
        """Note what is shown from now on."""
        self._counts = True

    def _note(self, exchange: Exchange) -> None:
        camera = self._server.camera
        # A list that is empty for a while shows nothing.
        if self._counts and _is_list(exchange) and camera.readable_part >= 1:
            disks = frozenset(camera.attached_disks)
            look = Look(len(camera.journal), disks)
            self._looks.append((time.monotonic(), exchange, look))


def _is_list(exchange: Exchange) -> bool:
    """Tell whether the newest recordings of all disks are asked for, and not some of them."""
    query = exchange.query
    return (
        exchange.path == LIST
        and query.get("recordingid", "all") == "all"
        and query.get("sortorder") != "ascending"
        and query.get("maxnumberofresults") != "1"
        and int(query.get("startatresultnumber", "0")) <= 1
        and not query.keys() & {"diskid", "eventid", "listentity", "source", "stoptime"}
    )
