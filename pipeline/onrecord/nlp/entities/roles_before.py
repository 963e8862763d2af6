"""Roles before the name: "Russian Foreign Minister Sergei Lavrov", "the king's physician, …"."""

from collections.abc import Iterator
from functools import lru_cache

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.role_phrases import (
    DETERMINERS,
    INSIDE,
    LONGEST_ROLE,
    Role,
    is_inside,
    known_noun_at,
    noun_at,
    start_of_compound,
)
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.entities.titles import singular


def roles_before(doc: Doc, name: NamedSpan) -> Iterator[Role]:
    """The roles stated by the words before a name."""
    head = _previous(doc, name.start)
    if head is not None:
        for role in (_before(doc, head, name), _title_after_role(doc, head, name)):
            if role is not None:
                yield role


def _before(doc: Doc, head: Token, name: NamedSpan) -> Role | None:
    if head.text == ",":
        return _apposed_before(doc, name, head.i) or _of_several(doc, head, name)
    noun = noun_at(head)
    titled = head.text[:1].isupper() and (noun is not None or titles.is_honorific(head.text))
    if titled and head.i > 1 and doc[head.i - 1].text == ",":
        # "the king's physician, Dr. Amara Diallo": the form of address is less informative.
        apposed = _apposed_before(doc, name, head.i - 1)
        if apposed:
            return apposed
    if noun and (known_noun_at(head) or _hangs_on(doc, head, name)):
        start = start_of_compound(doc, head.i)
        short = titles.is_abbreviation(head.text)
        office = _office_before_rank(doc, start, head)
        return office or Role(start, head.i + 1, noun, "before", is_brief=short)
    if head.tag_ == "NN" and _is_owned(doc, head) and _hangs_on(doc, head, name):
        # "his apprentice Nadja Orlo": a possessive makes an unknown noun a role.
        return Role(start_of_compound(doc, head.i), head.i + 1, head.lower_, "before")
    return _of_something(doc, name, head) or _of_several(doc, head, name)


def _office_before_rank(doc: Doc, start: int, rank: Token) -> Role | None:
    """An office with "of" before a rank: "Chief of Army Staff" before "General Ana Weiss"."""
    if start < 2 or start == rank.i or doc[start - 1].lower_ != "of":
        return None
    noun = noun_at(doc[start - 2])
    if noun is None or not (rank.text.istitle() and doc[start - 2].text.istitle()):
        return None
    return Role(start_of_compound(doc, start - 2), rank.i, noun, "before")


def _title_after_role(doc: Doc, head: Token, name: NamedSpan) -> Role | None:
    """The title between a role and the name: "her colleague, Rep. Tim Holt"."""
    if head.i < 2 or doc[head.i - 1].text != ",":
        return None
    if not titles.is_abbreviation(head.text) or _apposed_before(doc, name, head.i - 1) is None:
        return None
    noun = titles.role_noun(head.text)
    return Role(head.i, head.i + 1, noun, "before", is_brief=True) if noun else None


def _hangs_on(doc: Doc, noun: Token, name: NamedSpan) -> bool:
    """Whether the parse attaches a noun to the name after it, or the name to the noun."""
    root = doc[name.start : name.end].root
    return noun.head == root or root.head == noun


def _is_owned(doc: Doc, noun: Token) -> bool:
    if gazetteer.is_organisation_noun(noun.lower_):
        return False
    return any(token.tag_ in {"PRP$", "POS"} for token in doc[max(0, noun.i - 3) : noun.i])


def _of_several(doc: Doc, before: Token, name: NamedSpan) -> Role | None:
    """A role stated of several people: "senior partners, Cornelius Wray and Agatha Ostler"."""
    for i in range(before.i, max(-1, before.i - LONGEST_ROLE), -1):
        token = doc[i]
        if token.tag_ in {"NNS", "NNPS"}:
            noun = titles.role_noun(singular(token.text))
            start = start_of_compound(doc, i)
            if noun is None or (
                before.i == i + 1 and before.text == "," and not _begins_list(doc, name)
            ):
                return None
            counted = start > 0 and (doc[start - 1].lower_ == "both" or doc[start - 1].tag_ == "CD")
            joined = counted or _governs(token, name)
            return Role(start, i + 1, noun, "before", is_brief=True) if joined else None
        if not (token.text in {",", "and"} or (token.pos_ == "PROPN" and token.text.istitle())):
            return None
    return None


def _begins_list(doc: Doc, name: NamedSpan) -> bool:
    """Whether another name follows: "…, Cornelius Wray and Agatha Ostler"."""
    after = doc[name.end : name.end + 2]
    return len(after) == 2 and after[0].lower_ in {"and", ","} and after[1].pos_ == "PROPN"


def _governs(noun: Token, name: NamedSpan) -> bool:
    """Whether the parse links a plural noun to one of several names: not "nurses and Ana Weiss"."""
    token = noun.doc[name.start : name.end].root
    for _ in range(4):
        if token.head == noun:
            return token.dep_ in {"appos", "nmod"} or noun.dep_ == "compound"
        if noun.head == token:
            return noun.dep_ in {"compound", "nmod"}
        if token.dep_ not in {"conj", "appos", "compound", "nmod"}:
            return False
        token = token.head
    return False


def _previous(doc: Doc, i: int) -> Token | None:
    """The token before `i` on the same line, skipping forms of address that are not roles."""
    while i > 0:
        i -= 1
        token = doc[i]
        if "\n" in token.text:
            return None
        if not (token.is_space or _is_mere_address(token.text)):
            return token
    return None


@lru_cache(maxsize=16384)
def _is_mere_address(word: str) -> bool:
    """Whether a word is a form of address that is not a role: "Mr."."""
    honorific = titles.is_honorific(word) and titles.role_noun(word) is None
    return honorific and word[:1].isupper()


def _of_something(doc: Doc, name: NamedSpan, before: Token) -> Role | None:
    """A role that ends with another name: "the envoy of Ruritania to the UN Ana Weiss"."""
    if not name_words.is_given(doc[name.start].text) or before.lower_ in DETERMINERS:
        return None
    if before.text.islower():
        return _of_field(doc, before)
    if not (before.pos_ == "PROPN" and before.text[:1].isupper()):
        return None
    linked = False
    for i in range(before.i, max(-1, before.i - LONGEST_ROLE), -1):
        token = doc[i]
        noun = noun_at(token)
        if noun and linked:
            return Role(start_of_compound(doc, i), before.i + 1, noun, "before")
        if token.text.lower() in {"of", "to", "for", "at"}:
            linked = True
        elif not (is_inside(token) or token.text.lower() in DETERMINERS):
            return None
    return None


def _of_field(doc: Doc, before: Token) -> Role | None:
    """A role with "of" and a lower-case noun: "secretary of state", "head of research"."""
    for i in range(before.i - 1, max(-1, before.i - 6), -1):
        if doc[i].lower_ in {"of", "for"} and i:
            noun = noun_at(doc[i - 1])
            if noun is None:
                return None
            return Role(start_of_compound(doc, i - 1), before.i + 1, noun, "before")
        if doc[i].pos_ not in INSIDE and doc[i].text != "and":
            return None
    return None


def _apposed_before(doc: Doc, name: NamedSpan, comma: int) -> Role | None:
    """A role before a comma and the name: "the king's physician, Amara Diallo"."""
    head = _head_before_comma(doc, comma)
    if head is None:
        return _one_of_several(doc, comma)
    noun = noun_at(head)
    if noun is None or not _is_apposition(doc, head, name):
        return None
    return Role(start_of_compound(doc, head.i), comma, noun, "beside")


def _one_of_several(doc: Doc, comma: int) -> Role | None:
    """A role introduced by "one of": "one of the firm's analysts, Zadie Hume"."""
    noun = titles.role_noun(singular(doc[comma - 1].text)) if comma else None
    if noun is None or doc[comma - 1].tag_ != "NNS":
        return None
    for i in range(comma - 2, max(0, comma - LONGEST_ROLE), -1):
        if doc[i].lower_ == "of" and doc[i - 1].lower_ == "one":
            return Role(i - 1, comma, noun, "beside")
        if doc[i].is_punct or doc[i].pos_ in {"VERB", "AUX"}:
            return None
    return None


def _head_before_comma(doc: Doc, comma: int) -> Token | None:
    """The role noun of the noun phrase that ends at a comma, skipping "of …" and "for …"."""
    for i in range(comma - 1, max(-1, comma - LONGEST_ROLE), -1):
        token = doc[i]
        if i and token.text.istitle() and name_words.is_given(doc[i - 1].text):
            # "Bebe King, Elsie Merce and Ana Weiss"
            return None
        if token.pos_ in {"NOUN", "PROPN"} and noun_at(token):
            after = doc[i + 1].text.lower()
            if after in {"of", "for", "to", "at", "in", "with", ","} and not _is_nested(doc, i):
                return token
        if token.is_punct or token.is_space or token.pos_ in {"VERB", "AUX"}:
            return None
    return None


def _is_nested(doc: Doc, i: int) -> bool:
    """Whether a noun is inside the complement of another role: "the aide of the president"."""
    for j in range(i - 1, max(-1, i - 6), -1):
        text = doc[j].text.lower()
        if text in {"of", "for", "to"}:
            return j > 0 and titles.role_noun(doc[j - 1].text) is not None
        if not (is_inside(doc[j]) or text in DETERMINERS):
            return False
    return False


def _is_apposition(doc: Doc, head: Token, name: NamedSpan) -> bool:
    """Whether role and name denote the same person rather than two items of a list."""
    start = start_of_compound(doc, head.i)
    article = doc[start - 1].text.lower() if start else ""
    definite = article in DETERMINERS or any(
        token.tag_ in {"PRP$", "POS"} for token in doc[start : head.i]
    )
    parsed = any(name.start <= t.i < name.end and t.dep_ == "appos" for t in head.children)
    if not (definite or parsed or doc[start].text[:1].isupper()):
        return False
    follows = doc[name.end] if name.end < len(doc) else None
    if head.dep_ == "pobj" and follows is not None and not follows.is_punct:
        # "In a letter to the minister, Weiss said": two people.
        return False
    return follows is None or follows.text.lower() not in {"and", "or", "'s", "’s"}
