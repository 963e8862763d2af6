"""Trim the model's entity spans to names, without articles, titles, possessives or line breaks.

A span that joins two names ("the UN Dmitry Polyansky") is split, a truncated span ("Kim Jong")
is extended to the end of the name, and the words of a name override the model's type where they
are decisive.
"""

import re
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Span, Token

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


def names_of_model(doc: Doc, span: Span) -> Iterator[NamedSpan]:
    """The names in one entity span of the model."""
    kind = _TYPES.get(span.label_)
    if kind is None:
        return
    verb = next(
        (one.i for one in doc[span.start : span.end] if one.pos_ == "VERB" and one.text.islower()),
        span.end,
    )
    if verb < span.end:
        # "Ortiz told The Associated Press" is a clause; its names are found separately later,
        # except a full name that it begins with.
        if (
            kind == "person"
            and verb - span.start > 1
            and all(map(_is_of_person, doc[span.start : verb]))
        ):
            yield from _typed(doc, span.start, verb, kind)
        return
    for start, end in _lines(doc, span.start, span.end):
        for piece_start, piece_end, piece_kind in _parted(doc, start, end, kind):
            yield from _typed(doc, piece_start, piece_end, piece_kind)


def _is_of_person(token: Token) -> bool:
    return token.tag_ == "NNP" and token.text.istitle() and gazetteer.known([token.text]) is None


def _lines(doc: Doc, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span split at line breaks, colons and brackets, which no name crosses."""
    at = start
    for i in range(start, end):
        if "\n" in doc[i].text or doc[i].text in _BREAKS:
            yield at, i
            at = i + 1
    yield at, end


def _parted(
    doc: Doc, start: int, end: int, kind: EntityType
) -> Iterator[tuple[int, int, EntityType]]:
    """The one or two names in a span: "the UN Dmitry Polyansky" is two."""
    if kind == "organisation" and end - start > 2 and doc[end - 2].lower_ == "in":
        # "Tarn Theatre in Skelm"
        yield end - 1, end, "place"
        end -= 2
    for cut in range(start + 1, end - 1):
        joined = doc[cut].text in _POSSESSIVES or doc[cut].lower_ == "and"
        if doc[cut].text in _POSSESSIVES and _is_known_beside(doc, start, cut, end):
            yield start, cut, kind
            yield cut + 1, end, kind
            return
        if doc[cut].text == "," and end - cut > 2 and name_words.is_given(doc[cut + 1].text):
            yield start, cut, kind
            yield cut + 1, end, "person"
            return
        if joined and doc[cut + 1].text[:1].isupper() and kind == "person":
            yield start, cut, kind
            yield cut + 1, end, kind
            return
        if _is_glued(doc, start, cut, end):
            yield start, cut, "organisation"
            yield cut, end, "person"
            return
    if end - start > 1 and is_surname(doc, end) and _is_glued(doc, start, end - 1, end):
        # "Sinn Féin TD Diarmuid" of "… Diarmuid O’Neill".
        yield start, end - 1, "organisation"
        yield end - 1, end, "person"
        return
    yield start, end, kind


def _is_known_beside(doc: Doc, start: int, cut: int, end: int) -> bool:
    """Whether a possessive joins two names of which at least one is known: "Alphabet's Google"."""
    sides = (doc[start:cut], doc[cut + 1 : end])
    if max(map(len, sides)) > _LONGEST_NAME:
        return False
    return any(gazetteer.known([token.text for token in side]) for side in sides)


def _is_glued(doc: Doc, start: int, cut: int, end: int) -> bool:
    name = doc[cut:end]
    if len(name) > _LONGEST_PERSON or not all(token.text[:1].isupper() for token in name):
        return False
    if not name_words.is_given(name[0].text):
        return False
    before = [token.text for token in doc[start:cut] if not _is_trimmed(token)]
    while len(before) > 1 and titles.role_noun(before[-1]):
        before.pop()
    if not before:
        return False
    known = gazetteer.known(before)
    an_acronym = len(before) == 1 and before[0].isupper() and len(before[0]) > 1
    return bool(known or (an_acronym and "." not in before[0]))


def _typed(doc: Doc, start: int, end: int, kind: EntityType) -> Iterator[NamedSpan]:
    """The span trimmed to the name, with the type that its words indicate."""
    whole, (start, end) = start, _name_itself(doc, start, end, kind)
    if start >= end or end - start > _LONGEST_NAME:
        return
    plain = all(token.tag_ == "NNP" for token in doc[start:end])
    if kind == "person" and whole < start and plain and is_occupation(doc[start - 1]):
        yield NamedSpan(start=start, end=end, type="person", certain=True)
        return
    if _begins_full_name(doc, start, end, kind):
        yield NamedSpan(start=start, end=end + 1, type="person")
        return
    start, kind = _with_first_half(doc, start, end, kind)
    words = [token.text for token in doc[start:end]]
    if gazetteer.is_matter_of_storm(words):
        return
    known = gazetteer.known(words)
    if known:
        yield NamedSpan(start=start, end=end, type=known.type, certain=True)
    elif kind == "work" and len(words) > 1 and titles.gender_of_honorific(words[0]):
        yield from _typed(doc, start, end, "person")  # "Baroness Tilde Ashgrove"
    elif gazetteer.ends_in_legal_form(words):
        yield NamedSpan(start=start, end=end, type="organisation", certain=True)
    elif kind != "person" and _is_personal(doc, start, end):
        yield NamedSpan(start=start, end=end, type="person", certain=True)
    else:
        article = start > 0 and doc[start - 1].lower_ == "the"
        shown = gazetteer.type_by_words(["the", *words] if article else words)
        if article and shown == "organisation" and kind == "person":
            kind = "organisation"
        yield NamedSpan(start=start, end=end, type=_type_shown(words, kind))


def _begins_full_name(doc: Doc, start: int, end: int, kind: EntityType) -> bool:
    """Whether a given name that the model calls a group or a work precedes its surname."""
    if end - start != 1 or kind not in {"group", "work", "product"} or not is_surname(doc, end):
        return False
    given = name_words.is_given(doc[start].text) and gazetteer.known([doc[start].text]) is None
    return given and doc[start].head.i == end


def _name_itself(doc: Doc, start: int, end: int, kind: EntityType) -> tuple[int, int]:
    """The span without titles, articles and other words around the name."""
    start, end = _trimmed(doc, start, end)
    if kind in {"person", "organisation", "place", "group"}:
        start, end = _trimmed(doc, _after_titles(doc, start, end, kind), end)
    if kind == "organisation" and start < end:
        end = _whole_body(doc, start, end)
    if kind == "organisation" and end < len(doc) and is_capitalised(doc[end]):
        # "FEMA Administrator Ana Weiss": the role stands between the two names.
        while end - start > 1 and titles.role_noun(doc[end - 1].text):
            end -= 1
    return person_itself(doc, start, end) if kind == "person" and start < end else (start, end)


def _whole_body(doc: Doc, start: int, end: int) -> int:
    """The end of an organisation's name that the model truncated at "of" or "and".

    "Law Society" of "Law Society of Kenya"; "Ministry of Road Transport" of "… and Highways".
    """
    if end + 1 >= len(doc):
        return end
    follows, then = doc[end].lower_, doc[end + 1]
    if follows == "of" and gazetteer.is_ending(doc[end - 1].lower_):
        known = gazetteer.known_at([token.text for token in doc[end + 1 : end + 5]], 0)
        if known and known[1].type == "place" and is_capitalised(then):
            return end + 1 + known[0]
    links = any(token.lower_ in {"of", "for"} for token in doc[start:end])
    if follows == "and" and links and doc[start].lower_ in _JOINING:
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


def _is_trimmed(token: Token) -> bool:
    """Whether a token at either end of a span is not part of the name."""
    text = token.text
    if token.is_space or text in _POSSESSIVES or not any(char.isalnum() for char in text):
        return True
    return text.lower() in {"the", "a", "an", "this", "that", "these", "those"}


def _trimmed(doc: Doc, start: int, end: int) -> tuple[int, int]:
    while start < end and (_is_trimmed(doc[start]) or _begins_low(doc[start])):
        start += 1
    while end > start and (_is_trimmed(doc[end - 1]) or _begins_low(doc[end - 1])):
        end -= 1
    if end - start > 3 and _SCORE.fullmatch(doc[end - 3 : end].text):
        end -= 3
    return start, end


def _begins_low(token: Token) -> bool:
    """Whether a token is in lower case and is not a particle of a surname ("van")."""
    text = token.text
    return text[:1].islower() and not name_words.is_particle(text) and text[1:].islower()


def _after_titles(doc: Doc, start: int, end: int, kind: EntityType) -> int:
    """The start of the name in "Russian Foreign Minister Sergei Lavrov" or "Mr. Okafor"."""
    last = start - 1
    for i in range(start, end - 1):
        text = doc[i].text
        titled = titles.is_honorific(text) or titles.role_noun(text) is not None
        # "King" and "Judge" are also given names, but not before a given name: "King Oskar III".
        if name_words.is_given(text) and not (titled and _is_title_so_far(doc[i + 1])):
            break
        if titled:
            last = i
        elif text.lower() in {"of", "for", "and"} and kind != "person":
            break
    if kind != "person" and (last < 0 or not _can_be_person(doc, last + 1, end)):
        return start
    return last + 1


def _is_title_so_far(token: Token) -> bool:
    """Whether the token continues a title or is a given name: "Major-Gen", "King Oskar"."""
    text = token.text
    return text == "-" or name_words.is_given(text) or titles.is_abbreviation(text)


def _can_be_person(doc: Doc, start: int, end: int) -> bool:
    """Whether the words after a title look like a person's name, whatever the model's type."""
    if start >= end or gazetteer.known([token.text for token in doc[start:end]]):
        return False
    if name_words.is_given(doc[start].text):
        return end - start in {2, 3}
    words = [token.text for token in doc[start:end]]
    plain = all(word.isalpha() and word.istitle() for word in words)
    if len(words) == 1 and start and titles.announces_person(doc[start - 1].text):
        # "DCI Brannock"
        return plain
    return len(words) == 2 and plain and gazetteer.type_by_words(words) is None


def _with_first_half(doc: Doc, start: int, end: int, kind: EntityType) -> tuple[int, EntityType]:
    """The span extended to an omitted given name: "Rosette" of "Rosette Pambakian"."""
    if start == 0 or end - start > 3 or gazetteer.known([doc[start].text]):
        return start, kind
    if end - start > 1 and (kind != "person" or name_words.is_given(doc[start].text)):
        return start, kind
    before = doc[start - 1]
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


def _is_personal(doc: Doc, start: int, end: int) -> bool:
    """Whether a form of address stands right before: "Mr. Kursk" is a person."""
    title = title_before(doc, start)
    return end - start <= 3 and title is not None and titles.announces_person(title)


def title_before(doc: Doc, start: int) -> str | None:
    """The form of address or the role in capitals right before a name."""
    i = start - 1
    while i >= 0 and doc[i].is_space and "\n" not in doc[i].text:
        i -= 1
    text = doc[i].text if i >= 0 else ""
    if not text[:1].isupper():
        return None
    return text if titles.is_honorific(text) or titles.role_noun(text) else None
