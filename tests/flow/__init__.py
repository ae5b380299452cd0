"""Tests of how a camera is found and reached."""
