"""Playing a camera from a moment on: what is in the playlist, and that all of it plays."""

import re
from typing import TYPE_CHECKING

import av
import pytest

from custom_components.axis_recordings.playback.errors import NothingRecordedError
from custom_components.axis_recordings.playback.viewing import MOST_AFTER, MOST_BEFORE
from custom_components.axis_recordings.users.requester import Requester
from tests.videos import (
    HOUR,
    SECOND,
    START,
    Movie,
    RunningClock,
    add_video,
    at,
    movie_at,
    quick_camera,
    quiet,
    running_clock,
)

from .playing import running, sentence  # noqa: F401 - for all tests here
from .playing_at import FIRST, LENGTHS, NAMES, Viewer, add_five
from .test_decode_time import begin_of, times_of

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.axis_recordings.playback.player import Player
    from tests.camera import Camera, CameraServer

pytestmark = running_clock

FRAME = 0.1


@pytest.fixture
def camera() -> Camera:
    """Return a camera with five recordings of different kinds."""
    camera = quick_camera()
    add_five(camera)
    return camera


@pytest.fixture(autouse=True)
def asks_the_camera(
    clock: RunningClock, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Find what the camera has at that moment, as before its first walk."""
    monkeypatch.setattr(player._finder, "_whole_disks", lambda: None)


def exported(server: CameraServer) -> list[str]:
    """Return the recordings of which something was exported."""
    return list(dict.fromkeys(each.recording.recording_id for each in server.exports))


async def test_through_all_recordings(player: Player, server: CameraServer) -> None:
    """Each frame is shown once, in order, at the moment that the playlist says."""
    viewer = await Viewer.begin(player, at(FIRST))
    playing = viewer.playing
    assert viewer.names == list(NAMES)
    assert playing.starts_at == playing.moment == playing.zero == at(FIRST)
    assert playing.position == viewer.playlist.offset == 0
    assert (playing.previous, playing.next and playing.next.recording_id) == (
        None,
        "modern",
    )
    assert exported(server) == ["plain"]
    for number, movie in enumerate(await viewer.play_all()):
        recording = playing.recordings[number]
        begin = FIRST + 30 * number
        (listed, *_) = viewer.playlist.parts[number]
        assert listed.moment == recording.start == at(begin)
        assert listed.position == pytest.approx(recording.position, abs=1e-5)
        frames = movie.frames
        numbers = [each.clock.number for each in frames]
        assert numbers == sorted(set(numbers))
        for each in frames:
            # Where a player puts it, counted from the first one, and what the camera's clock showed.
            seen = each.second(START)
            assert seen == pytest.approx(begin + each.time - frames[0].time, abs=0.002)
        last = frames[-1].second(START)
        assert last == pytest.approx(begin + LENGTHS[number], abs=1.5 * FRAME)
        if NAMES[number] != "quiet":
            assert len(frames) == round(LENGTHS[number] / FRAME)
    assert exported(server) == list(NAMES)
    # No camera is asked twice for the same.
    assert server.exports_made == len(NAMES)


async def test_kinds_of_video(player: Player) -> None:
    """Another codec, and another size, begin with another initialization section."""
    viewer = await Viewer.begin(player, at(0))
    assert re.fullmatch(r"avc1\.[0-9a-f]{6}", viewer.playing.codecs)
    movies = await viewer.play_all()
    assert [each.codecs for each in movies] == [
        ["h264"],
        ["hevc"],
        ["h264"],
        ["h264"],
        ["h264"],
    ]
    assert movies[1].tags == ["hvc1"]
    assert [each.size for each in movies[:3]] == [(160, 90), (160, 90), (160, 120)]
    modern = await Viewer.begin(player, at(FIRST + 31))
    assert modern.playing.codecs.startswith("hvc1.1.6.")


async def test_read_by_ffmpeg(player: Player, tmp_path: Path) -> None:
    """FFmpeg's own reader of playlists reads it to the end, through changes of codec and size."""
    viewer = await Viewer.begin(player, at(FIRST))
    for each in viewer.playlist.segments:
        file, init = tmp_path / each.address, tmp_path / each.init
        file.parent.mkdir(exist_ok=True)
        if not init.exists():
            init.write_bytes(await viewer.session.init(int(init.parent.name)))
        file.write_bytes(await viewer.fetch(each))
    playlist = tmp_path / "index.m3u8"
    playlist.write_text(viewer.session.write_playlist())
    frames = count_frames(playlist)
    assert frames == sum(len(each.video) for each in await viewer.play_all())


def count_frames(playlist: Path) -> int:
    """Return how many frames of video FFmpeg finds in a playlist."""
    with av.open(str(playlist), options={"allowed_extensions": "ALL"}) as container:
        return sum(
            packet.size > 0
            for packet in container.demux()
            if packet.stream.type == "video"
        )


async def test_from_the_middle(player: Player, server: CameraServer) -> None:
    """What is wanted is seen first, and all before it can be sought to."""
    viewer = await Viewer.begin(player, at(FIRST + 92))
    playing = viewer.playing
    assert viewer.names == list(NAMES)
    assert playing.position == pytest.approx(sum(LENGTHS[:3]) + 2, abs=0.01)
    assert viewer.playlist.offset == pytest.approx(playing.position, abs=0.001)
    assert playing.starts_at == at(FIRST + 92)
    assert playing.zero == at(FIRST)
    assert playing.previous
    assert playing.next
    assert playing.previous.recording_id == "narrow"
    assert playing.next.recording_id == "quiet"
    assert exported(server) == ["reordered"]
    begin = viewer.playlist.at(playing.position)
    movie = await viewer.play([begin])
    assert movie.seconds[0] <= FIRST + 92 < movie.seconds[-1]


async def test_back_over_three_recordings(player: Player, server: CameraServer) -> None:
    """Whoever seeks back sees what was recorded then; nothing between is asked of the camera."""
    viewer = await Viewer.begin(player, at(FIRST + 92))
    (plain, *_) = viewer.playlist.parts
    movie = await viewer.play(plain[1:])
    assert movie.seconds[0] == pytest.approx(FIRST + 2, abs=0.01)
    assert movie.seconds[-1] == pytest.approx(FIRST + 6.9, abs=0.01)
    assert exported(server) == ["reordered", "plain"]
    # And forward again, to where it was: each time with what can be decoded by itself.
    for position in (viewer.playing.position, 9.0, 15.0, 3.0):
        segment = viewer.playlist.at(position)
        seen = (await viewer.play([segment])).seconds
        expected = (viewer.moment(segment.position) - START).total_seconds()
        assert seen[0] == pytest.approx(expected, abs=2.0)
        assert seen[-1] > expected


async def test_in_a_gap(player: Player) -> None:
    """The next recording begins at once, and it is said that nothing was recorded at the moment."""
    viewer = await Viewer.begin(player, at(FIRST + 45))
    playing = viewer.playing
    assert playing.moment == at(FIRST + 45)
    assert playing.starts_at == at(FIRST + 60)
    assert playing.position == pytest.approx(sum(LENGTHS[:2]), abs=0.001)
    assert playing.previous
    assert playing.next
    assert playing.previous.recording_id == "modern"
    assert playing.next.recording_id == "narrow"
    movie = await viewer.play([viewer.playlist.at(playing.position)])
    assert movie.seconds[0] == pytest.approx(FIRST + 60, abs=0.002)


async def test_nothing(player: Player, camera: Camera) -> None:
    """After the last recording there is nothing, nor where there are none; and it is said so."""
    work = player.async_play_at(at(FIRST + 200), Requester())
    text = await sentence(work, "nothing_recorded_since")
    # By the clock of Home Assistant: 15:00 in UTC, and 162 seconds.
    assert "07:02:42" in text
    for name in NAMES:
        camera.remove_recording(name)
    work = player.async_play_at(at(FIRST), Requester())
    await sentence(work, "nothing_to_play")
    assert not player.sessions


async def test_ongoing(player: Player, camera: Camera, server: CameraServer) -> None:
    """What goes on is the last one, up to now."""
    begun = camera.clock.now() - 9 * SECOND
    recording_id = camera.start_recording(start=begun)
    viewer = await Viewer.begin(player, at(FIRST + 121))
    assert viewer.names == [*NAMES, recording_id]
    last = viewer.playing.recordings[-1]
    assert last.start == begun
    assert 8.5 < last.length < 20
    movie = await viewer.play(viewer.playlist.parts[-1][:3])
    assert len(movie.frames) == 6 * 15
    camera.end_recording(recording_id)
    await quiet(server)


async def test_sources(player: Player, camera: Camera) -> None:
    """One playlist shows one source: the wanted one, or that of the moment."""
    for number in range(3):
        add_video(
            camera,
            at(600 + 10 * number),
            5,
            recording_id=f"door {number}",
            source="2",
        )
    add_video(camera, at(612), 4, recording_id="yard", source="1")
    assert (await Viewer.begin(player, at(600))).names == [
        f"door {n}" for n in range(3)
    ]
    assert (await Viewer.begin(player, at(FIRST + 121))).names[-1] == "yard"
    viewer = await Viewer.begin(player, at(600), source="1")
    assert (viewer.playing.starts_at, viewer.names[-1]) == (at(612), "yard")


async def test_mixed_sound(player: Player, camera: Camera) -> None:
    """hls.js can't begin to play sound on the way: where not all have it, none has."""
    for number, audio in enumerate(("audio/x-aac", "audio/x-aac", None)):
        start = at(600 + 10 * number)
        add_video(camera, start, 4, recording_id=f"loud{number}", audio=audio)
    viewer = await Viewer.begin(player, at(600))
    movies = await viewer.play_all()
    assert {tuple(each.codecs[1:]) for each in movies} == {()}
    for name in [*NAMES, "loud2"]:
        camera.remove_recording(name)
    viewer = await Viewer.begin(player, at(600))
    movies = await viewer.play_all()
    assert [each.codecs for each in movies] == [["h264", "aac"]] * 2
    assert viewer.playing.codecs.endswith(",mp4a.40.2")


async def test_overlapping(player: Player, camera: Camera) -> None:
    """A recording that began during another one goes on where that ends, give or take a segment."""
    add_video(camera, at(600), 20, recording_id="earlier", gop=0.7)
    add_video(camera, at(615.3), 20, recording_id="later", gop=0.7)
    viewer = await Viewer.begin(player, at(601))
    assert viewer.names[-2:] == ["earlier", "later"]
    earlier, later = viewer.playing.recordings[-2:]
    assert earlier.end == at(620)
    # The segment in which the other one ends, and no frame of it before.
    assert later.start == at(619.3)
    assert later.end == at(635.3)
    movie = await viewer.play(viewer.playlist.parts[-1])
    hidden = [each for each in movie.frames if each.second(START) < 619.3 - 0.01]
    shown = movie.frames[len(hidden) :]
    assert shown[0].time - movie.frames[0].time < 0.05
    assert [each.second(START) for each in shown] == pytest.approx(
        [619.3 + n * FRAME for n in range(160)], abs=0.002
    )


async def test_bounds(player: Player, camera: Camera, server: CameraServer) -> None:
    """A playlist is no longer than anybody watches, however much there is."""
    for name in NAMES:
        camera.remove_recording(name)
    begin = START - 200 * HOUR
    for number in range(MOST_BEFORE + MOST_AFTER + 20):
        add_video(camera, begin + number * HOUR / 60, 30, recording_id=f"{number}")
    viewer = await Viewer.begin(player, begin + (MOST_BEFORE + 10) * HOUR / 60)
    assert viewer.names[0] == "10"
    assert len(viewer.names) == MOST_BEFORE + 1 + MOST_AFTER
    assert server.exports_made == 1
    # Days in one recording.
    add_video(camera, START - 100 * HOUR, 90 * 3600, recording_id="days")
    viewer = await Viewer.begin(player, START - 50 * HOUR)
    days = viewer.playing.recordings[-1]
    assert viewer.names[-1] == "days"
    assert days.start == START - 52 * HOUR
    assert days.end == START - 44 * HOUR
    assert viewer.playing.starts_at == START - 50 * HOUR
    assert len(viewer.playlist.parts[-1]) == 8 * 1800


async def test_beyond_the_playlist(player: Player, server: CameraServer) -> None:
    """A token opens what is listed and nothing else."""
    viewer = await Viewer.begin(player, at(FIRST))
    made = server.exports_made
    for index, number in ((0, 4), (0, -1), (5, 0), (-1, 0), (10**9, 0), (4, 10**9)):
        with pytest.raises(NothingRecordedError):
            await viewer.session.segment(number, index)
    for index in (5, -1, 10**9):
        with pytest.raises(NothingRecordedError):
            await viewer.session.init(index)
    assert server.exports_made == made


async def test_file_for_televisions(player: Player, camera: Camera) -> None:
    """They get one file, of the recording that holds the moment or of the next one."""
    add_video(camera, at(600), 900, recording_id="long")
    for moment, first, length in (
        (FIRST + 92, FIRST + 92, 6),
        (FIRST + 75, FIRST + 90, 8),
        (800, 800, 300),
        (590, 600, 300),
    ):
        part = await player.async_part_at(at(moment), Requester())
        _, span = await player.async_find(part)
        assert span.start == at(first)
        assert span.duration == length * SECOND
    part = await player.async_part_at(at(FIRST + 2), Requester())
    movie = movie_at(await player.async_clip(part))
    assert movie.seconds[-1] == pytest.approx(FIRST + 6.9, abs=0.01)
    work = player.async_part_at(at(1600), Requester())
    await sentence(work, "nothing_recorded_since")


async def test_times_of_what_is_sought(player: Player, camera: Camera) -> None:
    """A segment that begins with a key frame says where it is listed, as nothing was known of it."""
    add_video(camera, at(600), 21, recording_id="odd", gop=1.3)
    viewer = await Viewer.begin(player, at(FIRST))
    odd = viewer.playlist.parts[-1]
    init = await viewer.session.init(len(NAMES))
    for number in (5, 2, 8):
        data = await viewer.fetch(odd[number])
        movie = Movie(init + data)
        listed = odd[number].position - odd[0].position
        assert begin_of(data) == pytest.approx(listed, abs=0.001)
        assert movie.video[0].is_key
        _, shown = times_of(data)
        assert listed - 1.3 < shown[0] < listed
        # What follows is as always.
        data += await viewer.fetch(odd[number + 1])
        seconds = Movie(init + data).seconds
        assert seconds == pytest.approx(
            [seconds[0] + n * FRAME for n in range(len(seconds))], abs=0.002
        )
