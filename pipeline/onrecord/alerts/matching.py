"""Whether a quote matches a query: the archive's answer for one quote, without an archive."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

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
from onrecord.records import ArticleRef, Extraction, QuoteOnRecord

_PERSON_ID = re.compile(r"[0-9a-f]{32}")
_OF_PEOPLE = (NameField.SPEAKER, NameField.ABOUT)

Term = Everything | WordPhrase | AnyWord | Named | MinConfidence | Before | After


class WhoIsWho(Protocol):
    """People as the registry has them now; extractions have names alone."""

    def names_of(self, person_id: str) -> Collection[str]:
        """All names of the person of an id, also a former one."""

    def person_of(self, person_id: str) -> str:
        """The present id of the person of an id."""

    def speakers_of(self, extraction: Extraction) -> Sequence[str | None]:
        """The persons who speak the quotes of an extraction, in their order."""


def with_names(query: Node, people: WhoIsWho) -> Node:
    """The query, which also finds people named by their ids under all their names.

    A name that is added has the id of its person as its value, so that a namesake is told apart.
    """
    match query:
        case And(operands):
            return And(tuple(with_names(operand, people) for operand in operands))
        case Or(operands):
            return Or(tuple(with_names(operand, people) for operand in operands))
        case Not(operand):
            return Not(with_names(operand, people))
        case Named(field, value) if field in _OF_PEOPLE and _PERSON_ID.fullmatch(value):
            person = people.person_of(value)
            words = [query.words, *(tuple(words_of(name)) for name in people.names_of(value))]
            return Or(tuple(Named(field, person, each) for each in words if each))
        case _:
            return query


def asks_for_people(query: Node) -> bool:
    """Whether a query names somebody by an id."""
    match query:
        case And(operands) | Or(operands):
            return any(map(asks_for_people, operands))
        case Not(operand):
            return asks_for_people(operand)
        case Named(field, value):
            return field in _OF_PEOPLE and _PERSON_ID.fullmatch(value) is not None
        case _:
            return False


def matches(query: Node, found: QuoteOnRecord, speaker: str | None = None) -> bool:
    """Whether the archive would find this quote by the query.

    `speaker` is the person who speaks it, where that is known.
    """
    match query:
        case And(operands):
            return all(matches(operand, found, speaker) for operand in operands)
        case Or(operands):
            return any(matches(operand, found, speaker) for operand in operands)
        case Not(operand):
            return not matches(operand, found, speaker)
        case _:
            return _matches_term(query, found, speaker)


def _matches_term(query: Term, found: QuoteOnRecord, speaker: str | None) -> bool:
    match query:
        case Everything():
            return True
        case WordPhrase():
            return any(_contains(words, query) for words in _texts(found))
        case AnyWord(words):
            return any(word in text for text in _texts(found) for word in words)
        case Named():
            return _is_named(query, found, speaker)
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


def _is_named(query: Named, found: QuoteOnRecord, person: str | None) -> bool:
    quote, article = found.quote, found.article
    match query.field:
        case NameField.CATEGORY | NameField.SECTION:
            return _is_filed(query, article)
        case NameField.SPEAKER:
            speaker = quote.speaker
            if person is None and speaker is not None and speaker.person:
                person = speaker.person.id
            return _is_called(query, "" if speaker is None else speaker.name, person)
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
    if person is not None and _PERSON_ID.fullmatch(query.value):
        return query.value == person
    return query.value == person or _has_words(query.words, name)


def _has_words(asked: Iterable[str], name: str) -> bool:
    return set(asked) <= set(words_of(name))
