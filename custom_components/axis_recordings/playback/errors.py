"""What can go wrong between a camera's film and a player."""


class PlaybackError(Exception):
    """Base of all errors of this package."""


class UnplayableError(PlaybackError):
    """The film is coded in a way that players can't show without coding it anew."""

    def __init__(self, codec: str) -> None:
        """Keep the codec, as people know it."""
        super().__init__(f"{codec} is not played by browsers")
        self.codec = codec


class NotAFilmError(PlaybackError):
    """What the camera sent can't be read as a film."""


class IndexLastError(NotAFilmError):
    """The film can only be read when all of it has come."""


class NoKeyFrameError(PlaybackError):
    """The film holds no frame from which it could be shown."""


class NoFootageError(PlaybackError):
    """The camera holds nothing at that time."""


class NoRoomError(PlaybackError):
    """There is no room for it on Home Assistant's disk, or it is larger than the cache may be."""


class BusyError(PlaybackError):
    """Something more urgent is under way."""


class SlowError(PlaybackError):
    """The camera needs long, as it has to send a film from far before."""

    def __init__(self, seconds: float) -> None:
        """Keep how far before."""
        super().__init__(f"The last key frame lies {seconds:.0f} s before")
        self.seconds = seconds


class ClosedError(PlaybackError):
    """The camera was unloaded meanwhile, or Home Assistant stops."""
