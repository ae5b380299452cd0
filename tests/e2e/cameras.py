"""The two simulated cameras that the demo and the end-to-end test see."""

import asyncio
import contextlib
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, override

from tests.camera import Camera, CameraError, CameraServer, Disk
from tests.camera.certificate import load_certificate, make_certificate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path
    from ssl import SSLContext

USERNAME = "operator"
PASSWORD = "operator-secret"


@dataclass
class Place:
    """A camera on the network, and what somebody needs to know to add it."""

    camera: Camera
    server: CameraServer

    @property
    def name(self) -> str:
        """Return the name that somebody gave the camera."""
        return self.camera.name

    @property
    def log_in(self) -> dict[str, object]:
        """Return the answers to the first step of the config flow."""
        return {
            "host": self.server.host,
            "username": USERNAME,
            "password": PASSWORD,
            "connection": {
                "port": self.server.port,
                "protocol": self.server.url.partition(":")[0],
            },
        }

    @property
    def recording(self) -> list[str]:
        """Return the ids of what the camera records now, asked of the camera itself."""
        return [recording.recording_id for recording in self.camera.recordings.ongoing]


class _KeepsCertificate(CameraServer):
    """Shows the same certificate after a restart, as a camera does, if there is a file for it."""

    certificate: Path | None = None

    @override
    def _new_certificate(self, context: SSLContext) -> str:
        if self.certificate is None:
            return super()._new_certificate(context)
        if not self.certificate.exists():
            pem = make_certificate(self.camera.serial, self.host)
            self.certificate.touch(mode=0o600)
            self.certificate.write_bytes(pem)
        return load_certificate(context, self.certificate.read_bytes())


@contextlib.asynccontextmanager
async def cameras(
    *,
    time_zone: str = "Europe/Stockholm",
    ports: tuple[int, int] = (0, 0),
    certificate: Path | None = None,
) -> AsyncGenerator[tuple[Place, Place]]:
    """Run a camera with HTTPS and one without; a certificate kept in a file stays the same."""
    front = Camera(
        serial="B8A44F0A1B2C",
        model="AXIS P3265-LVE",
        name="Front camera",
        recordings=340,
        seed=1,
        disks=[Disk("SD_DISK", wear=12, temperature_kelvin=314)],
        time_zone=time_zone,
    )
    garden = Camera(
        serial="ACCC8E5D6F70",
        model="AXIS M2036-LE",
        product_type="Bullet Camera",
        name="Back garden",
        recordings=180,
        seed=2,
        disks=[Disk("SD_DISK"), Disk("NetworkShare", total_kb=976_762_584)],
        time_zone=time_zone,
    )
    secure = _KeepsCertificate(front, tls=True, port=ports[0])
    secure.certificate = certificate
    async with secure, CameraServer(garden, port=ports[1]) as plain:
        yield Place(front, secure), Place(garden, plain)


async def live(camera: Camera) -> None:
    """Let somebody walk past every few minutes, until cancelled."""
    random = Random()  # noqa: S311 - a day in the garden, not a secret
    while True:
        await asyncio.sleep(random.uniform(30, 240))
        # A disk that a visitor has made full or locked is no reason to stop.
        with contextlib.suppress(CameraError):
            recording_id = camera.start_recording(random.choice(sorted(camera.disks)))
            await asyncio.sleep(random.uniform(20, 60))
            camera.end_recording(recording_id)
