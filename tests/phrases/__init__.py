"""Tests of reading what people type into a search."""
