"""Exports on the wire: to their end, or as far as they get."""

import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, NamedTuple

from .exports import Export, VideoLostError
from .faults import Fault, Injection
from .wire import Exchange, Response, hang_up, reset, stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import web

    from .quirks import Quirks


class Delivery(NamedTuple):
    """An export, where it goes, and what is to go wrong with it."""

    request: web.BaseRequest
    response: Response
    exchange: Exchange
    export: Export
    injection: Injection | None = None

    @property
    def limit(self) -> int | None:
        """After how many bytes it goes wrong."""
        injection = self.injection
        if injection is None or injection.fault == Fault.SLOW:
            return None
        if injection.after is not None:
            return injection.after
        return int(self.export.estimated_size * injection.keep)


async def deliver(
    pieces: AsyncGenerator[bytes], delivery: Delivery, quirks: Quirks
) -> web.StreamResponse:
    """Send an export, until it is complete, spoilt, or its recording is lost."""
    request, response, _, export, injection = delivery
    slow = injection is not None and injection.fault == Fault.SLOW
    async with aclosing(pieces):
        try:
            await stream(
                request,
                response,
                delivery.exchange,
                pieces,
                slowness=injection if slow else None,
                limit=delivery.limit,
            )
        except VideoLostError:
            if quirks.export_lost == "cut":
                hang_up(request)
                return response
        except ConnectionResetError:
            # The client has left in the middle of a write.
            return response
        if injection is not None and not slow:
            if injection.fault == Fault.TIMEOUT:
                await asyncio.Event().wait()
            export.outcome = "cut"
            if injection.fault == Fault.RESET:
                return reset(request)
            hang_up(request)
            return response
    with suppress(ConnectionResetError):
        await response.write_eof()
    return response
