"""Try what odd answers of a camera do.

    python -m tests.bench.fuzz readers --seeds 1-1000

Each seed changes its answers the same way again, so that a long run can be made in parts.
"""

import asyncio
import sys

from tests.bench.seeds import chosen

from .home import fuzz_home
from .readers import fuzz_readers
from .videos import fuzz_videos

PARTS = {"readers": fuzz_readers, "videos": fuzz_videos, "home": fuzz_home}

if __name__ == "__main__":
    sys.exit(bool(asyncio.run(chosen(PARTS, "fuzz", __doc__, "1-1000"))))
