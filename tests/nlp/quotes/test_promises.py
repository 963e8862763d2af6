"""What holds of every extraction: offsets, order, whole marks, speakers with names."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Extraction, Quote
from tests.builders import NOON, article

pytestmark = pytest.mark.model

PIECES = [
    "Mara Lind", "the harbour board", "She", "they", "Several", "Oleg Varga, 52, a baker,",
    "said", "told The Courier", "called it", "warned", "according to", "asked whether", "urged",
    "that", "the pier will open in May", "nobody came", "prices rise and wages fall",
    "“", "”", "“We will not go,”", "“a farce”", "‘no more bins’", '"', "'", "«", "»",
    ",", ".", "?", ":", " — ", "(", ")", "\n", "\n\n", "and", "while", "who",
]  # fmt: skip
PRONOUNS = frozenset(
    {"he", "she", "it", "they", "we", "i", "you", "who", "this", "that", "these", "those"}
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
    st.text(max_size=60),
)


@pytest.fixture(scope="module")
def extract() -> Extract:
    return load_extractor(ExtractPolicy(other_models=""), now=lambda: NOON)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=TEXTS)
def test_every_extraction_keeps_its_promises(extract: Extract, text: str) -> None:
    (found,) = extract([article(text=text, language="en")])
    (again,) = extract([article(text=text, language="en")])
    assert found.quotes == again.quotes
    assert [spans(quote) for quote in found.quotes] == sorted(spans(q) for q in found.quotes)
    assert len({quote.id for quote in found.quotes}) == len(found.quotes)
    for quote in found.quotes:
        check_spans(quote, text)
        check_content(quote)
        check_speaker(quote)
    check_nesting(found)


def spans(quote: Quote) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in quote.content]


def check_spans(quote: Quote, text: str) -> None:
    others: list[Any] = [quote.cue, quote.source, quote.via, quote.context]
    for span in [*quote.content, *(one for one in others if one is not None)]:
        assert text[span.start : span.end] == span.text
    assert all(one.end <= other.start for one, other in pairwise(quote.content))


def check_content(quote: Quote) -> None:
    words = "".join(span.text for span in quote.content)
    assert sum(map(str.isalnum, words)) > 1
    if quote.type == "mixed":
        for span in quote.content:
            # “ … » counts as a passage: some print it so by mistake.
            opening, closing = (sum(map(span.text.count, marks)) for marks in ("“«", "”»"))
            assert opening == closing
            assert span.text.count('"') % 2 == 0


def check_speaker(quote: Quote) -> None:
    if quote.speaker is not None:
        assert quote.speaker.name.lower() not in PRONOUNS
        assert quote.source is not None


def check_nesting(found: Extraction) -> None:
    """No two contents cross: of two that overlap, one holds the other."""
    covered = [
        {at for start, end in spans(quote) for at in range(start, end)} for quote in found.quotes
    ]
    for n, one in enumerate(covered):
        for other in covered[n + 1 :]:
            assert not one & other or one <= other or other <= one


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        (
            "Harbour will open in May, says mayor\n\nThe harbour will open in May, the mayor said.",
            [False, True],
        ),
        ("“The boats are safe now,” Mara Lind said. She said the pier was closed.", [False, False]),
    ],
)
def test_what_an_article_says_twice_names_the_first(
    extract: Extract, text: str, repeated: list[bool]
) -> None:
    (found,) = extract([article(text=text)])
    assert [quote.repeats is not None for quote in found.quotes] == repeated
    assert {quote.repeats for quote in found.quotes} <= {None, found.quotes[0].id}


def test_an_outlet_that_was_told_is_kept_beside_the_speaker(extract: Extract) -> None:
    (found,) = extract([article(text="Mara Lind told The Sun that taxes would fall.")])
    (quote,) = found.quotes
    assert quote.via is not None
    assert quote.via.text == "The Sun"
    assert quote.speaker is not None
    assert quote.speaker.name == "Mara Lind"


def test_a_speaker_says_how_sure_it_is(extract: Extract) -> None:
    (found,) = extract([article(text="“The pier will open in May,” Mara Lind said.")])
    (quote,) = found.quotes
    assert quote.speaker is not None
    assert quote.speaker.confidence is not None
    assert 0.8 < quote.speaker.confidence <= 1
