"""What players, browsers and TVs fetch over HTTP."""
