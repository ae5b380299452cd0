"""A real Home Assistant, simulated cameras on real sockets, a real browser."""
