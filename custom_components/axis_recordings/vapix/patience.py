"""How long a camera may take for its lists, as far as anybody knows how slow it is."""

import aiohttp

# Listing can be slow on cameras with many recordings; users report tens of seconds, up to two minutes. As
# long as nobody knows how slow this one is, and where it is known to be so, it gets so many times as long.
MOST_PATIENCE = 4.0


class Patience:
    """Leaves a camera more time than usual, until it is known to be fast."""

    def __init__(self, usual: aiohttp.ClientTimeout) -> None:
        """Begin with a camera of which nothing is known."""
        self._usual = usual
        self._factor = MOST_PATIENCE

    @property
    def limits(self) -> aiohttp.ClientTimeout:
        """Return the limits, with more time for the answer, but none for the connection."""
        usual, factor = self._usual, self._factor
        return aiohttp.ClientTimeout(
            total=usual.total and usual.total * factor,
            connect=usual.connect,
            sock_read=usual.sock_read and usual.sock_read * factor,
        )

    def learn(self, seconds: float) -> None:
        """Wait for a list twice as long as for this one, within reason."""
        usual = self._usual.sock_read or seconds
        self._factor = min(max(2 * seconds / usual, 1.0), MOST_PATIENCE)

    def renew(self) -> None:
        """Wait as at first: the camera has become slower than it was."""
        self._factor = MOST_PATIENCE
