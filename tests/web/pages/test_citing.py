"""A citation says what was said as whose words; the source's link leads to the words."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from onrecord.archive.results import ArchivedQuote, NamedPerson
from onrecord.records import ArticleRef, Speaker
from onrecord.web.pages.citing import citation, source_link
from onrecord.web.pages.rendering import Wording
from tests.builders import NOON, quote, span

UTC = Wording(ZoneInfo("UTC"))
ARTICLE = ArticleRef(
    id="a1",
    title="The pier",
    publisher="Harbour Post",
    published_at=NOON,
    url="https://post.example/pier",
)
HERE = "http://desk/quotes/q1"


def found(**fields: Any) -> ArchivedQuote:
    return ArchivedQuote(
        quote=quote(**fields),
        article=ARTICLE,
        at=NOON,
        extracted_at=NOON,
        speaker=NamedPerson(name="Mara Lind", person=None),
    )


def test_words_in_marks_are_cited_in_marks_with_time_and_zone() -> None:
    assert citation(found(), UTC, HERE) == (
        "“The pier will open in May” – Mara Lind, harbour master. “The pier”, Harbour Post, "
        "20 Nov 2026, 12:00 UTC. https://post.example/pier [http://desk/quotes/q1]"
    )


def test_what_the_article_tells_in_its_own_words_gets_no_marks() -> None:
    told = citation(found(type="indirect", speaker=Speaker(name="Mara Lind")), UTC, HERE)
    assert told.startswith("Mara Lind, as reported: The pier will open in May. “The pier”")


def test_what_is_missing_is_said_or_left_out() -> None:
    bare = replace(found(), speaker=None, article=ArticleRef(id="a1", title=""))
    assert citation(bare, UTC, HERE) == (
        "“The pier will open in May” – speaker not identified. undated. [http://desk/quotes/q1]"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://post.example/pier",
            "https://post.example/pier#:~:text=The%20pier%20will%20open%20in%20May%2C",
        ),
        (
            "https://post.example/pier#top",
            "https://post.example/pier#top:~:text=The%20pier%20will%20open%20in%20May%2C",
        ),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_the_link_scrolls_to_the_words(url: str | None, expected: str | None) -> None:
    linked = replace(found(), article=msgspec.structs.replace(ARTICLE, url=url))
    assert source_link(linked) == expected


def test_a_long_quote_is_linked_by_its_ends_and_hyphens_are_escaped() -> None:
    text = "A re-run is what we want, and it is all that any of us here on the quay-side want"
    linked = source_link(found(content=(span(text, text),))) or ""
    assert linked.partition(":~:text=")[2] == (
        "A%20re%2Drun%20is%20what%20we,here%20on%20the%20quay%2Dside%20want"
    )
