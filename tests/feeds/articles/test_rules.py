"""Rules: which entries they keep and block, and how what they block is remembered."""

from typing import Any, Literal

import pytest

from onrecord.errors import Mistake
from onrecord.feeds.articles.rules import rule_against
from onrecord.feeds.feed_settings import checked_rule
from onrecord.records import FeedRule
from tests.builders import article

STORY: dict[str, Any] = {
    "title": "Harbour  bridge reopens",
    "text": "The café on the quay was full. Weekly Horoscope, page 3.",
    "authors": ("Mara Lind", "Skelm Wire"),
    "url": "https://a.example/sport/live/1?x=2",
    "categories": ("Sport/Football", "Local"),
}


def rule(action: Literal["keep", "block"], of: str, pattern: str) -> FeedRule:
    return checked_rule(action, of, pattern)


@pytest.mark.parametrize(
    ("of", "pattern", "is_blocked"),
    [
        ("words", "horoscope", True),
        ("words", "HARBOUR bridge", True),
        ("words", "harbour reopens", False),
        ("words", "scope", False),
        ("words", "CAFÉ", True),
        ("words", "caf", False),
        ("words", "page 3.", True),
        ("section", "football", True),
        ("section", "sport", True),
        ("section", "foot", False),
        ("author", "lind", True),
        ("author", "Lin", False),
        ("url", r"/sport/(live|video)/\d+", True),
        ("url", r"^https://a\.example/SPORT", True),
        ("url", r"/news/", False),
    ],
)
def test_a_rule_finds_what_it_names(of: str, pattern: str, is_blocked: bool) -> None:
    found = rule_against(article(**STORY), (rule("block", of, pattern),))
    assert found == (f"block {of}: {pattern}" if is_blocked else None)


def test_with_rules_that_keep_an_entry_needs_one_and_a_block_counts_for_more() -> None:
    keeps = (rule("keep", "section", "Politics"), rule("keep", "section", "Local"))
    assert rule_against(article(**STORY), keeps) is None
    assert rule_against(article(**STORY), keeps[:1]) == "no rule keeps it"
    blocks = rule("block", "author", "Skelm Wire")
    assert rule_against(article(**STORY), (*keeps, blocks)) == "block author: Skelm Wire"
    assert rule_against(article(**STORY), ()) is None


def test_a_pattern_takes_time_by_the_length_of_the_url() -> None:
    slow = rule("block", "url", "(a+)+$")
    assert rule_against(article(url="https://a.example/" + "a" * 3_000 + "!"), (slow,)) is None


@pytest.mark.parametrize(
    ("of", "pattern", "says"),
    [
        ("mood", "sunny", "a rule is about words, section, author, url"),
        ("words", " ", "needs 1 to 500 characters"),
        ("words", "x" * 501, "needs 1 to 500 characters"),
        ("url", "(", "not a regular expression of RE2"),
        ("url", r"(a)\1", "not a regular expression of RE2"),
    ],
)
def test_a_rule_that_cannot_be_applied_is_refused(of: str, pattern: str, says: str) -> None:
    with pytest.raises(Mistake, match=says):
        checked_rule("block", of, pattern)
