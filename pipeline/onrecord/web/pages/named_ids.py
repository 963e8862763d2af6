"""Queries as people read them: with the names of the people whose ids they have."""

import re
from itertools import islice

from onrecord.archive.interface import Archive

_ID = re.compile(r'(?<=:)"?([0-9a-f]{32})"?')
# Each name takes a question of its own.
_MOST_NAMED = 5


def names_of_ids(archive: Archive, query: str) -> dict[str, str]:
    """The names of the first people whose ids a query has."""
    ids = islice(dict.fromkeys(_ID.findall(query)), _MOST_NAMED)
    found = {who: archive.person(who, limit=1) for who in ids}
    return {who: person.name for who, person in found.items() if person is not None}


def shown_with_names(query: str, names: dict[str, str]) -> str:
    """The query with these names in place of their ids."""
    return _ID.sub(lambda found: f'"{names[found[1]]}"' if found[1] in names else found[0], query)
