"""Fixtures: clients for cameras, as in the tests of the client itself."""

from tests.vapix.conftest import Connect, connect

__all__ = ["Connect", "connect"]
