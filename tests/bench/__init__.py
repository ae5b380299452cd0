"""Measurements, run by scripts/bench. They print; they judge nothing."""
