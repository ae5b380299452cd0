"""Watches a camera for what its client can know of it."""

from http import HTTPStatus
import time
from typing import TYPE_CHECKING, Final

from tests.exactly_once import Poll

if TYPE_CHECKING:
    from tests.camera import CameraServer, Exchange

LIST: Final = "/axis-cgi/record/list.cgi"
READING: Final = 2.0
"""A poll takes several requests, and is processed after the last one."""


class Witness:
    """Notes each list that a client is shown, and not those that it may be gone before it has read."""

    def __init__(self, server: CameraServer) -> None:
        """Watch a server from now on."""
        self._counts = True
        self._server = server
        self._polls: list[tuple[Exchange, Poll]] = []
        self._finished = 0
        """How many of them belong to polls that have ended."""
        server.request_listeners.append(self._note)

    @property
    def polls(self) -> list[Poll]:
        """Return what the client was shown."""
        return [
            poll for exchange, poll in self._polls if exchange.status == HTTPStatus.OK
        ]

    def stop_watching(self) -> None:
        """Note nothing: the client is about to go. What it has just been shown, it may not process any more."""
        self._counts = False
        latest = time.monotonic() - READING
        self._polls = [each for each in self._polls if each[1].time <= latest]
        self._finished = len(self._polls)

    def watch_again(self) -> None:
        """Note what is shown from now on."""
        self._counts = True

    def finish(self) -> None:
        """Take all that was shown since the last time for one poll, which has ended only now."""
        facts = len(self._server.camera.journal)
        for exchange, poll in self._polls[self._finished : self._finished + 1]:
            self._polls[self._finished :] = [(exchange, poll._replace(until=facts))]
        self._finished = len(self._polls)

    def _note(self, exchange: Exchange) -> None:
        camera = self._server.camera
        # A list that is empty for a while shows nothing.
        if not (self._counts and _is_list(exchange) and camera.readable_part >= 1):
            return
        facts = len(camera.journal)
        if _is_first(exchange) or not self._polls:
            disks = frozenset(camera.attached_disks)
            self._polls.append((exchange, Poll(facts, disks, time.monotonic())))
        else:
            first, poll = self._polls[-1]
            self._polls[-1] = (first, poll._replace(until=facts))


def _is_list(exchange: Exchange) -> bool:
    """Return whether the newest recordings of all disks are asked for, and not some of them."""
    query = exchange.query
    return (
        exchange.path == LIST
        and query.get("recordingid", "all") == "all"
        and query.get("sortorder") != "ascending"
        and query.get("maxnumberofresults") != "1"
        and not query.keys() & {"diskid", "eventid", "listentity", "source", "stoptime"}
    )


def _is_first(exchange: Exchange) -> bool:
    """Return whether this is not one of the pages that follow."""
    return int(exchange.query.get("startatresultnumber", "0")) <= 1
