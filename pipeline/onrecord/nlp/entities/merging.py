"""Merge the mentions of one text into entities, each under its fullest name.

People merge by name: "Lavrov", "Sergei Lavrov" and "S. Lavrov" are one person, John and Mary
Miller are two. Other entities merge by spelling, by the gazetteer's alternative names, and by
the acronyms that the text introduces.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace
from spacy.tokens import Doc, Token

from onrecord.nlp.entities.best_names import aliases, best_name, best_role, gender_shown
from onrecord.nlp.entities.english import gazetteer, known_people, lists
from onrecord.nlp.entities.mentions import find_mentions
from onrecord.nlp.entities.names import (
    Gender,
    fold,
    key_of_text,
)
from onrecord.nlp.entities.people import NameCluster, People
from onrecord.nlp.entities.role_phrases import Role
from onrecord.nlp.entities.roles import RoleReader
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.entities.word_index import WordIndex
from onrecord.records import Entity, EntityType, Mention, id_of

_CORPORATE = frozenset(
    {"inc", "corp", "co", "ltd", "llc", "llp", "plc", "gmbh", "ag", "sa", "company"}
)
_SMALL_WORDS = frozenset({"of", "the", "and", "for", "on", "in", "to", "de", "la", "&"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntity:
    """An entity as published, with the evidence that speaker resolution needs.

    `spans` are its mentions as token spans, in the order of `entity.mentions`. `roles` are all
    roles the text states, in text order. `gender` is derived from names, titles and roles; None
    if they show none or disagree.
    """

    entity: Entity
    spans: tuple[NamedSpan, ...]
    roles: tuple[Role, ...] = ()
    gender: Gender | None = None


def find_entities(doc: Doc, *, article_id: str) -> list[FoundEntity]:
    """The entities of one text, in the order of their first mentions.

    An id is a function of `article_id`, the entity type and the name.
    """
    text, roles = WordIndex(doc), RoleReader(doc)
    clusters = _clusters(text, find_mentions(text, roles), roles)
    clusters.sort(key=lambda cluster: cluster.spans[0].start)
    taken: Counter[str] = Counter()
    return [_entity(text, cluster, roles, article_id, taken) for cluster in clusters]


def _key(name: str) -> tuple[str, ...]:
    # Split at white space: the tokenizer makes three tokens of "Jong-un".
    return key_of_text(name) or tuple(map(fold, name.split()))


def _clusters(text: WordIndex, spans: Sequence[NamedSpan], roles: RoleReader) -> list[NameCluster]:
    keyed = [(span, _key(text.written(span))) for span in spans]
    firms = _short_names(keyed)
    people = People(text.doc, roles)
    rest: list[tuple[NamedSpan, tuple[str, ...]]] = []
    for span, key in keyed:
        if span.type == "person" and len(key) > 1:
            people.add_full(span, key)
    for span, key in keyed:
        if span.type == "person" and len(key) > 1:
            people.read(span)
        elif _is_short_for_firm(span, key, firms) and not people.has(key):
            rest.append((replace(span, type="organisation"), firms[key[0]]))
        elif not (_may_be_person(text.tokens, span) and people.add_short(span, key)):
            rest.append((span, key))
    return [*people.clusters, *_things(text, rest)]


def _short_names(
    keyed: Sequence[tuple[NamedSpan, tuple[str, ...]]],
) -> dict[str, tuple[str, ...]]:
    """Short names of organisations, each with the only full name it fits: "Deepwell" Dredging."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for span, key in keyed:
        if span.type == "organisation" and len(key) > 1 and gazetteer.is_short_name(key[0]):
            found[key[0]].add(key)
    return {word: next(iter(names)) for word, names in found.items() if len(names) == 1}


def _is_short_for_firm(
    span: NamedSpan, key: tuple[str, ...], firms: dict[str, tuple[str, ...]]
) -> bool:
    """Whether a single word is the short name of a firm, whatever the model's type.

    Not "Okafor" beside an Okafor Foundation, which is named after a person.
    """
    if len(key) != 1 or key[0] not in firms or span.certain:
        return False
    if span.type == "person":
        return not gazetteer.is_named_after(firms[key[0]][-1])
    return span.type in {"organisation", "product"}


def _may_be_person(tokens: Sequence[Token], span: NamedSpan) -> bool:
    """Whether a single word can be a surname even if the model gave it another type."""
    if span.type == "person":
        return True
    if span.certain or span.type == "group":
        # "Jordan" is a country unless the model labels it PERSON and a person here has that name.
        return span.type == "place" and tokens[span.start].ent_type_ == "PERSON"
    before = tokens[span.start - 1].lower_ if span.start else ""
    return not (span.type == "place" and before in {"in", "at", "near"})


# ── everything else ──────────────────────────────────────────────────────────────────────────


def _things(
    text: WordIndex, keyed: Sequence[tuple[NamedSpan, tuple[str, ...]]]
) -> Iterator[NameCluster]:
    things = [_thing(text.words[span.start : span.end], span, key) for span, key in keyed]
    full_names = _acronyms(text, things) | _papers(things)
    clusters: dict[str, NameCluster] = {}
    for thing in things:
        name = thing.name if thing.is_known else full_names.get(thing.name, thing.name)
        if name not in clusters:
            clusters[name] = NameCluster(thing.span.type)
        clusters[name].add(thing.span, thing.key)
    for cluster in clusters.values():
        cluster.type = _voted_type(cluster.spans)
        yield cluster


class _Thing(NamedTuple):
    """A mention of something other than a person; `is_known`: the gazetteer has the name."""

    span: NamedSpan
    key: tuple[str, ...]
    name: str
    is_known: bool


def _thing(words: Sequence[str], span: NamedSpan, key: tuple[str, ...]) -> _Thing:
    known = gazetteer.known(words)
    if known:
        return _Thing(span, key, known.name, is_known=True)
    name = " ".join([word for word in key if word not in _CORPORATE] or key)
    return _Thing(span, key, name, is_known=False)


def _acronyms(text: WordIndex, things: Sequence[_Thing]) -> dict[str, str]:
    """The unambiguous acronyms of this text, each with the name it stands for."""
    by_initials: dict[str, set[str]] = defaultdict(set)
    for span, key, name, _ in things:
        if len(key) > 1 and span.type != "person":
            initials = "".join(word[0] for word in key if word not in _SMALL_WORDS)
            by_initials[initials].add(name)
            by_initials["".join(word[0] for word in key)].add(name)
    found = {}
    for span, key, _, _ in things:
        letters = key[0].replace(".", "") if len(key) == 1 else ""
        written = text.written(span) if letters in by_initials else ""
        if len(letters) > 1 and written.replace(".", "").isupper():
            names = by_initials[letters]
            if len(names) == 1 and not gazetteer.known([written]):
                found[key[0]] = next(iter(names))
    return found


def _papers(things: Sequence[_Thing]) -> dict[str, str]:
    """The unambiguous last words of newspapers' names, each with the full name."""
    endings = lists.words("outlets", "endings")
    found: dict[str, set[str]] = defaultdict(set)
    for span, key, name, _ in things:
        if len(key) > 1 and key[-1] in endings and span.type == "organisation":
            found[key[-1]].add(name)
    return {word: next(iter(names)) for word, names in found.items() if len(names) == 1}


def _voted_type(spans: Sequence[NamedSpan]) -> EntityType:
    votes: Counter[EntityType] = Counter()
    for span in spans:
        votes[span.type] += 20 if span.certain else 1
    return max(votes, key=votes.__getitem__)


# ── what is published ────────────────────────────────────────────────────────────────────────


def _entity(
    text: WordIndex, cluster: NameCluster, roles: RoleReader, article_id: str, taken: Counter[str]
) -> FoundEntity:
    spans = tuple(sorted(cluster.spans, key=lambda span: span.start))
    mentions = tuple(_mention(text, span) for span in spans)
    name = best_name([mention.text for mention in mentions])
    found = [role for span in spans for role in roles.of(span)] if cluster.type == "person" else []
    gender = gender_shown(cluster.gender, found)
    if cluster.type == "person" and " " not in name:
        offices = {role.noun for role in found if role.construction != "party"}
        name = known_people.full_name(name, offices, gender) or name
    role = best_role(text.doc, found)
    # Entities of the same type and name in one text are numbered in text order.
    key = f"{cluster.type} {fold(name)}"
    taken[key] += 1
    entity = Entity(
        id=id_of("entity", article_id, cluster.type, fold(name), str(taken[key])),
        name=name,
        type=cluster.type,
        role=role.text(text.doc) if role else None,
        aliases=aliases(mentions, name),
        mentions=mentions,
    )
    return FoundEntity(entity=entity, spans=spans, roles=tuple(found), gender=gender)


def _mention(text: WordIndex, span: NamedSpan) -> Mention:
    start, written = text.tokens[span.start].idx, text.written(span)
    return Mention(start=start, end=start + len(written), text=written)
