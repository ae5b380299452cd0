"""End the integration at random moments by SIGKILL, and compare what is left with what docs/design/failures.md states.

    python -m tests.bench.kill process --seeds 1-150
    python -m tests.bench.kill home --seeds 1-50

Each seed ends it once. Those of `process` are independent of each other, those of `home` are one life.
"""

import asyncio
import sys

from tests.bench.seeds import chosen

from .home import kill_home
from .process import kill_processes

PARTS = {"process": kill_processes, "home": kill_home}

if __name__ == "__main__":
    sys.exit(bool(asyncio.run(chosen(PARTS, "kill", __doc__, "1-10"))))
