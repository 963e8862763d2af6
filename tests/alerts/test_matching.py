"""A quote matches a query as the archive would find it."""

from datetime import timedelta

import pytest

from onrecord.alerts.matching import matches
from onrecord.archive.query import parse_query
from onrecord.records import About, ArticleRef, KnownAs, Speaker, on_record
from tests.builders import NOON, TEXT, extraction, quote, span

SPEAKER = Speaker(
    entity="e1", name="Mara Lind", role="harbour master", person=KnownAs(id="p1", name="Mara Lind")
)
ABOUT = About(entity="e2", name="The Old Pier", type="place", by="name", mentions=())
ARTICLE = ArticleRef(
    id="a1",
    publisher="Harbour Post",
    published_at=NOON,
    language="pt-BR",
    story="s1",
    feed_categories=("World/Asia",),
    sections=("Politics",),
)
FOUND = on_record(
    extraction("a1", article=ARTICLE, extracted_at=NOON + timedelta(hours=1)),
    quote(
        content=(span(TEXT, "The pier will"), span(TEXT, "open in May,")),
        speaker=SPEAKER,
        about=(ABOUT,),
        confidence=0.8,
    ),
)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "pier may",
        "PÌER",
        '"pier will open"',
        "ope*",
        '"pier wil"*',
        "harbour",
        "lind pier",
        "pier OR lighthouse",
        "-lighthouse",
        "pier NOT (lighthouse OR boat)",
        "speaker:lind",
        'speaker:"lind mara"',
        "speaker:p1",
        "about:pier",
        "publisher:harbour",
        "category:asia",
        "section:politics",
        "type:direct",
        "language:pt",
        "language:PT-br",
        "story:s1",
        "min_confidence:0.8",
        "after:2026-11-20 before:2026-11-21",
        'after:"2026-11-20T12:00:00Z"',
    ],
)
def test_it_is_found_by(query: str) -> None:
    assert matches(parse_query(query), FOUND)


@pytest.mark.parametrize(
    "query",
    [
        "lighthouse",
        "pier lighthouse",
        '"pier open"',
        '"may harbour"',
        "pie",
        "NOT pier",
        "speaker:lin",
        "speaker:p2",
        "about:lind",
        "publisher:post2",
        "category:politics",
        "section:asia",
        "type:indirect",
        "language:p",
        "story:s2",
        "min_confidence:0.81",
        "before:2026-11-20",
        'before:"2026-11-20T12:00:00Z"',
        "after:2026-11-21",
    ],
)
def test_it_is_not_found_by(query: str) -> None:
    assert not matches(parse_query(query), FOUND)
