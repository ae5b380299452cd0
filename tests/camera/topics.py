"""Topics of events, and the filters that pick them (VAPIX: Event data streaming)."""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .quirks import Quirks

type Topic = tuple[tuple[str, str], ...]
"""A path of names, each with its namespace."""

ALIASES = {"onvif": "tns1", "axis": "tnsaxis"}
"""What filters may call the namespaces; one of Axis' own examples mixes both."""

_NAME = re.compile(r"(?:([A-Za-z_][\w-]*):)?([A-Za-z_][\w.-]*)")
_SUBTREE = re.compile(r"//\.?$")


class BadFilterError(ValueError):
    """A filter that is not of the documented syntax."""


class TopicFilter(NamedTuple):
    """One topic or, with `subtree`, all that lie below it too; None is everything."""

    topic: Topic | None
    subtree: bool = False

    def matches(self, topic: Topic) -> bool:
        """Return whether an event of this topic is meant."""
        if self.topic is None:
            return True
        if self.subtree:
            return topic[: len(self.topic)] == self.topic
        return topic == self.topic


def read_topic(text: str) -> Topic:
    """Read a topic; a name without a prefix has that of the name before it."""
    path: list[tuple[str, str]] = []
    namespace = ""
    for name in text.split("/"):
        match = _NAME.fullmatch(name)
        if match is None:
            raise BadFilterError(text)
        if match[1]:
            namespace = ALIASES.get(match[1], match[1])
        path.append((namespace, match[2]))
    return tuple(path)


def write_topic(topic: Topic, *, full: bool) -> str:
    """Write a topic with a prefix at every name, or only where the namespace changes."""
    names: list[str] = []
    before = ""
    for namespace, name in topic:
        names.append(f"{namespace}:{name}" if full or namespace != before else name)
        before = namespace
    return "/".join(names)


def read_filter(expression: str, quirks: Quirks) -> list[TopicFilter]:
    """Read a topic expression: paths with `|` between them (the dialect ConcreteSet of ONVIF)."""
    paths = (path.strip() for path in expression.split("|"))
    return [found for path in paths for found in _read_path(path, quirks)]


def _read_path(path: str, quirks: Quirks) -> list[TopicFilter]:
    if path == "//.":
        return [TopicFilter(None)]
    bare, subtrees = _SUBTREE.subn("", path)
    topic = read_topic(bare)
    if topic[0][0] not in {"tns1", "tnsaxis"}:
        raise BadFilterError(path)
    if subtrees and len(topic) == 1 and quirks.event_root_filter != "subtree":
        if quirks.event_root_filter == "error":
            raise BadFilterError(path)
        return []
    spelling = quirks.event_filter_spelling
    if spelling != "either" and _rename(bare) != write_topic(
        topic, full=spelling == "full"
    ):
        return []
    return [TopicFilter(topic, bool(subtrees))]


def _rename(path: str) -> str:
    return re.sub(
        r"(?<![^/])([^/:]+):", lambda found: f"{ALIASES.get(found[1], found[1])}:", path
    )
