"""Fixtures of the camera check: nothing is reported twice, so waiting can be short."""

import pytest


@pytest.fixture(autouse=True)
def _events() -> None:
    """Let cameras have event streams."""


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a simulated camera, which tells at once, be waited for only shortly."""
    room = "custom_components.axis_recordings.check"
    monkeypatch.setattr(f"{room}.events.PATIENCE", 0.1)
    monkeypatch.setattr(f"{room}.events.PONG_SECONDS", 0.5)
    monkeypatch.setattr(f"{room}.commands.NEWS_SECONDS", 1.5)
    monkeypatch.setattr(f"{room}.commands.AGE_SECONDS", 0.0)
    monkeypatch.setattr(f"{room}.commands.COPY_SECONDS", 0.08)
    monkeypatch.setattr(f"{room}.commands.LISTING_INTERVAL", 0.02)
