"""Tests of AXIS Recordings."""
