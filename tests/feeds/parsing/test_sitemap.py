"""Sitemaps: those of news are feeds, the others say what they are."""

import pytest

from onrecord.errors import ParseError
from onrecord.feeds.parsing.parse import parse_feed

URL = "https://a.example/sitemap.xml"
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("<urlset><url><loc>https://a.example/1</loc></url></urlset>", "a sitemap without news"),
        (
            "<sitemapindex><sitemap><loc>/news.xml?a=1&amp;b=2</loc></sitemap></sitemapindex>",
            "a list of sitemaps, not a feed; its news: https://a.example/news.xml?a=1&b=2",
        ),
        ("<sitemapindex/>", "a list of sitemaps, not a feed"),
    ],
)
def test_a_sitemap_without_news_says_what_it_is(document: str, says: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_feed(document.encode(), url=URL)
    assert says in caught.value.reason


def test_a_sitemap_is_read_as_far_as_it_can_be() -> None:
    document = (
        f"<urlset {NEWS}><url><loc> /one?a=1&b=2 </loc><news:news><news:title>R&D "
        "<![CDATA[& more]]></news:title></news:news></url>"
        "<url><loc>javascript:x</loc><news:news/></url><url><loc>https://a.example/two</loc><news:news><news:title>Two</news:title></news:news></url>"
    )
    entries = parse_feed(document.encode(), url=URL).entries
    assert [(entry.link, entry.title_html) for entry in entries] == [
        ("https://a.example/one?a=1&b=2", "R&amp;D &amp; more"),
        ("https://a.example/two", "Two"),
    ]
