"""Whether a quote matches a query: the archive's answer for one quote, without an archive."""

import re
from collections.abc import Callable, Collection, Iterable

from onrecord.archive.documents import found_at, searchable
from onrecord.archive.query import (
    After,
    And,
    AnyWord,
    Before,
    Everything,
    MinConfidence,
    Named,
    NameField,
    Node,
    Not,
    Or,
    WordPhrase,
    filed_under,
    words_of,
)
from onrecord.records import ArticleRef, QuoteOnRecord

NamesOf = Callable[[str], Collection[str]]
_PERSON_ID = re.compile(r"[0-9a-f]{32}")
_OF_PEOPLE = (NameField.SPEAKER, NameField.ABOUT)

Term = Everything | WordPhrase | AnyWord | Named | MinConfidence | Before | After


def with_names(query: Node, names_of: NamesOf) -> Node:
    """The query, which also finds people named by their ids under all their names.

    `names_of` gives the names of the person of an id; extractions have names alone.
    """
    match query:
        case And(operands):
            return And(tuple(with_names(operand, names_of) for operand in operands))
        case Or(operands):
            return Or(tuple(with_names(operand, names_of) for operand in operands))
        case Not(operand):
            return Not(with_names(operand, names_of))
        case Named(field, value) if field in _OF_PEOPLE and _PERSON_ID.fullmatch(value):
            names = [Named(field, name, tuple(words_of(name))) for name in names_of(value)]
            return Or((query, *(name for name in names if name.words)))
        case _:
            return query


def matches(query: Node, found: QuoteOnRecord) -> bool:
    """Whether the archive would find this quote by the query."""
    match query:
        case And(operands):
            return all(matches(operand, found) for operand in operands)
        case Or(operands):
            return any(matches(operand, found) for operand in operands)
        case Not(operand):
            return not matches(operand, found)
        case _:
            return _matches_term(query, found)


def _matches_term(query: Term, found: QuoteOnRecord) -> bool:
    match query:
        case Everything():
            return True
        case WordPhrase():
            return any(_contains(words, query) for words in _texts(found))
        case AnyWord(words):
            return any(word in text for text in _texts(found) for word in words)
        case Named():
            return _is_named(query, found)
        case MinConfidence(least):
            return found.quote.confidence >= least
        case Before(at) | After(at):
            is_before = found_at(found.article, found.extracted_at) < at
            return is_before is isinstance(query, Before)


def _texts(found: QuoteOnRecord) -> tuple[tuple[str, ...], ...]:
    """The words in which a phrase can stand."""
    words = searchable(found.quote, found.article)
    return words.said, words.who, words.title


def _contains(words: tuple[str, ...], phrase: WordPhrase) -> bool:
    """Whether the phrase stands in these words."""
    asked = phrase.words
    *whole, last = asked
    for begin in range(len(words) - len(asked) + 1):
        end = begin + len(whole)
        is_last = words[end].startswith(last) if phrase.is_prefix else words[end] == last
        if is_last and list(words[begin:end]) == whole:
            return True
    return False


def _is_named(query: Named, found: QuoteOnRecord) -> bool:
    quote, article = found.quote, found.article
    match query.field:
        case NameField.CATEGORY | NameField.SECTION:
            return _is_filed(query, article)
        case NameField.SPEAKER:
            speaker = quote.speaker
            known = None if speaker is None or not speaker.person else speaker.person.id
            return speaker is not None and _is_called(query, speaker.name, known)
        case NameField.ABOUT:
            return any(_is_called(query, about.name, None) for about in quote.about)
        case NameField.PUBLISHER:
            return _has_words(query.words, article.publisher or "")
        case NameField.TYPE:
            return quote.type == query.value
        case NameField.LANGUAGE:
            tag = (article.language or "").lower()
            return tag == query.value or tag.startswith(f"{query.value}-")
        case NameField.STORY:
            return article.story == query.value


def _is_filed(query: Named, article: ArticleRef) -> bool:
    filed = filed_under(article)
    is_category = query.field is NameField.CATEGORY
    return query.value in (filed.categories if is_category else filed.sections)


def _is_called(query: Named, name: str, person: str | None) -> bool:
    return query.value == person or _has_words(query.words, name)


def _has_words(asked: Iterable[str], name: str) -> bool:
    return set(asked) <= set(words_of(name))
