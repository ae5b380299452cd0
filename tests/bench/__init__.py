"""Measurements, run by scripts/bench; they print and judge nothing. And soak tests, run by hand."""
