"""Fixtures: all that a flow shows has its texts."""

from tests.translations import complete_texts

__all__ = ["complete_texts"]
