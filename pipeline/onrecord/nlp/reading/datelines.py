"""Datelines: the place of writing at the beginning of a paragraph.

"VARNESS, Nov 12 (KNA) - ", "HOLLIN, Kestria — "; in lower case if an agency is named. The
sentence begins after the dateline, so that the parser does not read the town as a speaker.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

# The part of a text that is searched, after headline and byline; the longest place, in words.
_HEAD_CHARS = 1000
_LONGEST_PLACE = 3
_DATELINE = re.compile(
    r"^(?P<place>[^\W\d_a-zß-ÿ][\w .'’-]{2,30}?)(?P<more>(?:, [A-Z][\w. ]{1,20}?){0,3})"
    r"(?P<agency> ?\([\w ]{2,30}\))? ?(?:—|–| -{1,2} ) ?",
    re.MULTILINE,
)


class Dateline(NamedTuple):
    """Characters `start` to `end` that name a place, and where the text begins after the dash."""

    place: str
    start: int
    end: int
    text_start: int


def find_datelines(text: str) -> Iterator[Dateline]:
    """The datelines near the beginning of a text, in order."""
    for match in _DATELINE.finditer(text, 0, _HEAD_CHARS):
        place = match["place"]
        shown = place.isupper() or (match["agency"] and place.istitle())
        if shown and len(place.split()) <= _LONGEST_PLACE:
            yield Dateline(place, *match.span("place"), match.end())
