"""Words shown to the tokenizer beforehand."""

from typing import Any

import pytest
import spacy
from spacy.language import Language

from onrecord.nlp.reading import word_cache
from onrecord.nlp.reading.word_cache import WordCache

TEXT = (
    'Mr. Stone didn\'t pay (U.S. law), "Ada," he said at 9a.m. in New-York… '
    "It's http://example.org/a?b=c, e.g. O’Neill’s—can't-do… \n\n ”Yes,”she said. " + "x" * 300
)


def split(nlp: Language, text: str) -> list[tuple[str, str]]:
    return [(token.text, token.whitespace_) for token in nlp.make_doc(text)]


def test_a_text_is_split_the_same_whether_its_words_were_learnt_or_not() -> None:
    nlp = spacy.blank("en")
    WordCache(nlp).learn([TEXT, TEXT[::-1]])
    assert split(nlp, TEXT) == split(spacy.blank("en"), TEXT)
    assert split(nlp, TEXT[::-1]) == split(spacy.blank("en"), TEXT[::-1])


def counting(searched: list[str]) -> Language:
    """A tokenizer that adds to `searched` each word it takes apart."""
    nlp = spacy.blank("en")
    tokenizer: Any = nlp.tokenizer
    known = tokenizer.suffix_search

    def search(word: str) -> object:
        searched.append(word)
        return known(word)

    tokenizer.suffix_search = search
    searched.clear()
    return nlp


def test_words_after_a_special_case_are_taken_apart_once_only() -> None:
    text = "Mr. " + " ".join(f"Stone{n}, (said)" for n in range(20))
    searched: list[str] = []
    nlp = counting(searched)
    WordCache(nlp).learn([text])
    assert len(searched) >= 20
    searched.clear()
    nlp.make_doc(text)
    assert searched == []


def test_a_full_cache_learns_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_cache, "MOST_WORDS", 3)
    searched: list[str] = []
    cache = WordCache(counting(searched))
    cache.learn(["one two three"])
    searched.clear()
    cache.learn(["Stone,"])
    assert searched == []
