"""Records as tables: `--fields`, and what `--format csv` shows without it."""

import types
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from onrecord.errors import Mistake
from onrecord.records import Article, Extraction, QuoteOnRecord, shown_content
from onrecord.sink.cells import cell
from onrecord.sink.selection import Wanted, What

Column = Callable[[Any], object]

_KINDS: dict[What, type[Wanted]] = {
    What.ARTICLES: Article,
    What.EXTRACTIONS: Extraction,
    What.QUOTES: QuoteOnRecord,
}


def _names(extraction: Extraction, kind: str) -> tuple[str, ...]:
    return tuple(entity.name for entity in extraction.entities if entity.type == kind)


_OF_THE_ARTICLE = {
    name: f"article.{name}"
    for name in ("published_at", "publisher", "title", "url", "feed", "language", "revision")
} | {"article_id": "article.id"}

# What people call things, beside the paths into the record. A path, or a function of the record.
_SHORT: dict[What, dict[str, str | Column]] = {
    What.ARTICLES: {},
    What.EXTRACTIONS: {
        **_OF_THE_ARTICLE,
        "people": lambda e: _names(e, "person"),
        "organisations": lambda e: _names(e, "organisation"),
        "places": lambda e: _names(e, "place"),
        "speakers": lambda e: tuple(
            dict.fromkeys(quote.speaker.name for quote in e.quotes if quote.speaker)
        ),
    },
    What.QUOTES: {
        **_OF_THE_ARTICLE,
        "id": "quote.id",
        "words": lambda q: " … ".join(span.text for span in shown_content(q.quote)),
        "speaker": "quote.speaker.name",
        "role": "quote.speaker.role",
        "source": "quote.source.text",
        "cue": "quote.cue.text",
        "type": "quote.type",
        "confidence": "quote.confidence",
        "context": "quote.context.text",
    },
}

_TABLES = {
    What.ARTICLES: "published_at publisher title url language authors text id revision",
    What.EXTRACTIONS: "published_at publisher title url language people organisations places "
    "speakers article_id revision",
    What.QUOTES: "words speaker role type publisher published_at title url language confidence "
    "article_id id",
}


class Columns:
    """The chosen fields of a kind of record, in the order of the columns."""

    def __init__(self, what: What, names: Sequence[str] | None) -> None:
        """Without names, those of the usual table. Raises Mistake for an unknown name."""
        self.names = list(names) if names is not None else _TABLES[what].split()
        self._columns = [_column(what, name) for name in self.names]

    def values(self, record: Wanted) -> list[object]:
        """The values of a record, one for each column."""
        return [column(record) for column in self._columns]

    def line(self, record: Wanted) -> bytes:
        """As a JSON object."""
        return msgspec.json.encode(dict(zip(self.names, self.values(record), strict=True)))

    def cells(self, record: Wanted) -> list[str]:
        """As a row of a table."""
        return [cell(value) for value in self.values(record)]


def parse_fields(text: str) -> list[str]:
    """The names in `speaker,words, url`. Raises Mistake."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise Mistake("--fields: name at least one field, as in --fields speaker,words,url")
    return names


def _column(what: What, name: str) -> Column:
    path = _SHORT[what].get(name, name)
    if not isinstance(path, str):
        return path
    steps = path.split(".")
    _check(what, name, steps)
    return lambda record: _follow(record, steps)


def _check(what: What, name: str, steps: Iterable[str]) -> None:
    kind: Any = _KINDS[what]
    for step in steps:
        fields = _fields_of(kind)
        if fields is None:  # a map: any key may be there
            return
        if step not in fields:
            known = [*_SHORT[what], *fields] if kind is _KINDS[what] else fields
            raise Mistake(f"--fields {name}: no field {step}; there are {', '.join(known)}")
        kind = fields[step]


def _fields_of(kind: Any) -> dict[str, Any] | None:
    """The fields of a struct with their types; none for a plain value, None for a map."""
    kind = _inner(kind)
    if kind is dict:
        return None
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {field.name: field.type for field in msgspec.structs.fields(kind)}
    return {}


def _inner(kind: Any) -> Any:
    """The type inside an optional, a list or an annotated type."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is dict:
        return dict
    if origin in {typing.Union, types.UnionType}:
        return _inner(next(one for one in inner if one is not types.NoneType))
    if origin in {tuple, typing.Annotated}:
        return _inner(inner[0])
    return kind


def _follow(value: Any, steps: Sequence[str]) -> object:
    if value is None or not steps:
        return value
    if isinstance(value, tuple):
        return tuple(_follow(one, steps) for one in value)
    if isinstance(value, dict):
        return _follow(value.get(steps[0]), steps[1:])
    return _follow(getattr(value, steps[0]), steps[1:])
