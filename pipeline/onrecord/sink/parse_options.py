"""What people ask for, as a filter: checked, and refused in words that name the option."""

import re
from collections.abc import Callable

from onrecord.errors import Mistake
from onrecord.sink.filters import Filter, Pattern
from onrecord.sink.names import words_of
from onrecord.sink.selection import What

QUOTE_TYPES = ("direct", "mixed", "indirect")


def parse_pattern(text: str | None, *, option: str) -> re.Pattern[str] | None:
    """A regular expression; case counts only where it says so. Raises Mistake."""
    if text is None:
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise Mistake(f"{option} {text!r} is not a regular expression: {error}") from None


def parse_filter(
    *,
    speaker: str | None = None,
    entity: str | None = None,
    publisher: str | None = None,
    feed: str | None = None,
    language: str | None = None,
    type: str | None = None,  # noqa: A002 - what people call it
    match: str | None = None,
    exact: bool = False,
    what: What | None = None,
    mark: str = "",
    compiled: Callable[..., Pattern | None] = parse_pattern,
) -> Filter:
    """The filter that these options ask for. `mark` stands before their names.

    Raises Mistake, also for what cannot be asked of records of the kind `what`.
    """
    if what is What.ARTICLES:
        for name, value in (("speaker", speaker), ("entity", entity), ("type", type)):
            if value is not None:
                raise Mistake(
                    f"{mark}{name}: who speaks in an article, and whom it names, is not known "
                    "before it is extracted: subscribe to quotes or extractions"
                )
    if type is not None and type not in QUOTE_TYPES:
        raise Mistake(f"{mark}type {type!r}: there are {', '.join(QUOTE_TYPES)}")
    return Filter(
        speaker=_name(speaker, option=f"{mark}speaker"),
        entity=_name(entity, option=f"{mark}entity"),
        publisher=_name(publisher, option=f"{mark}publisher"),
        feed=feed,
        language=language,
        quote_type=type,
        match=compiled(match, option=f"{mark}match"),
        exact=exact,
    )


def _name(text: str | None, *, option: str) -> str | None:
    if text is not None and not words_of(text):
        raise Mistake(f"{option} {text!r}: a name has letters or digits")
    return text
