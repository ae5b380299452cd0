"""What happens to recordings, each thing told once: without anything of Home Assistant."""
