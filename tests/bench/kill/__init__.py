"""Ends the integration at any moment, without a warning, and checks what is left and reported."""
