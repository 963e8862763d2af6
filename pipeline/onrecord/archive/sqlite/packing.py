"""Quotes and entities as JSON without the words that stand in the article's text.

`body.detail` is a list: content (spans), cue, source, via (a span or null), context (a span), the
number of the speaker's entity in `article.entities`, and an object of everything else. A span is
`[start, end]`, or `[start, end, words]` where the words stand nowhere else. `body.context` is null
where the article's text is kept and has the context at its place.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from onrecord.records import ArticleRef, Entity, Quote, Span, quote_id

TYPES = ("direct", "mixed", "indirect")
_PLACED = frozenset(
    {"id", "type", "content", "cue", "source", "via", "context", "confidence", "speaker"}
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

Words = dict[str, Any]  # a span as JSON has it: start, end, text


class KeptText:
    """A stretch of an article's text that is kept; offsets are into the whole text."""

    __slots__ = ("_start", "_text")

    def __init__(self, text: str, start: int = 0) -> None:
        self._text = text
        self._start = start

    def has(self, span: Words) -> bool:
        """Whether the words of a span stand at its place."""
        start: int = span["start"]
        words: str = span["text"]
        return start >= self._start and self.between(start, span["end"]) == words

    def between(self, start: int, end: int) -> str:
        return self._text[start - self._start : end - self._start]

    def pack(self, span: Words | None) -> list[Any] | None:
        """The span without its words where they are kept."""
        if span is None:
            return None
        place = [span["start"], span["end"]]
        return place if self.has(span) else [*place, span["text"]]

    def unpack(self, packed: Sequence[Any] | None) -> Words | None:
        """The span with its words."""
        if packed is None:
            return None
        start, end = packed[0], packed[1]
        words = packed[2] if len(packed) > 2 else self.between(start, end)
        return {"start": start, "end": end, "text": words}


Numbered = Mapping[str, tuple[int, Entity]]


def numbered(entities: Sequence[Entity]) -> Numbered:
    """Entities with their numbers, by id."""
    return {entity.id: (n, entity) for n, entity in enumerate(entities)}


class PackedQuote(msgspec.Struct, frozen=True):
    """The columns of `body`."""

    content: str
    detail: str
    context: str | None


def pack_quote(
    quote: Quote,
    article: ArticleRef,
    entities: Numbered,
    text: str | None,
) -> PackedQuote:
    """The quote as columns. `entities` gives the number of each by its id."""
    fields = msgspec.to_builtins(quote)
    context = fields["context"]
    kept = KeptText(text) if text is not None else None
    is_in_text = kept is not None and kept.has(context)
    if kept is None or not is_in_text:
        kept = KeptText(context["text"], context["start"])
    rest = {key: value for key, value in fields.items() if key not in _PLACED and value}
    if quote.id != quote_id(article.id, article.revision, quote.content):
        rest["id"] = quote.id  # of somebody's own extractor
    number = None
    if quote.speaker is not None:
        number, entity = entities.get(quote.speaker.entity or "", (None, None))
        rest["speaker"] = _rest_of_speaker(fields["speaker"], entity)
    if rest.get("about"):
        rest["about"] = [_pack_about(about, entities, kept) for about in rest["about"]]
    detail = [
        [kept.pack(span) for span in fields["content"]],
        *(kept.pack(fields[name]) for name in ("cue", "source", "via")),
        [context["start"], context["end"]],
        number,
        rest,
    ]
    return PackedQuote(
        " […] ".join(span["text"] for span in fields["content"]),
        _encode(detail).decode(),
        None if is_in_text else context["text"],
    )


def _rest_of_speaker(speaker: dict[str, Any], entity: Entity | None) -> dict[str, Any]:
    """What the entity does not tell of a speaker."""
    rest = {key: value for key, value in speaker.items() if value is not None and key != "person"}
    if entity is not None:
        rest.pop("entity", None)
        if speaker["name"] == entity.name:
            rest.pop("name", None)
        if speaker["role"] == entity.role:
            rest.pop("role", None)
        elif speaker["role"] is None:
            rest["role"] = None
    return rest


def _pack_about(about: dict[str, Any], entities: Numbered, kept: KeptText) -> dict[str, Any]:
    number, entity = entities.get(about["entity"], (None, None))
    packed = about | {"mentions": [kept.pack(span) for span in about["mentions"]]}
    if number is not None and entity is not None:
        packed["entity"] = number
        for field in ("name", "type"):
            if packed[field] == getattr(entity, field):
                del packed[field]
    return packed


class QuoteRow(msgspec.Struct, frozen=True):
    """The columns from which a quote is put together. `text` is the article's, where it is kept."""

    article: ArticleRef
    type: int
    confidence: int
    detail: str
    context: str | None
    text: str | None


def unpack_quote(row: QuoteRow, entities: Sequence[Entity]) -> Quote:
    """The quote of a row. Its words are those that were packed."""
    content, cue, source, via, context, number, rest = _decode(row.detail)
    is_in_text = row.context is None
    kept = KeptText(row.text or "") if is_in_text else KeptText(row.context or "", context[0])
    entity = entities[number] if number is not None else None
    spans = tuple(msgspec.convert(kept.unpack(span), Span) for span in content)
    own_id = rest.pop("id", None)
    fields = rest | {
        "id": own_id or quote_id(row.article.id, row.article.revision, spans),
        "type": TYPES[row.type],
        "content": spans,
        "cue": kept.unpack(cue),
        "source": kept.unpack(source),
        "via": kept.unpack(via),
        "context": kept.unpack(context),
        "confidence": row.confidence / 1000,
    }
    if "speaker" in rest:
        own = {}
        if entity is not None:
            own = {"entity": entity.id, "name": entity.name, "role": entity.role}
        fields["speaker"] = own | rest["speaker"]
    if "about" in rest:
        fields["about"] = [_unpack_about(about, entities, kept) for about in rest["about"]]
    return msgspec.convert(fields, Quote)


def _unpack_about(
    about: dict[str, Any], entities: Sequence[Entity], kept: KeptText
) -> dict[str, Any]:
    found = about | {"mentions": [kept.unpack(span) for span in about["mentions"]]}
    if isinstance(about["entity"], int):
        entity = entities[about["entity"]]
        found = {"name": entity.name, "type": entity.type} | found | {"entity": entity.id}
    return found


# ── entities ─────────────────────────────────────────────────────────────────────────────────


def pack_entities(entities: Sequence[Entity], text: str | None) -> str:
    """The entities of an article, their mentions as offsets where its text is kept."""
    kept = KeptText(text or "")
    packed = []
    for entity in entities:
        fields = {key: value for key, value in msgspec.to_builtins(entity).items() if value}
        fields.pop("person", None)
        packed.append(fields | {"mentions": [kept.pack(span) for span in fields["mentions"]]})
    return _encode(packed).decode()


def unpack_entities(packed: str, text: str | None) -> list[Entity]:
    """The entities of an article, in their order."""
    kept = KeptText(text or "")
    found = _decode(packed)
    for fields in found:
        fields["mentions"] = [kept.unpack(span) for span in fields["mentions"]]
    return msgspec.convert(found, list[Entity])
