"""Tests of what is reported in the repairs."""
