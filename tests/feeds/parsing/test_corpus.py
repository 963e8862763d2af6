"""feedparser's own corpus, all of it: none stops us, and we read of it what feedparser reads."""

import calendar
import html
import re
import tarfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import pytest

from onrecord.errors import ParseError
from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.draft import to_drafts
from onrecord.feeds.parsing.dates import parse_date
from onrecord.feeds.parsing.encoding import settled_text
from onrecord.feeds.parsing.entry import Entry, ParsedFeed, absolute_url
from onrecord.feeds.parsing.lenient import read_leniently
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.feeds.parsing.strict import read_strictly
from onrecord.feeds.text.html import html_to_line
from onrecord.records import Feed
from tests.builders import NOON

CORPUS = Path(__file__).parents[2] / "data" / "feedparser" / "corpus.tar.xz"
URL = "https://harbour.example/feeds/news.xml"
FEED = Feed(url=URL, publisher="P", language="en")
PARTS = ("wellformed", "illformed", "encoding", "entities", "http", "compression")


@dataclass(frozen=True)
class Case:
    """A document, with the content type that feedparser's tests serve it with."""

    name: str
    body: bytes

    @property
    def content_type(self) -> str | None:
        found = re.search(rb"Header:\s+Content-type:\s*(.+)", self.body[:2000])
        return found.group(1).decode("ascii").strip() if found else None

    def ours(self) -> ParsedFeed | None:
        try:
            return parse_feed(self.body, url=URL, content_type=self.content_type)
        except ParseError:
            return None

    def theirs(self) -> list[Mapping[str, Any]]:
        headers = {"content-type": self.content_type} if self.content_type else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(feedparser.parse(self.body, response_headers=headers)["entries"])


@cache
def corpus() -> tuple[Case, ...]:
    with tarfile.open(CORPUS) as archive:
        members = sorted(archive.getmembers(), key=lambda member: member.name)
        return tuple(
            Case(member.name, file.read())
            for member in members
            if (file := archive.extractfile(member)) is not None
        )


def cases(part: str) -> list[Case]:
    return [case for case in corpus() if case.name.startswith(f"{part}/")]


# Half an entry is none.
CUT = {"illformed/rss_incomplete_cdata.xml"}


@pytest.mark.parametrize("part", PARTS)
def test_no_document_stops_us_and_no_entry_is_lost(part: str) -> None:
    lost = {}
    for case in cases(part):
        ours, theirs = case.ours(), case.theirs()
        found = len(ours.entries) if ours else 0
        if found != len(theirs):
            lost[case.name] = (found, len(theirs))
    assert cases(part)
    assert {name: both for name, both in lost.items() if name not in CUT} == {}


# What the two readers differ in on purpose: feedparser takes an image's title, within a category,
# for the entry's.
READ_APART = {"wellformed/rss/item_category_image.xml"}


def test_the_fast_and_the_lenient_reader_yield_the_same_articles() -> None:
    differ, read_fast = {}, 0
    for case in corpus():
        text = settled_text(case.body, case.content_type)
        fast = read_strictly(text, url=URL) if text is not None else None
        if text is None or fast is None:
            continue
        read_fast += 1
        lenient = read_leniently(
            text.encode("utf-8", "replace"), url=URL, content_type="application/xml; charset=utf-8"
        )
        assert lenient is not None, case.name
        if to_drafts(FEED, fast, NOON, EVERYTHING) != to_drafts(FEED, lenient, NOON, EVERYTHING):
            differ[case.name] = (fast.entries, lenient.entries)
    assert read_fast > 900
    assert set(differ) == READ_APART


# ── the same titles, links and dates as feedparser alone ─────────────────────────────────────

# Where we know better, each with the reason.
BETTER = {
    "wellformed/atom10/entry_id_with_attributes.xml": "an id that is no URL is no link",
    "wellformed/lang/http_content_language_entry_title_inherit_2.xml": "the same",
    "wellformed/namespace/atomthreadingwithentry.xml": "the date has fractions of a second",
    "wellformed/rdf/rdf_item_description.xml": "rdf:about is the page of an item without a link",
    "wellformed/rdf/rdf_item_rdf_about.xml": "the same",
    "wellformed/rdf/rdf_item_title.xml": "the same",
    "wellformed/rss/item_category_image.xml": "an image's title is not the entry's",
    "wellformed/sanitize/entry_title_crazy.xml": "a whole page as a title, cut by both",
}


def test_wellformed_feeds_have_the_titles_links_and_dates_that_feedparser_finds() -> None:
    differ, compared = {}, 0
    for case in cases("wellformed"):
        ours = case.ours()
        for entry, theirs in zip(ours.entries if ours else (), case.theirs(), strict=False):
            compared += 1
            if _told(entry) != _told_by_feedparser(theirs):
                differ[case.name] = (_told(entry), _told_by_feedparser(theirs))
    assert compared > 1000
    assert {name: both for name, both in differ.items() if name not in BETTER} == {}
    assert set(BETTER) <= set(differ), "what does not differ any more need not be excused"


Told = tuple[str, str | None, datetime | None, datetime | None]


def _told(entry: Entry) -> Told:
    published, updated = parse_date(entry.published_raw), parse_date(entry.updated_raw)
    return html_to_line(entry.title_html), entry.link, published, updated


def _told_by_feedparser(entry: Any) -> Told:
    title, link = dict.get(entry, "title") or "", dict.get(entry, "link")
    detail = dict.get(entry, "title_detail") or {}
    if detail.get("type") == "text/plain":
        title = html.escape(title, quote=False)
    published = dict.get(entry, "published_parsed") or dict.get(entry, "created_parsed")
    return (
        html_to_line(title),
        absolute_url(link, URL) if link else None,
        _as_date(published),
        _as_date(dict.get(entry, "updated_parsed")),
    )


def _as_date(parsed: Any) -> datetime | None:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
