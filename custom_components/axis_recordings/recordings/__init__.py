"""Recordings: how they are followed, found, started, stopped and described."""
