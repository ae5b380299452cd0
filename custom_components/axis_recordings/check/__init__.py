"""Find out how a camera answers, and report it without what is anybody else's business.

* ``camera_check`` checks a camera that is set up, and keeps the report. ``run`` makes all checks, one after the other.
* The checks: ``basics`` (HTTP and small APIs), ``lists``, ``disks``, ``exports``, ``events``, and ``commands``.
* ``inspector`` asks and keeps the answers, and ``shapes`` describes how one is built, without what it says.
"""

from .inspector import Report
from .run import check_camera

__all__ = ["Report", "check_camera"]
