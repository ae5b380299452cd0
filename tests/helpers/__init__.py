"""Tests of what several packages need."""
