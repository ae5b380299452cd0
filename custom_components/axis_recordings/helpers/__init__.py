"""What several packages need, and what knows nothing of cameras' recordings."""
