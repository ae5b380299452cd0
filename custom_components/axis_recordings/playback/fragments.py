"""Write packets as fragmented MP4 (ISO 14496-12), as HLS wants it (RFC 8216)."""

from fractions import Fraction
from io import BytesIO
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import av

from .boxes import HEADER, boxes
from .frame_order import ROOM, TICK, TIMESCALE, decode_ticks
from .reader import TOLERANCE, VideoReader, as_invalid_video, decodable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

    from .samples import Readable, Sample

_OPTIONS: Final = {
    "movflags": "empty_moov+default_base_moof+skip_trailer",
    "avoid_negative_ts": "disabled",
}


def write_segment(
    reader: VideoReader, samples: list[Sample], *, end: float | None = None
) -> tuple[bytes, bytes]:
    """Return the initialization section and one fragment, whose last frame is seen until ``end``."""
    file = BytesIO()
    with (
        as_invalid_video(),
        av.open(file, "w", format="mp4", options=_OPTIONS) as container,
    ):
        copier = Copier(reader, container)
        copier.copy(samples, end=end)
    init, fragment = _split(file.getbuffer())
    _place(fragment, copier.begins)
    return bytes(init), bytes(fragment)


def write_independent(
    source: Readable, start: float, hidden: int, *, frozen_until: float | None = None
) -> bytes:
    """Return the last one of some segments so that it can be decoded without the others.

    They follow their initialization section, and the first one begins with a key frame. What lies before
    ``start``, up to so many frames, is needed to decode the rest, but not to be seen: it is played within
    the last few milliseconds before it. With ``frozen_until`` nothing follows, and the last frame is seen
    from the start until then.
    """
    reader, file = VideoReader(source, None), BytesIO()
    try:
        with (
            as_invalid_video(),
            av.open(file, "w", format="mp4", options=_OPTIONS) as container,
        ):
            copier = Copier(reader, container)
            # A group needs as much time again to be decoded before its first frame is shown.
            time = start - ROOM - 2 * hidden * TICK
            groups = decodable(reader.groups())
            if frozen_until is not None:
                groups = _hold_last(groups, start, frozen_until)
            is_first = True
            for group in groups:
                if is_first and group[0].is_video:
                    is_first = False
                    reader.break_link(group[0])
                early = [each for each in group if each.time < start - TOLERANCE]
                if early and not group[0].is_video:
                    continue
                time += len(early) * TICK
                for sample in sorted(early, key=attrgetter("time")):
                    sample.time, sample.duration = time, TICK
                    time += TICK
                # It is written to memory.
                reader.meter.hold(group)
                copier.copy(group)
        _, fragment = _split(file.getbuffer())
        _place(fragment, copier.begins)
        return bytes(fragment)
    finally:
        reader.close()


def write_within(source: Readable, start: float | None, end: float) -> bytes:
    """Return of a segment, which follows its initialization section, what is shown up to ``end``.

    With a start it begins with the last key frame up to that. As in clips, frames that refer to each other stay
    together, so a few may follow the end. Without any frame left it is empty.
    """
    reader, file = VideoReader(source, None), BytesIO()
    try:
        with (
            as_invalid_video(),
            av.open(file, "w", format="mp4", options=_OPTIONS) as container,
        ):
            copier = Copier(reader, container)
            groups = reader.groups() if start is None else between(reader, start, end)
            for group in groups:
                if min(each.time for each in group) < end - TOLERANCE:
                    # It is written to memory.
                    reader.meter.hold(group)
                    copier.copy(group)
        _, fragment = _split(file.getbuffer())
        _place(fragment, copier.begins)
        return bytes(fragment)
    finally:
        reader.close()


def between(reader: VideoReader, start: float, end: float) -> Iterator[list[Sample]]:
    """Return the groups from the last key frame up to the start on, until the end.

    The first one is that key frame, or the video's first one where it begins later.
    """
    held: list[list[Sample]] = []
    is_begun = False
    for group in reader.groups():
        first = group[0]
        begin = min(each.time for each in group)
        if begin >= end - TOLERANCE:
            # The sound of a segment comes after its frames.
            continue
        if is_begun:
            yield group
        elif first.is_video and (
            not held or (first.is_key and first.time <= start + TOLERANCE)
        ):
            sound = [
                each
                for each in held
                if not each[0].is_video and each[0].time >= first.time
            ]
            reader.meter.release(chain.from_iterable(held))
            held = [*decodable([group]), *sound]
            reader.meter.hold(chain.from_iterable(held))
        else:
            reader.meter.hold(group)
            held.append(group)
            is_begun = first.is_video and begin > start + TOLERANCE
            if is_begun:
                reader.meter.release(chain.from_iterable(held))
                yield from held
    if not is_begun:
        yield from held


def _hold_last(
    groups: Iterable[list[Sample]], start: float, end: float
) -> Iterator[list[Sample]]:
    """Leave out sound, and show the last frame from ``start`` until ``end``."""
    last: list[Sample] = []
    for group in groups:
        if group[0].is_video:
            if last:
                yield last
            last = group
    if last:
        frame = max(last, key=attrgetter("time"))
        frame.time, frame.duration = start, end - start
        yield last


def empty_segment(start: float) -> bytes:
    """Return a fragment of the video track without any frame.

    Players go on after it, while they take a segment that is missing for a failure. hls.js gives up after
    a few that have no length, so an index (ISO 14496-12, 8.16.3) in front states the shortest.
    """
    ticks = round(start * TIMESCALE).to_bytes(8)
    base_is_moof = (0x020000).to_bytes(4)
    track = _box(b"tfhd", base_is_moof + (1).to_bytes(4))
    time = _box(b"tfdt", b"\1\0\0\0" + ticks)
    header = _box(b"mfhd", bytes(4) + (1).to_bytes(4))
    fragment = _box(b"moof", header + _box(b"traf", track + time)) + _box(b"mdat", b"")
    head = b"\1\0\0\0" + (1).to_bytes(4) + TIMESCALE.to_bytes(4) + ticks + bytes(8)
    reference = len(fragment).to_bytes(4) + (1).to_bytes(4) + bytes(4)
    return _box(b"sidx", head + (1).to_bytes(4) + reference) + fragment


def _box(kind: bytes, content: bytes) -> bytes:
    return (HEADER + len(content)).to_bytes(4) + kind + content


class Copier:
    """Copies packets of a video into an MP4, with their time on the recording's timeline."""

    def __init__(self, reader: VideoReader, container: OutputContainer) -> None:
        """Add the tracks."""
        self._container = container
        self._video = container.add_stream_from_template(reader.video, opaque=True)
        self._video.time_base = Fraction(1, TIMESCALE)
        if reader.codec == "hevc":
            # Apple's players know no other name for H.265.
            self._video.codec_context.codec_tag = "hvc1"
        self._audio = (
            container.add_stream_from_template(reader.audio) if reader.audio else None
        )
        self._audio_base = Fraction(1, reader.audio.rate) if reader.audio else None
        # Tracks, and when the next packet of them can be decoded at the earliest.
        self._earliest: dict[int, int] = {}
        self.begins: dict[int, int] = {}
        """When the first packet of each track is decoded, in its ticks, by the number of the track."""

    def copy(
        self,
        samples: Iterable[Sample],
        *,
        shift: float = 0.0,
        end: float | None = None,
    ) -> None:
        """Write the packets of a group; ``shift`` is added to their times.

        The frames last until ``end``, or else as long as the one that is shown last.
        """
        frames: list[Sample] = []
        for sample in samples:
            if sample.is_video:
                frames.append(sample)
            elif self._audio is not None and self._audio_base is not None:
                ticks = _ticks(sample.time + shift, self._audio_base)
                if ticks < 0:
                    # An MP4 has no time before its beginning.
                    continue
                length = _ticks(sample.duration, self._audio_base)
                sample.packet.time_base = self._audio_base
                self._mux(sample.packet, self._audio, ticks, ticks, length)
        if not frames:
            return
        if end is None:
            end = max(each.time + each.duration for each in frames)
        base = Fraction(1, TIMESCALE)
        shown = [_ticks(each.time + shift, base) for each in frames]
        decoded = decode_ticks(shown)
        ends = [*decoded[1:], _ticks(end + shift, base)]
        for sample, show, decode, following in zip(
            frames, shown, decoded, ends, strict=True
        ):
            sample.packet.time_base = base
            self._mux(sample.packet, self._video, show, decode, following - decode)

    def _mux(
        self,
        packet: Packet[Any],
        stream: VideoStream | AudioStream,
        show: int,
        decode: int,
        length: int,
    ) -> None:
        track = stream.index + 1
        packet.stream = stream
        packet.dts = max(decode, self._earliest.get(track, decode))
        packet.pts = max(show, packet.dts)
        packet.duration = max(0, length)
        self._earliest[track] = packet.dts + 1
        self.begins.setdefault(track, packet.dts)
        self._container.mux(packet)


def _ticks(seconds: float, base: Fraction) -> int:
    return round(seconds * base.denominator / base.numerator)


def _place(data: memoryview, begins: dict[int, int]) -> None:
    """Move fragments, which begin at 0, to when their tracks begin, in ticks (ISO 14496-12, 8.8.12).

    Segments come from several exports, so each carries its time on the recording's timeline. FFmpeg's own
    way (`frag_discont`) takes the time at which the first frame is shown for that at which it is decoded.
    """
    for kind, begin, end in boxes(data, 0, len(data)):
        if kind != b"moof":
            continue
        for name, start, limit in boxes(data, begin, end):
            if name == b"traf":
                inner = {each: place for each, place, _ in boxes(data, start, limit)}
                track = int.from_bytes(data[(at := inner[b"tfhd"] + 4) : at + 4])
                at = inner[b"tfdt"] + 4
                time = int.from_bytes(data[at : at + 8]) + begins[track]
                data[at : at + 8] = max(0, time).to_bytes(8)


def _split(data: memoryview) -> tuple[memoryview, memoryview]:
    """Return what stands before the first fragment, and the rest. A copy of either may be large."""
    position = 0
    while position + HEADER <= len(data):
        size = int.from_bytes(data[position : position + 4])
        kind = bytes(data[position + 4 : position + HEADER])
        if kind == b"moof" or size < HEADER:
            break
        position += size
    return data[:position], data[position:]
