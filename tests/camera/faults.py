"""Things that go wrong between a camera and its clients, switched on by hand."""

from dataclasses import dataclass, replace
from enum import StrEnum, auto
from http import HTTPStatus
from itertools import chain
from random import Random
import re
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from .answers import Answer, Upgrade, forbidden, html, not_found, unavailable
from .exports import Export
from .video.container import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ANY: Final = "*"
NOISE: Final = 256 * 1024


class Fault(StrEnum):
    """What may go wrong with a CGI."""

    TIMEOUT = auto()
    """Accepts the request and never answers; events are not reported, though pings are answered."""
    RESET = auto()
    """Resets the connection before the answer."""
    UNAVAILABLE = auto()
    """503."""
    UNAUTHORIZED = auto()
    """401 in spite of the right password."""
    FORBIDDEN = auto()
    """403."""
    NOT_FOUND = auto()
    """404 with an HTML page."""
    REDIRECT = auto()
    """`status`, or 302, to `location`."""
    STATUS = auto()
    """A web page with `status`, or 500."""
    ERROR = auto()
    """An application error with `message`, in the shape of the CGI."""
    HTML = auto()
    """A web page with status 200."""
    EMPTY = auto()
    """No body."""
    ENTITY_BOMB = auto()
    """XML whose entities grow to gigabytes."""
    HUGE = auto()
    """XML of `size` bytes."""
    WRONG_CONTENT_TYPE = auto()
    """The right body as `content_type`, or the right message as bytes."""
    TRUNCATED = auto()
    """The first part of the answer (`keep`, a fraction), then the connection closes; or the first
    part of a message."""
    SLOW = auto()
    """`step` bytes at a time with `delay` seconds before each."""
    MISSING_ATTRIBUTES = auto()
    """Without `attributes` on any element."""
    BAD_TIME = auto()
    """One recording with a malformed start, as in a sample of Axis' own."""
    DUPLICATE_IDS = auto()
    """The first recording twice."""
    REPLACED = auto()
    """`message` wherever the answer matches `pattern`."""
    NO_RECORDINGS = auto()
    """A list of recordings with nothing in it, whatever there is."""
    BARE_ROOT = auto()
    """`<root/>`, and nothing in it."""
    NOT_MEDIA = auto()
    """An export with the headers of a video and bytes that are none."""
    NO_KEY_FRAMES = auto()
    """An export without its key frames."""
    NO_FRAMES = auto()
    """An export that ends after its header."""
    OTHER_FORMAT = auto()
    """An export in another format than the one that was asked for, and that its headers state."""


ALTERS_ANSWER = frozenset(
    {
        Fault.WRONG_CONTENT_TYPE,
        Fault.TRUNCATED,
        Fault.SLOW,
        Fault.MISSING_ATTRIBUTES,
        Fault.BAD_TIME,
        Fault.DUPLICATE_IDS,
        Fault.REPLACED,
        Fault.NOT_MEDIA,
        Fault.NO_KEY_FRAMES,
        Fault.NO_FRAMES,
        Fault.OTHER_FORMAT,
    },
)


class Options(TypedDict, total=False):
    """What a fault can be given; each applies to the faults that name it."""

    after_effect: bool
    after: int | None
    message: str
    location: str
    status: int
    content_type: str
    keep: float
    step: int
    delay: float
    size: int
    attributes: tuple[str, ...]
    pattern: str


@dataclass
class Injection:
    """A fault that waits for requests: `times` of them, or all if None.

    With `after_effect` the command is carried out although its answer is lost. With `after` an
    export is cut off (TRUNCATED), reset (RESET) or gets stuck (TIMEOUT) after so many bytes.
    A `message` of an export may begin with the number of its error.
    """

    fault: Fault
    times: int | None = None
    after_effect: bool = False
    after: int | None = None
    message: str = "Internal error"
    location: str = "/index.html"
    status: int | None = None
    content_type: str = "application/octet-stream"
    keep: float = 0.5
    step: int = 16
    delay: float = 0.05
    size: int = 200_000_000
    attributes: tuple[str, ...] = ("eventid", "source", "locked")
    pattern: str = r"$^"

    @property
    def needs_answer(self) -> bool:
        """Whether the CGI runs at all."""
        return (
            self.after_effect or self.after is not None or self.fault in ALTERS_ANSWER
        )

    @property
    def spoils_delivery(self) -> bool:
        """Whether an export begins as it should and then goes wrong."""
        return self.fault in {Fault.SLOW, Fault.TRUNCATED} or (
            self.after is not None and self.fault in {Fault.RESET, Fault.TIMEOUT}
        )


class Faults:
    """The faults of one camera, by CGI or message of an event stream.

    They apply to requests that are let in: a challenge to log in comes before them.
    """

    def __init__(self) -> None:
        """Start without faults."""
        self._waiting: dict[str, Injection] = {}

    def set(
        self,
        cgi: str,
        fault: Fault,
        *,
        times: int | None = None,
        **options: Unpack[Options],
    ) -> None:
        """Make a CGI go wrong, named by its path below /axis-cgi/, or "*" for all.

        The handshake of an event stream is called by its whole path, `/vapix/ws-data-stream`, and
        what goes over the stream `events:configure` and `events:notify`; there "*" has no effect.
        """
        self._waiting[cgi] = Injection(fault, times, **options)

    def clear(self, cgi: str | None = None) -> None:
        """Let a CGI, or all of them, work again."""
        if cgi is None:
            self._waiting.clear()
        else:
            self._waiting.pop(cgi, None)

    def take(self, cgi: str, *others: str) -> Injection | None:
        """Give the fault that a request runs into, by the first name that has one."""
        for name in (cgi, *others):
            injection = self._waiting.get(name)
            if injection is None:
                continue
            if injection.times is not None:
                injection.times -= 1
                if injection.times <= 0:
                    del self._waiting[name]
            return injection
        return None


type ErrorShape = Callable[[str], Answer]


def _redirect(injection: Injection, _: ErrorShape) -> Answer:
    page = html("The document has moved.", injection.status or HTTPStatus.FOUND)
    return replace(page, headers=(("Location", injection.location),))


def _status(injection: Injection, _: ErrorShape) -> Answer:
    status = injection.status or HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.NO_CONTENT:
        return Answer(status=status)
    return html("Something is wrong.", status)


REPLACEMENTS: dict[Fault, Callable[[Injection, ErrorShape], Answer]] = {
    Fault.UNAVAILABLE: lambda _, __: unavailable(),
    Fault.FORBIDDEN: lambda _, __: forbidden(),
    Fault.NOT_FOUND: lambda _, __: not_found(),
    Fault.REDIRECT: _redirect,
    Fault.STATUS: _status,
    Fault.ERROR: lambda injection, error: error(injection.message),
    Fault.HTML: lambda _, __: html("Please log in."),
    Fault.EMPTY: lambda _, __: Answer(),
    Fault.BARE_ROOT: lambda _, __: Answer(b'<?xml version="1.0"?>\n<root/>\n'),
    Fault.NO_RECORDINGS: lambda _, __: Answer(
        b'<?xml version="1.0"?>\n<root>\n'
        b'\t<recordings totalnumberofrecordings="0" numberofrecordings="0"/>\n</root>\n'
    ),
    Fault.ENTITY_BOMB: lambda _, __: Answer(_entity_bomb()),
    Fault.HUGE: lambda injection, _: Answer(_huge(injection.size)),
}


def replacement(injection: Injection, error: ErrorShape) -> Answer | None:
    """Make the answer that stands in for the real one, None if the fault leaves it in place.

    `error` puts a message into the shape of the CGI.
    """
    make = REPLACEMENTS.get(injection.fault)
    return None if make is None else make(injection, error)


def alter(injection: Injection, answer: Answer) -> Answer:
    """Spoil the real answer."""
    body = answer.body
    if isinstance(body, Export | Upgrade):
        return (
            _alter_export(injection, answer, body)
            if isinstance(body, Export)
            else answer
        )
    if injection.fault is Fault.WRONG_CONTENT_TYPE:
        return replace(answer, content_type=injection.content_type)
    chunks = (body,) if isinstance(body, bytes) else body
    return replace(answer, body=_alter_text(injection, chunks))


def _alter_text(
    injection: Injection, chunks: Iterable[bytes]
) -> bytes | Iterable[bytes]:
    match injection.fault:
        case Fault.MISSING_ATTRIBUTES:
            names = "|".join(map(re.escape, injection.attributes))
            pattern = re.compile(rf' (?:{names})="[^"]*"'.encode())
            return (pattern.sub(b"", chunk) for chunk in chunks)
        case Fault.BAD_TIME:
            return _once(_BAD_TIME, rb"\g<1>010:30:30Z\g<2>", chunks)
        case Fault.DUPLICATE_IDS:
            return _once(_RECORDING, rb"\g<0>\g<0>", chunks)
        case Fault.REPLACED:
            text = b"".join(chunks).decode()
            return re.sub(injection.pattern, lambda _: injection.message, text).encode()
        case _:
            return b"".join(chunks)


def _alter_export(injection: Injection, answer: Answer, export: Export) -> Answer:
    match injection.fault:
        case Fault.WRONG_CONTENT_TYPE:
            return replace(answer, content_type=injection.content_type)
        case Fault.NOT_MEDIA:
            return replace(answer, body=_noise())
        case Fault.NO_KEY_FRAMES:
            return replace(answer, body=replace(export, spoilt="key_frames"))
        case Fault.NO_FRAMES:
            return replace(answer, body=replace(export, spoilt="frames"))
        case Fault.OTHER_FORMAT:
            is_mp4 = export.file_format.muxer == "mp4"
            other = FORMATS["matroska" if is_mp4 else "mp4"]
            return replace(answer, body=replace(export, file_format=other))
        case _:
            return answer


_BAD_TIME = re.compile(rb'( starttime="[^"]*?T)[^"]*(")')
_RECORDING = re.compile(rb"\t*<recording .*?</recording>\n", re.DOTALL)


def _once(
    pattern: re.Pattern[bytes], template: bytes, chunks: Iterable[bytes]
) -> Iterator[bytes]:
    """Replace the first match only; chunks hold whole elements."""
    remaining = iter(chunks)
    for chunk in remaining:
        changed, number = pattern.subn(template, chunk, count=1)
        yield changed
        if number:
            break
    yield from remaining


def _entity_bomb() -> bytes:
    entities = "".join(
        f'<!ENTITY l{depth} "{f"&l{depth - 1};" * 10}">' for depth in range(1, 11)
    )
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE root [<!ENTITY l0 "recording">{entities}]>\n'
        "<root><recordings>&l10;</recordings></root>\n"
    ).encode()


def _noise() -> Iterator[bytes]:
    random = Random(1)  # noqa: S311 - noise, not a secret
    return (random.randbytes(NOISE // 4) for _ in range(4))


def _huge(size: int) -> Iterator[bytes]:
    element = b'\t\t<recording diskid="SD_DISK" recordingid="20250101_000000_0000_000000000000"/>\n'
    block = element * 800
    blocks = (block for _ in range(max(1, size // len(block))))
    head = b'<?xml version="1.0"?>\n<root>\n\t<recordings>\n'
    return chain((head,), blocks, (b"\t</recordings>\n</root>\n",))
