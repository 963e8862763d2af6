"""The people of a text: mentions grouped by full name or a part of it."""

from collections import defaultdict
from dataclasses import dataclass, field

from spacy.tokens import Doc

from onrecord.nlp.entities.english import known_people, name_words, titles
from onrecord.nlp.entities.names import Gender, name_key, spelling
from onrecord.nlp.entities.roles import RoleReader
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.records import EntityType

# People distinguished per surname: a bound that keeps a text made only of names linear.
_NAMESAKES = 30
# By how many mentions two people can differ for the later one to be meant by a surname.
_AS_MANY = 1


@dataclass(slots=True)
class NameCluster:
    """Mentions of one entity.

    `names` are the keys of its names, the longest first. Of the text read so far, `latest` is
    the place of the last mention, `named` the number of mentions and `in_full` that of mentions of
    more than one word.
    """

    type: EntityType
    spans: list[NamedSpan] = field(default_factory=list)
    names: list[tuple[str, ...]] = field(default_factory=list)
    gender: Gender | None = None
    latest: int = -1
    named: int = 0
    in_full: int = 0

    def read(self, span: NamedSpan) -> None:
        """Record a mention; mentions are read in text order."""
        self.latest = span.start
        self.named += 1
        self.in_full += span.end - span.start > 1

    def add(self, span: NamedSpan, key: tuple[str, ...]) -> None:
        self.spans.append(span)
        if key not in self.names:
            self.names.append(key)
            self.names.sort(key=len, reverse=True)


class People:
    """The people of a text, found by full name, then by parts of it used alone."""

    def __init__(self, doc: Doc, roles: RoleReader) -> None:
        self._doc = doc
        self._roles = roles
        self.clusters: list[NameCluster] = []
        self._by_surname: dict[str, list[NameCluster]] = defaultdict(list)
        self._by_given: dict[str, list[NameCluster]] = defaultdict(list)
        self._of: dict[int, NameCluster] = {}

    def add_full(self, span: NamedSpan, key: tuple[str, ...]) -> None:
        """Add a mention of two or more words to the person it can name, or to a new person."""
        gender = _gender_of_mention(span, key)
        found = None
        for cluster in self._by_surname[spelling(key[-1])][-_NAMESAKES:]:
            if _can_be(cluster, key, gender):
                found = cluster
                break
        if found is None:
            found = NameCluster("person", gender=gender)
            self.clusters.append(found)
        found.add(span, key)
        found.gender = found.gender or gender
        self._of[span.start] = found
        _index(self._by_surname, key[-1], found)
        for word in key[:-1]:
            _index(self._by_given, word, found)

    def read(self, span: NamedSpan) -> None:
        """Record a full-name mention of this person; mentions are read in text order."""
        self._of[span.start].read(span)

    def has(self, key: tuple[str, ...]) -> bool:
        """Whether a person in this text has this name."""
        word = spelling(key[-1])
        return bool(self._by_surname.get(word) or self._by_given.get(word))

    def add_short(self, span: NamedSpan, key: tuple[str, ...]) -> bool:
        """Add a part of a name to the person it can name; False when there is no such person.

        A single word that the model labels as a person and that fits nobody is a new person.
        """
        word = spelling(key[-1])
        candidates = self._by_surname.get(word, [])
        if len(key) > 1:
            candidates = [one for one in candidates[-_NAMESAKES:] if _can_be(one, key, None)]
        else:
            candidates = candidates or self._by_given.get(word, [])
        gender = titles.gender_of_honorific(span.title) if span.title else None
        if gender:
            candidates = [one for one in candidates if one.gender in {gender, None}]
        candidates = [one for one in candidates if not _is_somebody_else(one, span, word)]
        if not candidates and span.type != "person":
            return False
        if candidates:
            shown = [one for one in candidates if gender and one.gender == gender]
            cluster = self._likeliest(shown or candidates, span)
        else:
            cluster = NameCluster("person", gender=gender)
            self.clusters.append(cluster)
            self._by_surname[word].append(cluster)
        cluster.add(span, key)
        cluster.gender = cluster.gender or gender
        cluster.read(span)
        return True

    def _likeliest(self, candidates: list[NameCluster], span: NamedSpan) -> NameCluster:
        """The most likely of several people with the same name.

        A bare surname means the person with the title before it, then the person with the most
        mentions so far; among those with nearly as many, the one named in full more often, then
        last. "The younger Thornbury" is the son, the daughter or the niece.
        """
        most = max(one.named for one in candidates[-_NAMESAKES:])
        before = self._doc[span.start - 1].lower_ if span.start else ""

        def rank(one: NameCluster) -> tuple[bool, bool, bool, int, int]:
            titled = span.title is not None and any(it.title == span.title for it in one.spans)
            return (
                self._is_generation(one, before),
                titled,
                most - one.named <= _AS_MANY,
                one.in_full,
                one.latest,
            )

        return max(candidates[-_NAMESAKES:], key=rank)

    def _is_generation(self, person: NameCluster, word: str) -> bool:
        """Whether the text calls a person the younger (or the elder) of a family."""
        nouns = titles.generation(word)
        return bool(nouns) and any(
            role.noun in nouns
            for span in person.spans[:_NAMESAKES]
            for role in self._roles.of(span)
        )


def _can_be(person: NameCluster, key: tuple[str, ...], gender: Gender | None) -> bool:
    """Whether a full name can be this person's: the names agree and the genders do not clash."""
    if gender and person.gender and gender != person.gender:
        return False
    return any(name_words.same_person(key, name) for name in person.names if len(name) > 1)


def _is_somebody_else(person: NameCluster, span: NamedSpan, surname: str) -> bool:
    """Whether a surname with an office means a known person whose full name is not in the text.

    "President Obama" beside Michelle Obama, unless the text gives her that office.
    """
    office = titles.role_noun(span.title) if span.title else None
    known = known_people.full_name(surname, {office}, None) if office else None
    if known is None or any(len(name) < 2 for name in person.names):
        return False
    if any(titles.role_noun(one.title or "") == office for one in person.spans):
        return False
    return not any(name_words.same_person(name_key(known.split()), name) for name in person.names)


def _index(index: dict[str, list[NameCluster]], word: str, person: NameCluster) -> None:
    people = index[spelling(word)]
    if person not in people[-_NAMESAKES:]:
        people.append(person)


def _gender_of_mention(span: NamedSpan, key: tuple[str, ...]) -> Gender | None:
    by_title = titles.gender_of_honorific(span.title) if span.title else None
    if by_title or len(key) < 2:
        return by_title
    if "-" in key[-1] and len(key[0]) < 5:
        # "Kim Jong-un": the surname comes first and is not a woman's given name.
        return None
    given = next((word for word in key[:-1] if len(word.replace(".", "")) > 1), None)
    return name_words.gender_of(given) if given else None
