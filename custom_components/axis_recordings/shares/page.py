"""Write what visitors of a share see."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

_HERE: Final = Path(__file__).parent
_SAID: Final = ("loading", "slow", "busy", "away", "gone", "unplayable", "over")
"""What the script says, by the names of its texts."""
_POLICY: Final = (
    "default-src 'none'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedVideo:
    """What a page shows."""

    name: str | None
    """Of the camera; None where visitors do not learn it."""
    start: datetime
    """By the clock of the home."""
    duration: timedelta
    expires: datetime
    """By the clock of the home."""
    time_zone: str
    """Of the home."""
    picture: str
    """The addresses of the picture, of the file, and of what begins to play; the last one None where the file is there."""
    file: str
    play: str | None


class PageWriter:
    """Writes pages. All that they need is in them, so that nothing else has to be let in."""

    def __init__(self) -> None:
        """Read the style, the script, and which languages there are. Waits; for a thread."""
        self._style = (_HERE / "page.css").read_text(encoding="utf-8")
        self._script = (_HERE / "page.js").read_text(encoding="utf-8")
        self.languages = frozenset(
            path.stem for path in _HERE.with_name("translations").glob("*.json")
        )
        """Those that have texts."""
        self.policy = "; ".join(
            [
                *_POLICY,
                f"script-src {_hash(self._script)}",
                f"style-src {_hash(self._style)}",
            ]
        )
        """The content security policy (CSP) of all pages."""

    def write(self, video: SharedVideo, texts: Mapping[str, str], language: str) -> str:
        """Return the page of a share that is open."""
        heading = video.name or texts["share_title"]
        source = (
            f'data-play="{escape(video.play)}"'
            if video.play
            else f'src="{escape(video.file)}"'
        )
        said = " ".join(
            f'data-{name}="{escape(texts[f"share_{name}"])}"' for name in _SAID
        )
        return self._page(
            heading,
            language,
            f"""<h1>{escape(heading)}</h1>
<video controls muted autoplay playsinline {source}
 poster="{escape(video.picture)}" aria-label="{escape(heading)}"></video>
<p role="status" {said}></p>
<dl>
<dt>{escape(texts["share_recorded"])}</dt><dd>{_time(video.start)}</dd>
<dt>{escape(texts["share_length"])}</dt><dd>{_length(video.duration)}</dd>
<dt>{escape(texts["share_until"])}</dt><dd>{_time(video.expires)}</dd>
</dl>
<p>
<a class="button" href="{escape(video.file)}" download="{video.start:%Y-%m-%d %H-%M-%S}.mp4">{escape(texts["share_download"])}</a>
<button type="button" hidden>{escape(texts["share_again"])}</button>
</p>""",
            f'<script type="module">{self._script}</script>',
            video.time_zone,
        )

    def write_over(self, texts: Mapping[str, str], language: str) -> str:
        """Return what is shown where nothing is shared, whether or not there ever was anything."""
        heading = texts["share_over_title"]
        return self._page(
            heading,
            language,
            f"<h1>{escape(heading)}</h1>\n<p>{escape(texts['share_over'])}</p>",
        )

    def _page(
        self,
        title: str,
        language: str,
        content: str,
        script: str = "",
        time_zone: str = "",
    ) -> str:
        return f"""<!DOCTYPE html>
<html lang="{escape(language)}" data-time-zone="{escape(time_zone)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>{self._style}</style>
</head>
<body>
<main>
{content}
</main>
{script}
</body>
</html>
"""


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _time(moment: datetime) -> str:
    """Return a time for people, which the script writes as the visitor does."""
    return f'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M:%S}</time>'


def _length(duration: timedelta) -> str:
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
