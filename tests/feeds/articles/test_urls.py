"""Canonical URLs and keys: what tells pages apart stays, what does not goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.feeds.articles.urls import (
    _canonical_form,
    _is_tracking,
    canonical_url,
    former_keys,
    page_number,
    url_key,
)

SITE = "https://harbour.example/a"


@pytest.mark.parametrize(
    "parameter",
    [
        "fb_ref=1", "fb_action_ids=1", "hmb_source=x", "campaign_source=x", "campaign_term=y",
        "mc_tc=1", "__hstc=1", "HSCtaTracking=1", "rb_clickid=1", "sc_cid=1", "_bhlid=1",
        "_branch_match_id=1", "dicbo=v2-1", "wprov=sfti1", "gad_source=1", "elqTrackId=1",
        "_branch_referrer=1", "__readwiseLocation=1", "utm_x=1", "mtm_y=1",
        "mod=rss_markets", "mod=djem_rss", "cid=rss", "rss=1", "rss", "fr=rss", "ft=rss2",
        "cid=public-rss_20261115", "ref=other.example", "ref=rss", "from_rss=1", "at_medium=RSS",
    ],
)  # fmt: skip
def test_a_parameter_that_tracks_is_dropped(parameter: str) -> None:
    assert canonical_url(f"{SITE}?{parameter}") == SITE
    assert canonical_url(f"{SITE}?{parameter}&id=5") == f"{SITE}?id=5"


@pytest.mark.parametrize(
    "parameter",
    [
        "id=5", "p=rss", "page=rss", "q=rss", "section=rss-news", "title=rss_a", "ref=12",
        "ref=chapter", "rss=5", "mod=news", "fr=article", "source=wire", "cid=721", "story=rss",
        "mod=crossroads", "cid=press",
    ],
)  # fmt: skip
def test_a_parameter_that_may_name_a_page_stays(parameter: str) -> None:
    assert canonical_url(f"{SITE}?{parameter}") == f"{SITE}?{parameter}"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.harbour.example/a/", "harbour.example/a"),
        ("http://harbour.example/a", "harbour.example/a"),
        ("https://harbour.example/a/?b=1", "harbour.example/a?b=1"),
        ("https://harbour.example/", "harbour.example/"),
        ("https://www.harbour.example", "harbour.example/"),
        ("https://m.harbour.example/a", "m.harbour.example/a"),
        ("https://www2.harbour.example/a", "www2.harbour.example/a"),
        ("https://harbour.example:8080/a", "harbour.example:8080/a"),
        ("https://harbour.example/A", "harbour.example/A"),
    ],
)
def test_the_key_of_a_url(url: str, key: str) -> None:
    canonical = canonical_url(url)
    assert canonical is not None
    assert url_key(canonical) == key


def test_the_former_keys_are_those_of_version_0_1() -> None:
    assert former_keys("https://www.harbour.example/a/?mc_tc=1") == (
        "www.harbour.example/a/?mc_tc=1",
        "www.harbour.example/a?mc_tc=1",
        "harbour.example/a/?mc_tc=1",
        "harbour.example/a?mc_tc=1",
        "www.harbour.example/a/",
        "www.harbour.example/a",
        "harbour.example/a/",
    )
    assert "harbour.example/a" not in former_keys(SITE)


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://www.e.com/news/1234567-pier-vote", "e.com 1234567"),
        ("https://e.com/2026/11/15/pier", None),
        ("https://e.com/20261115/pier", None),
        ("https://e.com/202611/pier", None),
        ("https://e.com/12345/67890", None),  # which of them is it?
        ("https://e.com/a?id=12345", "e.com 12345"),
    ],
)
def test_the_number_of_a_page(url: str, number: str | None) -> None:
    assert page_number(url) == number


@given(st.text(max_size=80) | st.from_regex(r"https?://[a-z.:@\[\]%/?&=#-]{0,60}", fullmatch=True))
def test_no_url_raises(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is None or canonical_url(canonical) == canonical
    assert all(isinstance(key, str) for key in former_keys(url))


PARTS = st.sampled_from(
    ["http://", "https://", "a", "B", "b.", ".", "..", "/", "-", "_", "~", "www.", ".com/", "/a/",
     "xn--", "1", ":80", ":443", "%41", "?", "#", ";", "@", "é", "l" * 62, "co.uk/", ".html", " "]
)  # fmt: skip


@given(st.lists(PARTS, max_size=8).map("".join))
def test_a_url_that_looks_canonical_is(rest: str) -> None:
    for url in (f"https://a.example/{rest}", f"https://{rest}", rest):
        assert canonical_url(url) == _canonical_form(url, _is_tracking)
