"""What can go wrong between a camera's recording and a player."""


class PlaybackError(Exception):
    """Base of all errors of this package."""


class UnplayableError(PlaybackError):
    """The video is coded in a way that players can't show without coding it anew."""

    def __init__(self, codec: str) -> None:
        """Keep the codec, as people know it."""
        super().__init__(f"{codec} is not played by browsers")
        self.codec = codec


class InvalidVideoError(PlaybackError):
    """What the camera sent can't be read as a video."""


class MemoryLimitError(InvalidVideoError):
    """The video can't be played in its order without filling the memory."""


class IndexLastError(InvalidVideoError):
    """The video can only be read when all of it has come."""


class NoKeyFrameError(PlaybackError):
    """The video holds no frame from which it could be shown."""


class NothingRecordedError(PlaybackError):
    """The camera holds nothing at that time."""


class NoRoomError(PlaybackError):
    """There is no room for the video on Home Assistant's disk, or it is larger than the cache may be."""


class SlowDiskError(PlaybackError):
    """Home Assistant's disk takes too long to write what has come."""


class ExportBusyError(PlaybackError):
    """Something of a higher priority is under way."""


class SlowReaderError(PlaybackError):
    """Others wait for the camera, and whoever gets its export takes it too slowly."""


class SlowError(PlaybackError):
    """The camera needs long, as it has to begin an export far before."""

    def __init__(self, seconds: float) -> None:
        """Keep how far before."""
        super().__init__(f"The last key frame lies {seconds:.0f} s before")
        self.seconds = seconds


class ClosedError(PlaybackError):
    """The camera was unloaded meanwhile, or Home Assistant stops."""
