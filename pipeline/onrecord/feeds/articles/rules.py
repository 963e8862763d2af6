"""Applies a feed's rules: which entries are kept from being published, and by which rule.

Phrases are found between word boundaries, in any case; expressions are RE2's, whose search time is
linear. All pure.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import re2

from onrecord.feeds.categories import is_within
from onrecord.feeds.feed_settings import compiled_url_pattern
from onrecord.records import Article, FeedRule

_Matches = Callable[[Article], bool]


def rule_against(article: Article, rules: tuple[FeedRule, ...]) -> str | None:
    """The rule that blocks an article, in words; None when it is to be published."""
    compiled = _compiled(rules)
    for rule, matches in compiled:
        if rule.action == "block" and matches(article):
            return in_words(rule)
    keeping = [matches for rule, matches in compiled if rule.action == "keep"]
    if keeping and not any(matches(article) for matches in keeping):
        return "no rule keeps it"
    return None


def in_words(rule: FeedRule) -> str:
    """A rule as people read it: "block words: horoscope"."""
    return f"{rule.action} {rule.of}: {rule.pattern}"


@lru_cache(maxsize=1_000)
def _compiled(rules: tuple[FeedRule, ...]) -> tuple[tuple[FeedRule, _Matches], ...]:
    return tuple((rule, _matcher(rule)) for rule in rules)


def _matcher(rule: FeedRule) -> _Matches:
    if rule.of == "section":
        return lambda article: any(
            is_within(each, rule.pattern) for each in (*article.sections, *article.categories)
        )
    if rule.of == "url":
        pattern = compiled_url_pattern(rule.pattern)
        return lambda article: any(
            pattern.search(url) for url in (article.url, article.canonical_url) if url
        )
    phrase = _phrase(rule.pattern)
    if rule.of == "author":
        return lambda article: any(phrase.search(author) for author in article.authors)
    return lambda article: any(
        phrase.search(text) for text in (article.title, article.summary, article.text)
    )


def _phrase(words: str) -> re.Pattern[str]:
    """Finds the words one after another, not within longer ones."""
    options = re2.Options()
    options.case_sensitive = False
    joined = r"\s+".join(re2.escape(word) for word in words.split())
    found: re.Pattern[str] = re2.compile(
        rf"(?:^|[^\p{{L}}\p{{N}}])(?:{joined})(?:$|[^\p{{L}}\p{{N}}])", options
    )
    return found
