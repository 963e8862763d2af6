"""One statement in five outlets: longer and shorter cuts of it are found together, in order."""

from datetime import timedelta

import pytest

from onrecord.archive.cuts import phrases_of
from onrecord.archive.interface import Archive, ArticleRead, Change, ExtractionRead
from onrecord.archive.query import parse_query
from onrecord.nlp.extract import load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article
from tests.archive.contract import fill
from tests.archive.reports import Said, report
from tests.builders import NOON, article

DAY = timedelta(days=1)
WHOLE = (
    "We will rebuild the old pier before winter comes, and nobody in this town will pay a single "
    "crown more for it than they did last year."
)
SHORT = "Nobody in this town will pay a single crown more for it."
OTHER = "Nobody in this harbour will pay for a single winter of the old pier again."

POST = f"Sergei Volkov, the mayor of Tarn, spoke to dockers on Monday.\n\n“{WHOLE}” Volkov said."
GAZETTE = "TARN - Sergei Volkov said: “We will rebuild the old pier before winter comes.”"
MAIL = (
    "“Nobody in this town will pay a single crown more for it than they did last year,” Tarn’s "
    "mayor, Sergey Volkov, told a crowd of dockers."
)
WIRE = (
    "Mayor Sergei Volkov has promised dockers a pier.\n\n“We will rebuild the old pier before "
    "winter comes,” he said, “and nobody in this town will pay a single crown more for it.”"
)
LAMP = "Mayor Sergei Volkov said that “nobody in this town will pay a single crown more”."

OUTLETS = [
    ("Harbour Post", POST),
    ("Coast Gazette", GAZETTE),
    ("Island Mail", MAIL),
    ("Northern Wire", WIRE),
    ("Evening Lamp", LAMP),
]


def articles() -> list[Article]:
    return [
        article(
            f"a{n}",
            text=text,
            publisher=publisher,
            language="en",
            published_at=NOON + timedelta(hours=n),
            fetched_at=NOON + timedelta(hours=n, minutes=1),
        )
        for n, (publisher, text) in enumerate(OUTLETS)
    ]


@pytest.mark.model
def test_a_statement_in_five_outlets_is_one_statement_in_five_places(archive: Archive) -> None:
    given = articles()
    extract = load_extractor(ExtractPolicy(), now=lambda: NOON + DAY)
    changes: list[Change] = [ArticleRead(article=one) for one in given]
    changes += [ExtractionRead(extraction=one) for one in extract(given)]
    fill(archive, *reversed(changes))
    (first,) = archive.search(parse_query('"nobody in this town" publisher:harbour')).hits
    found = archive.same_words(first.quote.id)
    places = list(dict.fromkeys(quote.article.publisher for quote in found.quotes))
    assert places == [publisher for publisher, _ in OUTLETS]
    speakers = {quote.speaker.name for quote in found.quotes if quote.speaker}
    assert speakers == {"Sergei Volkov", "Sergey Volkov"}


def test_a_cut_is_found_from_either_side_and_another_statement_is_not(archive: Archive) -> None:
    long, short = report("a", Said("Mara Lind", WHOLE)), report("b", Said("Mara Lind", SHORT))
    fill(archive, long, short, report("c", Said("Mara Lind", OTHER)))
    for one in (long, short):
        found = archive.same_words(one.ids[0])
        assert {quote.article.id for quote in found.quotes} == {"a", "b"}


def test_cuts_are_tied_for_two_weeks(archive: Archive) -> None:
    long = report("a", Said("Mara Lind", WHOLE))
    near = report("b", Said("Ola Berg", SHORT), at=NOON + 13 * DAY)
    far = report("c", Said("Mara Lind", SHORT), at=NOON + 15 * DAY)
    fill(archive, long, near, far)
    assert [one.article.id for one in archive.same_words(long.ids[0]).quotes] == ["a", "b"]
    # Equal words are the same words whenever they were printed.
    assert [one.article.id for one in archive.same_words(near.ids[0]).quotes] == ["a", "b", "c"]


@pytest.mark.parametrize("start", range(20))
def test_any_six_words_in_a_row_hold_a_phrase(start: int) -> None:
    said = [f"w{n}" for n in range(26)]
    cut = said[start : start + 6]
    phrases = phrases_of(said)
    assert any(tuple(cut[k : k + 5]) in phrases for k in (0, 1))


def test_the_phrases_of_a_speech_are_bounded() -> None:
    assert len(phrases_of([str(n) for n in range(10_000)])) == 40
    assert phrases_of(["no", "comment"]) == []
