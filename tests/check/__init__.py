"""Tests of the camera check."""
