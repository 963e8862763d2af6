"""Categories and sections: read alike from every format, well-formed or not."""

import pytest

from onrecord.feeds.pages.sections import sections_in
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.feeds.text.html import html_to_line

RSS = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"><channel><title>T</title><item>
 <title>One</title><category>World</category><category domain="https://a.example/section">Asia
 </category><category><![CDATA[R&D]]></category><category>World</category><category/>
 <dc:subject>Trade</dc:subject></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id>
 <title>One</title><category term="world" label="World"/><category term="Asia"
 scheme="https://a.example/sections"/><category term=""/></entry></feed>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "T",
 "items": [{"id": "1", "title": "One", "tags": ["World", 3, "Asia", " "]}]}"""


def filed(document: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    (entry,) = parse_feed(document.encode(), url="https://a.example/feed").entries
    return tuple(map(html_to_line, entry.categories)), entry.sections


@pytest.mark.parametrize("spoilt", [False, True], ids=["well-formed", "broken"])
@pytest.mark.parametrize(
    ("document", "categories", "sections"),
    [
        (RSS, ("World", "Asia", "R&D", "Trade"), ("Asia",)),
        (ATOM, ("World", "Asia"), ("Asia",)),
    ],
)
def test_an_entry_is_filed_as_its_publisher_says(
    document: str, categories: tuple[str, ...], sections: tuple[str, ...], spoilt: bool
) -> None:
    # An element that is not closed leaves a document to the lenient reader.
    broken = document.replace("<title>T</title>", "<title>T</title><wrong>")
    written = broken if spoilt else document
    assert filed(written) == (categories, sections)


def test_the_tags_of_a_json_feed_are_categories() -> None:
    assert filed(JSON) == (("World", "Asia"), ())


@pytest.mark.parametrize(
    ("markup", "sections"),
    [
        ('<meta property="article:section" content="World &amp; Asia">', ("World & Asia",)),
        ("<meta content='Sport' name='article:section'/>", ("Sport",)),
        ('<meta property="article:section_id" content="7">', ()),
        ('<script>{"articleSection": "Politics"}</script>', ("Politics",)),
        ('<script>{"articleSection":["A\\u00e9", "B \\"C\\""]}</script>', ("Aé", 'B "C"')),
        ('<meta property="article:section" content="">', ()),
        ('<script>{"articleSection": ["unclosed', ()),
        ("<p>nothing</p>", ()),
    ],
)
def test_a_page_says_its_section(markup: str, sections: tuple[str, ...]) -> None:
    assert sections_in(f"<html><head>{markup}</head><body></body></html>") == sections
