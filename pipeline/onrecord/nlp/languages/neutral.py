"""Entities and speakers in a language for which there are no rules about names.

The model's spans are merged by name: a surname with the only fuller name that ends in it. A name
refers to the person it names; a pronoun to the last speaker or named person of its gender; a
description to the person whose name stands beside it ("la maire Mara Lind … la maire"). Every
other source is kept as written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Span, Token

from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.entities.english import name_words
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender, fold
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.languages.address_forms import AddressForms
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.records import Entity, EntityType, Mention, Speaker, id_of

# Labels of WikiNER, of OntoNotes, and of pipelines with their own labels for the same types.
_TYPES: Mapping[str, EntityType] = {
    "PER": "person", "PERSON": "person", "persName": "person", "ORG": "organisation",
    "orgName": "organisation", "LOC": "place", "GPE": "place", "FAC": "place",
    "placeName": "place", "geogName": "place", "NORP": "group", "EVENT": "event",
    "PRODUCT": "product", "WORK_OF_ART": "work",
}  # fmt: skip
_BESIDE = frozenset({"appos", "conj", "nmod", "nk", "ag"})
_LONGEST_ROLE = 8
_SMALL_WORD = 3
AS_WRITTEN = "as the text puts it"


@dataclass(slots=True)
class _Group:
    type: EntityType
    spans: list[Span]
    gender: Gender | None = None


def plain_entities(doc: Doc, naming: AddressForms, *, article_id: str) -> list[FoundEntity]:
    """The model's entities, each under its fullest name, in the order of first mentions."""
    groups: dict[tuple[EntityType, str], _Group] = {}
    for span in sorted(_spans(doc, naming), key=lambda one: -len(one)):
        kind = _TYPES[span.label_]
        key = _key(groups, kind, fold(span.text))
        group = groups.setdefault(key, _Group(kind, []))
        group.spans.append(span)
        group.gender = group.gender or _gender(doc, span, kind, naming)
    ordered = sorted(groups.values(), key=lambda group: min(span.start for span in group.spans))
    return [_entity(doc, group, article_id) for group in ordered]


def _spans(doc: Doc, naming: AddressForms) -> Iterator[Span]:
    for span in doc.ents:
        if span.label_ not in _TYPES or not any(map(str.isalpha, span.text)):
            continue
        start, end = span.start, span.end
        while start < end - 1 and doc[start].lower_ in naming.titles:
            start += 1
        while end > start + 1 and not doc[end - 1].text[-1].isalnum():
            end -= 1
        # A span with a lower-case initial is a phrase with a name in it: "ministre des Transports".
        if "\n" not in doc[start:end].text and not doc[start].text[:1].islower():
            yield Span(doc, start, end, label=span.label)


def _key(
    groups: Mapping[tuple[EntityType, str], _Group], kind: EntityType, name: str
) -> tuple[EntityType, str]:
    """The name that a span belongs to: for a surname, the only fuller name that ends in it."""
    if kind != "person" or " " in name:
        return kind, name
    fuller = [other for type_, other in groups if type_ == kind and other.split()[-1] == name]
    return (kind, fuller[0]) if len(fuller) == 1 else (kind, name)


def _gender(doc: Doc, span: Span, kind: EntityType, naming: AddressForms) -> Gender | None:
    if kind != "person":
        return None
    before = doc[span.start - 1].lower_ if span.start else ""
    if naming.titles.get(before):
        return naming.titles[before]
    known = name_words.gender_of(span[0].text) if len(span) > 1 else None
    if known is not None:
        return known
    noun = _noun_beside(span)
    shown = noun.morph.get("Gender", []) if noun is not None else []
    determiners = [child for child in noun.children if child.dep_ == "det"] if noun else []
    for one in determiners:
        shown = one.morph.get("Gender", []) or shown
    return {"Masc": "masculine", "Fem": "feminine"}.get(shown[0]) if shown else None  # type: ignore[return-value]


def _entity(doc: Doc, group: _Group, article_id: str) -> FoundEntity:
    spans = sorted(group.spans, key=lambda span: span.start)
    name = " ".join(max((span.text for span in group.spans), key=len).split())
    roles = (role for span in spans if (role := _role(doc, span)))
    entity = Entity(
        id=id_of("entity", article_id, group.type, name),
        name=name,
        type=group.type,
        role=next(roles, None) if group.type == "person" else None,
        aliases=tuple(dict.fromkeys(" ".join(span.text.split()) for span in spans)),
        mentions=tuple(
            Mention(start=span.start_char, end=span.end_char, text=span.text) for span in spans
        ),
    )
    named = (NamedSpan(start=span.start, end=span.end, type=group.type) for span in spans)
    return FoundEntity(entity=entity, spans=tuple(named), gender=group.gender)


def _noun_beside(span: Span) -> Token | None:
    """The noun beside a name: "maire" in "la maire Mara Lind"."""
    root = span.root
    if root.dep_.partition(":")[0] in _BESIDE and root.head.pos_ == "NOUN":
        between = span.start - root.head.i
        return root.head if 0 < between <= _LONGEST_ROLE else None
    after = (child for child in root.children if child.dep_ == "appos" and child.pos_ == "NOUN")
    return next((child for child in after if child.i >= span.end), None)


def _role(doc: Doc, span: Span) -> str | None:
    noun = _noun_beside(span)
    if noun is None:
        return None
    if noun.i < span.start:
        words = doc[noun.i : span.start].text
    else:
        end = noun.i + 1
        while end < len(doc) and end <= noun.right_edge.i and not doc[end].is_punct:
            end += 1
        words = doc[noun.i : end].text
    return " ".join(words.split()).strip(" ,") or None


# ── speakers ─────────────────────────────────────────────────────────────────────────────────


def plain_speakers(
    doc: Doc, naming: AddressForms, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list[WeighedSpeaker]:
    """The speaker of each quote, in the order of `quotes`; None for a quote without a source."""
    text = _People(doc, naming, entities)
    spoke: list[int] = []
    found = []
    for quote in quotes:
        source = doc.char_span(*quote.source, alignment_mode="expand") if quote.source else None
        if source is None:
            found.append(WeighedSpeaker(None))
            continue
        who, reason = text.meant(source, spoke)
        if who is not None:
            spoke.append(who)
        found.append(WeighedSpeaker(_speaker(source, entities, who, reason)))
    return found


def _speaker(
    source: Span, entities: Sequence[FoundEntity], who: int | None, reason: str
) -> Speaker:
    if who is None:
        return Speaker(name=" ".join(source.text.split()).lstrip("-"), reason=reason)
    known = entities[who].entity
    return Speaker(entity=known.id, name=known.name, role=known.role, reason=reason)


@dataclass(frozen=True, slots=True)
class _Description:
    """A description of a person: the noun, and all content words of the phrase."""

    who: int
    noun: str
    words: frozenset[str]


class _People:
    """The people named in a text, with the places and descriptions of their mentions."""

    def __init__(self, doc: Doc, naming: AddressForms, entities: Sequence[FoundEntity]) -> None:
        self._doc = doc
        self._naming = naming
        self._entities = entities
        self._named = sorted(
            (span.start, who)
            for who, one in enumerate(entities)
            if one.entity.type == "person"
            for span in one.spans
        )
        self._at = {
            i: who
            for who, one in enumerate(entities)
            for span in one.spans
            for i in range(span.start, span.end)
        }
        self._described = list(self._descriptions())

    def _descriptions(self) -> Iterator[_Description]:
        for who, one in enumerate(self._entities):
            for span in one.spans if one.entity.type == "person" else ():
                noun = _noun_beside(self._doc[span.start : span.end])
                if noun is not None:
                    role = _role(self._doc, self._doc[span.start : span.end]) or ""
                    yield _Description(who, noun.lower_, _meaning(role.lower().split()))

    def meant(self, source: Span, spoke: Sequence[int]) -> tuple[int | None, str]:
        """The referent of a source and how it was found; None if it is not a named person."""
        inside = [self._at[i] for i in range(source.start, source.end) if i in self._at]
        people = [who for who in inside if self._entities[who].entity.type == "person"]
        if people:
            return people[0], "named here"
        beside = self._beside(source.end)
        if beside is not None:
            return beside, "named beside"
        pronoun = source.text.lower().lstrip("-")
        if pronoun in self._naming.pronouns:
            who = self._last(source.start, self._naming.pronouns[pronoun], spoke)
            return who, AS_WRITTEN if who is None else "pronoun: who spoke or was named last"
        described = self._so_described(source)
        if described is not None:
            return described, "so described before"
        return (inside[0], "named here") if inside else (None, AS_WRITTEN)

    def _beside(self, end: int) -> int | None:
        """The person named right after a source: "la ministre, Anne Leroy"."""
        after = end + 1 if end < len(self._doc) and self._doc[end].text == "," else end
        who = self._at.get(after)
        person = who is not None and self._entities[who].entity.type == "person"
        return who if person else None

    def _so_described(self, source: Span) -> int | None:
        words = _meaning([token.lower_ for token in source])
        for one in reversed(self._described):
            if one.noun in words and words <= one.words:
                return one.who
        return None

    def _last(self, before: int, gender: Gender, spoke: Sequence[int]) -> int | None:
        """The last speaker of this gender, unless a person surely of it was named since."""
        named = [who for start, who in self._named if start < before]
        fitting = [who for who in named if self._entities[who].gender in (gender, None)]
        sure = [who for who in named if self._entities[who].gender == gender]
        speaker = next(
            (who for who in reversed(spoke) if self._entities[who].gender in (gender, None)), None
        )
        if speaker is not None and (not sure or speaker in sure[-1:] or speaker in named[-2:]):
            return speaker
        return next(reversed(sure or fitting), None)


def _meaning(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word for word in words if len(word) > _SMALL_WORD and word.isalpha())
