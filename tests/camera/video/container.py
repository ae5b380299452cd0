"""The files that recordings are exported as."""

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

import av
from av import Packet

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.stream import Stream

    from .footage import Footage
    from .samples import Sample


class FileFormat(NamedTuple):
    """A kind of file, written from front to back, and which video fits into it."""

    muxer: str
    content_type: str
    ending: str
    options: dict[str, str]
    excluded: tuple[str, ...] = ()


FORMATS: Final = {
    "matroska": FileFormat(
        "matroska", "video/x-matroska", "mkv", {"cluster_time_limit": "1000"}
    ),
    "mp4": FileFormat(
        "mp4",
        "video/mp4",
        "mp4",
        {"movflags": "empty_moov+default_base_moof+frag_keyframe"},
        excluded=("image/jpeg",),
    ),
}
"""By the names of the API; how a camera writes mp4 is unconfirmed."""


class _Outlet:
    """Takes what a muxer writes; as it can't seek, the muxer never goes back."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        data = b"".join(self._written)
        self._written.clear()
        return data


def _write_duration(duration: timedelta) -> str:
    minutes, rest = divmod(duration, timedelta(minutes=1))
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest.total_seconds():09.6f}"


class Muxer:
    """Writes the samples of a window into a file whose time begins at 0."""

    def __init__(
        self,
        footage: Footage,
        file_format: FileFormat,
        first: int,
        *,
        announced: timedelta | None = None,
    ) -> None:
        """Begin a file with frame `first`; `announced` is a duration for its header."""
        self._footage = footage
        self._outlet = _Outlet()
        self._container: OutputContainer = av.open(
            self._outlet,
            "w",
            format=file_format.muxer,
            container_options={**file_format.options, "flush_packets": "1"},
        )
        rate = footage.timeline.rate
        video = self._container.add_stream(footage.coding.encoder, rate=rate)
        footage.configure(video.codec_context)
        if announced is not None:
            # The muxer of FFmpeg takes the duration of a file that it can't go back in from here.
            self._container.metadata["DURATION"] = _write_duration(announced)
        self._streams: dict[str, tuple[Stream, Fraction, int]] = {
            "video": (video, Fraction(1) / rate, first)
        }
        sound = footage.sound
        if sound is not None:
            audio = self._container.add_stream(sound.encoder, rate=sound.samplerate)
            sound.configure(audio.codec_context)
            begin = round(first / rate * sound.samplerate)
            self._streams["audio"] = audio, Fraction(1, sound.samplerate), begin

    def begin(self) -> bytes:
        """Write the header."""
        self._container.start_encoding()
        return self._outlet.drain()

    def add(self, sample: Sample) -> bytes:
        """Write a sample; give the bytes that are due, of this and of earlier ones."""
        stream, time_base, begin = self._streams[sample.kind]
        video = sample.kind == "video"
        data = self._footage.fill(sample.data) if video else sample.data
        packet: Packet[Stream] = Packet(data)
        packet.stream = stream
        packet.time_base = time_base
        packet.pts = packet.dts = sample.place - begin
        packet.is_keyframe = sample.key
        if video:
            packet.duration = 1
        self._container.mux(packet)
        return self._outlet.drain()

    def finish(self) -> bytes:
        """Write the end."""
        self._container.close()
        return self._outlet.drain()
