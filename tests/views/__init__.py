"""Tests of what players and browsers fetch."""
