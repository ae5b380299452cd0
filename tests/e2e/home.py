"""A real Home Assistant process with its own configuration folder."""

import asyncio
import contextlib
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import re
import signal
import socket
import sys

import aiohttp

from tests.e2e.waiting import until

COMPONENTS = Path(__file__).parents[2] / "custom_components"
START_TIMEOUT = 120
STOP_TIMEOUT = 60
# What the process exits with when it wants to be started again.
RESTART_EXIT_CODE = 100

# The parts of default_config that a look at recordings needs, and none that looks for the internet.
# Two libraries that only other integrations would use are reported as missing, at length.
CONFIGURATION = """\
homeassistant:
  name: {name}
  country: SE
  language: en
  time_zone: {time_zone}
  unit_system: metric
  latitude: 55.72
  longitude: 13.22
assist_pipeline:
config:
conversation:
diagnostics:
frontend:
history:
logbook:
media_source:
my:
recorder:
  commit_interval: 1
repairs:
search:
system_log:
automation: []
scene: []
script: []
logger:
  default: warning
  logs:
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
"""
LEVEL = re.compile(r"^\d{4}-\d\d-\d\d \S+ (?P<level>[A-Z]+) \(")
NOTE_ON_ALL_CUSTOM_INTEGRATIONS = "which has not been tested by Home Assistant"
HARMLESS = ("DEBUG", "INFO")


class HomeError(Exception):
    """Home Assistant did not do as it was asked; the text says what to look at."""


def free_port() -> int:
    """Return a port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Home:
    """Home Assistant as people run it: a process, a folder, a port."""

    def __init__(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int,
        name: str = "Home",
        time_zone: str = "Europe/Stockholm",
    ) -> None:
        """Take the place and the address; nothing is started yet."""
        self.folder = folder
        self.host = host
        self.port = port
        self.forgiven: list[str] = []
        """Trouble that somebody made on purpose."""
        self._name = name
        self._time_zone = time_zone
        self._process: asyncio.subprocess.Process | None = None
        self._console = folder / "console.log"

    @property
    def base(self) -> str:
        """Return the address, for a client on this machine."""
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared only
        host = anywhere.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        assert self._process
        return self._process.pid

    @property
    def log(self) -> str:
        """Return everything that was logged, over all starts."""
        with contextlib.suppress(FileNotFoundError):
            return self._console.read_text(encoding="utf-8", errors="replace")
        return ""

    @property
    def records(self) -> list[str]:
        """Return what was logged, over all starts, each with all of its lines."""
        records: list[str] = []
        for line in self.log.splitlines():
            if LEVEL.match(line) or not records:
                records.append(line)
            else:
                records[-1] += f"\n{line}"
        return records

    def trouble(self, name: str) -> list[str]:
        """Return what the log holds of a name that is a warning or worse, and all tracebacks."""
        return [
            record
            for record in self.records
            if record not in self.forgiven
            and (
                "Traceback (most recent call last)" in record
                or (
                    name in record
                    and NOTE_ON_ALL_CUSTOM_INTEGRATIONS not in record
                    and (match := LEVEL.match(record))
                    and match["level"] not in HARMLESS
                )
            )
        ]

    def prepare(self) -> None:
        """Write the configuration."""
        storage = self.folder / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        (self.folder / "configuration.yaml").write_text(
            CONFIGURATION.format(name=self._name, time_zone=self._time_zone),
            encoding="utf-8",
        )
        link = self.folder / "custom_components"
        if link.is_symlink() or not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(COMPONENTS)
        self._store_address(storage / "http")
        onboarding = storage / "onboarding"
        if not onboarding.exists():
            # The step in question adds weather, radio and speech services from the internet.
            _store(onboarding, 4, "onboarding", {"done": ["core_config"]})

    def _store_address(self, path: Path) -> None:
        # An "http:" section would be taken over only once, with a dialog to confirm it within five
        # minutes and a note that it is deprecated. The settings are stored where it would end up.
        from homeassistant.components.http.config import (  # noqa: PLC0415
            HTTP_STORAGE_SCHEMA,
            STORAGE_VERSION,
        )

        settings = HTTP_STORAGE_SCHEMA(
            {"server_host": [self.host], "server_port": self.port}
        )
        stable = {
            **settings,
            "created_at": datetime.now(UTC).isoformat(),
            "error": None,
            "error_message": None,
        }
        _store(
            path,
            STORAGE_VERSION,
            "http",
            {"stable": stable, "pending": None, "yaml_migration_done": True},
        )

    async def start(self) -> None:
        """Start the process and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._console.open("ab") as console:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "homeassistant",
                "--config",
                str(self.folder),
                "--skip-pip",
                "--log-no-color",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=_environment(),
                # A Ctrl-C in the terminal is for the program that stops Home Assistant in order.
                start_new_session=True,
            )
        try:
            await until(self._answers, START_TIMEOUT)
        except TimeoutError:
            await self.stop()
            message = f"Home Assistant did not answer within {START_TIMEOUT} s"
            raise HomeError(self._with_log(message)) from None

    async def _answers(self) -> bool:
        assert self._process
        if self._process.returncode is not None:
            message = f"Home Assistant ended with code {self._process.returncode}"
            raise HomeError(self._with_log(message))
        try:
            async with (
                aiohttp.ClientSession() as web,
                web.get(f"{self.base}/manifest.json") as answer,
            ):
                return answer.ok
        except aiohttp.ClientError:
            return False

    def _with_log(self, message: str) -> str:
        lines = self.log.splitlines()[-20:]
        return "\n".join([f"{message}. The end of {self._console}:", *lines])

    async def ended(self) -> int:
        """Wait until the process ends by itself, and return its exit code."""
        assert self._process
        return await self._process.wait()

    async def restarted(self) -> None:
        """Start again once the process ends because it was asked to restart."""
        async with asyncio.timeout(STOP_TIMEOUT):
            code = await self.ended()
        if code != RESTART_EXIT_CODE:
            message = f"Home Assistant ended with code {code} instead of restarting"
            raise HomeError(self._with_log(message))
        await self.start()

    @property
    def is_running(self) -> bool:
        """Return whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        """End the process at once, which it can't notice."""
        assert self._process
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """Stop the process as a system service would."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            message = f"Home Assistant did not stop within {STOP_TIMEOUT} s"
            raise HomeError(self._with_log(message)) from None


def _environment() -> dict[str, str]:
    """Return the environment without what a test runner puts into it."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COV_", "PYTEST_"))
    }


def _store(path: Path, version: int, key: str, data: object) -> None:
    path.write_text(
        json.dumps({"version": version, "minor_version": 1, "key": key, "data": data}),
        encoding="utf-8",
    )
