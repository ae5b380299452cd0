"""Make the best of XML that is not well-formed: one bad name of a rule must not hide all recordings."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import suppress
import re
from xml.parsers.expat import ExpatError, ParserCreate

_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>")
_MARKS = {BOM_UTF8: "utf-8", BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}
# XML 1.0 allows none of these, nor references to them.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:#(\d{1,7}|x[0-9A-Fa-f]{1,6});|(?:amp|lt|gt|quot|apos);)?")
# Values in quotes hold no other quote of their kind.
_VALUE = re.compile("=\\s*(?:\"[^\"]*\"|'[^']*')")
# What is searched at a time, as nothing else runs meanwhile.
_PIECE = 64 * 1024
_RECORDS = ("recording", "disk")


def mend(body: bytes) -> str:
    """Return what was meant by bytes that are not XML.

    Undeclared letters of another encoding are read, what may stand before the declaration is passed
    over, control characters are left out, and ``&`` and ``<`` in values are written as they should be.
    """
    text = _DECLARATION.sub("", _decode(body), count=1)
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    text = "".join(_CONTROLS.sub("", each) for each in pieces)
    text = text.strip().removeprefix("\ufeff").lstrip()
    text = _REFERENCE.sub(_mend_reference, text)
    return _VALUE.sub(lambda value: value[0].replace("<", "&lt;"), text)


def without_bad_records(text: str) -> str:
    """Return a document without those of its recordings and disks that can't be read."""
    for name in _RECORDS:
        head, *pieces = re.split(rf"(?=<{name}\b)", text)
        text = head + "".join(_without_bad_record(piece, name) for piece in pieces)
    return text


def _decode(body: bytes) -> str:
    encodings = [name for mark, name in _MARKS.items() if body.startswith(mark)]
    if declared := _DECLARED.search(body[:400]):
        encodings.append(declared[1].decode())
    for encoding in (*encodings, "utf-8", "cp1252"):
        with suppress(LookupError, UnicodeError):
            return body.decode(encoding)
    return body.decode("latin-1")


def _mend_reference(reference: re.Match[str]) -> str:
    number = reference[1]
    if reference[0] == "&":
        return "&amp;"
    if number is None:
        return reference[0]
    code = int(number[1:], 16) if number.startswith("x") else int(number)
    is_good = code <= 0x10FFFF and not _CONTROLS.match(chr(code))  # noqa: PLR2004
    return reference[0] if is_good else ""


def _without_bad_record(piece: str, name: str) -> str:
    """Return a record with what follows it, or only the latter."""
    record, end, rest = piece.partition(f"</{name}>")
    if not end:
        record, end, rest = piece.partition("/>")
    if not end:
        return ""
    parser = ParserCreate()
    try:
        parser.Parse(record + end, True)  # noqa: FBT003
    except ExpatError:
        return rest
    return piece
