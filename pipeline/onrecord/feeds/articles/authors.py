"""The names in author fields."""

import re
from collections.abc import Iterable

from onrecord.feeds.text.html import html_to_line

_NAME = re.compile(r"[^\W\d_a-z][\w.'’-]*(?: [\w.'’-]+){1,3}")
_JOB = re.compile(
    r"\b(?:editor|correspondent|reporter|chief|bureau|staff|writer|analyst|columnist|desk)\b",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"\s*(?:,|;|&|\band\b)\s*(?:\band\b\s*)?")


def author_names(written: Iterable[str]) -> tuple[str, ...]:
    """The names in author fields: "By Ann Li and Bo Diaz" are two, "desk@example.org" is none."""
    names: list[str] = []
    for field in written:
        line = re.sub(r"^by:?\s+", "", html_to_line(field), flags=re.IGNORECASE)
        parts = [part for part in _BETWEEN_NAMES.split(line) if part]
        people = [part for part in parts if not _JOB.search(part)]
        # Split only if every part is a name: "Wire, Agencies and Staff" stays as it is.
        names += people if people and all(map(_NAME.fullmatch, people)) else [line]
    wanted = (name[:200] for name in names if name and "@" not in name and "://" not in name)
    return tuple(dict.fromkeys(wanted))
