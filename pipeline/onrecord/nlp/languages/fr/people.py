"""The people of a French article: their names, what the text says they are, and their gender.

The model's spans, with names that the words around them show: after a form of address or a noun
for people, before an age, or beginning with a known given name.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from spacy.tokens import Doc, Span

from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender, NameWords, fold
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.languages.fr.noun_phrases import nouns_for_people, read_name, read_phrase
from onrecord.nlp.languages.fr.words import (
    LISTS,
    Word,
    honorifics,
    listed,
    lower_at,
    words_in,
)
from onrecord.nlp.lexicon import word_lists
from onrecord.nlp.quotes.marks import lines_of
from onrecord.records import Entity, EntityType, Mention, id_of

_TYPES: Mapping[str, EntityType] = {"PER": "person", "ORG": "organisation", "LOC": "place"}
_LONGEST_ROLE = 12
_LONGEST_NAME = 6
_FORMER = frozenset(
    {"ancien", "ancienne", "ex", "futur", "future", "nouveau", "nouvelle", "jeune", "vice", "haut"}
)
_OF = frozenset({"de", "du", "des", "d'", "à", "au", "aux", "en"})
_RELATIVES = frozenset({"qui", "que", "qu'", "dont", "où"})
_BEGIN_SENTENCE = frozenset(".!?…»")
_GENDERS: tuple[Gender, ...] = ("masculine", "feminine")


@dataclass(slots=True)
class NamedGroup:
    """Somebody named: the spans of their names, their genders as shown, and their roles."""

    spans: list[tuple[int, int]]
    type: EntityType = "person"
    genders: list[Gender] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)


@cache
def _given_names() -> tuple[NameWords, NameWords]:
    return NameWords(LISTS), NameWords(word_lists("en"))


def gender_of_given(word: str) -> Gender | None:
    """What a given name says of its bearer: French first, then the names of others."""
    french, others = _given_names()
    return french.gender_of(word) or (None if french.is_given(word) else others.gender_of(word))


def is_given(word: str) -> bool:
    """Whether a word is known as a given name."""
    return any(names.is_given(word) for names in _given_names())


def gender_of_noun(noun: str) -> Gender | None:
    """What a noun for people says of gender: "députée" is feminine."""
    return next((one for one in _GENDERS if noun in LISTS.words("titles", one)), None)


def find_people(doc: Doc, *, article_id: str, text: str) -> list[FoundEntity]:
    """The people, organisations and places of an article, in the order of first mentions."""
    found = sorted(_spans(doc, text), key=lambda one: (-(one[1] - one[0]), one[0]))
    groups: dict[tuple[EntityType, str], NamedGroup] = {}
    fuller: dict[str, set[str]] = {}
    for start, end, kind, gender, role in found:
        name = fold(text[start:end])
        key = _key(fuller, kind, name)
        group = groups.setdefault(key, NamedGroup([], key[0]))
        if key == ("person", name):
            for part in _parts(name):
                fuller.setdefault(part, set()).add(name)
        group.spans.append((start, end))
        group.genders += [gender] if gender else []
        group.roles += [role] if role else []
    ordered = sorted(groups.values(), key=lambda group: min(group.spans))
    return [one for group in ordered if (one := _entity(doc, text, group, article_id))]


# ── spans ────────────────────────────────────────────────────────────────────────────────────

_Named = tuple[int, int, EntityType, Gender | None, str | None]


def _spans(doc: Doc, text: str) -> Iterator[_Named]:
    labels = {
        i: _TYPES[span.label_] for span in doc.ents if span.label_ in _TYPES for i in _chars(span)
    }
    for line in lines_of(text):
        words = words_in(text, *line)
        i = 0
        while i < len(words):
            name = read_name(words, i) if words[i].is_name else None
            if name is None or words[i].lower in honorifics() | listed("closed"):
                i += 1
                continue
            cut = _second_name(words, i, name.end)
            yield from _typed(words, i, cut, labels)
            if cut < name.end:
                yield from _typed(words, cut, name.end, labels)
            i = name.end


def _second_name(words: Sequence[Word], i: int, end: int) -> int:
    """Where a place ends that a person's name follows: "la députée de Moselle Ada Muller"."""
    of = lower_at(words, i - 1) in _OF or lower_at(words, i - 2) in _OF
    if of and not is_given(words[i].text):
        for at in range(i + 1, end - 1):
            if is_given(words[at].text) and words[at].is_name:
                return at
    return end


def _chars(span: Span) -> range:
    return range(span.start_char, span.end_char)


def _typed(
    words: Sequence[Word], i: int, end: int, labels: Mapping[int, EntityType]
) -> Iterator[_Named]:
    """A run of capitalised words as what it names, if it names anything."""
    while i < end - 1 and (_only_begins(words, i) or not words[i].is_name):
        i += 1
    if _is_no_name(words, i, end):
        return
    start, last = words[i].start, words[end - 1].end
    by_model = [labels[at] for at in range(start, last) if at in labels]
    role, gender = role_of(words, i, end)
    gender = _address(words, i) or gender
    given = all(is_given(part) for part in words[i].text.split("-")) or is_given(words[i].text)
    shown = _is_addressed(words, i) or (given and end - i > 1) or _has_age(words, end)
    if end - i == 1 and not given and lower_at(words, i - 1) not in nouns_for_people() | {","}:
        role = None  # "la présidente de la région Hautmont"
    if shown or (role and (end - i > 1 or given) and not _is_body(words, i)):
        if end - i > 1:
            gender = gender or gender_of_given(words[i].text)
        yield start, last, "person", gender, role
    elif by_model:
        kind = max(set(by_model), key=by_model.count)
        before = lower_at(words, i - 1)
        if before in listed("places before"):
            kind = "place"
        elif before in listed("bodies before"):
            kind = "organisation"
        if kind == "person" and end - i > 1:
            yield start, last, kind, gender or gender_of_given(words[i].text), role
        else:
            yield (*_whole(words, i, end, kind, labels), kind, None, None)


def _whole(
    words: Sequence[Word], i: int, end: int, kind: EntityType, labels: Mapping[int, EntityType]
) -> tuple[int, int]:
    """As much of a name as the model has, past its capitals: "Agence" of "Agence de l'eau"."""
    last = end
    while last < len(words) and labels.get(words[last].start) == kind:
        if words[last].is_name and words[last - 1].is_name:
            break  # another's name: "l'AFP Me Laure Henry"
        last += 1
    while last > end and words[last - 1].is_mark:
        last -= 1
    return words[i].start, words[last - 1].end


def _only_begins(words: Sequence[Word], i: int) -> bool:
    """Whether a capital is only that of a sentence's first word: "Contactée, …"."""
    word = words[i].lower
    return word in nouns_for_people() or word in honorifics() | listed("titles before")


def _is_no_name(words: Sequence[Word], i: int, end: int) -> bool:
    """Whether a single word with a capital is an office or opens a sentence: "Contacté, …"."""
    if end - i > 1:
        return False
    opens = i == 0 or words[i - 1].text in _BEGIN_SENTENCE
    return words[i].lower in nouns_for_people() or (
        opens and words[i].lower.endswith(("é", "ée", "és", "ées"))
    )


def _is_addressed(words: Sequence[Word], i: int) -> bool:
    return i > 0 and words[i - 1].lower in honorifics() and words[i - 1].text[0].isupper()


def _is_body(words: Sequence[Word], i: int) -> bool:
    """Whether a name follows "de": "le maire de Lyon"."""
    return lower_at(words, i - 1) in _OF


def _address(words: Sequence[Word], i: int) -> Gender | None:
    before = lower_at(words, i - 1)
    return next((one for one in _GENDERS if before in listed(f"honorifics {one}")), None)


def _has_age(words: Sequence[Word], end: int) -> bool:
    return (
        lower_at(words, end) == ","
        and lower_at(words, end + 1).isdecimal()
        and lower_at(words, end + 2) == "ans"
    )


# ── roles ────────────────────────────────────────────────────────────────────────────────────


def role_of(words: Sequence[Word], start: int, end: int) -> tuple[str | None, Gender | None]:
    """What the text says beside a name that somebody is, and what that says of gender."""
    for first, last in _beside(words, start, end):
        noun = _noun_of(words, first, last)
        complete = lower_at(words, last - 1) not in _OF | {"et", "le", "la", "l'", "les"}
        if noun is not None and complete and last - first <= _LONGEST_ROLE:
            determiner = lower_at(words, first - 1)
            gender = gender_of_noun(noun) or _by_determiner(determiner)
            role = _said(words, first, last)
            return role, gender
    return None, None


def _by_determiner(word: str) -> Gender | None:
    if word in ("le", "un", "ce"):
        return "masculine"
    return "feminine" if word in ("la", "une", "cette") else None


def _said(words: Sequence[Word], first: int, last: int) -> str:
    said = ""
    for at in range(first, last):
        gap = " " if at > first and words[at].start > words[at - 1].end else ""
        said += gap + words[at].text
    return said


def _noun_of(words: Sequence[Word], first: int, last: int) -> str | None:
    """The noun for people that a role begins with."""
    i = first
    while i < last and (words[i].lower in _FORMER or words[i].text == "-"):
        i += 1
    noun = lower_at(words, i)
    if noun.startswith(("ex-", "vice-", "sous-", "co-")):
        noun = noun.partition("-")[2] if noun not in nouns_for_people() else noun
    return noun if noun in nouns_for_people() and i < last else None


def _beside(words: Sequence[Word], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of words that may be somebody's role: before the name, then after it."""
    stop = start - 1 if _is_addressed(words, start) else start
    comma = lower_at(words, stop - 1) == ","
    if not comma or _ends_apposition(words, end):
        yield from _before(words, stop - 1 if comma else stop)
    if lower_at(words, end) in ("(", ","):
        first = end + 1 + (lower_at(words, end + 1) in listed("determiners"))
        last = _end_of_role(words, first)
        if last > first:
            yield first, last


def _before(words: Sequence[Word], last: int) -> Iterator[tuple[int, int]]:
    """Stretches that end before the word `last`, the shortest first."""
    for i in range(last - 1, max(-1, last - _LONGEST_ROLE - 1), -1):
        if _bounds(words[i]):
            return
        if words[i].lower in listed("determiners"):
            phrase = read_phrase(words, i)
            if phrase is not None and phrase.end >= last and i + 1 < last:
                yield i + 1, last
        elif i == 0 or words[i - 1].text in _BEGIN_SENTENCE:
            yield i, last


def _end_of_role(words: Sequence[Word], first: int) -> int:
    last = first
    while last < len(words) and last - first <= _LONGEST_ROLE:
        if _bounds(words[last]) or words[last].lower in _RELATIVES:
            break
        last += 1
    return last


def _bounds(word: Word) -> bool:
    return word.is_mark and word.text not in "-&"


def _ends_apposition(words: Sequence[Word], end: int) -> bool:
    after = lower_at(words, end)
    return after in ("", ",", ".", ":", ";", "(", ")", "»", "!", "?", "…", "«", "“", '"', "—", "–")


# ── entities ─────────────────────────────────────────────────────────────────────────────────


def _parts(name: str) -> Iterator[str]:
    """What else somebody of this name may be called: each end of it, and the given name."""
    words = name.split()
    if len(words) > 1:
        yield words[0]
        yield from (" ".join(words[i:]) for i in range(1, min(len(words), _LONGEST_NAME)))


def _key(fuller: Mapping[str, set[str]], kind: EntityType, name: str) -> tuple[EntityType, str]:
    """Under which name a span belongs: a surname or a given name to the one fuller name."""
    names = fuller.get(name, set())
    return ("person", next(iter(names))) if len(names) == 1 else (kind, name)


def _entity(doc: Doc, text: str, group: NamedGroup, article_id: str) -> FoundEntity | None:
    spans = sorted(group.spans)
    name = " ".join(max((text[slice(*at)] for at in spans), key=len).split())
    tokens = [doc.char_span(*at, alignment_mode="expand") for at in spans]
    entity = Entity(
        id=id_of("entity", article_id, group.type, name),
        name=name,
        type=group.type,
        role=max(group.roles, key=len, default=None) if group.type == "person" else None,
        aliases=tuple(dict.fromkeys(" ".join(text[slice(*at)].split()) for at in spans)),
        mentions=tuple(Mention(start=s, end=e, text=text[s:e]) for s, e in spans),
    )
    named = tuple(
        NamedSpan(start=span.start, end=span.end, type=group.type) for span in tokens if span
    )
    counted = Counter(group.genders).most_common(1)
    return FoundEntity(entity=entity, spans=named, gender=counted[0][0] if counted else None)
