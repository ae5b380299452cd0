"""Read the camera's XML, and see whether it says yes."""

import asyncio
from contextlib import suppress
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

import xmltodict

from .bounds import DEEPEST_ELEMENTS, LONGEST_ID
from .errors import RefusedError, UnexpectedAnswerError
from .values import integer, text
from .xml_mending import mend, without_bad_records

# Elements that may come once or many times (VAPIX schemas: maxOccurs="unbounded").
_REPEATED = (
    "recording",
    "video",
    "audio",
    "disk",
    "remove",
    "ExportCapabilities",
    "HealthStatus",
    "StorageLimit",
)
# Parsing a page takes a few milliseconds; more than that is not done in the event loop.
_INLINE_BYTES = 16 * 1024


async def parse_xml(body: bytes, path: str, root_name: str = "root") -> dict[str, Any]:
    """Return the attributes and children of the root element.

    Raises UnexpectedAnswerError if it is not XML of the API that has this root, and RefusedError with the
    camera's own words if it reports an error, which VAPIX does with HTTP 200.
    """
    if len(body) > _INLINE_BYTES:
        name, root = await asyncio.to_thread(_parse, body, path)
    else:
        name, root = _parse(body, path)
    _raise_if_refused(root, path)
    if name != root_name:
        message = f"{path} answered with <{name[:LONGEST_ID]}> instead of <{root_name}>"
        raise UnexpectedAnswerError(message)
    return root


def children(parent: Any, name: str) -> list[dict[str, Any]]:
    """Return the elements of a name that may come once or many times, without those that are mere text."""
    found = parent.get(name) if isinstance(parent, dict) else None
    return [each for each in found or () if isinstance(each, dict)]


def is_empty(root: dict[str, Any]) -> bool:
    """Return whether an element has nothing but attributes."""
    return all(name.startswith("@") for name in root)


def _parse(body: bytes, path: str) -> tuple[str, dict[str, Any]]:
    if not body.strip():
        message = f"{path} answered with nothing"
        raise UnexpectedAnswerError(message)
    try:
        document = _read(body)
    # xmltodict reports forbidden entities as ValueError, and unknown encodings as LookupError.
    except (ExpatError, ValueError, LookupError) as err:
        message = f"{path} answered with something that is not XML"
        raise UnexpectedAnswerError(message) from err
    name, root = next(iter(document.items()))
    if isinstance(root, str):
        root = {"#text": root}
    return name, root if isinstance(root, dict) else {}


def _read(body: bytes) -> dict[str, Any]:
    """Read XML and, where it is not well-formed, what can be made of it."""
    with suppress(ExpatError, ValueError):
        # Some embedded web servers put an empty line before the declaration, where XML allows none.
        return read_well_formed(body.lstrip())
    text = mend(body)
    try:
        return read_well_formed(text)
    except ExpatError:
        return read_well_formed(without_bad_records(text))


def read_well_formed(document: bytes | str) -> dict[str, Any]:
    """Return an XML document as it is; elements that may come many times are in a list.

    Raises ExpatError, ValueError or LookupError if it is none, or has what no answer of a camera has.
    """
    if len(document) > _INLINE_BYTES:
        _check_depth(document)
    return xmltodict.parse(document, force_list=_REPEATED)


def _check_depth(document: bytes | str) -> None:
    """Raise ValueError if elements are nested so deep that to hold them takes half a gigabyte."""
    depth = 0

    def begin(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST_ELEMENTS:
            message = "No answer of a camera is that deep"
            raise ValueError(message)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = ParserCreate()
    parser.ordered_attributes = True
    # Entities are refused when it is read, and are not followed before that.
    parser.EntityDeclHandler = _refuse_entities
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.Parse(document, True)  # noqa: FBT003


def _refuse_entities(*_: object) -> None:
    message = "An answer of a camera has no entities"
    raise ValueError(message)


def _raise_if_refused(root: dict[str, Any], path: str) -> None:
    if isinstance(error := root.get("GeneralError"), dict):
        words = text(error, "ErrorDescription") or f"error {text(error, 'ErrorCode')}"
        raise RefusedError(words, integer(error, "ErrorCode"))
    for child in root.values():
        if isinstance(child, dict):
            raise_if_error(child, path)


def raise_if_error(element: dict[str, Any], path: str) -> None:
    """Raise RefusedError if the element says ``result="ERROR"``."""
    if text(element, "@result").upper() == "ERROR":
        words = text(element, "@errormsg") or text(element, "@description")
        raise RefusedError(words or f"{path} gave no reason")
