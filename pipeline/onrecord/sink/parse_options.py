"""Parses options into a filter; error messages name the option."""

import re
from collections.abc import Callable

from onrecord.errors import Mistake
from onrecord.people.readers import PeopleReader
from onrecord.sink.filters import EVERYTHING, Filter, Floor, Pattern
from onrecord.sink.names import words_of
from onrecord.sink.selection import What

QUOTE_TYPES = ("direct", "mixed", "indirect")


def parse_pattern(text: str | None, *, option: str) -> re.Pattern[str] | None:
    """A regular expression, case-insensitive unless it says otherwise. Raises Mistake."""
    if text is None:
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise Mistake(f"{option} {text!r} is not a regular expression: {error}") from None


def parse_filter(
    *,
    speaker: str | None = None,
    speaker_id: str | None = None,
    about: str | None = None,
    entity: str | None = None,
    publisher: str | None = None,
    feed: str | None = None,
    language: str | None = None,
    category: str | None = None,
    section: str | None = None,
    type: str | None = None,  # noqa: A002 - what people call it
    match: str | None = None,
    exact: bool = False,
    min_confidence: float | None = None,
    floor: Floor = EVERYTHING,
    people: PeopleReader | None = None,
    what: What | None = None,
    mark: str = "",
    compiled: Callable[..., Pattern | None] = parse_pattern,
) -> Filter:
    """The filter for these options. `mark` is the prefix of option names in messages.

    Without `min_confidence`, quotes are wanted from the `floor` on.

    Raises Mistake, also for options that do not apply to records of the kind `what`.
    """
    confidence = "--min-confidence" if mark else "min_confidence"
    if what is What.ARTICLES:
        for name, value in (
            ("speaker", speaker),
            ("speaker-id" if mark else "speaker_id", speaker_id),
            ("about", about),
            ("entity", entity),
            ("type", type),
            (confidence.removeprefix(mark), min_confidence),
        ):
            if value is not None:
                raise Mistake(
                    f"{mark}{name}: who speaks in an article, and whom it names, is not known "
                    "before it is extracted: subscribe to quotes or extractions"
                )
    if type is not None and type not in QUOTE_TYPES:
        raise Mistake(f"{mark}type {type!r}: there are {', '.join(QUOTE_TYPES)}")
    return Filter(
        speaker=_name(speaker, option=f"{mark}speaker"),
        speaker_id=speaker_id,
        about=_name(about, option=f"{mark}about"),
        entity=_name(entity, option=f"{mark}entity"),
        publisher=_name(publisher, option=f"{mark}publisher"),
        feed=feed,
        language=language,
        category=_name(category, option=f"{mark}category"),
        section=_name(section, option=f"{mark}section"),
        quote_type=type,
        match=compiled(match, option=f"{mark}match"),
        exact=exact,
        floor=parse_floor(min_confidence, floor, option=confidence),
        people=people,
    )


def parse_floor(least: float | None, otherwise: Floor, *, option: str) -> Floor:
    """The floor for a minimum confidence, applied to all quotes. Raises Mistake."""
    if least is None:
        return otherwise
    if not 0 <= least <= 1:
        raise Mistake(f"{option} {least:g}: a confidence is between 0 and 1")
    return Floor(least, least)


def _name(text: str | None, *, option: str) -> str | None:
    if text is not None and not words_of(text):
        raise Mistake(f"{option} {text!r}: a name has letters or digits")
    return text
