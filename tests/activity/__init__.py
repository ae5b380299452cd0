"""Tests of what is reported of recordings."""
