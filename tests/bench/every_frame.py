"""See that each frame of all kinds of video is shown once, in order, at its time, from wherever one plays.

Videos are drawn from seeds, and so is how each is played. `--seeds 1-400` tries 400 of them.
"""

import argparse
import asyncio
from collections import Counter
from pathlib import Path
import sys
import tempfile
import time

from tests.bench.seeds import add_seeds
from tests.drawn_videos import KINDS, draw
from tests.every_frame import Outcome, on_stage

AT_ONCE = 6


async def try_seed(
    seed: int, ways: int, kind: str | None
) -> tuple[Outcome, frozenset[str]]:
    """Play the video of a seed."""
    video = draw(seed, kind)
    with tempfile.TemporaryDirectory() as folder:
        async with on_stage(video, Path(folder)) as viewing:
            outcome = await viewing.play(ways)
    return outcome, video.kinds


async def run(seeds: range, ways: int, kind: str | None) -> int:
    """Play all, print what is wrong and a table, and return how much is wrong."""
    began = time.monotonic()
    videos, points, frames, bad = (Counter[str]() for _ in range(4))
    waiting = iter(seeds)

    async def work() -> None:
        for seed in waiting:
            outcome, kinds = await try_seed(seed, ways, kind)
            for each in outcome.wrong:
                print(f"seed {seed} ({', '.join(sorted(kinds))}): {each}", flush=True)
            for each in (*kinds, "all"):
                videos[each] += 1
                points[each] += outcome.points
                frames[each] += outcome.compared
                bad[each] += len(outcome.wrong)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    print("| kind | videos | starting points | frames compared | wrong |")
    print("|---|---|---|---|---|")
    for each in filter(videos.get, (*KINDS, "all")):
        print(
            f"| {each} | {videos[each]} | {points[each]} | {frames[each]} | {bad[each]} |"
        )
    print(f"{time.monotonic() - began:.0f} s")
    return bad["all"]


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_seeds(parser, "1-300")
    parser.add_argument("--ways", type=int, default=8, help="how often each is played")
    parser.add_argument("--kind", choices=KINDS, help="let all be of this kind")
    return parser.parse_args()


def main() -> None:
    """Try the seeds that are asked for; fail if anything is wrong."""
    arguments = read_arguments()
    sys.exit(bool(asyncio.run(run(arguments.seeds, arguments.ways, arguments.kind))))


if __name__ == "__main__":
    main()
