"""Two topics are compared article by article, whatever order and however often they hold them."""

from collections.abc import Iterable

import msgspec
import pytest

from onrecord.errors import Mistake
from onrecord.log.interface import Log
from onrecord.records import Extraction, Record, Span, Speaker
from onrecord.sink.comparison import Comparison, compare
from onrecord.sink.differences import Difference
from onrecord.sink.report import to_html
from tests.builders import DEEP, NOON, TEXT, article, entity, extraction, quote
from tests.conftest import TOPICS
from tests.filling import publish

AFTER = TOPICS.replay("try")
OTHER = Speaker(name="Ove Holm")


def made(id: str, **fields: object) -> Extraction:
    return extraction(id, **{"quotes": (quote(article_id=id),), **fields})


def given_to_another(id: str) -> Extraction:
    return made(id, quotes=(quote(article_id=id, speaker=OTHER),))


def compared(
    log: Log, before: Iterable[Record], after: Iterable[Record], **options: object
) -> tuple[Comparison, list[Difference]]:
    publish(log, TOPICS.extractions, *before)
    publish(log, AFTER, *after)
    found: list[Difference] = []
    result = compare(
        log,
        TOPICS.extractions,
        AFTER,
        articles=TOPICS.articles,
        found=found.append,
        **options,  # type: ignore[arg-type]
    )
    return result, found


def test_only_what_both_have_is_compared_and_the_rest_is_counted(log: Log) -> None:
    before = [made(f"a{n}") for n in range(6)]
    after = [given_to_another("a2"), made("a5"), made("a4"), made("x")]
    result, found = compared(log, before, after)
    assert (result.before.articles, result.after.articles, result.articles) == (6, 4, 3)
    assert (result.changed, result.counts["speaker-changed"], len(found)) == (1, 1, 1)
    assert found[0].article.id == "a2"
    assert (result.same.quotes, result.same.speakers) == (3, 2)
    assert {one.name: (one.before, one.after) for one in result.speakers} == {
        "Mara Lind": (3, 2),
        "Ove Holm": (0, 1),
    }


def test_of_what_was_extracted_again_the_last_counts_and_revisions_are_told_apart(
    log: Log,
) -> None:
    first, second = made("a1"), given_to_another("a1")
    later = made("a1", article=msgspec.structs.replace(first.article, revision=2))
    result, found = compared(log, [first, later, second], [second, later])
    assert (result.articles, found) == (2, [])


def test_examples_are_a_few_from_all_over_and_the_same_every_time(log: Log) -> None:
    names = [f"a{n}" for n in range(60)]
    result, found = compared(
        log, map(made, names), [given_to_another(name) for name in names], examples=4
    )
    again = compare(log, TOPICS.extractions, AFTER, articles=TOPICS.articles, examples=4)
    shown = result.examples["speaker-changed"]
    assert (len(found), len(shown)) == (60, 4)
    assert again == result
    assert shown[0].snippets[0].text == TEXT
    ((start, end),) = shown[0].snippets[0].marks
    assert TEXT[start:end] == "The pier will open in May,"


def test_entities_are_shown_with_the_words_around_them(log: Log) -> None:
    publish(log, TOPICS.articles, article("a1", text=TEXT))
    result, _ = compared(log, [made("a1", entities=())], [made("a1", entities=(entity(),))])
    (example,) = result.examples["entity-gained"]
    ((start, end),) = example.snippets[0].marks
    assert example.snippets[0].text[start:end] == "Mara Lind"


@pytest.mark.parametrize(
    "foreign", [b"", b"garbage", b"\xff", DEEP, b'{"schema":"onrecord.extraction"}']
)
def test_a_foreign_record_is_passed_over_with_its_place(log: Log, foreign: bytes) -> None:
    publish(log, AFTER, made("a1"))
    for topic in (TOPICS.extractions, AFTER):
        with log.writer("foreign") as writer, writer.transaction() as tx:
            tx.publish(topic, key=b"x", value=foreign)
            tx.publish(topic, key=b"x", value=None)
    skipped: list[str] = []
    result, _ = compared(
        log,
        [made("a1")],
        [made("a1")],
        skipped=lambda message, error: skipped.append(message.topic),
    )
    assert result.articles == 1
    assert skipped == [TOPICS.extractions, AFTER]


def test_what_holds_no_extractions_is_refused(log: Log) -> None:
    publish(log, TOPICS.articles, article("a1"))
    with pytest.raises(Mistake, match="something else than extractions"):
        compare(log, TOPICS.articles, TOPICS.extractions, articles=TOPICS.articles)


def test_the_page_says_it_all_and_runs_nothing_that_an_article_says(log: Log) -> None:
    hostile = made("a1").article
    hostile = msgspec.structs.replace(
        hostile, title="<script>alert(1)</script>", url="javascript:alert(1)"
    )
    result, _ = compared(
        log,
        [made("a1", article=hostile)],
        [msgspec.structs.replace(given_to_another("a1"), article=hostile)],
    )
    page = to_html(result, at=NOON)
    assert "Quotes given to another speaker" in page
    assert "<mark>The pier will open in May,</mark>" in page
    assert "Ove Holm" in page
    assert "<script" not in page
    assert "javascript:" not in page


def test_the_page_stays_readable_however_long_what_it_shows_is(log: Log) -> None:
    long = msgspec.structs.replace(made("a1").article, title="T" * 5_000)
    other = Speaker(name="N" * 5_000, role="R" * 5_000)
    quoted = quote(article_id="a1", speaker=other)
    words = Span(start=0, end=9_000, text="“" + "W" * 8_998 + "”")
    quoted = msgspec.structs.replace(
        quoted, content=(Span(start=1, end=8_999, text="W" * 8_998),), context=words
    )
    modelless = msgspec.structs.replace(made("a1").extractor, model="none", model_version="")
    result, _ = compared(
        log,
        [made("a1", article=long, quotes=())],
        [made("a1", article=long, quotes=(quoted,), extractor=modelless)],
    )
    page = to_html(result, at=NOON)
    article = page[page.index("<article>") : page.index("</article>")]
    assert len(article) < 2_500
    assert "W" * 400 + " [… 8,398 characters …] " + "W" * 200 + "</mark>" in article
    assert " without a model of the language (1)" in page
    assert result.examples["quote-gained"][0].snippets[0].text == words.text, "for programs, whole"
