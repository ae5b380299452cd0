"""What is known of a part of a recording that is shared."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
import secrets
from typing import Any, Final

from ..recordings.extent import TimeRange
from ..recordings.part import RecordingPart
from ..users.requester import Requester
from ..vapix import RecordingKey

_TOKEN_BYTES: Final = 24
_VISITOR: Final = "visitor of share "


def new_token() -> str:
    """Return what opens a share: 192 random bits, which only its address holds."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_share_id() -> str:
    """Return a name for a share, which opens nothing."""
    return secrets.token_hex(6)


def share_visited_by(requester: Requester) -> str | None:
    """Return the ID of the share that somebody visits."""
    user_id = requester.user_id or ""
    if not user_id.startswith(_VISITOR):
        return None
    return user_id.removeprefix(_VISITOR)


def digest_of(token: str) -> str:
    """Return what is kept of a token, or of whatever is taken for one."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a recording that whoever has its address may watch."""

    share_id: str
    digest: str = field(repr=False)
    """Of the token in its address."""
    entry_id: str
    """The camera's config entry."""
    key: RecordingKey
    span: TimeRange
    """By the camera's clock, in UTC."""
    created: datetime
    expires: datetime
    """By Home Assistant's clock, in UTC, as all that follow."""
    user_id: str | None
    """Who has made it; None for Home Assistant itself."""
    names_camera: bool
    """Whether visitors learn the name of the camera."""
    is_original: bool = False
    """Whether visitors get the camera's own file, too, which may hold more than the part."""
    openings: int = 0
    last_opened: datetime | None = None

    @property
    def part(self) -> RecordingPart:
        """Return what is shared."""
        return RecordingPart(key=self.key, start=self.span.start, end=self.span.end)

    @property
    def visitor(self) -> Requester:
        """Return who its visitors are when it comes to limits: all of them together are one, and no user."""
        return Requester(user_id=f"{_VISITOR}{self.share_id}")

    def to_json(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "share_id": self.share_id,
            "digest": self.digest,
            "entry_id": self.entry_id,
            "disk_id": self.key.disk_id,
            "recording_id": self.key.recording_id,
            "start": self.span.start.isoformat(),
            "end": self.span.end.isoformat(),
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat(),
            "user_id": self.user_id,
            "names_camera": self.names_camera,
            "is_original": self.is_original,
            "openings": self.openings,
            "last_opened": self.last_opened and self.last_opened.isoformat(),
        }

    @classmethod
    def from_json(cls, item: dict[str, Any]) -> Share:
        """Read what was stored. Raises TypeError, ValueError or LookupError if it makes no sense."""
        return cls(
            share_id=str(item["share_id"]),
            digest=str(item["digest"]),
            entry_id=str(item["entry_id"]),
            key=RecordingKey(str(item["disk_id"]), str(item["recording_id"])),
            span=TimeRange(_moment(item["start"]), _moment(item["end"])),
            created=_moment(item["created"]),
            expires=_moment(item["expires"]),
            user_id=item["user_id"],
            names_camera=bool(item["names_camera"]),
            is_original=bool(item.get("is_original", False)),
            openings=int(item["openings"]),
            last_opened=item["last_opened"] and _moment(item["last_opened"]),
        )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        message = "A time without a zone is none"
        raise ValueError(message)
    return moment
