"""The whole text of an article from the page that its entry links to.

Most feeds carry a teaser. This module decides when a page is worth fetching and whether it is the
entry's. All pure; pages are fetched by `fetching.py`.
"""

import dataclasses
import re
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from onrecord.errors import ParseError
from onrecord.feeds.articles.draft import ArticleDraft, content_hash
from onrecord.feeds.articles.edits import fingerprint
from onrecord.feeds.pages.article_body import main_text
from onrecord.feeds.pages.sections import sections_in
from onrecord.feeds.parsing.encoding import page_text
from onrecord.feeds.text.html import clean
from onrecord.records import Article

FullText = Literal["feed", "page", "auto"]

# A single paragraph up to this length is a teaser; so is a text that breaks off.
_TEASER_CHARS = 600
_BREAKS_OFF = re.compile(r"(?:…|\.\.\.|\[(?:…|\.\.\.|\.\.)\])[\s»›→\"”)\]]*$")
# A page that is the article has more to say than the teaser, and shares words with it.
# Words by their beginnings: many languages inflect their ends.
_WORD = re.compile(r"\b\w{4}")
_SHARED = 0.3
_MOST_REASON = 200


def wants_page(article: Article, full_text: FullText) -> bool:
    """Whether the linked page is worth fetching for this article."""
    if full_text == "feed" or article.url is None:
        return False
    return full_text == "page" or is_teaser(article.text)


def is_teaser(text: str) -> bool:
    """Whether a text is the beginning of another."""
    is_short = len(text) < _TEASER_CHARS and "\n\n" not in text.strip()
    return is_short or _BREAKS_OFF.search(text) is not None


@dataclass(frozen=True, slots=True)
class PageText:
    """An article's text from its page, and the sections that the page says it is in."""

    text: str
    sections: tuple[str, ...] = ()


def read_page(body: bytes, url: str, content_type: str | None, article: Article) -> PageText:
    """The article's text in a page. Raises ParseError when it is not there."""
    markup = decode_page(body, url, content_type)
    text = main_text(markup, url, title=article.title, summary=article.summary)
    if len(text) <= len(article.text):
        raise ParseError(url, "the page has no more text than the feed")
    if not _is_about(text, article):
        raise ParseError(url, "the page is about something else")
    return PageText(text, sections_in(markup))


def _is_about(text: str, article: Article) -> bool:
    """Whether a page's text shares the words of the entry: a consent or login page does not."""
    known = set(_WORD.findall(f"{article.title} {article.text}".casefold()))
    shared = known & set(_WORD.findall(text.casefold()))
    return not known or len(shared) >= _SHARED * len(known)


def with_page_text(draft: ArticleDraft, page: PageText) -> ArticleDraft:
    """The draft with its page's text."""
    article = replace(
        draft.article,
        text=page.text,
        text_from="page",
        content_hash=content_hash(draft.article.title, page.text),
        sections=tuple(dict.fromkeys((*draft.article.sections, *page.sections))),
    )
    return dataclasses.replace(draft, article=article, pieces=fingerprint(draft.article))


def without_page_text(draft: ArticleDraft, reason: str) -> ArticleDraft:
    """The draft with the feed's text, and why it is that."""
    article = replace(draft.article, page_error=clean(reason)[:_MOST_REASON])
    return dataclasses.replace(draft, article=article)


def decode_page(body: bytes, url: str, content_type: str | None) -> str:
    """A page's markup. Raises ParseError when it is not HTML."""
    kind = (content_type or "text/html").partition(";")[0].strip().lower()
    if kind not in ("text/html", "application/xhtml+xml"):
        raise ParseError(url, f"the page is {kind[:60]}, not HTML")
    return page_text(body, content_type)
