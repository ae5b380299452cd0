"""Run a simulated camera: `python -m tests.camera --help`."""

from argparse import (
    ArgumentDefaultsHelpFormatter,
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
)
import ast
import asyncio
from contextlib import suppress
from dataclasses import fields
from datetime import timedelta
import signal
import sys
from typing import Any, get_args

from . import Camera, CameraServer, Disk, Quirks
from .activity import live, tidy
from .auth import AuthenticationPolicy


def read_arguments(arguments: list[str] | None = None) -> Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        prog="python -m tests.camera",
        description="A simulated AXIS camera with recordings.",
        formatter_class=ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port, 0 for a free one")
    parser.add_argument("--tls", action="store_true", help="HTTPS, self-signed")
    parser.add_argument("--serial", default="B8A44F0A1B2C", help="serial number")
    parser.add_argument("--model", default="AXIS P3265-LVE", help="model")
    parser.add_argument("--name", default="Front camera", help="friendly name")
    parser.add_argument(
        "--recordings", type=int, default=0, help="number of past recordings"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="what the past is drawn from"
    )
    parser.add_argument(
        "--time-zone", default="America/New_York", help="IANA time zone"
    )
    parser.add_argument(
        "--clock-offset",
        type=float,
        default=0,
        metavar="SECONDS",
        help="how far the camera's clock is ahead",
    )
    parser.add_argument(
        "--sources", type=int, default=1, help="number of video channels"
    )
    parser.add_argument(
        "--disk",
        action="append",
        metavar="ID",
        help="disk id such as SD_DISK or NetworkShare; may be repeated (default: SD_DISK)",
    )
    parser.add_argument(
        "--auth",
        choices=get_args(AuthenticationPolicy.__value__),
        default="recommended",
        help="authentication policy",
    )
    parser.add_argument(
        "--export-speed",
        type=float,
        default=2.5,
        metavar="FACTOR",
        help="speed of exports relative to real time, 0 for as fast as they can be made",
    )
    parser.add_argument(
        "--gop",
        type=float,
        default=4,
        metavar="SECONDS",
        help="time from key frame to key frame",
    )
    parser.add_argument(
        "--activity",
        type=float,
        default=0,
        metavar="SECONDS",
        help="let rules start a recording about this often, 0 for never",
    )
    parser.add_argument(
        "--clean-up",
        type=float,
        default=0,
        metavar="SECONDS",
        help="let the camera delete what is too old this often, 0 for never",
    )
    parser.add_argument(
        "--wear",
        type=int,
        default=-1,
        metavar="PERCENT",
        help="wear of SD cards, -1 for cards that don't report it",
    )
    parser.add_argument(
        "--quirk",
        type=_quirk,
        action="append",
        metavar="NAME=VALUE",
        help="a quirk such as event_stream=None; may be repeated",
    )
    return parser.parse_args(arguments)


def _quirk(text: str) -> tuple[str, Any]:
    """Read a quirk: its value is a number, True, False or None, or else text."""
    name, _, value = text.partition("=")
    if name not in {field.name for field in fields(Quirks)}:
        msg = f"there is no quirk {name!r}"
        raise ArgumentTypeError(msg)
    try:
        return name, ast.literal_eval(value)
    except SyntaxError, ValueError:
        return name, value


def _disk(disk_id: str, wear: int) -> Disk:
    disk = Disk(disk_id)
    if not disk.is_share:
        disk.wear = wear
    return disk


async def run(arguments: Namespace) -> None:
    """Serve until a signal ends it."""
    camera = Camera(
        serial=arguments.serial,
        model=arguments.model,
        name=arguments.name,
        disks=[
            _disk(disk_id, arguments.wear) for disk_id in arguments.disk or ["SD_DISK"]
        ],
        time_zone=arguments.time_zone,
        clock_offset=timedelta(seconds=arguments.clock_offset),
        recordings=arguments.recordings,
        seed=arguments.seed,
        sources=arguments.sources,
        auth=arguments.auth,
        export_speed=arguments.export_speed or None,
        gop=arguments.gop,
        quirks=Quirks(**dict(arguments.quirk or ())),
    )
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for end in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(end, ended.set)
    async with CameraServer(
        camera,
        tls=arguments.tls,
        port=arguments.port,
        host=arguments.host,
    ) as server:
        sys.stdout.write(_introduction(camera, server))
        sys.stdout.flush()
        lives = [
            loop.create_task(life(camera, period))
            for life, period in (
                (live, arguments.activity),
                (tidy, arguments.clean_up),
            )
            if period > 0
        ]
        await ended.wait()
        for life in lives:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life


def _introduction(camera: Camera, server: CameraServer) -> str:
    lines = [
        f"{camera.full_name} {camera.serial}",
        f"Address: {server.url}",
        *(
            f"Account: {user} {account.password} ({account.level.name.lower()})"
            for user, account in camera.accounts.items()
        ),
    ]
    if server.certificate_fingerprint is not None:
        lines.append(f"Certificate SHA-256: {server.certificate_fingerprint}")
    lines.append(f"Recordings: {len(camera.recordings)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    asyncio.run(run(read_arguments()))
