"""The SD cards and network shares that cameras record to."""
