"""Walk through a camera's whole list."""

from typing import TYPE_CHECKING

from custom_components.axis_recordings.vapix import RecordingQuery

if TYPE_CHECKING:
    from custom_components.axis_recordings.recordings.watch import RecordingWatch
    from custom_components.axis_recordings.vapix import VapixClient


async def walk(watch: RecordingWatch, client: VapixClient) -> None:
    """Let a watch know of everything that goes on."""
    async for page in client.pages(RecordingQuery(recording_id="all"), page_size=500):
        watch.suspect(each.key for each in page.recordings if each.is_ongoing)
