"""Tests of what is told of recordings."""
