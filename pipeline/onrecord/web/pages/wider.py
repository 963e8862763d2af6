"""Wider queries, offered where a query finds little: `dock*` for dockers."""

import re
from collections.abc import Iterator

from onrecord.archive.query import (
    And,
    AnyWord,
    Named,
    NameField,
    Node,
    Or,
    WordPhrase,
    parse_query,
    quoted,
)
from onrecord.errors import QueryError

_TERM = re.compile(r'[^\s"“”„«»]*["“”„«»][^"“”„«»]*["“”„«»]\*?|\S+')
_NAME = re.compile(r'(?:speaker|about|person):["“”„«»]?(.*?)["“”„«»]?', re.IGNORECASE)
# A word that means itself outside quotation marks, unless it is an operator.
_PLAIN = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*\.?")
_PERSON_ID = re.compile(r"[0-9a-f]{32}")
_OPERATORS = {"AND", "OR", "NOT"}
_MOST_TERMS = 8
# Words in which people ask, and which quotes rarely have together.
_QUESTION_WORDS = """
a about an and are did do does first for from had has have he her him his how in is it its me of on
or said say says she tell that the their them they to was were what when where which who whom why
with
"""
_OF_QUESTIONS = frozenset(_QUESTION_WORDS.split())


def wider_queries(query: str) -> Iterator[str]:
    """Queries that can find more, the closest first; none for a query with operators.

    Each of them can be parsed and names what it looks for.

    A question is asked in its own words, "minister dockers" where somebody asks what the minister
    said about the dockers. `speaker:minister` is looked for as words too, for an office is in no
    name. Then come the beginnings of words, and the query without one of its terms.
    """
    for wider in _candidates(query):
        parsed = parsed_or_none(wider)
        if parsed is not None and _looks_for_something(parsed):
            yield wider


def parsed_or_none(query: str) -> Node | None:
    """The query as a tree; None for a mistaken one."""
    try:
        return parse_query(query)
    except QueryError:
        return None


def _looks_for_something(query: Node) -> bool:
    """Whether it has more than exclusions, dates, types, languages and confidences."""
    match query:
        case WordPhrase() | AnyWord():
            return True
        case Named(field):
            return field not in {NameField.TYPE, NameField.LANGUAGE}
        case And(operands) | Or(operands):
            return any(map(_looks_for_something, operands))
        case _:
            return False


def _candidates(query: str) -> Iterator[str]:
    asked = [term.strip("?!.,;") for term in _TERM.findall(query)]
    terms = [term for term in asked if term and term.lower() not in _OF_QUESTIONS]
    if _OPERATORS.intersection(asked) or "(" in query or len(terms) > _MOST_TERMS:
        return
    yield " ".join(terms)
    yield " ".join(_without_field(term) for term in terms)
    stems = [_stem(term) for term in terms]
    yield " ".join(stems)
    for n in range(len(terms)):
        yield " ".join(terms[:n] + terms[n + 1 :])
    if all(term.isalpha() for term in terms):
        yield " OR ".join(stems)


def _without_field(term: str) -> str:
    found = _NAME.fullmatch(term)
    if found is None or _PERSON_ID.fullmatch(found[1]):
        return term
    words = found[1].split()
    is_plain = all(_PLAIN.fullmatch(word) and word not in _OPERATORS for word in words)
    return found[1] if is_plain else quoted(found[1])


def _stem(term: str) -> str:
    return term[: max(4, len(term) - 3)] + "*" if term.isalpha() and len(term) > 4 else term
