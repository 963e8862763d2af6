"""The article in a page, and which pages are worth fetching."""

from typing import Any

import pytest

from onrecord.errors import ParseError
from onrecord.feeds.pages.fulltext import is_teaser, read_page, wants_page
from onrecord.records import Article
from tests.builders import article

URL = "https://harbour.example/pier"
TEASER = "The pier will open in May, the harbour master said."
PARAGRAPHS = tuple(
    """
“The pier will open in May,” harbour master Mara Lind said on Monday in the crowded town hall.

She added: "We have waited long enough, and so has the town." No date was given for the café.

According to the mayor, Ove Holm, the delay was “a matter of 12 bolts” from abroad: ‘no fault’.
""".strip().split("\n\n")
)
HEAD = "<!doctype html><html lang=en><head><title>Pier to open | Harbour Post</title></head>"
AROUND = (
    "<nav><a href=/>Home</a> <a href=/n>News</a></nav><header><h1>Pier to open in May</h1>"
    "<p class=byline>By Ann Li</p><div class='share-tools'><a>Share on Facebook</a></div></header>"
)
CAPTION = "<figure><img src=x><figcaption>The pier in winter. Photo: Bo Diaz</figcaption></figure>"
BELOW = (
    "<p>Advertisement</p><p>Read more: <a href=/y>The story of the pier</a></p></article>"
    "<aside><h2>Most read</h2><a>Fish and chips cost 5</a></aside><footer>© 2026</footer>"
)


def page(*paragraphs: str, head: str = HEAD) -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"{head}<body>{AROUND}<article>{CAPTION}{text}{BELOW}</body></html>"


def teaser(**fields: object) -> Article:
    given: dict[str, Any] = {"title": "Pier to open in May", "text": TEASER, "url": URL}
    return article(**(given | fields))


def read(html: str | bytes, content_type: str | None = "text/html", **fields: object) -> str:
    body = html.encode() if isinstance(html, str) else html
    return read_page(body, URL, content_type, teaser(**fields)).text


def test_a_page_is_its_article_and_nothing_around_it() -> None:
    assert read(page(*PARAGRAPHS)) == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("encoding", "content_type", "head"),
    [
        ("utf-8", "text/html; charset=iso-8859-1", HEAD),
        ("cp1252", "text/html; charset=windows-1252", HEAD),
        ("cp1252", "text/html", HEAD.replace("<head>", "<head><meta charset=iso-8859-1>")),
        ("utf-16", "text/html", HEAD),
    ],
)
def test_quotation_marks_survive_every_encoding(
    encoding: str, content_type: str, head: str
) -> None:
    assert read(page(*PARAGRAPHS, head=head).encode(encoding), content_type) == "\n\n".join(
        PARAGRAPHS
    )


@pytest.mark.parametrize(
    ("html", "content_type", "reason"),
    [
        (page("Short."), "text/html", "the page has no more text than the feed"),
        ("", "text/html", "the page has no more text than the feed"),
        (
            page(*["We and our partners store cookies on your device to show adverts."] * 9),
            "text/html",
            "the page is about something else",
        ),
        ("%PDF-1.7", "application/pdf", "the page is application/pdf, not HTML"),
    ],
)
def test_a_page_without_the_article_is_refused(html: str, content_type: str, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(html, content_type)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEASER, True),
        ("", True),
        ("One long paragraph. " * 40, False),
        ("One paragraph.\n\nAnother.", False),
        ("One long paragraph. " * 40 + "And then…", True),
        ("One paragraph.\n\nAnother that goes [...]", True),
        ("“One that trails off…” she said.\n\nAnother.", False),
    ],
)
def test_what_is_a_teaser(text: str, expected: bool) -> None:
    assert is_teaser(text) is expected


@pytest.mark.parametrize(
    ("mode", "of_teaser", "of_text"),
    [("feed", False, False), ("auto", True, False), ("page", True, True)],
)
def test_which_pages_are_worth_fetching(mode: str, of_teaser: bool, of_text: bool) -> None:
    whole = teaser(text="\n\n".join(PARAGRAPHS))
    assert wants_page(teaser(), mode) is of_teaser  # type: ignore[arg-type]
    assert wants_page(whole, mode) is of_text  # type: ignore[arg-type]
    assert not wants_page(teaser(url=None), mode)  # type: ignore[arg-type]
