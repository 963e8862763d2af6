"""Why each quote is as it is: what is told agrees with what was found."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article, Decision, Extraction, Quote, from_json, to_json

pytestmark = pytest.mark.model

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = (
    "“We will open the pier in May,” Harbour Master Mara Lind said on Monday, as Oleg Varga told "
    "reporters to leave.\n\n"
    "Lind wrote a book, “The Pier,” and called the plan “playing with fire” on Friday. He "
    "believes that it rained. The “so-called” storm came.\n\n"
    "“It will open in May,” she said, “and it will stay open.” She thinks of the pier.\n\n"
    "Varga was quoted by the Harbour Post as saying that nobody came.\n\n"
    "“STONE: We never saw the letter.”"
)


@pytest.fixture(scope="module")
def explained() -> Extract:
    return load_extractor(ExtractPolicy(), now=lambda: NOON, explained=True)


@pytest.fixture(scope="module")
def plain() -> Extract:
    return load_extractor(ExtractPolicy(), now=lambda: NOON)


def article(text: str, language: str | None = None) -> Article:
    return Article(id="a", text=text, fetched_at=NOON, content_hash="x", language=language)


def only(extract: Extract, text: str) -> Extraction:
    return extract([article(text)])[0]


def of(quote: Quote, about: str) -> list[Decision]:
    return [one for one in quote.explanation or () if one.about == about]


def without(extraction: Extraction) -> Extraction:
    quotes = tuple(msgspec.structs.replace(q, explanation=UNSET) for q in extraction.quotes)
    return msgspec.structs.replace(extraction, quotes=quotes, passed_over=UNSET, took_ms=0)


def test_the_chosen_are_the_source_and_cue_of_the_quote(explained: Extract) -> None:
    quote = only(explained, TEXT).quotes[0]
    (decision,) = of(quote, "source")
    assert decision.of == quote.content[0]
    assert (decision.chosen.source, decision.chosen.cue) == (quote.source, quote.cue)
    chosen, second = decision.chosen.probability, decision.others[0].probability
    assert chosen is not None
    assert second is not None
    assert chosen > second
    assert decision.others[0].what == "Oleg Varga, by “told”"
    assert "no one" in [one.what for one in decision.others]
    assert all((reason.weight or 0) > 0 for reason in decision.over_second)


def test_each_passage_of_a_cut_quote_is_explained(explained: Extract) -> None:
    quote = next(q for q in only(explained, TEXT).quotes if len(q.content) == 2)
    assert [one.of for one in of(quote, "source")] == list(quote.content)


def test_a_cue_that_a_rule_moved_says_so(explained: Extract) -> None:
    (quote,) = (q for q in only(explained, TEXT).quotes if q.type == "mixed")
    (cue,) = of(quote, "cue")
    assert cue.chosen.cue == quote.cue
    assert cue.others[0].cue is not None
    assert cue.others[0].cue.text == "wrote"
    assert [reason.weight for reason in cue.chosen.because] == [None]


def test_what_a_cue_reports_is_weighed_against_nothing(explained: Extract) -> None:
    quote = next(q for q in only(explained, TEXT).quotes if q.cue and q.cue.text == "believes")
    (content,) = of(quote, "content")
    assert content.chosen.content == quote.content
    assert content.chosen.what == "ccomp_that"
    assert content.others[-1].what.startswith("nothing at all")


def test_a_speaker_has_a_reason_and_a_second(explained: Extract) -> None:
    text = "Oleg Varga met Peter Holloway. Mara Lind came. “Nobody was there,” he said."
    (quote,) = only(explained, text).quotes
    (speaker,) = of(quote, "speaker")
    assert {speaker.chosen.what, speaker.others[0].what} == {"Oleg Varga", "Peter Holloway"}
    assert "pronoun" in speaker.chosen.because[0].what


def test_a_label_inside_the_marks_says_so(explained: Extract) -> None:
    quote = only(explained, TEXT).quotes[-1]
    (decision,) = of(quote, "source")
    assert decision.chosen.because[0].what == "begins with a name and a colon"


def test_what_was_passed_over_is_told(explained: Extract) -> None:
    extraction = only(explained, TEXT)
    passed = {one.content[0].text: one for one in extraction.passed_over or ()}
    assert passed["so-called"].decision.chosen.what == "no one"
    assert "likely to be anyone's words" in passed["so-called"].why
    taken = {span for quote in extraction.quotes for span in quote.content}
    assert taken.isdisjoint(span for one in passed.values() for span in one.content)


def test_explanations_are_there_only_where_asked_for(plain: Extract) -> None:
    extraction = only(plain, TEXT)
    assert extraction.passed_over is UNSET
    assert b"explanation" not in to_json(extraction)


def test_explanations_survive_the_way_through_json(explained: Extract) -> None:
    extraction = only(explained, TEXT)
    assert from_json(to_json(extraction), Extraction) == extraction


def test_a_language_without_rules_has_nothing_to_explain(explained: Extract) -> None:
    (extraction,) = explained([article("„Wir werden den Pier öffnen“, sagte sie.", "de")])
    assert [quote.explanation for quote in extraction.quotes] == [()]


WORDS = st.lists(
    st.sampled_from([*TEXT.split(" "), "“", "”", "‘", "’", '"', "\n\n", ":", "said", "according"]),
    max_size=50,
).map(" ".join)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(WORDS)
def test_explaining_changes_nothing(explained: Extract, plain: Extract, text: str) -> None:
    why, found = only(explained, text), only(plain, text)
    assert without(why) == without(found)
    for quote in why.quotes:
        for decision in of(quote, "source"):
            assert decision.chosen.source is None or quote.source is not None
