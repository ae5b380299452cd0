"""Tests of the simulated camera against the documentation of VAPIX."""
