"""A Home Assistant with two simulated cameras that have been added, to be looked at.

Started by scripts/demo.
"""

import argparse
import asyncio
import contextlib
from dataclasses import asdict, dataclass
import errno
import fcntl
import json
import os
from pathlib import Path
import secrets
import shutil
import signal
import socket
import sys

from tests.e2e import dashboard
from tests.e2e.cameras import PASSWORD, USERNAME, Place, cameras, live
from tests.e2e.client import Client, RefusedError
from tests.e2e.home import RESTART_EXIT_CODE, Home, HomeError, free_port

DOMAIN = "axis_recordings"
NEARLY_WORN_OUT = 93
FOLDER = Path(".demo").absolute()
LOCK = "lock"
USER = "demo"


class DemoError(Exception):
    """The demo can't run; the text says what to do."""


@dataclass
class Settings:
    """What a second start has in common with the first."""

    password: str
    ports: tuple[int, int]

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read the settings, or make new ones."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            made = cls(secrets.token_hex(4), (free_port(), free_port()))
            path.touch(mode=0o600)
            path.write_text(json.dumps(asdict(made)), encoding="utf-8")
            return made
        return cls(stored["password"], tuple(stored["ports"]))


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"\033[1;36m▸\033[0m {text}", file=sys.stderr, flush=True)


def lock_folder() -> None:
    """Keep other demos away from the folder until this one ends."""
    FOLDER.mkdir(exist_ok=True)
    descriptor = os.open(FOLDER / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        message = "The demo is running already. Stop it first, with Ctrl-C."
        raise DemoError(message) from None


def empty_folder() -> None:
    """Forget the last demo."""
    for path in FOLDER.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def trouble_with(host: str, port: int) -> OSError | None:
    """Return why nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def local_time_zone() -> str:
    """Return the name of this machine's time zone."""
    _, found, name = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")
    return name if found else "UTC"


async def prepare(client: Client, places: tuple[Place, ...], password: str) -> None:
    """Do what somebody would do by hand on the first day; what is done is left alone."""
    try:
        await client.get("/api/onboarding")
    except RefusedError:
        await client.log_in(USER, password)
    else:
        await client.onboard("Demo", USER, password)
    await client.confirm_address()
    known = {entry["title"] for entry in await client.entries(DOMAIN)}
    for place in places:
        if place.name not in known:
            say(f"Adding {place.name}")
            await client.add(DOMAIN, place.log_in)
    if not await dashboard.exists(client):
        await dashboard.install(client, [place.name for place in places])


async def run(options: argparse.Namespace) -> None:
    """Run until Home Assistant ends or the task is cancelled."""
    if error := trouble_with(options.host, options.port):
        message = f"Home Assistant can't listen on {options.host}: {error.strerror}"
        if error.errno == errno.EADDRINUSE:
            message = (
                f"Port {options.port} is taken. "
                f"Name another one: scripts/demo --port {options.port + 1}"
            )
        raise DemoError(message)
    lock_folder()
    if options.reset:
        empty_folder()
    settings = Settings.load(FOLDER / "demo.json")
    if any(trouble_with("127.0.0.1", port) for port in settings.ports):
        message = (
            "Another program uses the ports that the simulated cameras had last time. "
            "Start over: scripts/demo --reset"
        )
        raise DemoError(message)

    time_zone = local_time_zone()
    say("Starting two simulated cameras")
    async with (
        cameras(
            time_zone=time_zone,
            ports=settings.ports,
            certificate=FOLDER / "camera.pem",
        ) as places,
        contextlib.AsyncExitStack() as stack,
    ):
        # So that there is an alert to be seen.
        places[1].camera.disks["SD_DISK"].wear = NEARLY_WORN_OUT
        home = Home(
            FOLDER,
            host=options.host,
            port=options.port,
            name="Demo",
            time_zone=time_zone,
        )
        home.prepare()
        say("Starting Home Assistant")
        stack.push_async_callback(stop, home)
        await home.start()
        client = await stack.enter_async_context(Client(home.base))
        await prepare(client, places, settings.password)
        for place in places:
            activity = asyncio.create_task(live(place.camera))
            stack.callback(activity.cancel)
        say("Ready. Ctrl-C stops everything.")
        print(greeting(home, settings, places), flush=True)
        while (code := await home.ended()) == RESTART_EXIT_CODE:
            say("Home Assistant restarts")
            await home.start()
        message = f"Home Assistant ended by itself, with code {code}. See {FOLDER.name}/console.log"
        raise DemoError(message)


async def stop(home: Home) -> None:
    """Stop Home Assistant before its cameras go, so that it misses nothing."""
    say("Stopping")
    await home.stop()


def greeting(home: Home, settings: Settings, places: tuple[Place, ...]) -> str:
    """Tell where everything is."""
    lines = [
        ("Home Assistant", home.base),
        ("User", USER),
        ("Password", settings.password),
        *((place.name, place.server.url) for place in places),
        ("Account", f"{USERNAME} / {PASSWORD}, on both cameras"),
        ("Log", f"{FOLDER.name}/console.log"),
    ]
    return "\n" + "".join(f"  {name:<16}{text}\n" for name, text in lines)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--reset", action="store_true")
    return parser.parse_args()


async def main() -> None:
    """Run, and stop in order when somebody asks for it."""
    running = asyncio.create_task(run(parse()))

    def end() -> None:
        # Somebody who is impatient and asks twice would leave Home Assistant behind.
        if not running.cancelling():
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, end)
    with contextlib.suppress(asyncio.CancelledError):
        await running


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (DemoError, HomeError, RefusedError) as error:
        sys.exit(f"\033[1;31m✗\033[0m {error}")
    except TimeoutError:
        sys.exit(
            f"\033[1;31m✗\033[0m Home Assistant takes too long. See {FOLDER.name}/console.log"
        )
