"""Tests of the playback package, without Home Assistant."""
