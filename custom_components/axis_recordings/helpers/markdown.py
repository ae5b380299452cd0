"""Show what others say as it is, where Home Assistant renders Markdown.

Home Assistant does so in repairs and in the texts of forms. Links, pictures and HTML of somebody else have
no business there: https://spec.commonmark.org, and what GitHub's kind of it adds.
"""

import re
from typing import Final

_MEANS_SOMETHING: Final = re.compile(
    r"""
    ^[#>+=-]                    # A heading, a quotation, a list.
    | [\\`*|~]
    | (?<![^\W_])_ | _(?![^\W_])  # Between letters it is only a character.
    | <(?=[a-zA-Z/!?])
    | (?<=\])[(\[:]             # A link or a picture: what is in brackets goes on.
    | &(?=\#|\w+;)
    | (?<=:)//                  # Addresses are links without any mark.
    | (?<=www)\.
    | @(?=[\w-]+\.)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def escape(text: str) -> str:
    """Return Markdown that shows a text as it is, on one line."""
    line = " ".join(text.split())
    return _MEANS_SOMETHING.sub(lambda found: f"\\{found[0]}", line)
