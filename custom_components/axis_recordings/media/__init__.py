"""The folders and recordings of Home Assistant's media browser."""
