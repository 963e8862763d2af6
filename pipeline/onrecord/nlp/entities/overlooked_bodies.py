"""Organisations that the model missed, found by the words in or next to their names."""

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.person_names import is_capitalised
from onrecord.nlp.entities.spans import Found, NamedSpan

_LONGEST_BODY = 5
_MANY_CAPITALS = 0.7


def bodies_apposed(doc: Doc, words: Sequence[str]) -> Iterator[NamedSpan]:
    """Organisations identified by an apposition: "Save Lagos, a charity,"."""
    for comma in range(2, len(words) - 3):
        if words[comma] != "," or words[comma + 1] not in {"a", "an", "the"}:
            continue
        noun = comma + 2 + (doc[comma + 2].tag_ == "JJ")
        after = words[noun + 1] if noun + 1 < len(words) else "."
        said = doc[noun].tag_ == "NN" and gazetteer.is_organisation_noun(words[noun])
        if not said or after not in {",", ".", "of", "for", "in", "that", "which", "based"}:
            continue
        start = comma
        while start > 0 and comma - start < _LONGEST_BODY and _is_inside_body(doc[start - 1]):
            start -= 1
        name = words[start:comma]
        whole = start < comma and doc[start].ent_iob_ != "I"
        if (
            whole
            and len(name) > 1
            and not name_words.is_given(name[0])
            and not gazetteer.known(name)
        ):
            yield NamedSpan(start=start, end=comma, type="organisation")


def bodies_of_countries(words: Sequence[str]) -> Iterator[NamedSpan]:
    """Bodies named by a noun and a country: "Football Australia"."""
    for i in range(len(words) - 1):
        if not words[i].istitle() or not gazetteer.makes_body_of_country(words[i].lower()):
            continue
        known = gazetteer.known_at(words, i + 1)
        if known and known[1].type == "place" and words[i + 1].istitle():
            yield NamedSpan(start=i, end=known[0], type="organisation", certain=True)


def joint_bodies(doc: Doc, words: Sequence[str]) -> Iterator[NamedSpan]:
    """Bodies of two areas: "Devon and Cornwall Police"."""
    for joint in range(1, len(words) - 2):
        end = joint + 3
        if words[joint] not in {"and", "&"} or not gazetteer.serves_areas(words[end - 1]):
            continue
        names = (doc[joint - 1], doc[joint + 1], doc[end - 1])
        before = doc[joint - 2] if joint > 1 else None
        alone = before is None or not (before.text in {",", "and"} or before.pos_ == "PROPN")
        areas = all(_may_be_area(token) for token in names[:2])
        if all(map(is_capitalised, names)) and alone and areas:
            yield NamedSpan(start=joint - 1, end=end, type="organisation", certain=True)


def _may_be_area(token: Token) -> bool:
    known = gazetteer.known([token.text])
    return token.ent_type_ != "PERSON" or (known is not None and known.type == "place")


def bodies_by_ending(doc: Doc, words: Sequence[str], found: Found) -> Iterator[NamedSpan]:
    """Organisations found by the last word of their names: "Deepwater Asset Management"."""
    for i in range(1, len(words)):
        if not words[i].istitle() or not gazetteer.is_ending(words[i].lower()):
            continue
        start = i
        while start > 0 and i - start < _LONGEST_BODY and _is_inside_body(doc[start - 1]):
            start -= 1
        while start < i and (doc[start].is_stop or _begins_sentence_plainly(doc[start])):
            start += 1
        if start == i or doc[i].pos_ != "PROPN" or not found.is_free(start, i + 1):
            continue
        if not (_goes_on(doc, i + 1) or is_title_case(doc, start, i + 1)):
            yield NamedSpan(start=start, end=i + 1, type="organisation")


def bodies_of(doc: Doc, words: Sequence[str], found: Found) -> Iterator[NamedSpan]:
    """Organisations with "of" or "for": "the Guild of Ropers", "Council for Canals"."""
    for of in range(1, len(words) - 1):
        if words[of] not in {"of", "for"} or not words[of - 1].istitle():
            continue
        noun = words[of - 1].lower()
        named = gazetteer.is_ending(noun) and doc[of - 1].pos_ == "PROPN"
        last = of + 1 + (words[of + 1] == "the" and of + 2 < len(words))
        if not named or not is_capitalised(doc[last]) or not found.is_free(of - 1, last + 1):
            continue
        start, end = of - 1, last + 1
        while start > 0 and of - start < _LONGEST_BODY and _is_inside_body(doc[start - 1]):
            start -= 1
        while end < len(doc) and end - of < _LONGEST_BODY and _is_inside_body(doc[end]):
            end += 1
        if found.is_free(start, end) and not is_title_case(doc, start, end):
            yield NamedSpan(start=start, end=end, type="organisation")


def partnerships(doc: Doc, words: Sequence[str]) -> Iterator[NamedSpan]:
    """Firms named by two names and an ampersand: "Ostler & Wray"."""
    for i in range(1, len(words) - 1):
        if words[i] == "&" and all(map(is_capitalised, (doc[i - 1], doc[i + 1]))):
            yield NamedSpan(start=i - 1, end=i + 2, type="organisation")


def _goes_on(doc: Doc, i: int) -> bool:
    """Whether the name before this token continues: "Clinton Global" Initiative."""
    if i >= len(doc) or doc[i].pos_ != "PROPN" or not is_capitalised(doc[i]):
        return False
    return not (titles.role_noun(doc[i].text) or titles.is_honorific(doc[i].text))


def _is_inside_body(token: Token) -> bool:
    return is_capitalised(token) and token.pos_ == "PROPN" and token.ent_type_ != "DATE"


def _begins_sentence_plainly(token: Token) -> bool:
    return bool(token.is_sent_start) and token.pos_ != "PROPN"


def is_title_case(doc: Doc, start: int, end: int) -> bool:
    """Whether nearly all words around a span are capitalised, as in a headline."""
    sides = (*doc[max(0, start - 5) : start], *doc[end : end + 5])
    around = [token for token in sides if token.is_alpha]
    capitals = sum(1 for token in around if token.text[:1].isupper())
    return capitals > _MANY_CAPITALS * len(around)
