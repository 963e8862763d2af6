"""Entities: what the mentions of one text name, each once, under its fullest name.

People merge by their names: "Lavrov", "Sergei Lavrov" and "S. Lavrov" are one, John and Mary
Miller stay two. Everything else merges by spelling, by the names the gazetteer knows for one
thing, and by the acronyms that the text introduces.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc

from pipeline.nlp import gazetteer, titles
from pipeline.nlp.mentions import NamedSpan, find_mentions
from pipeline.nlp.names import (
    Gender,
    fold,
    gender_of_given_name,
    is_given_name,
    name_key,
    same_given,
    same_person,
    same_word,
    spelling,
)
from pipeline.nlp.roles import Role, find_roles
from pipeline.records import Entity, EntityType, Mention, id_of

_CORPORATE = frozenset({"inc", "corp", "co", "ltd", "llc", "llp", "plc", "gmbh", "ag", "sa", "company"})
# How many people of one surname are told apart: a text of nothing but names stays linear.
_NAMESAKES = 30
_SMALL_WORDS = frozenset({"of", "the", "and", "for", "on", "in", "to", "de", "la", "&"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntity:
    """An entity as it is published, and what resolving speakers needs beside it.

    `spans` are its mentions in tokens, in the order of `entity.mentions`. `roles` are all the
    text states, in text order. `gender` is what names, titles and roles show, None if they
    show nothing or disagree.
    """

    entity: Entity
    spans: tuple[NamedSpan, ...]
    roles: tuple[Role, ...] = ()
    gender: Gender | None = None


def find_entities(doc: Doc, *, article_id: str) -> list[FoundEntity]:
    """The entities of one text, in the order of their first mentions.

    `article_id` goes into their ids, which are functions of it, the type and the name.
    """
    clusters = _clusters(doc, find_mentions(doc))
    clusters.sort(key=lambda cluster: cluster.spans[0].start)
    taken: Counter[str] = Counter()
    return [_entity(doc, cluster, article_id, taken) for cluster in clusters]


@dataclass(slots=True)
class _Cluster:
    """Mentions of one entity. `names` are the keys of its names, the longest first."""

    type: EntityType
    spans: list[NamedSpan] = field(default_factory=list)
    names: list[tuple[str, ...]] = field(default_factory=list)
    gender: Gender | None = None
    known_as: str | None = None

    def add(self, span: NamedSpan, key: tuple[str, ...]) -> None:
        self.spans.append(span)
        if key not in self.names:
            self.names.append(key)
            self.names.sort(key=len, reverse=True)


def _key(doc: Doc, span: NamedSpan) -> tuple[str, ...]:
    # Words as blanks part them: the tokenizer cuts "Jong-un" in three.
    words = doc[span.start : span.end].text.split()
    return name_key(words) or tuple(fold(word) for word in words)


def _clusters(doc: Doc, spans: Sequence[NamedSpan]) -> list[_Cluster]:
    keyed = [(span, _key(doc, span)) for span in spans]
    people = _People()
    rest: list[tuple[NamedSpan, tuple[str, ...]]] = []
    for span, key in keyed:
        if span.type == "person" and len(key) > 1:
            people.add_full(span, key)
    for span, key in keyed:
        if span.type == "person" and len(key) > 1:
            people.note(span, key)
        elif not (_may_be_person(doc, span) and len(key) == 1 and people.add_short(span, key)):
            rest.append((span, key))
    return [*people.clusters, *_things(doc, rest)]


def _may_be_person(doc: Doc, span: NamedSpan) -> bool:
    """Whether a single word that the model gave another type may yet be somebody's surname."""
    if span.type == "person":
        return True
    if span.certain or span.type == "group":
        # "Jordan" is a country, unless the model sees a person and the text has one so named.
        return span.type == "place" and doc[span.start].ent_type_ == "PERSON"
    before = doc[span.start - 1].lower_ if span.start else ""
    return not (span.type == "place" and before in {"in", "at", "near"})


# ── people ───────────────────────────────────────────────────────────────────────────────────


class _People:
    """The people of a text, found by full name, then by the parts of it that stand alone."""

    def __init__(self) -> None:
        self.clusters: list[_Cluster] = []
        self._by_surname: dict[str, list[_Cluster]] = defaultdict(list)
        self._by_given: dict[str, list[_Cluster]] = defaultdict(list)
        self._of: dict[int, _Cluster] = {}
        self._latest: dict[int, int] = {}

    def add_full(self, span: NamedSpan, key: tuple[str, ...]) -> None:
        """Put a mention of two or more words to the person it can name, or to a new one."""
        gender = _gender_of_mention(span, key)
        found = None
        for cluster in self._by_surname[spelling(key[-1])][-_NAMESAKES:]:
            if any(same_person(key, name) for name in cluster.names if len(name) > 1):
                if not (gender and cluster.gender and gender != cluster.gender and span.title):
                    found = cluster
                    break
        if found is None:
            found = _Cluster("person", gender=gender)
            self.clusters.append(found)
        found.add(span, key)
        found.gender = found.gender or gender
        self._of[span.start] = found
        _index(self._by_surname, key[-1], found)
        for word in key[:-1]:
            _index(self._by_given, word, found)

    def note(self, span: NamedSpan, key: tuple[str, ...]) -> None:
        """Remember, reading in text order, that this person was just named in full."""
        self._latest[id(self._of[span.start])] = span.start

    def add_short(self, span: NamedSpan, key: tuple[str, ...]) -> bool:
        """Put a single word to the person it can name. False when it names nobody known."""
        word = spelling(key[0])
        candidates = self._by_surname.get(word) or self._by_given.get(word) or []
        gender = titles.gender_of_honorific(span.title) if span.title else None
        if gender:
            candidates = [one for one in candidates if one.gender in {gender, None}]
        if not candidates and span.type != "person":
            return False
        if candidates:
            cluster = self._likeliest(candidates, span.title)
        else:
            cluster = _Cluster("person", gender=gender)
            self.clusters.append(cluster)
            self._by_surname[word].append(cluster)
        cluster.add(span, key)
        cluster.gender = cluster.gender or gender
        self._latest[id(cluster)] = span.start
        return True

    def _likeliest(self, candidates: list[_Cluster], title: str | None) -> _Cluster:
        """Of several people of one name, the one the text is about.

        A bare surname means who has the title before it, then whoever is named most; the one
        named last wins a tie.
        """

        def rank(one: _Cluster) -> tuple[bool, int, int]:
            titled = title is not None and any(span.title == title for span in one.spans)
            return titled, len(one.spans), self._latest.get(id(one), -1)

        return max(candidates[-_NAMESAKES:], key=rank)


def _index(index: dict[str, list[_Cluster]], word: str, person: _Cluster) -> None:
    people = index[spelling(word)]
    if person not in people[-_NAMESAKES:]:
        people.append(person)


def _gender_of_mention(span: NamedSpan, key: tuple[str, ...]) -> Gender | None:
    by_title = titles.gender_of_honorific(span.title) if span.title else None
    if by_title or len(key) < 2:
        return by_title
    if "-" in key[-1] and len(key[0]) < 5:
        # "Kim Jong-un": the surname comes first, and is no woman's name.
        return None
    given = next((word for word in key[:-1] if len(word.replace(".", "")) > 1), None)
    return gender_of_given_name(given) if given else None


# ── everything else ──────────────────────────────────────────────────────────────────────────


def _things(doc: Doc, keyed: Sequence[tuple[NamedSpan, tuple[str, ...]]]) -> Iterator[_Cluster]:
    acronyms = _acronyms(doc, keyed)
    clusters: dict[str, _Cluster] = {}
    for span, key in keyed:
        name = _name_of_thing(doc, span, key, acronyms)
        if name not in clusters:
            clusters[name] = _Cluster(span.type)
        clusters[name].add(span, key)
    for cluster in clusters.values():
        cluster.type = _voted_type(cluster.spans)
        yield cluster


def _name_of_thing(
    doc: Doc, span: NamedSpan, key: tuple[str, ...], acronyms: dict[str, str]
) -> str:
    known = gazetteer.known([token.text for token in doc[span.start : span.end]])
    if known:
        return known.name
    words = [word for word in key if word not in _CORPORATE] or list(key)
    name = " ".join(words)
    return acronyms.get(name, name)


def _acronyms(
    doc: Doc, keyed: Sequence[tuple[NamedSpan, tuple[str, ...]]]
) -> dict[str, str]:
    """Acronyms of this text, each with the name it is short for, where only one can be meant."""
    by_initials: dict[str, set[str]] = defaultdict(set)
    for span, key in keyed:
        if len(key) > 1 and span.type != "person":
            name = _name_of_thing(doc, span, key, {})
            initials = "".join(word[0] for word in key if word not in _SMALL_WORDS)
            by_initials[initials].add(name)
            by_initials["".join(word[0] for word in key)].add(name)
    found = {}
    for span, key in keyed:
        text = doc[span.start : span.end].text
        letters = key[0].replace(".", "") if len(key) == 1 else ""
        if len(letters) > 1 and text.replace(".", "").isupper():
            names = by_initials.get(letters, set())
            if len(names) == 1 and not gazetteer.known([text]):
                found[key[0]] = next(iter(names))
    return found


def _voted_type(spans: Sequence[NamedSpan]) -> EntityType:
    votes: Counter[EntityType] = Counter()
    for span in spans:
        votes[span.type] += 20 if span.certain else 1
    return votes.most_common(1)[0][0]


# ── what is published ────────────────────────────────────────────────────────────────────────


def _entity(doc: Doc, cluster: _Cluster, article_id: str, taken: Counter[str]) -> FoundEntity:
    spans = tuple(sorted(cluster.spans, key=lambda span: span.start))
    mentions = tuple(_mention(doc, span) for span in spans)
    name = _best_name([mention.text for mention in mentions])
    found = [role for span in spans for role in find_roles(doc, span)] if cluster.type == "person" else []
    role = _best_role(doc, found)
    # Two people of one name in one text, told apart by their order.
    key = f"{cluster.type} {fold(name)}"
    taken[key] += 1
    entity = Entity(
        id=id_of("entity", article_id, cluster.type, fold(name), str(taken[key])),
        name=name,
        type=cluster.type,
        role=role.text(doc) if role else None,
        aliases=_aliases(mentions, name),
        mentions=mentions,
    )
    return FoundEntity(entity=entity, spans=spans, roles=tuple(found), gender=_gender(cluster, found))


def _mention(doc: Doc, span: NamedSpan) -> Mention:
    words = doc[span.start : span.end]
    return Mention(start=words.start_char, end=words.end_char, text=words.text)


def _best_name(texts: Sequence[str]) -> str:
    """The fullest name: most words, not in capitals if that can be had, most frequent, first."""
    counts = Counter(" ".join(text.split()) for text in texts)
    longest = max(len(text.split()) for text in counts)

    def rank(text: str) -> tuple[int, bool, int]:
        return len(text.split()), not text.isupper() or longest == 1 and len(text) < 5, counts[text]

    return max(counts, key=rank)


def _aliases(mentions: Sequence[Mention], name: str) -> tuple[str, ...]:
    texts = dict.fromkeys(" ".join(mention.text.split()) for mention in mentions)
    return tuple(text for text in texts if text != name)


def _best_role(doc: Doc, roles: Sequence[Role]) -> Role | None:
    """The first role before or beside the name, unless a later one says the same more fully."""
    said = [role for role in roles if role.construction != "party"]
    if not said:
        return None
    stated = [role for role in said if role.construction != "copula"] or said
    best = stated[0]
    for role in stated[1:]:
        same = role.noun == best.noun and role.end - role.start > best.end - best.start
        if (same and best.end - best.start == 1) or titles.is_abbreviation(best.text(doc)):
            best = role
    return best


def _gender(cluster: _Cluster, roles: Sequence[Role]) -> Gender | None:
    if cluster.gender:
        return cluster.gender
    shown = {titles.gender_of_role(role.noun) for role in roles} - {None}
    return next(iter(shown)) if len(shown) == 1 else None
