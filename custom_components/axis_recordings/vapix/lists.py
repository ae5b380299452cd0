"""What list.cgi lists besides recordings: the names of the events and sources that recordings have."""

from typing import TYPE_CHECKING, Any, Final, Literal

from .bounds import LONGEST_TEXT, MOST_EVENT_NAMES, MOST_SOURCES
from .recordings import LIST_CGI
from .xml import parse_xml

if TYPE_CHECKING:
    from .http import CameraHttp

type Entity = Literal["eventid", "source"]

_GROUPS: Final[dict[Entity, str]] = {"eventid": "eventids", "source": "sources"}
_MOST: Final[dict[Entity, int]] = {"eventid": MOST_EVENT_NAMES, "source": MOST_SOURCES}


async def fetch_names(http: CameraHttp, entity: Entity) -> tuple[str, ...]:
    """Ask list.cgi for all values of an attribute, each once.

    A camera that does not know ``listentity`` lists recordings instead, which is as good as nothing.
    """
    answer = await http.get(LIST_CGI, {"listentity": entity}, for_all=True)
    root = await parse_xml(answer.body, LIST_CGI)
    group = root.get(_GROUPS[entity])
    listed = group.get(entity) if isinstance(group, dict) else None
    elements = listed if isinstance(listed, list) else [listed]
    names = dict.fromkeys(filter(None, map(_name, elements)))
    kept = [name for name in names if len(name) <= LONGEST_TEXT]
    http.bounds.note(_GROUPS[entity], len(names) - len(kept))
    return http.bounds.first(_GROUPS[entity], kept, _MOST[entity])


def _name(element: Any) -> str:
    """Return the text of an element; Axis' own sample has blanks around it."""
    if isinstance(element, dict):
        element = element.get("#text")
    return str(element or "").strip()
