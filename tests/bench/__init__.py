"""Measurements, run by scripts/bench; they print and judge nothing. And a soak test, run by hand."""
