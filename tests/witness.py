"""Watches a camera for what its client can know of it."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from tests.exactly_once import Look

if TYPE_CHECKING:
    from tests.camera import CameraServer, Exchange

LIST: Final = "/axis-cgi/record/list.cgi"


class Witness:
    """Notes each list that a client is shown.

    `counts` is to be False while the client may be gone before it has read the answer.
    """

    def __init__(self, server: CameraServer) -> None:
        """Watch a server from now on."""
        self.counts = True
        self._server = server
        self._looks: list[tuple[Exchange, Look]] = []
        server.request_listeners.append(self._note)

    @property
    def looks(self) -> list[Look]:
        """Return what the client was shown."""
        return [
            look for exchange, look in self._looks if exchange.status == HTTPStatus.OK
        ]

    def _note(self, exchange: Exchange) -> None:
        camera = self._server.camera
        # A list that is empty for a while shows nothing.
        if self.counts and _is_list(exchange) and camera.readable_part >= 1:
            disks = frozenset(camera.attached_disks)
            self._looks.append((exchange, Look(len(camera.journal), disks)))


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
