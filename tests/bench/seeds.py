"""Which seeds a long run tries: it can be made in parts."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping


def add_seeds(parser: argparse.ArgumentParser, default: str) -> None:
    """Let a range of seeds be given."""
    parser.add_argument(
        "--seeds", type=seeds, default=default, help="such as 1-300, or 7"
    )


def seeds(text: str) -> range:
    """Return the seeds of a range that includes both ends."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


type Part = Callable[[range], Coroutine[None, None, int]]


def chosen(
    parts: Mapping[str, Part], name: str, description: str | None, default: str
) -> Coroutine[None, None, int]:
    """Return the part that is asked for on the command line, with the seeds that are."""
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.bench.{name}", description=description
    )
    parser.add_argument("part", choices=parts)
    add_seeds(parser, default)
    arguments = parser.parse_args()
    return parts[arguments.part](arguments.seeds)
