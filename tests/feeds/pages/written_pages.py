"""News pages written for tests: the demo's articles in the layouts that news sites use.

Around each article stands what stands around articles: menus, captions, bylines, share lines, boxes
with other people's words. `OTHERS` are those words; none of them belongs into an article.
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.document import read_document
from onrecord.records import Article, Feed

_SAMPLE = Path(__file__).parents[3] / "pipeline" / "onrecord" / "cli" / "sample" / "round-1"
_FEED = Feed(url="https://p.example/f")

OTHERS = (
    "a quoted headline of another story",
    "Subscribe to our newsletter",
    "We use cookies to improve",
    "A caption that says “what is seen”",
    "Share on Facebook",
    "All rights reserved",
)

Layout = Callable[[str, Sequence[str]], str]


@dataclass(frozen=True)
class Page:
    """A page and the article that is in it, as its feed gave it whole."""

    layout: str
    body: bytes
    article: Article


def pages() -> Iterator[Page]:
    """Every article of the demo's first round in every layout."""
    for path in sorted(_SAMPLE.iterdir()):
        read = read_document(
            _FEED, path.read_bytes(), _FEED.url, None, datetime.now(UTC), EVERYTHING
        )
        for draft in read.drafts:
            paragraphs = draft.article.text.split("\n\n")
            for name, layout in LAYOUTS.items():
                body = layout(html.escape(draft.article.title), [*map(_escaped, paragraphs)])
                yield Page(name, body.encode(), draft.article)


def _escaped(paragraph: str) -> str:
    return html.escape(paragraph, quote=False)


def _linked(paragraph: str) -> str:
    """With a link around its middle word, as pages have them within quotations too."""
    words = paragraph.split(" ")
    middle = len(words) // 2
    words[middle] = f'<a href="/topic">{words[middle]}</a>'
    return " ".join(words)


_MENU = "<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a><li><a href=/s>Sport</a></ul></nav>"
_FIGURE = (
    "<figure><img src=/a.jpg><figcaption>A caption that says “what is seen”. Photo: B. Diaz"
    "</figcaption></figure>"
)
_SHARE = '<div class="share-tools"><a>Share on Facebook</a> <a>Share on X</a></div>'
_RELATED = (
    '<aside class="related"><h3>Related</h3><ul><li><a href=/y>“This is a quoted headline of '
    "another story”</a></ul></aside>"
)
_NEWSLETTER = (
    '<div class="newsletter"><p>Subscribe to our newsletter for more.</p><form><input></form></div>'
)
_FOOTER = "<footer><p>© 2026 The Post. All rights reserved.</p></footer>"
_COOKIES = '<div id="cookie-banner"><p>We use cookies to improve your visit.</p></div>'


def _html(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Post</title>'
        f"</head><body>{_COOKIES}{_MENU}{body}{_FOOTER}</body></html>"
    )


def _plain(title: str, paragraphs: Sequence[str]) -> str:
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return _html(
        title,
        f"<main><h1>{title}</h1><p class=byline>By Ann Li</p>{_SHARE}<article>{_FIGURE}{text}"
        f"{_RELATED}</article></main>",
    )


def _broken_up(title: str, paragraphs: Sequence[str]) -> str:
    """Boxes stand between the paragraphs."""
    boxes = [_FIGURE, _RELATED, _NEWSLETTER, '<div class="advert">Advertisement</div>']
    text = "".join(f"<p>{_linked(p)}</p>{boxes[n % 4]}" for n, p in enumerate(paragraphs))
    return _html(title, f"<article><header><h1>{title}</h1></header>{text}</article>{_SHARE}")


def _soup(title: str, paragraphs: Sequence[str]) -> str:
    """Everything is a div."""
    text = "".join(f'<div class="css-1x{n}"><div>{p}</div></div>' for n, p in enumerate(paragraphs))
    return _html(
        title, f'<div id="app"><div><h1>{title}</h1>{_SHARE}<div class="story-body">{text}</div>'
        f"{_NEWSLETTER}</div>{_RELATED}</div>",
    )  # fmt: skip


def _line_breaks(title: str, paragraphs: Sequence[str]) -> str:
    """The nineties: a table, and line breaks for paragraphs."""
    text = "<br><br>".join(paragraphs)
    return _html(
        title,
        f"<table><tr><td width=150>{_MENU}</td><td><h2>{title}</h2><div class=article>{text}</div>"
        f"</td></tr></table>",
    )


def _weblog(title: str, paragraphs: Sequence[str]) -> str:
    """As the most common system of weblogs has it, with quotations as blocks."""
    text = "".join(
        f"<blockquote><p>{p}</p></blockquote>" if p.startswith("“") else f"<p>{_linked(p)}</p>"
        for p in paragraphs
    )
    return _html(
        title,
        f'<div id="content"><article class="post hentry"><h1 class="entry-title">{title}</h1>'
        f'<div class="entry-content">{_FIGURE}{text}<div class="sharedaddy">{_SHARE}</div></div>'
        f'<div class="comments"><p>“I do not believe a word of this at all,” wrote reader7.</p>'
        f"</div></article></div>{_RELATED}",
    )


def _sections(title: str, paragraphs: Sequence[str]) -> str:
    """With headings between, and the paragraphs in sections with attributes of a framework."""
    half = len(paragraphs) // 2
    parts = (paragraphs[:half], paragraphs[half:])
    text = "".join(
        f'<section data-component="text-block"><h2>Part {n}</h2>'
        + "".join(f'<div data-block="p"><p><span>{p}</span></p></div>' for p in part)
        + "</section>"
        for n, part in enumerate(parts, 1)
    )
    return _html(title, f'<main id="main"><article><h1>{title}</h1>{text}</article></main>{_SHARE}')


LAYOUTS: Mapping[str, Layout] = {
    "plain": _plain,
    "broken up": _broken_up,
    "soup": _soup,
    "line breaks": _line_breaks,
    "weblog": _weblog,
    "sections": _sections,
}
