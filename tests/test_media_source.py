"""The media browser: cameras, their folders, and what is played."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

from homeassistant.components import media_source
from homeassistant.components.media_source import Unresolvable, async_resolve_media
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.views.urls import clip_path
from tests.camera import Camera
from tests.media.browsing import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    ROOT,
    add,
    browse,
    children_of,
    keep_up,
    needs_images,
    open_folder,
    refusal,
    titles,
    titles_of,
)

from .common import added

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from custom_components.axis_recordings.playback.playing_at import PlayingAt


pytestmark = [pytest.mark.freeze_time(NOON), pytest.mark.usefixtures("media_browser")]


PART_AT = RecordingPart.parse("SD_DISK/some_id/20261124T171000.000000Z")


class StandIn:
    """Stands in for the player, and notes what was asked of it."""

    def __init__(self) -> None:
        """Fail at nothing yet."""
        self.played: list[tuple[RecordingPart, Requester | None]] = []
        self.moments: list[tuple[datetime, str | None, Requester]] = []
        self.error: HomeAssistantError | None = None

    def _note(self, part: RecordingPart, requester: Requester | None = None) -> None:
        self.played.append((part, requester))
        if self.error:
            raise self.error

    async def play(self, part: RecordingPart, requester: Requester) -> str:
        """Return the token of the session."""
        self._note(part, requester)
        return "token"

    async def play_at(
        self, moment: datetime, requester: Requester, *, source: str | None
    ) -> PlayingAt:
        """Return how a camera is played, of which only the token matters."""
        self.moments.append((moment, source, requester))
        return cast("PlayingAt", SimpleNamespace(token="at"))

    async def part_at(
        self, moment: datetime, requester: Requester, *, source: str | None
    ) -> RecordingPart:
        """Return what a moment means to a media player."""
        self.moments.append((moment, source, requester))
        return PART_AT

    async def clip(self, part: RecordingPart) -> Path:
        """Return where the file is."""
        self._note(part)
        return Path("/cache/clip.mp4")

    async def snapshot(self, part: RecordingPart) -> bytes:
        """Return a picture."""
        self._note(part)
        return b"jpeg"


@pytest.fixture
def player(loaded: MockConfigEntry) -> Iterator[StandIn]:
    """Play nothing for real, as that has tests of its own."""
    stand_in = StandIn()
    player = loaded.runtime_data.player
    with (
        patch.multiple(
            player,
            async_play=stand_in.play,
            async_clip=stand_in.clip,
            async_play_at=stand_in.play_at,
            async_part_at=stand_in.part_at,
        ),
        patch.object(player.images, "async_snapshot", stand_in.snapshot),
    ):
        yield stand_in


async def no_play(hass: HomeAssistant, content_id: str) -> str:
    """Return why something does not play."""
    with pytest.raises(Unresolvable) as error:
        await async_resolve_media(hass, content_id, None)
    return str(error.value)


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera in New York without recordings."""
    return Camera()


async def test_cameras(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """They are in the order of their names, one alone as well."""
    root = await browse(hass)
    assert (root.title, root.can_search) == ("AXIS Recordings", True)
    assert titles_of(root) == ["Front camera"]
    back = Camera(serial="B8A44F0A1B2D", name="Back door")
    async with added(hass, back) as (_, entry):
        root = await browse(hass)
        assert titles_of(root) == ["Back door", "Front camera"]
        assert [child.media_content_id for child in children_of(root)] == [
            f"{ROOT}/{entry.entry_id}",
            f"{ROOT}/{loaded.entry_id}",
        ]


async def test_no_cameras(hass: HomeAssistant) -> None:
    """The source is there as soon as the integration is, with nothing in it."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert await titles(hass) == []


async def test_camera_that_is_not_loaded(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """It is listed, and says why it does not open. A disabled one is not listed."""
    camera.shut_down()
    await hass.config_entries.async_setup(entry.entry_id)
    assert await titles(hass) == ["Front camera"]
    content_id = f"{ROOT}/{entry.entry_id}"
    assert "Front camera is not available now" in await refusal(hass, content_id)
    assert "not available now" in await no_play(hass, f"{content_id}/play/SD_DISK/a")

    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert await titles(hass) == []
    assert "has nothing named" in await refusal(hass, content_id)


@pytest.mark.parametrize(
    "path", ["SD_DISK/some_id", "SD_DISK/a/20261124T171000.000000Z"]
)
async def test_play(
    hass: HomeAssistant, loaded: MockConfigEntry, player: StandIn, path: str
) -> None:
    """A browser gets a playlist."""
    content_id = f"{ROOT}/{loaded.entry_id}/play/{path}"
    media = await async_resolve_media(hass, content_id, None)
    assert media.url == "/api/axis_recordings/play/token/index.m3u8"
    assert media.mime_type == "application/x-mpegURL"
    assert player.played == [(RecordingPart.parse(path), Requester())]


async def test_play_on_a_television(
    hass: HomeAssistant, loaded: MockConfigEntry, player: StandIn
) -> None:
    """A media player gets a file."""
    part = RecordingPart.parse("SD_DISK/some_id")
    content_id = f"{ROOT}/{loaded.entry_id}/play/{part.path}"
    media = await async_resolve_media(hass, content_id, "media_player.tv")
    assert (media.url, media.mime_type, media.path) == (
        clip_path(loaded.entry_id, part),
        "video/mp4",
        Path("/cache/clip.mp4"),
    )


@pytest.mark.parametrize(
    ("path", "moment", "source"),
    [
        ("20261124T171000Z", NOON + 10 * MINUTE, None),
        ("20261124T171000.5Z", NOON + 10 * MINUTE + timedelta(seconds=0.5), None),
        ("20261124T171000.500000Z/2", NOON + 10 * MINUTE + timedelta(seconds=0.5), "2"),
    ],
)
async def test_play_a_moment(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: StandIn,
    path: str,
    moment: datetime,
    source: str | None,
) -> None:
    """A browser gets a playlist of the camera from then on, and a media player a file."""
    content_id = f"{ROOT}/{loaded.entry_id}/at/{path}"
    media = await async_resolve_media(hass, content_id, None)
    assert media.url == "/api/axis_recordings/play/at/index.m3u8"
    assert media.mime_type == "application/x-mpegURL"
    assert player.played == []
    media = await async_resolve_media(hass, content_id, "media_player.tv")
    assert (media.url, media.mime_type) == (
        clip_path(loaded.entry_id, PART_AT),
        "video/mp4",
    )
    assert player.played == [(PART_AT, None)]
    assert player.moments == [(moment, source, Requester())] * 2


@needs_images
async def test_no_image(
    hass: HomeAssistant, loaded: MockConfigEntry, player: StandIn
) -> None:
    """Where there is none, it says why."""
    player.error = HomeAssistantError("Plain words")
    for path, text in (
        ("play/SD_DISK/some_id", "Plain words"),
        ("today", "nothing named"),
    ):
        with pytest.raises(Unresolvable, match=text):
            await media_source.async_get_media_image(
                hass, f"{ROOT}/{loaded.entry_id}/{path}"
            )


@needs_images
async def test_image(
    hass: HomeAssistant, loaded: MockConfigEntry, player: StandIn
) -> None:
    """An AI task gets a picture."""
    content_id = f"{ROOT}/{loaded.entry_id}/play/SD_DISK/some_id"
    image = await media_source.async_get_media_image(hass, content_id)
    assert image is not None
    assert (image.content, image.mime_type) == (b"jpeg", "image/jpeg")


async def test_play_fails(
    hass: HomeAssistant, loaded: MockConfigEntry, player: StandIn
) -> None:
    """The reason is passed on as a sentence, with its key."""
    content_id = f"{ROOT}/{loaded.entry_id}/play/SD_DISK/some_id"
    player.error = HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="refused",
        translation_placeholders={"camera": "Front camera", "reason": "no"},
    )
    with pytest.raises(Unresolvable) as error:
        await async_resolve_media(hass, content_id, "media_player.tv")
    assert str(error.value) == "Front camera refuses: no"
    assert error.value.translation_key == "refused"

    player.error = HomeAssistantError("Plain words")
    assert await no_play(hass, content_id) == "Plain words"


async def test_what_is_listed_plays(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    player: StandIn,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each item leads to a part of its recording that is there."""
    add(camera, NOON - HOUR)
    add(camera, NOON - 3 * HOUR, HOUR)
    add(camera, NOON - 2 * DAY, 2 * DAY)
    camera.start_recording()
    freezer.tick(20 * 60)
    await keep_up(hass)
    pending = [f"{ROOT}/{loaded.entry_id}"]
    opened: set[str] = set()
    while pending:
        content_id = pending.pop()
        if content_id in opened:
            continue
        opened.add(content_id)
        for child in children_of(await open_folder(hass, content_id)):
            if child.can_play:
                await async_resolve_media(hass, child.media_content_id, None)
            else:
                pending.append(child.media_content_id)
    assert len(player.played) > 500
    now = camera.clock.now()
    client = loaded.runtime_data.client
    recordings = {
        key: (await client.fetch_recording(key.recording_id))[0]
        for key in {part.key for part, _ in player.played}
    }
    assert len(recordings) == 4
    for part, _ in player.played:
        span = part.within(recordings[part.key], now)
        assert timedelta(0) < span.duration <= 10 * MINUTE


GARBAGE = (
    "..",
    "../..",
    "day",
    "day/..",
    "day/2026-13-01",
    "day/20261124",
    "day/2026-W48-1",
    "day/0001-01-01",
    "day/9999-12-31",
    "day/2026-11-24/from/x",
    "day/2026-11-24/from/" + "9" * 5000,
    "month/2026-11-01",
    "month/2026-00",
    "month/..",
    "disk",
    "disk/..",
    "event/a/b",
    "recording",
    "recording/..",
    "recording/../..",
    "recording/SD_DISK",
    "recording/SD_DISK/all",
    "recording/SD_DISK/..",
    "recording/SD_DISK/a/b",
    "recording/SD_DISK/a/20261124T171000.000000Z/20261124T171000.000000Z",
    "recording/SD_DISK/a/../..",
    "today/",
    "today//x",
    "today/..",
    "unknown",
    "play/SD_DISK/a",
    "\x00",
)
UNPLAYABLE = (
    "",
    "/play",
    "/play/",
    "/play/..",
    "/play/../..",
    "/play/SD_DISK",
    "/play/SD_DISK/",
    "/play/SD_DISK/..",
    "/play/../a",
    "/play/%2E%2E/a",
    "/play/SD_DISK/%2E%2E",
    "/play/SD_DISK/all",
    "/play/SD_DISK/*",
    "/play/SD_DISK/a/..",
    "/play/SD_DISK/a/b/c",
    "/play/SD_DISK/a/20261124T171000.000000Z/..",
    "/play/SD_DISK/%00",
    "/at",
    "/at/",
    "/at/now",
    "/at/..",
    "/at/20261124T171000+0100",
    "/at/00010101T000000Z",
    "/at/20261124T171000Z/..",
    "/at/20261124T171000Z/~2E~2E",
    "/at/20261124T171000Z/~00",
    "/at/20261124T171000Z/1/2",
    "/today",
    "/../play/SD_DISK/a",
)


async def test_garbage(
    hass: HomeAssistant, loaded: MockConfigEntry, subtests: pytest.Subtests
) -> None:
    """A name that means nothing is a sentence."""
    for path in GARBAGE:
        with subtests.test(path):
            text = await refusal(hass, f"{ROOT}/{loaded.entry_id}/{path}")
            assert text.startswith("AXIS Recordings has nothing named ")
            assert len(text) < 300


async def test_garbage_to_play(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: StandIn,
    subtests: pytest.Subtests,
) -> None:
    """It is refused before anybody is asked."""
    for path in UNPLAYABLE:
        with subtests.test(path):
            text = await no_play(hass, f"{ROOT}/{loaded.entry_id}{path}")
            assert text.startswith("AXIS Recordings has nothing named ")
            assert not player.played
            assert not player.moments


@pytest.mark.parametrize("entry_id", ["..", "nobody", "../play/SD_DISK/a", "%2E%2E"])
async def test_unknown_camera(
    hass: HomeAssistant, loaded: MockConfigEntry, entry_id: str
) -> None:
    """So is a camera that is not there."""
    assert "has nothing named" in await refusal(hass, f"{ROOT}/{entry_id}")
    assert "has nothing named" in await no_play(hass, f"{ROOT}/{entry_id}/play/a/b")
    assert "has nothing named" in await no_play(hass, ROOT)


async def test_unknown_recording(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """A long recording that the camera does not know."""
    content_id = f"{ROOT}/{loaded.entry_id}/recording/SD_DISK/unknown"
    assert "no longer has this recording" in await refusal(hass, content_id)


async def test_rights(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    player: StandIn,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_user: MockUser,
    hass_read_only_access_token: str,
) -> None:
    """Who may not read a camera's entities does not find it; who may, does."""
    recording_id = add(camera, NOON - HOUR)
    await keep_up(hass)
    camera_id = f"{ROOT}/{loaded.entry_id}"
    hass_read_only_user.mock_policy({})
    client = await hass_ws_client(hass, hass_read_only_access_token)

    async def ask(what: str, content_id: str, **more: Any) -> dict[str, Any]:
        await client.send_json_auto_id(
            {"type": f"media_source/{what}", "media_content_id": content_id, **more}
        )
        answer: dict[str, Any] = await client.receive_json()
        return answer

    answer = await ask("browse_media", ROOT)
    assert answer["result"]["children"] == []
    answer = await ask("search_media", ROOT, search_query="motion")
    assert answer["result"]["result"] == []
    play_id = f"{camera_id}/play/SD_DISK/{recording_id}"
    for what, content_id, more in (
        ("browse_media", camera_id, {}),
        ("browse_media", f"{camera_id}/today", {}),
        ("search_media", camera_id, {"search_query": "motion"}),
        ("resolve_media", play_id, {}),
    ):
        answer = await ask(what, content_id, **more)
        assert answer["error"]["code"] == f"{what}_failed"
        assert "has nothing named" in answer["error"]["message"]
    assert not player.played

    entity = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)[0]
    hass_read_only_user.mock_policy(
        {"entities": {"entity_ids": {entity.entity_id: {"read": True}}}}
    )
    answer = await ask("browse_media", ROOT)
    assert [child["title"] for child in answer["result"]["children"]] == [
        "Front camera"
    ]
    answer = await ask("browse_media", f"{camera_id}/today")
    assert len(answer["result"]["children"]) == 1
    answer = await ask("resolve_media", play_id)
    assert answer["result"]["mime_type"] == "application/x-mpegURL"
    (_, requester) = player.played[0]
    assert requester is not None
    assert requester.user_id == hass_read_only_user.id


@pytest.mark.usefixtures("asks_camera")
async def test_errors_over_the_connection(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What the front end shows is a sentence."""
    client = await hass_ws_client(hass)
    camera.shut_down()
    await client.send_json_auto_id(
        {
            "type": "media_source/browse_media",
            "media_content_id": f"{ROOT}/{loaded.entry_id}/today",
        }
    )
    error = (await client.receive_json())["error"]
    assert error["code"] == "browse_media_failed"
    assert error["message"].startswith("Front camera: ")
