"""The XML that the recording and disk CGIs write."""

from collections.abc import Mapping
from typing import Literal

type Attributes = Mapping[str, str | None]

SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMAS = "http://www.axis.com/vapix/http_cgi/"


_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
    },
)


def escape(text: str) -> str:
    """Write text so that it may stand in an element or an attribute."""
    return text.translate(_ESCAPES)


def attributes(values: Attributes) -> str:
    """Write attributes, each after a space; those of value None are left out."""
    return "".join(
        f' {name}="{escape(value)}"'
        for name, value in values.items()
        if value is not None
    )


def element(name: str, values: Attributes) -> str:
    """Write an element without content."""
    return f"<{name}{attributes(values)}/>"


def opening(schema: str, encoding: Literal["utf-8"] | None = None) -> str:
    """Write all up to the content of the root; which CGI names the encoding differs."""
    declaration = f' encoding="{encoding}"' if encoding else ""
    return (
        f'<?xml version="1.0"{declaration}?>\n'
        f'<root xmlns:xsi="{SCHEMA_INSTANCE}" '
        f'xsi:noNamespaceSchemaLocation="{SCHEMAS}{schema}">\n'
    )


CLOSING = "</root>\n"


def document(
    schema: str, *lines: str, encoding: Literal["utf-8"] | None = None
) -> bytes:
    """Write a document with a line for each element."""
    content = "".join(f"    {line}\n" for line in lines)
    return f"{opening(schema, encoding)}{content}{CLOSING}".encode()
