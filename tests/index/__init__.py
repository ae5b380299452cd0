"""Tests of the index of a camera's recordings."""
