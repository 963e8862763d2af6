"""Quotes and entities as JSON without the words that stand in the article's text.

`body.detail` is a list, without the nulls at its end: content (spans), cue, source, via (a span or
null), context (a span), the number of the speaker's entity in `article.entities`, the speaker's
confidence in thousandths, manner (0 speech, 1 belief, 2 intention), what it is about (the number of
an entity, n, p or d, and spans), and an object of everything else. A span is `[start, end]`, or
`[start, end, words]` where the words stand nowhere else. `body.context` is null where the article's
text is kept and has the context at its place.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from onrecord.naming import name_key
from onrecord.records import ArticleRef, Entity, Quote, Span, Speaker, quote_id
from onrecord.records.statements import words_key, words_of_quote

TYPES = ("direct", "mixed", "indirect")
_MANNERS = ("speech", "belief", "intention")
_BY = {"n": "name", "p": "pronoun", "d": "description"}
_PLACES = 10  # in `detail`
_PLACED = frozenset({
    "id", "type", "content", "cue", "source", "via", "context", "confidence", "speaker", "manner",
    "about", "words_key",
})  # fmt: skip
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
    """The columns of `body`; `reason` in words, which stand in a table of their own."""

    detail: str
    context: str | None
    reason: str | None


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
    number, sureness, rest_of_speaker = _pack_speaker(quote.speaker, entities)
    detail = [
        [kept.pack(span) for span in fields["content"]],
        *(kept.pack(fields[name]) for name in ("cue", "source", "via")),
        kept.pack(context),
        number,
        sureness,
        None if quote.manner is None else _MANNERS.index(quote.manner),
        [_pack_about(about, entities, kept) for about in fields["about"]] or None,
        _rest_of(quote, article, fields, rest_of_speaker) or None,
    ]
    while detail[-1] is None:
        detail.pop()
    return PackedQuote(
        _encode(detail).decode(),
        None if is_in_text else context["text"],
        None if quote.speaker is None else quote.speaker.reason,
    )


def _rest_of(
    quote: Quote, article: ArticleRef, fields: Words, speaker: Words | None
) -> dict[str, Any]:
    """What has no place of its own, and what differs from what it usually is."""
    rest = {key: value for key, value in fields.items() if key not in _PLACED and value}
    if quote.id != quote_id(article.id, article.revision, quote.content):
        rest["id"] = quote.id  # of somebody's own extractor
    if quote.words_key != words_key(words_of_quote(quote)):
        rest["words_key"] = quote.words_key
    if round(quote.confidence * 1000) / 1000 != quote.confidence:
        rest["confidence"] = quote.confidence
    if speaker is not None:
        rest["speaker"] = speaker
    return rest


def _pack_speaker(
    speaker: Speaker | None, entities: Numbered
) -> tuple[int | None, int | None, Words | None]:
    """The number of the entity, the confidence in thousandths, and what these do not tell.

    That is None where they tell everything.
    """
    if speaker is None:
        return None, None, None
    number, entity = entities.get(speaker.entity or "", (None, None))
    fields = msgspec.to_builtins(speaker)
    rest: Words = {
        name: fields[name] for name in fields.keys() - {"person", "reason", "confidence"}
    }
    sureness = None
    if speaker.confidence is not None:
        sureness = round(speaker.confidence * 1000)
        if sureness / 1000 != speaker.confidence:
            rest["confidence"] = speaker.confidence
    if entity is not None:
        usual = {"entity": entity.id, "name": entity.name, "role": entity.role}
        rest = {key: value for key, value in rest.items() if usual.get(key, ...) != value}
    if rest.get("name_key") == name_key(speaker.name):
        rest["name_key"] = True
    # An entity whose name is a name: so it is of most speakers.
    is_usual = entity is not None and rest == {"name_key": True}
    return number, sureness, None if is_usual else rest


def _pack_about(about: Words, entities: Numbered, kept: KeptText) -> list[Any]:
    """Number of the entity (else its id), how it is referred to, mentions, and what differs."""
    number, entity = entities.get(about["entity"], (None, None))
    mentions = [kept.pack(span) for span in about["mentions"]]
    other = {field: about[field] for field in ("name", "type")}
    if entity is not None:
        other = {field: value for field, value in other.items() if getattr(entity, field) != value}
    packed = [about["entity"] if number is None else number, about["by"][0], mentions]
    return [*packed, other] if other else packed


class QuoteRow(msgspec.Struct, frozen=True):
    """The columns from which a quote is put together. `text` is the article's, where it is kept."""

    article: ArticleRef
    type: int
    confidence: int
    detail: str
    context: str | None
    reason: str | None
    text: str | None


def unpack_quote(row: QuoteRow, entities: Sequence[Entity]) -> Quote:
    """The quote of a row. Its words are those that were packed."""
    detail = _decode(row.detail)
    detail += [None] * (_PLACES - len(detail))
    content, cue, source, via, context, number, sureness, manner, about, rest = detail
    rest = rest or {}
    is_in_text = row.context is None
    kept = KeptText(row.text or "") if is_in_text else KeptText(row.context or "", context[0])
    spans = tuple(msgspec.convert(kept.unpack(span), Span) for span in content)
    fields = {
        "id": quote_id(row.article.id, row.article.revision, spans) if "id" not in rest else "",
        "type": TYPES[row.type],
        "content": spans,
        "cue": kept.unpack(cue),
        "source": kept.unpack(source),
        "via": kept.unpack(via),
        "context": kept.unpack(context),
        "confidence": row.confidence / 1000,
        "manner": None if manner is None else _MANNERS[manner],
        "about": [_unpack_about(one, entities, kept) for one in about or ()],
    } | rest
    fields["speaker"] = None
    if number is not None or "speaker" in rest:
        entity = None if number is None else entities[number]
        fields["speaker"] = _unpack_speaker(rest.get("speaker"), entity, sureness, row.reason)
    quote = msgspec.convert(fields, Quote)
    if "words_key" in rest:
        return quote
    return msgspec.structs.replace(quote, words_key=words_key(words_of_quote(quote)))


def _unpack_speaker(
    rest: Words | None, entity: Entity | None, sureness: int | None, reason: str | None
) -> Words:
    own: Words = {"confidence": None if sureness is None else sureness / 1000, "reason": reason}
    if entity is not None:
        own |= {"entity": entity.id, "name": entity.name, "role": entity.role}
    found: Words = own | ({"name_key": True} if rest is None else rest)
    if found.get("name_key") is True:
        found["name_key"] = name_key(found["name"])
    return found


def _unpack_about(packed: Sequence[Any], entities: Sequence[Entity], kept: KeptText) -> Words:
    which, by, mentions, *other = packed
    own: Words = {"entity": which}
    if isinstance(which, int):
        entity = entities[which]
        own = {"entity": entity.id, "name": entity.name, "type": entity.type}
    own |= {"by": _BY[by], "mentions": [kept.unpack(span) for span in mentions]}
    return own | (other[0] if other else {})


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
