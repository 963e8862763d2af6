"""Trim the model's entity spans to names, without articles, titles, possessives or line breaks.

A span that joins two names ("the UN Dmitry Polyansky") is split, a truncated span ("Kim Jong")
is extended to the end of the name, and the words of a name override the model's type where they
are decisive.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from spacy.tokens import Span, Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.person_names import (
    is_capitalised,
    is_occupation,
    is_surname,
    person_itself,
)
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.entities.titles import singular
from onrecord.nlp.reading.quotation_marks import DOUBLE
from onrecord.records import EntityType

_TYPES: dict[str, EntityType] = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "group",
    "PRODUCT": "product",
    "EVENT": "event",
    "WORK_OF_ART": "work",
    "LAW": "work",
}
_POSSESSIVES = frozenset({"'s", "’s", "'", "’"})
_BREAKS = DOUBLE | frozenset(":;()[]{}/|?!—–…") | {"--", "..."}
_SCORE = re.compile(r"\d+ ?[-–] ?\d+")
_MODEL_NUMBER = re.compile(r"[A-Z]{1,4}-?\d{1,4}[A-Z]?")
# Bodies whose names can continue after "and": "Ministry of Transport and Highways".
_JOINING = frozenset({"ministry", "department", "office", "board", "committee", "bureau", "agency"})
_LONGEST_NAME = 12
_LONGEST_PERSON = 4


def names_of_model(tokens: Sequence[Token], span: Span) -> Iterator[NamedSpan]:
    """The names in one entity span of the model."""
    kind = _TYPES.get(span.label_)
    if kind is None:
        return
    verb = next(
        (
            one.i
            for one in tokens[span.start : span.end]
            if one.pos_ == "VERB" and one.text.islower()
        ),
        span.end,
    )
    if verb < span.end:
        # "Ortiz told The Associated Press" is a clause; its names are found separately later,
        # except a full name that it begins with.
        if (
            kind == "person"
            and verb - span.start > 1
            and all(map(_is_of_person, tokens[span.start : verb]))
        ):
            yield from _typed(tokens, span.start, verb, kind)
        return
    for start, end in _lines(tokens, span.start, span.end):
        for piece_start, piece_end, piece_kind in _parted(tokens, start, end, kind):
            yield from _typed(tokens, piece_start, piece_end, piece_kind)


def _is_of_person(token: Token) -> bool:
    return token.tag_ == "NNP" and token.text.istitle() and gazetteer.known([token.text]) is None


def _lines(tokens: Sequence[Token], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span split at line breaks, colons and brackets, which no name crosses."""
    at = start
    for token in tokens[start:end]:
        if token.text in _BREAKS or "\n" in token.text:
            yield at, token.i
            at = token.i + 1
    yield at, end


def _parted(
    tokens: Sequence[Token], start: int, end: int, kind: EntityType
) -> Iterator[tuple[int, int, EntityType]]:
    """The one or two names in a span: "the UN Dmitry Polyansky" is two."""
    if kind == "organisation" and end - start > 2 and tokens[end - 2].lower_ == "in":
        # "Tarn Theatre in Skelm"
        yield end - 1, end, "place"
        end -= 2
    for cut in range(start + 1, end - 1):
        joined = tokens[cut].text in _POSSESSIVES or tokens[cut].lower_ == "and"
        if tokens[cut].text in _POSSESSIVES and _is_known_beside(tokens, start, cut, end):
            yield start, cut, kind
            yield cut + 1, end, kind
            return
        if tokens[cut].text == "," and end - cut > 2 and name_words.is_given(tokens[cut + 1].text):
            yield start, cut, kind
            yield cut + 1, end, "person"
            return
        if joined and tokens[cut + 1].text[:1].isupper() and kind == "person":
            yield start, cut, kind
            yield cut + 1, end, kind
            return
        if _is_glued(tokens, start, cut, end):
            yield start, cut, "organisation"
            yield cut, end, "person"
            return
    if end - start > 1 and is_surname(tokens, end) and _is_glued(tokens, start, end - 1, end):
        # "Sinn Féin TD Diarmuid" of "… Diarmuid O’Neill".
        yield start, end - 1, "organisation"
        yield end - 1, end, "person"
        return
    yield start, end, kind


def _is_known_beside(tokens: Sequence[Token], start: int, cut: int, end: int) -> bool:
    """Whether a possessive joins two names of which at least one is known: "Alphabet's Google"."""
    sides = (tokens[start:cut], tokens[cut + 1 : end])
    if max(map(len, sides)) > _LONGEST_NAME:
        return False
    return any(gazetteer.known([token.text for token in side]) for side in sides)


def _is_glued(tokens: Sequence[Token], start: int, cut: int, end: int) -> bool:
    name = tokens[cut:end]
    if len(name) > _LONGEST_PERSON or not all(token.text[:1].isupper() for token in name):
        return False
    if not name_words.is_given(name[0].text):
        return False
    before = [token.text for token in tokens[start:cut] if not _is_trimmed(token.text)]
    while len(before) > 1 and titles.role_noun(before[-1]):
        before.pop()
    if not before:
        return False
    known = gazetteer.known(before)
    an_acronym = len(before) == 1 and before[0].isupper() and len(before[0]) > 1
    return bool(known or (an_acronym and "." not in before[0]))


def _typed(tokens: Sequence[Token], start: int, end: int, kind: EntityType) -> Iterator[NamedSpan]:
    """The span trimmed to the name, with the type that its words indicate."""
    whole, (start, end) = start, _name_itself(tokens, start, end, kind)
    if start >= end or end - start > _LONGEST_NAME:
        return
    if kind == "person" and whole < start and _is_named_by_occupation(tokens, start, end):
        yield NamedSpan(start=start, end=end, type="person", certain=True)
        return
    if _begins_full_name(tokens, start, end, kind):
        yield NamedSpan(start=start, end=end + 1, type="person")
        return
    start, kind = _with_first_half(tokens, start, end, kind)
    words = [token.text for token in tokens[start:end]]
    if gazetteer.is_matter_of_storm(words):
        return
    known = gazetteer.known(words)
    if known:
        yield NamedSpan(start=start, end=end, type=known.type, certain=True)
    elif kind == "work" and len(words) > 1 and titles.gender_of_honorific(words[0]):
        yield from _typed(tokens, start, end, "person")  # "Baroness Tilde Ashgrove"
    elif gazetteer.ends_in_legal_form(words):
        yield NamedSpan(start=start, end=end, type="organisation", certain=True)
    elif kind != "person" and _is_personal(tokens, start, end):
        yield NamedSpan(start=start, end=end, type="person", certain=True)
    else:
        if kind == "person" and _is_body_with_article(tokens, start, words):
            kind = "organisation"
        yield NamedSpan(start=start, end=end, type=_type_shown(words, kind))


def _is_body_with_article(tokens: Sequence[Token], start: int, words: Sequence[str]) -> bool:
    """Whether an article and the last word show an organisation: "the Weiss Foundation"."""
    article = start > 0 and tokens[start - 1].lower_ == "the"
    return article and gazetteer.type_by_words(["the", *words]) == "organisation"


def _is_named_by_occupation(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether proper nouns follow what somebody is: "Forecaster Signe Dahl"."""
    plain = all(token.tag_ == "NNP" for token in tokens[start:end])
    return plain and is_occupation(tokens[start - 1])


def _begins_full_name(tokens: Sequence[Token], start: int, end: int, kind: EntityType) -> bool:
    """Whether a given name that the model calls a group or a work precedes its surname."""
    if end - start != 1 or kind not in {"group", "work", "product"} or not is_surname(tokens, end):
        return False
    given = (
        name_words.is_given(tokens[start].text) and gazetteer.known([tokens[start].text]) is None
    )
    return given and tokens[start].head.i == end


def _name_itself(
    tokens: Sequence[Token], start: int, end: int, kind: EntityType
) -> tuple[int, int]:
    """The span without titles, articles and other words around the name."""
    start, end = _trimmed(tokens, start, end)
    if kind in {"person", "organisation", "place", "group"}:
        start, end = _trimmed(tokens, _after_titles(tokens, start, end, kind), end)
    if kind == "organisation" and start < end:
        end = _whole_body(tokens, start, end)
    if kind == "organisation" and end < len(tokens) and is_capitalised(tokens[end]):
        # "FEMA Administrator Ana Weiss": the role stands between the two names.
        while end - start > 1 and titles.role_noun(tokens[end - 1].text):
            end -= 1
    return person_itself(tokens, start, end) if kind == "person" and start < end else (start, end)


def _whole_body(tokens: Sequence[Token], start: int, end: int) -> int:
    """The end of an organisation's name that the model truncated at "of" or "and".

    "Law Society" of "Law Society of Kenya"; "Ministry of Road Transport" of "… and Highways".
    """
    if end + 1 >= len(tokens):
        return end
    follows, then = tokens[end].lower_, tokens[end + 1]
    if follows == "of" and gazetteer.is_ending(tokens[end - 1].lower_):
        known = gazetteer.known_at([token.text for token in tokens[end + 1 : end + 5]], 0)
        if known and known[1].type == "place" and is_capitalised(then):
            return end + 1 + known[0]
    links = any(token.lower_ in {"of", "for"} for token in tokens[start:end])
    if follows == "and" and links and tokens[start].lower_ in _JOINING:
        joined = is_capitalised(then) and then.ent_type_ in {"", "ORG"}
        if joined and not name_words.is_given(then.text) and not gazetteer.known([then.text]):
            return end + 2
    return end


def _type_shown(words: Sequence[str], kind: EntityType) -> EntityType:
    """The type that the words of a name indicate; the model's `kind` if they indicate none."""
    if kind == "place" and any(_MODEL_NUMBER.fullmatch(word) for word in words):
        return "product"
    if kind == "organisation" and gazetteer.begins_event(words):
        return "event"
    if kind not in {"person", "group", "product"}:
        return kind
    if kind == "person" and any(word in {"of", "for", "on"} for word in words):
        return "organisation"
    by_words = gazetteer.type_by_words(words)
    if (
        by_words == "place"
        and kind == "person"
        and name_words.is_given(words[0])
        and len(words) == 2
    ):
        # "Tom Ridge" is a person, "Virginia Beach" is not.
        return "place" if gazetteer.known(words[:1]) else "person"
    return by_words or kind


@lru_cache(maxsize=16384)
def _is_outside(word: str) -> bool:
    """Whether a word at either end of a span is not part of the name."""
    return _is_trimmed(word) or _begins_low(word)


def _is_trimmed(word: str) -> bool:
    """Whether a word is a mark, a possessive or an article."""
    if word in _POSSESSIVES or not any(char.isalnum() for char in word):
        return True
    return word.lower() in {"the", "a", "an", "this", "that", "these", "those"}


def _trimmed(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    while start < end and _is_outside(tokens[start].text):
        start += 1
    while end > start and _is_outside(tokens[end - 1].text):
        end -= 1
    if end - start > 3 and _is_score(*tokens[end - 3 : end]):
        end -= 3
    return start, end


def _is_score(ours: Token, mark: Token, theirs: Token) -> bool:
    """Whether three tokens are a result: "3-1"."""
    text = f"{ours.text}{ours.whitespace_}{mark.text}{mark.whitespace_}{theirs.text}"
    return _SCORE.fullmatch(text) is not None


def _begins_low(word: str) -> bool:
    """Whether a word is in lower case and is not a particle of a surname ("van")."""
    return word[:1].islower() and not name_words.is_particle(word) and word[1:].islower()


def _after_titles(tokens: Sequence[Token], start: int, end: int, kind: EntityType) -> int:
    """The start of the name in "Russian Foreign Minister Sergei Lavrov" or "Mr. Okafor"."""
    last = start - 1
    for i in range(start, end - 1):
        text = tokens[i].text
        titled = titles.is_honorific(text) or titles.role_noun(text) is not None
        # "King" and "Judge" are also given names, but not before a given name: "King Oskar III".
        if name_words.is_given(text) and not (titled and _is_title_so_far(tokens[i + 1])):
            break
        if titled:
            last = i
        elif text.lower() in {"of", "for", "and"} and kind != "person":
            break
    if kind != "person" and (last < 0 or not _can_be_person(tokens, last + 1, end)):
        return start
    return last + 1


def _is_title_so_far(token: Token) -> bool:
    """Whether the token continues a title or is a given name: "Major-Gen", "King Oskar"."""
    text = token.text
    return text == "-" or name_words.is_given(text) or titles.is_abbreviation(text)


def _can_be_person(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether the words after a title look like a person's name, whatever the model's type."""
    if start >= end or gazetteer.known([token.text for token in tokens[start:end]]):
        return False
    if name_words.is_given(tokens[start].text):
        return end - start in {2, 3}
    words = [token.text for token in tokens[start:end]]
    plain = all(word.isalpha() and word.istitle() for word in words)
    if len(words) == 1 and start and titles.announces_person(tokens[start - 1].text):
        # "DCI Brannock"
        return plain
    return len(words) == 2 and plain and gazetteer.type_by_words(words) is None


def _with_first_half(
    tokens: Sequence[Token], start: int, end: int, kind: EntityType
) -> tuple[int, EntityType]:
    """The span extended to an omitted given name: "Rosette" of "Rosette Pambakian"."""
    if start == 0 or end - start > 3 or gazetteer.known([tokens[start].text]):
        return start, kind
    if end - start > 1 and (kind != "person" or name_words.is_given(tokens[start].text)):
        return start, kind
    before = tokens[start - 1]
    if before.ent_type_ or not _can_be_given_name(before):
        return start, kind
    # "Team Holloway" is not a person called Team.
    compound = start <= before.head.i < end and not gazetteer.is_organisation_noun(before.lower_)
    if name_words.is_given(before.text) or (kind in {"group", "person"} and compound):
        return start - 1, "person"
    return start, kind


def _can_be_given_name(token: Token) -> bool:
    if token.tag_ != "NNP" or not token.text.istitle() or not is_capitalised(token):
        return False
    word = token.text
    title = titles.is_honorific(word) or titles.role_noun(word)
    return not (title or titles.role_noun(singular(word)))


def _is_personal(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a form of address stands right before: "Mr. Kursk" is a person."""
    title = title_before(tokens, start)
    return end - start <= 3 and title is not None and titles.announces_person(title)


def title_before(tokens: Sequence[Token], start: int) -> str | None:
    """The form of address or the role in capitals right before a name."""
    i = start - 1
    while i >= 0 and tokens[i].is_space and "\n" not in tokens[i].text:
        i -= 1
    text = tokens[i].text if i >= 0 else ""
    return text if _is_title(text) else None


@lru_cache(maxsize=16384)
def _is_title(word: str) -> bool:
    titled = titles.is_honorific(word) or titles.role_noun(word) is not None
    return word[:1].isupper() and titled
