"""Parses a request's query parameters: the command's filters and times."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import re2

from onrecord.errors import Mistake
from onrecord.people.readers import PeopleReader
from onrecord.sink.filters import Pattern
from onrecord.sink.parse_options import QUOTE_TYPES, parse_filter
from onrecord.sink.selection import What
from onrecord.sink.times import parse_stretch
from onrecord.web.cursor import from_text
from onrecord.web.past import Asked

PAGE_LIMIT = 1000
_PAGE = 100
_LONGEST = 500  # characters of any value
_ID = re.compile(r"[0-9a-f]{32}\Z")
_BLANK_ZONE = re.compile(r"(T[\d:.]+) (\d\d(:?\d\d)?)$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter, as OpenAPI describes it."""

    name: str
    description: str
    schema: Mapping[str, Any]


_TEXT = {"type": "string", "minLength": 1, "maxLength": _LONGEST}
_COUNT = {"type": "integer", "minimum": 1, "maximum": 1_000_000_000}

_FROM = Parameter(
    "from",
    "Where to begin: `earliest`, `latest` (only what comes from now on), a time (ISO 8601, UTC "
    "without a zone), or how long ago, as in `-2h`. A cursor or a Last-Event-ID counts for more.",
    _TEXT | {"default": "latest"},
)
_UNTIL = Parameter(
    "until", "Where to end: `end` (what is there now), a time, or without it never.", _TEXT
)
_CURSOR = Parameter(
    "cursor",
    "Goes on after the record that came with this cursor (the `id` of an event).",
    {"type": "string", "minLength": 1},
)
_OF_ALL = (
    Parameter(
        "publisher",
        "Only of this publisher. Names match as people mean them: each word, whatever its case, "
        "accents and place.",
        _TEXT,
    ),
    Parameter("feed", "Only articles of this feed's URL.", _TEXT),
    Parameter(
        "category",
        "Only of this category: one of your own of the feed, or one of the entry's own. `World` "
        "finds `World/Asia` too.",
        _TEXT,
    ),
    Parameter(
        "section", "Only in this section of the outlet, or with this category of the entry.", _TEXT
    ),
    Parameter("language", "Only in this language (`en` finds `en-GB`).", _TEXT),
    Parameter(
        "match",
        "Only where this regular expression (RE2, case does not count) is found: in an article's "
        "title and text, in a quote's words.",
        _TEXT,
    ),
    Parameter("exact", "Names to the letter.", {"type": "boolean", "default": False}),
)
_OF_QUOTES = (
    Parameter(
        "speaker",
        "Only quotes by everybody so called, in any of their names and spellings (or extractions "
        "that have one).",
        _TEXT,
    ),
    Parameter(
        "speaker_id",
        "Only quotes by the person to whom this id leads: the `id` in a speaker's `person`.",
        {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    ),
    Parameter(
        "about",
        "Only quotes whose words speak of this person, organisation or place (or extractions that "
        "have one).",
        _TEXT,
    ),
    Parameter("entity", "Only of articles that name this person, organisation or place.", _TEXT),
    Parameter("type", "Only quotes of this type.", {"type": "string", "enum": list(QUOTE_TYPES)}),
    Parameter(
        "min_confidence",
        "Only quotes whose `confidence` is at least this; extractions come without the others.",
        {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
    ),
)


def parameters_of(what: What, *, page: bool) -> tuple[Parameter, ...]:
    """The query parameters for this kind of records."""
    most = PAGE_LIMIT if page else _COUNT["maximum"]
    limit = Parameter(
        "limit",
        "How many records at most.",
        _COUNT | {"maximum": most} | ({"default": _PAGE} if page else {}),
    )
    filters = _OF_ALL if what is What.ARTICLES else _OF_QUOTES + _OF_ALL
    return (_FROM, _UNTIL, _CURSOR, limit, *filters)


def parse_request(
    query: Mapping[str, list[str]],
    what: What,
    topic: str,
    *,
    page: bool,
    last_event_id: str | None,
    at: datetime,
    people: PeopleReader | None = None,
) -> Asked:
    """The parsed query. Raises Mistake for unknown parameters or values."""
    known = {parameter.name: parameter for parameter in parameters_of(what, page=page)}
    given = {name: _value(name, values, known) for name, values in query.items()}
    cursor = last_event_id or given.pop("cursor", None)
    given.pop("cursor", None)
    since, until = given.pop("from", "latest"), given.pop("until", None)
    stretch = parse_stretch(
        _with_plus(since),
        None if until is None else _with_plus(until),
        at=at,
        options=("from", "until"),
    )
    limit = _number(given.pop("limit", str(_PAGE) if page else None), known["limit"])
    exact = _flag(given.pop("exact", "false"))
    least = _share(given.pop("min_confidence", None), "min_confidence")
    _check_id(given.get("speaker_id"))
    options: dict[str, Any] = given
    return Asked(
        what=what,
        topic=topic,
        wanted=parse_filter(
            **options,
            what=what,
            exact=exact,
            min_confidence=least,
            compiled=parse_pattern,
            people=people,
        ),
        stretch=stretch,
        cursor=None if cursor is None else from_text(cursor, topic),
        limit=limit,
    )


def parse_pattern(text: str | None, *, option: str) -> Pattern | None:
    """An untrusted pattern: RE2's search time is linear in the text.

    Raises Mistake.
    """
    if text is None:
        return None
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        compiled: Pattern = re2.compile(text, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise Mistake(f"{option}: not a regular expression of RE2: {_reason(error)}") from None
    return compiled


def _with_plus(time: str) -> str:
    """Restore a zone's `+`, which means a blank in a URL when it is not encoded."""
    return _BLANK_ZONE.sub(r"\1+\2", time)


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _value(name: str, values: list[str], known: Mapping[str, Parameter]) -> str:
    if name not in known:
        raise Mistake(f"there is no parameter {name!r}; there are {', '.join(known)}")
    if len(values) > 1:
        raise Mistake(f"{name} is given {len(values)} times")
    longest = known[name].schema.get("maxLength")
    if not values[0] or (longest is not None and len(values[0]) > longest):
        raise Mistake(f"{name}: from 1 to {longest or 'some'} characters")
    return values[0]


def _number(text: str | None, parameter: Parameter) -> int | None:
    if text is None:
        return None
    most = parameter.schema["maximum"]
    is_number = text.isascii() and text.isdecimal() and len(text) <= 20
    if not (is_number and 1 <= int(text) <= most):
        raise Mistake(f"{parameter.name} {text[:20]!r}: a whole number from 1 to {most}")
    return int(text)


def _share(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    if not (text.isascii() and text.replace(".", "", 1).isdecimal()):
        raise Mistake(f"{name} {text[:20]!r}: a number from 0 to 1, as in 0.5")
    return float(text)


def _check_id(text: str | None) -> None:
    if text is not None and not _ID.match(text):
        raise Mistake(f"speaker_id {text[:40]!r}: the id of a person has 32 hexadecimal digits")


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise Mistake(f"exact {text!r}: true or false")
    return text == "true"
