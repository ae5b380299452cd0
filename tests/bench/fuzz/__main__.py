"""Try what odd answers of a camera do.

    python -m tests.bench.fuzz readers --seeds 1-1000

Each seed changes its answers the same way again, so that a long run can be made in parts.
"""

import argparse
import asyncio
import sys

from .home import fuzz_home
from .readers import fuzz_readers
from .videos import fuzz_videos

PARTS = {"readers": fuzz_readers, "videos": fuzz_videos, "home": fuzz_home}


def main() -> None:
    """Try the seeds that are asked for; fail if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--seeds", default="1-1000", help="such as 1-300, or 7")
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    sys.exit(bool(asyncio.run(PARTS[arguments.part](seeds))))


if __name__ == "__main__":
    main()
