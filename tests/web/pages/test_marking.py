"""The pure parts of the pages: marked texts, differences of words, plots, lists for programs."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.archive.results import TimelinePoint
from onrecord.web.pages.listings import AtomEntry, Listing, csv_header, to_atom, to_csv
from onrecord.web.pages.marking import Layer, cut, paragraphs
from onrecord.web.pages.plots import MOST_BARS, label_of, plot
from onrecord.web.pages.rendering import language_tag, web_url
from onrecord.web.pages.word_diff import Change, shortened, word_diff

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
texts = st.text(alphabet="ab \n👍é", max_size=60)
layers = st.lists(
    st.builds(
        lambda start, length, kind: Layer(start, start + length, kind),
        st.integers(0, 60),
        st.integers(1, 30),
        st.sampled_from(["content", "cue", "source"]),
    ),
    max_size=6,
)
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(texts, layers, st.integers(0, 9))
def test_cutting_loses_no_character_and_marks_exactly_the_spans(
    text: str, given: list[Layer], at: int
) -> None:
    segments = cut(text, given, at=at)
    assert "".join(segment.text for segment in segments) == text
    place = at
    for segment in segments:
        for offset in range(place, place + len(segment.text)):
            wanted = sorted(one.kind for one in given if one.start <= offset < one.end)
            assert sorted(layer.kind for layer in segment.layers) == wanted
        place += len(segment.text)


def test_a_quote_over_paragraphs_is_marked_in_each() -> None:
    found = paragraphs("one two\n\nthree four", [Layer(4, 14, "content", "q")])
    assert [[(s.text, s.of("content")) for s in paragraph] for paragraph in found] == [
        [("one ", ""), ("two", "q")],
        [("three", "q"), (" four", "")],
    ]


@patient
@given(texts, texts)
def test_a_difference_has_both_texts_in_it(before: str, after: str) -> None:
    changes = word_diff(before, after)
    assert "".join(one.text for one in changes if one.kind in {"same", "removed"}) == before
    assert "".join(one.text for one in changes if one.kind in {"same", "added"}) == after


def test_a_difference_is_one_of_words_and_long_sameness_is_left_out() -> None:
    same = " ".join(f"w{n}" for n in range(300))
    changes = shortened(word_diff(f"{same} in May", f"{same} in June"))
    assert [one.kind for one in changes] == ["skipped", "same", "removed", "added"]
    assert changes[2:] == [Change("removed", "May"), Change("added", "June")]


@pytest.mark.parametrize("piece", ["a ", "a\n\n", "a b ", "x\n\ny "])
def test_a_text_that_repeats_itself_is_compared_with_little_work(piece: str) -> None:
    """Word by word this would be 400 million steps."""
    before, after = piece * 20_000, piece * 20_000 + "b"
    changes = word_diff(before, after)
    assert "".join(one.text for one in changes if one.kind != "removed") == after


def points(*counts: int, of: int = 10) -> list[TimelinePoint]:
    return [
        TimelinePoint(start=NOON + timedelta(days=n), count=count, of=of)
        for n, count in enumerate(counts)
    ]


def test_bars_are_as_high_as_their_counts_and_never_too_many() -> None:
    drawn = plot(points(0, 5, 10), "t", ZoneInfo("UTC"), interval="day")
    assert [bar.height for bar in drawn.bars] == [0.0, 80.0, 160.0]
    assert drawn.bars[0].label == "20 Nov 2026"
    assert drawn.total == 15
    many = plot(points(*range(1_000)), "t", ZoneInfo("UTC"), interval="day")
    assert len(many.bars) == MOST_BARS
    assert many.bars[-1].count == 999
    nothing = plot([], "t", ZoneInfo("UTC"))
    assert (nothing.bars, nothing.total) == ((), 0)
    empty_days = plot(points(0, 0, of=0), "t", ZoneInfo("UTC"), is_share=True)
    assert [bar.height for bar in empty_days.bars] == [0.0, 0.0]


def test_hours_are_told_in_the_zone_of_the_pages() -> None:
    assert label_of(NOON, "hour", ZoneInfo("Europe/Berlin")) == "20 Nov 13:00"
    assert label_of(NOON, "day", ZoneInfo("Europe/Berlin")) == "20 Nov 2026"


def test_what_xml_cannot_hold_is_replaced_and_formulas_are_disarmed() -> None:
    entry = AtomEntry(key="k", title="a\x00\ud800b<c>", path="/x", updated=None, author="=1+1\x0b")
    listing = Listing(title="t&t", rows=[{"a": "=1+1", "b": None}, {"c": "@x"}], entries=[entry])
    feed = ET.fromstring(to_atom(listing, "http://h", "/p?q=<"))
    title = feed.findtext(".//{*}entry/{*}title")
    assert title == "a\ufffd\ufffdb<c>"
    assert to_csv(listing.rows, "abc").splitlines() == ["'=1+1,,", ",,'@x"]
    assert csv_header(("a", "=b")).splitlines() == ["a,'=b"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("javascript:alert(1)", None),
        (" https://a.example", None),
        ("data:text/html,x", None),
        (None, None),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str | None, found: str | None) -> None:
    assert web_url(url) == found


def test_a_language_is_a_language_tag_or_nothing() -> None:
    assert [language_tag(one) for one in ("en-GB", 'en" x="', None)] == ["en-GB", "", ""]
