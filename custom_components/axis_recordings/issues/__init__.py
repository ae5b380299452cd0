"""Repairs: what is wrong with a camera, and what to do."""
