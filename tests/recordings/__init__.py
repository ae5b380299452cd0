"""Tests of recordings: found, named, started and stopped."""
