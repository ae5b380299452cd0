"""Fixtures: a camera with a video, and what plays it, as in the tests of playback."""

from tests.playback.conftest import camera, player

__all__ = ["camera", "player"]
