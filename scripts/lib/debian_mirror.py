"""Print the address of the Debian mirror that the given apt source files name."""

from pathlib import Path
import re
import sys

# One-line style ("deb [options] URI suite …") and deb822 style ("URIs: URI").
SOURCE = re.compile(r"^(?:deb\s+(?:\[[^\]]*\]\s*)?|URIs:\s*)(\S+)", re.MULTILINE)

MIRRORS = [
    uri.rstrip("/")
    for path in map(Path, sys.argv[1:])
    if path.is_file()
    for uri in SOURCE.findall(path.read_text(encoding="utf-8"))
    # The security archive holds no whole release.
    if "security" not in uri
]
if not MIRRORS:
    sys.exit(1)
print(MIRRORS[0])
