"""Organisations that the model missed, found by the words in or next to their names."""

from collections.abc import Iterator, Sequence

from spacy.tokens import Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.person_names import is_capitalised
from onrecord.nlp.entities.spans import Found, NamedSpan
from onrecord.nlp.entities.word_index import WordIndex

_LONGEST_BODY = 5
_MANY_CAPITALS = 0.7


def bodies_apposed(text: WordIndex) -> Iterator[NamedSpan]:
    """Organisations identified by an apposition: "Save Lagos, a charity,"."""
    tokens, words = text.tokens, text.words
    for comma in text.places("comma", start=2, before_end=3):
        if words[comma + 1] not in {"a", "an", "the"}:
            continue
        noun = comma + 2 + (tokens[comma + 2].tag_ == "JJ")
        after = words[noun + 1] if noun + 1 < len(words) else "."
        said = tokens[noun].tag_ == "NN" and gazetteer.is_organisation_noun(words[noun])
        if not said or after not in {",", ".", "of", "for", "in", "that", "which", "based"}:
            continue
        start = comma
        while start > 0 and comma - start < _LONGEST_BODY and _is_inside_body(tokens[start - 1]):
            start -= 1
        name = words[start:comma]
        whole = start < comma and tokens[start].ent_iob_ != "I"
        if (
            whole
            and len(name) > 1
            and not name_words.is_given(name[0])
            and not gazetteer.known(name)
        ):
            yield NamedSpan(start=start, end=comma, type="organisation")


def bodies_of_countries(text: WordIndex) -> Iterator[NamedSpan]:
    """Bodies named by a noun and a country: "Football Australia"."""
    words = text.words
    for i in text.places("body before country", before_end=1):
        known = gazetteer.known_at(words, i + 1)
        if known and known[1].type == "place" and words[i + 1].istitle():
            yield NamedSpan(start=i, end=known[0], type="organisation", certain=True)


def joint_bodies(text: WordIndex) -> Iterator[NamedSpan]:
    """Bodies of two areas: "Devon and Cornwall Police"."""
    tokens, words = text.tokens, text.words
    for last in text.places("area's body", start=3):
        joint, end = last - 2, last + 1
        if words[joint] not in {"and", "&"}:
            continue
        names = (tokens[joint - 1], tokens[joint + 1], tokens[last])
        before = tokens[joint - 2] if joint > 1 else None
        alone = before is None or not (before.text in {",", "and"} or before.pos_ == "PROPN")
        areas = all(_may_be_area(token) for token in names[:2])
        if all(map(is_capitalised, names)) and alone and areas:
            yield NamedSpan(start=joint - 1, end=end, type="organisation", certain=True)


def _may_be_area(token: Token) -> bool:
    known = gazetteer.known([token.text])
    return token.ent_type_ != "PERSON" or (known is not None and known.type == "place")


def bodies_by_ending(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """Organisations found by the last word of their names: "Deepwater Asset Management"."""
    tokens = text.tokens
    for i in text.places("body's last word", start=1):
        start = i
        while start > 0 and i - start < _LONGEST_BODY and _is_inside_body(tokens[start - 1]):
            start -= 1
        while start < i and (tokens[start].is_stop or _begins_sentence_plainly(tokens[start])):
            start += 1
        if start == i or tokens[i].pos_ != "PROPN" or not found.is_free(start, i + 1):
            continue
        if not (_goes_on(tokens, i + 1) or is_title_case(tokens, start, i + 1)):
            yield NamedSpan(start=start, end=i + 1, type="organisation")


def bodies_of(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """Organisations with "of" or "for": "the Guild of Ropers", "Council for Canals"."""
    tokens, words = text.tokens, text.words
    for noun in text.places("body's last word", before_end=2):
        of = noun + 1
        if words[of] not in {"of", "for"} or tokens[noun].pos_ != "PROPN":
            continue
        last = of + 1 + (words[of + 1] == "the" and of + 2 < len(words))
        if not is_capitalised(tokens[last]) or not found.is_free(noun, last + 1):
            continue
        start, end = noun, last + 1
        while start > 0 and of - start < _LONGEST_BODY and _is_inside_body(tokens[start - 1]):
            start -= 1
        while end < len(tokens) and end - of < _LONGEST_BODY and _is_inside_body(tokens[end]):
            end += 1
        if found.is_free(start, end) and not is_title_case(tokens, start, end):
            yield NamedSpan(start=start, end=end, type="organisation")


def partnerships(text: WordIndex) -> Iterator[NamedSpan]:
    """Firms named by two names and an ampersand: "Ostler & Wray"."""
    tokens = text.tokens
    for i in text.places("ampersand", start=1, before_end=1):
        if all(map(is_capitalised, (tokens[i - 1], tokens[i + 1]))):
            yield NamedSpan(start=i - 1, end=i + 2, type="organisation")


def _goes_on(tokens: Sequence[Token], i: int) -> bool:
    """Whether the name before this token continues: "Clinton Global" Initiative."""
    if i >= len(tokens) or tokens[i].pos_ != "PROPN" or not is_capitalised(tokens[i]):
        return False
    return not (titles.role_noun(tokens[i].text) or titles.is_honorific(tokens[i].text))


def _is_inside_body(token: Token) -> bool:
    return is_capitalised(token) and token.pos_ == "PROPN" and token.ent_type_ != "DATE"


def _begins_sentence_plainly(token: Token) -> bool:
    return bool(token.is_sent_start) and token.pos_ != "PROPN"


def is_title_case(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether nearly all words around a span are capitalised, as in a headline."""
    sides = (*tokens[max(0, start - 5) : start], *tokens[end : end + 5])
    around = [token for token in sides if token.is_alpha]
    capitals = sum(1 for token in around if token.text[:1].isupper())
    return capitals > _MANY_CAPITALS * len(around)
