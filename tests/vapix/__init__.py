"""Tests of the client package against a simulated camera, without Home Assistant."""
