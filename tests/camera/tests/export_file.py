"""Looks into an exported file."""

from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import NamedTuple

import av

from tests.camera.video import Reading, read_clock


class Piece(NamedTuple):
    """A packet of video; when it is shown and decoded, in seconds."""

    shown: float
    decoded: float | None
    is_key: bool


@dataclass(frozen=True)
class ExportFile:
    """A file, opened with FFmpeg's libraries."""

    data: bytes

    @property
    def times(self) -> list[Fraction]:
        """The times of the frames."""
        return self._times("video")

    @property
    def sound_times(self) -> list[Fraction]:
        """The times of the pieces of sound."""
        return self._times("audio")

    @property
    def pieces(self) -> list[Piece]:
        """The frames as they are sent."""
        with av.open(BytesIO(self.data), "r") as container:
            return [
                Piece(
                    float(packet.pts * packet.time_base),
                    None
                    if packet.dts is None
                    else float(packet.dts * packet.time_base),
                    packet.is_keyframe,
                )
                for packet in container.demux(video=0)
                if packet.size and packet.pts is not None
            ]

    @property
    def boxes(self) -> list[str]:
        """The names of the outer boxes of an MP4, in their order."""
        names, position = [], 0
        while position < len(self.data):
            size = int.from_bytes(self.data[position : position + 4])
            names.append(self.data[position + 4 : position + 8].decode())
            position += size
        return names

    @property
    def codecs(self) -> list[str]:
        """The names of the codecs, by stream."""
        with av.open(BytesIO(self.data), "r") as container:
            return [stream.codec_context.name for stream in container.streams]

    @property
    def announced(self) -> float | None:
        """The duration in the header, in seconds."""
        with av.open(BytesIO(self.data), "r") as container:
            return None if container.duration is None else container.duration / 1e6

    @property
    def keys(self) -> list[int]:
        """The numbers of the key frames, from the start of the file."""
        with av.open(BytesIO(self.data), "r") as container:
            packets = [p for p in container.demux(video=0) if p.size]
        return [number for number, packet in enumerate(packets) if packet.is_keyframe]

    @property
    def clocks(self) -> list[Reading]:
        """What every picture shows."""
        with av.open(BytesIO(self.data), "r") as container:
            return [read_clock(frame) for frame in container.decode(video=0)]

    def _times(self, kind: str) -> list[Fraction]:
        try:
            return self._read_times(kind)
        except av.error.EOFError:
            # FFmpeg does not open a file without a single frame.
            return []

    def _read_times(self, kind: str) -> list[Fraction]:
        with av.open(BytesIO(self.data), "r") as container:
            streams = [stream for stream in container.streams if stream.type == kind]
            return [
                Fraction(packet.pts * packet.time_base)
                for packet in container.demux(streams)
                if packet.size and packet.pts is not None
            ]
