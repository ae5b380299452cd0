"""A fuzzer: what a camera answers, changed at random from a seed, and what it does to the integration."""
