"""Tests of the disks: what is known of them, their devices, and their entities."""
