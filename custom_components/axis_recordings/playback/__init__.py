"""Turn parts of recordings into what browsers and other players play."""
