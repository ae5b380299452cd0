"""A moment of a camera, and its name in a media content id."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from ..const import DOMAIN
from ..vapix.times import is_usable
from .part import (
    RecordingPartError,
    decode_word,
    encode_word,
    format_moment,
    parse_moment,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

AT: Final = "at"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMoment:
    """A moment from which a camera is played, by its clock, and one of its sources if only that is meant."""

    moment: datetime
    source: str | None = None

    @property
    def words(self) -> list[str]:
        """Return the parts of the name, in which nothing has to be encoded in an address."""
        source = [] if self.source is None else [encode_word(self.source)]
        return [AT, format_moment(self.moment), *source]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Self:
        """Read the parts of a name. RecordingPartError if they are none, or no clock shows that.

        People may leave out the fraction of the second.
        """
        match words:
            case [_, time]:
                source = None
            case [_, time, word]:
                source = decode_word(word)
            case _:
                raise RecordingPartError("/".join(words))
        if "." not in time and time.endswith("Z"):
            time = f"{time[:-1]}.0Z"
        moment = parse_moment(time)
        if words[0] != AT or not is_usable(moment):
            raise RecordingPartError("/".join(words))
        return cls(moment=moment, source=source)


def moment_content_id(entry_id: str, wanted: CameraMoment) -> str:
    """Return the name of a moment for players."""
    return f"media-source://{DOMAIN}/{'/'.join([entry_id, *wanted.words])}"
