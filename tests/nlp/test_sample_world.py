"""The bundled sample, read by its truth: what a careful reader notes, onrecord must.

The bounds are below what was measured when they were set, by what one article more or less
read wrongly makes; a fall through one is a loss, not noise.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.draft import to_drafts
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.nlp.extract import load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article, Entity, Extraction, Feed, Quote

ROOT = Path(__file__).parent.parent.parent
TRUTH: dict[str, Any] = json.loads((ROOT / "tests/data/demo/expected.json").read_text("utf-8"))

pytestmark = pytest.mark.model

Read = list[tuple[dict[str, Any], Article, Extraction]]


@pytest.fixture(scope="module")
def world() -> Read:
    """Every article of the first round with its truth and what was extracted."""
    found: dict[str, Article] = {}
    for file in sorted((ROOT / "pipeline/onrecord/cli/sample/round-1").iterdir()):
        url = f"https://sample.example/{file.name}"
        parsed = parse_feed(file.read_bytes(), url=url)
        for draft in to_drafts(Feed(url=url), parsed, datetime.now(UTC), EVERYTHING):
            found.setdefault(draft.article.canonical_url or "", draft.article)
    read = [(truth, found[url]) for url, truth in TRUTH["articles"].items() if url in found]
    assert len(read) == 31
    extractions = load_extractor(ExtractPolicy())([article for _, article in read])
    return [
        (truth, article, extraction)
        for (truth, article), extraction in zip(read, extractions, strict=True)
    ]


def passages(world: Read) -> Iterator[tuple[dict[str, Any], Quote | None]]:
    """Every passage in quotation marks that is a quote, with the quote that holds it."""
    for truth, article, extraction in world:
        for expected in truth["quotes"]:
            for words in expected["quoted"]:
                start = article.text.index(words)
                yield expected, _holding(extraction, start, start + len(words))


def _holding(extraction: Extraction, start: int, end: int) -> Quote | None:
    for quote in extraction.quotes:
        # A mark's width on either side: whether a full stop belongs inside is a matter of style.
        if any(s.start <= start + 3 and s.end >= end - 3 for s in quote.content):
            return quote
    return None


def words_of(name: str | None) -> set[str]:
    return set(re.findall(r"\w+", (name or "").lower())) - {"the", "a", "an"}


def is_same(given: str | None, expected: str | None) -> bool:
    """Whether two names or descriptions mean the same; a full name must be full."""
    one, other = words_of(given), words_of(expected)
    return one == other or (len(one & other) >= min(2, len(other)) and bool(one & other))


def share(results: list[bool]) -> float:
    return sum(results) / len(results)


def test_passages_in_quotation_marks_are_found(world: Read) -> None:
    assert share([quote is not None for _, quote in passages(world)]) >= 0.96


def test_their_speakers_are_found_by_full_name(world: Read) -> None:
    right = [
        quote is not None
        and quote.speaker is not None
        and is_same(quote.speaker.name, expected["speaker"])
        for expected, quote in passages(world)
        if expected["speaker"]
    ]
    assert share(right) >= 0.78


def test_people_are_one_entity_each_with_their_role(world: Read) -> None:
    named, with_role = [], []
    for truth, _, extraction in world:
        for person in truth["persons"]:
            entity = _person(extraction, person["name"])
            named.append(entity is not None)
            if person["role"]:
                role = entity.role if entity else None
                with_role.append(bool(words_of(role) & words_of(person["role"])))
    assert share(named) >= 0.94
    assert share(with_role) >= 0.65


def _person(extraction: Extraction, name: str) -> Entity | None:
    return next(
        (e for e in extraction.entities if e.type == "person" and is_same(e.name, name)), None
    )


def test_titles_nicknames_and_scare_quotes_are_not_given_a_speaker_who_said_them(
    world: Read,
) -> None:
    taken = [
        any(
            quote.type == "direct" and quote.cue is not None
            for start in [article.text.index(words)]
            for quote in [_holding(extraction, start, start + len(words))]
            if quote is not None
        )
        for truth, article, extraction in world
        for words in truth["not_quotes"]
        if words in article.text
    ]
    assert share(taken) <= 0.25


def test_an_article_without_quotes_has_none_in_quotation_marks(world: Read) -> None:
    for truth, _, extraction in world:
        if not truth["quotes"]:
            assert [q for q in extraction.quotes if q.type != "indirect" and q.cue] == []
