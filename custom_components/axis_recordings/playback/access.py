"""What all need who want something of one camera's recordings."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError

from ..exceptions import recording_gone, translated_error
from ..recordings.part import LONGEST_CLIP, RecordingPart, RecordingPartError
from ..users.limits import Kind, Places
from ..users.permissions import async_current_requester
from .errors import ClosedError, NothingRecordedError
from .messages import translated
from .timing import USUAL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from homeassistant.core import HomeAssistant

    from ..recordings.extent import TimeRange
    from ..users.requester import Requester
    from ..vapix import Recording, VapixClient


class Access:
    """Finds a camera's recordings, lets users wait for their places, and ends what they do when it is unloaded."""

    timing = USUAL

    def __init__(
        self,
        hass: HomeAssistant,
        client: VapixClient,
        *,
        camera_name: Callable[[], str],
        camera_now: Callable[[], datetime],
    ) -> None:
        """Prepare; nothing is asked of the camera.

        ``camera_now`` returns the camera's clock.
        """
        self._hass = hass
        self._camera_name = camera_name
        self._camera_now = camera_now
        self.client = client
        self._places = Places()
        self._closed = False
        self._direct: set[asyncio.Timeout] = set()
        """Exports that neither make segments nor are shared."""

    async def async_find(self, part: RecordingPart) -> tuple[Recording, TimeRange]:
        """Return a recording and what there is of a part. Raises HomeAssistantError."""
        async with self.asking(self.current_requester):
            with self.translated_errors():
                return await self.find(part)

    def require_short(self, span: TimeRange) -> None:
        """Raise HomeAssistantError if a span is too long for the cache."""
        if span.duration > LONGEST_CLIP:
            raise translated_error(
                HomeAssistantError,
                "part_too_long",
                minutes=str(int(LONGEST_CLIP / timedelta(minutes=1))),
            )

    @contextmanager
    def translated_errors(self) -> Generator[None]:
        """Say in the user's words what went wrong."""
        with translated(self._camera_name()):
            yield

    async def find(self, part: RecordingPart) -> tuple[Recording, TimeRange]:
        """Return a recording and what there is of a part.

        Raises VapixError, NothingRecordedError; HomeAssistantError if the recording is gone.
        """
        recording = await self.client.find_recording(part.key)
        if recording is None:
            raise recording_gone(self._camera_name(), HomeAssistantError)
        try:
            return recording, part.within(recording, self._camera_now())
        except RecordingPartError as err:
            raise NothingRecordedError from err

    def require_open(self) -> None:
        """Raise ClosedError once the camera is unloaded."""
        if self._closed:
            raise ClosedError

    @asynccontextmanager
    async def place(self, requester: Requester, kind: Kind) -> AsyncGenerator[None]:
        """Wait until a user may have one more of a kind. ClosedError if the camera is unloaded meanwhile."""
        async with self._places.take(requester, kind):
            self.require_open()
            yield

    @asynccontextmanager
    async def asking(self, requester: Requester) -> AsyncGenerator[None]:
        """Wait until a user may ask the camera one more thing, before which commands and polls would have to wait.

        HomeAssistantError if the camera is unloaded meanwhile.
        """
        async with AsyncExitStack() as stack:
            with self.translated_errors():
                await stack.enter_async_context(self.place(requester, Kind.QUESTION))
            yield
            with self.translated_errors():
                self.require_open()

    @property
    def current_requester(self) -> Requester:
        """Return who is behind the present request."""
        return async_current_requester(self._hass)

    def place_of_current(self, kind: Kind) -> AbstractAsyncContextManager[None]:
        """Return the place of whoever is behind the present request."""
        return self.place(self.current_requester, kind)

    @asynccontextmanager
    async def until_closed(self) -> AsyncGenerator[None]:
        """End an export when the camera is unloaded, with ClosedError."""
        self.require_open()
        try:
            async with asyncio.timeout(None) as scope:
                self._direct.add(scope)
                try:
                    yield
                finally:
                    self._direct.discard(scope)
        except TimeoutError as err:
            if not scope.expired():
                raise
            raise ClosedError from err

    def end_exports(self) -> None:
        """Let nothing begin any more, and end with ClosedError what runs ``until_closed``."""
        # Somebody may just be asking the camera for the recording.
        self._closed = True
        while self._direct:
            self._direct.pop().reschedule(asyncio.get_running_loop().time())
