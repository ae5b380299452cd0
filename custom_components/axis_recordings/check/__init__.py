"""Find out how a camera answers, and report it without what is anybody else's business."""

from .inspector import Report
from .run import check_camera

__all__ = ["Report", "check_camera"]
