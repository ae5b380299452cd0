"""What is held in memory of a video has an end, whatever it waits for."""

import asyncio
from io import BytesIO
from threading import Thread
from typing import TYPE_CHECKING, Any

import av
import pytest

from custom_components.axis_recordings.playback import image_decoder, memory
from custom_components.axis_recordings.playback.clips import _OPTIONS, _write
from custom_components.axis_recordings.playback.errors import (
    MemoryLimitError,
    NoKeyFrameError,
    SlowDiskError,
)
from custom_components.axis_recordings.playback.export_queue import Priority
from custom_components.axis_recordings.playback.fragments import (
    Copier,
    write_independent,
)
from custom_components.axis_recordings.playback.image_decoder import decode_frame
from custom_components.axis_recordings.playback.memory import Backlog, Meter
from custom_components.axis_recordings.playback.pipe import Pipe
from custom_components.axis_recordings.playback.reader import VideoReader
from custom_components.axis_recordings.playback.samples import Sample
from tests.camera import Quirks
from tests.camera.video.sound import Track
from tests.videos import until

from .test_hostile_videos import with_plain_sound
from .test_segments import cut_export, draw_video
from .videos import camera_with_video, make_export

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import OnStage, Stage

AAC = Track("audio/x-aac", 16_000, 32_000)


def sample(size: int) -> Sample:
    """Return a packet."""
    return Sample(av.Packet(bytes(size)), 0.0, 0.1, is_video=True, is_key=False)


def test_meter(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts bytes, packets, and what has not yet become any."""
    meter = Meter(100)
    few = [sample(40), sample(50)]
    meter.hold(few)
    meter.read_ahead(memory.MOST_AHEAD)
    with pytest.raises(MemoryLimitError):
        meter.read_ahead(1)
    meter.note_packet()
    meter.read_ahead(1)
    with pytest.raises(MemoryLimitError):
        meter.hold([sample(20)])
    meter.release([*few, sample(20)])
    monkeypatch.setattr(memory, "MOST_PACKETS", 2)
    meter.hold(few)
    with pytest.raises(MemoryLimitError):
        meter.hold([sample(0)])


def test_all_is_given_back() -> None:
    """What has been cut or passed on is no longer counted."""
    reader = VideoReader(BytesIO(make_export(draw_video(), 0, 60)), 0.0)
    for group in reader.groups(is_live=True):
        reader.meter.hold(group)
        reader.meter.release(group)
    # The last one may still move.
    assert reader.meter._packets == 1
    reader.close()


def without_sound(seconds: int) -> bytes:
    """Return an MP4 that announces sound, of which nothing comes, and has one key frame."""
    file = BytesIO()
    export = make_export(draw_video(gop=(600.0,), sound=AAC), 0, seconds * 10)
    options = {"movflags": "frag_every_frame+empty_moov+default_base_moof"}
    with (
        av.open(BytesIO(export), "r") as source,
        av.open(file, "w", format="mp4", options=options) as container,
    ):
        track = container.add_stream_from_template(source.streams.video[0])
        container.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(video=0):
            if packet.pts is not None:
                packet.stream = track
                container.mux(packet)
    return file.getvalue()


def test_sound_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A video that is long gets no more room than a short one."""
    data = without_sound(30)
    assert cut_export(data).segments
    monkeypatch.setattr(memory, "MOST_BYTES", len(data) // 2)
    with pytest.raises(MemoryLimitError):
        cut_export(data)


def test_key_frames_that_never_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is held of what can't be shown."""
    data = make_export(draw_video(), 0, 60)
    monkeypatch.setattr(memory, "MOST_PACKETS", 3)
    monkeypatch.setattr(VideoReader, "_demux", without_keys(VideoReader._demux))
    with pytest.raises(NoKeyFrameError):
        cut_export(data)


def without_keys(demux: object) -> object:
    """Return what gives packets none of which is a key frame."""

    def packets(reader: VideoReader) -> Iterator[Sample]:
        for each in demux(reader):  # type: ignore[operator]
            each.is_key = False
            yield each

    return packets


async def test_more_than_a_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    """FFmpeg holds what it has read, and a packet may be announced with any length."""
    data = make_export(draw_video(), 0, 200)
    begin = data.rindex(bytes.fromhex("1F43B675"))
    void = bytes.fromhex("EC") + (300_000 | 1 << 56).to_bytes(8) + bytes(300_000)
    monkeypatch.setattr(memory, "MOST_AHEAD", 250_000)

    async def read(export: bytes) -> int:
        pipe = Pipe()
        await pipe.write(export)
        pipe.end()
        return await asyncio.to_thread(
            lambda: len(list(VideoReader(pipe, 0.0).samples()))
        )

    assert await read(data) == 200
    with pytest.raises(MemoryLimitError):
        await read(data[:begin] + void + data[begin:])


def test_sound_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may go on where nothing is seen to move, for as long as it likes."""
    data = bytes(with_plain_sound(30))
    monkeypatch.setattr(memory, "MOST_AHEAD", 1_000_000)
    reader = VideoReader(BytesIO(data), 0.0)
    assert sum(each.is_video for each in reader.samples()) == 60
    reader.close()


def test_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture needs less than a clip."""
    data = make_export(draw_video(), 0, 60)
    decode_frame(BytesIO(data), begins=0.0, moment=5.0)
    monkeypatch.setattr(image_decoder, "IMAGE_BYTES", 1000)
    with pytest.raises(MemoryLimitError):
        decode_frame(BytesIO(data), begins=0.0, moment=5.0)


def test_far_from_a_key_frame(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is decoded first is held, for a clip as for a viewer who has sought."""
    cut = cut_export(make_export(draw_video(gop=(60.0,)), 0, 300))
    data = cut.init + b"".join(each.data for each in cut.segments)

    def write() -> None:
        _write(BytesIO(data), tmp_path / "clip.mp4", 25.0, 28.0, lambda: 30.0)

    def seek() -> None:
        write_independent(BytesIO(data), 25.0, 250)

    write()
    seek()
    monkeypatch.setattr(memory, "MOST_BYTES", len(data) // 2)
    for work in (write, seek):
        with pytest.raises(MemoryLimitError):
            work()


def test_clip_without_its_sound(tmp_path: Path) -> None:
    """FFmpeg waits for it no longer than a second, or it would hold all that comes meanwhile."""
    reader = VideoReader(BytesIO(make_export(draw_video(sound=AAC), 0, 80)), None)
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w", format="mp4", options=_OPTIONS) as container:
        copier = Copier(reader, container)
        for group in reader.groups():
            for each in group:
                each.packet = av.Packet(bytes(20_000))
            if group[0].is_video:
                copier.copy(group)
        # Those of eight seconds, but the last one.
        assert path.stat().st_size > 65 * 20_000
    reader.close()


def test_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread goes on when there is room, when nobody wants it any more, or when the disk is stuck."""
    backlog = Backlog()
    backlog.add(memory.MOST_UNWRITTEN)
    backlog.wait(lambda: False)
    backlog.add(1)
    backlog.wait(lambda: True)
    thread = Thread(target=backlog.wait, args=(lambda: False,))
    thread.start()
    thread.join(0.05)
    assert thread.is_alive()
    backlog.remove(1)
    thread.join(1)
    assert not thread.is_alive()
    backlog.add(1)
    monkeypatch.setattr(memory, "_PATIENCE", 0.0)
    with pytest.raises(SlowDiskError):
        backlog.wait(lambda: False)


def keep_waiting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let no more than one segment wait for the disk, which writes nothing until the event."""
    may_write = asyncio.Event()
    write = stage.cache.write

    async def slowly(name: str, data: bytes) -> None:
        await may_write.wait()
        await write(name, data)

    monkeypatch.setattr(stage.cache, "write", slowly)
    monkeypatch.setattr(memory, "MOST_UNWRITTEN", 1)
    return may_write


async def test_slow_disk(on_stage: OnStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a fast camera sends waits in the camera, not in memory."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    may_write = keep_waiting(stage, monkeypatch)
    wanted = [
        asyncio.create_task(source.segment(number, Priority.PLAYBACK))
        for number in range(8)
    ]
    await until(wanted[0].done)
    await asyncio.sleep(0.3)
    waiting = len(source._writes)
    may_write.set()
    assert waiting <= 2
    segments = await asyncio.gather(*wanted)
    assert [each.number for each in segments] == list(range(8))
    await until(lambda: not source._writes)


@pytest.mark.parametrize("mp4", ["fragmented", "index_last"])
async def test_slow_disk_for_nobody(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch, mp4: Any
) -> None:
    """Others get the camera as soon as nobody wants what waits for the disk."""
    quirks = Quirks(export_formats=("mp4",), export_mp4=mp4)
    stage = await on_stage(camera_with_video(quirks=quirks))
    source = await stage.source()
    may_write = keep_waiting(stage, monkeypatch)
    await source.segment(0, Priority.PLAYBACK)
    try:
        await stage.idle(seconds=3)
    finally:
        may_write.set()
    await until(lambda: not source._writes)
