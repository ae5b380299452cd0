"""What a poll costs, by the number of recordings on the camera."""

import asyncio
from statistics import median
import time

import aiohttp

from custom_components.axis_recordings.recordings.watch import RecordingWatch
from custom_components.axis_recordings.vapix import Address, VapixClient
from tests.camera import Camera, CameraServer

COUNTS = (10, 10_000, 100_000)
POLLS = 50


async def measure(count: int, *, recording: bool, tls: bool) -> None:
    """Print one row: the first poll, then the median of steady ones."""
    camera = Camera(recordings=count)
    async with (
        CameraServer(camera, tls=tls) as server,
        aiohttp.ClientSession() as session,
    ):
        address = Address(
            host=server.host,
            port=server.port,
            protocol="https" if tls else "http",
            fingerprint=server.certificate_fingerprint,
        )
        client = VapixClient(session, address, "operator", "operator-secret")
        watch = RecordingWatch(client)
        if recording:
            camera.start_recording()
        first_started = time.perf_counter()
        await watch.poll()
        first = time.perf_counter() - first_started
        first_requests = len(server.requests)
        durations = []
        for _ in range(POLLS):
            started = time.perf_counter()
            await watch.poll()
            durations.append(time.perf_counter() - started)
        steady = server.requests[first_requests:]
        print(
            f"| {count:>7,} | {'HTTPS Basic' if tls else 'HTTP Digest'} "
            f"| {'yes' if recording else 'no':>9} "
            f"| {first_requests:>5} | {first * 1000:>8.1f} "
            f"| {len(steady) / POLLS:>8.2f} "
            f"| {median(each.bytes_received for each in steady):>8.0f} "
            f"| {median(each.bytes_sent for each in steady):>10.0f} "
            f"| {median(durations) * 1000:>7.2f} |",
            flush=True,
        )


async def main() -> None:
    """Print the table."""
    print(
        "| recordings | log-in | recording | first poll: requests | ms "
        "| steady poll: requests | bytes out | bytes in | ms |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    for tls in (False, True):
        for count in COUNTS:
            for recording in (False, True):
                await measure(count, recording=recording, tls=tls)


if __name__ == "__main__":
    asyncio.run(main())
