"""Stream options: what is to be recorded, and how (VAPIX: Video streaming)."""

from dataclasses import replace
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from .errors import CameraError
from .recordings import Audio, Video

if TYPE_CHECKING:
    from collections.abc import Mapping

CODECS = {
    "jpeg": "image/jpeg",
    "h264": "video/x-h264",
    "h265": "video/x-h265",
    "av1": "video/x-av1",
}

DEFAULT_PROFILES = {
    "Quality": "videocodec=h264&resolution=1920x1080&fps=30",
    "Balanced": "videocodec=h264&resolution=1920x1080&fps=15",
    "Bandwidth": "videocodec=h264&resolution=1280x720&fps=15",
}


class Stream(NamedTuple):
    """What a recording holds: the channel (`Quad`: all in one picture), video and audio."""

    source: str = "1"
    video: Video = Video()
    audio: Audio | None = None


def read_options(options: str, *, sources: int, profiles: Mapping[str, str]) -> Stream:
    """Read options such as `camera=2&resolution=1280x720`; unknown ones are ignored."""
    given = dict(parse_qsl(options, keep_blank_values=True))
    profile = given.pop("streamprofile", None)
    if profile is not None:
        if profile not in profiles:
            msg = f"Invalid stream profile {profile}"
            raise CameraError(msg)
        given = dict(parse_qsl(profiles[profile])) | given
    return Stream(
        _source(given.get("camera", "1"), sources),
        _video(given),
        Audio() if given.get("audio") == "1" else None,
    )


def _source(camera: str, sources: int) -> str:
    if camera.lower() == "quad" and sources > 1:
        return "Quad"
    if camera not in {str(number) for number in range(1, sources + 1)}:
        msg = f"Invalid camera {camera}"
        raise CameraError(msg)
    return camera


def _video(given: Mapping[str, str]) -> Video:
    video = Video()
    codec = given.get("videocodec", "h264")
    if codec not in CODECS:
        msg = f"Invalid video codec {codec}"
        raise CameraError(msg)
    video = replace(video, mimetype=CODECS[codec])
    if "resolution" in given:
        size = re.fullmatch(r"([1-9]\d{1,4})x([1-9]\d{1,4})", given["resolution"])
        if size is None:
            msg = f"Invalid resolution {given['resolution']}"
            raise CameraError(msg)
        video = replace(video, width=int(size[1]), height=int(size[2]))
    if re.fullmatch(r"[1-9]\d*", given.get("fps", "")):
        video = replace(video, framerate=f"{given['fps']}:1")
    return video
