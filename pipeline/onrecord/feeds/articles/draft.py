"""Turns an entry into an article: a stable id, a canonical URL, plain text, dates in UTC.

All pure. The input is the entries of one feed document. The output is a draft of an article for
each, revision 1, with the entry's identity within its feed. `revisions.py` decides whether the
article is already published and whether this is an edit of it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from onrecord.feeds.articles.ambiguous import Ambiguous
from onrecord.feeds.articles.authors import author_names
from onrecord.feeds.articles.claims import Claim, Claims, domain_of
from onrecord.feeds.articles.urls import canonical_url, former_keys, page_number, url_key
from onrecord.feeds.feed_urls import site_of
from onrecord.feeds.parsing.dates import parse_date
from onrecord.feeds.parsing.entry import Entry, ParsedFeed
from onrecord.feeds.private_urls import public_url
from onrecord.feeds.text.boilerplate import lasting, without_furniture
from onrecord.feeds.text.html import clean, folded, html_to_line, html_to_text
from onrecord.feeds.text.language import detect_language, normal_language
from onrecord.feeds.zones import zone_named
from onrecord.records import Article, Feed, id_of

# A server's clock can be slightly ahead of ours: such a date counts as now. A larger difference is
# a wrong date, and a wrong date is worse than none.
_CLOCK_SKEW = timedelta(minutes=5)

# What stands beside the text. The text itself is never cut: a topic that does not take an article
# as long as that says so, with its limit.
_MOST_SUMMARY = 20_000
_MOST_CATEGORY = 100
_MOST_SHORT = 2_000
_TELLING_CHARS = 80
_TRACE_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article as an entry gives it, and the entry's identity within its feed.

    `given` is the hash of the text as the feed gives it, whatever the article's is by now.
    `bare` is the identity without scheme and host, None when the guid is no URL: some publishers
    move their feeds to another host and all guids with them. `due` is the article's date when
    that is still to come: until then the article has none.
    `claim` is the feed's claim to the article's URL, `shared_id` the id that the URL alone gives,
    which a feed without a claim must not use. `traces` tell the entry by its date and text, or its
    date and number, when a publisher corrects its title, URL and guid at once. `pieces` is the
    fingerprint of the feed's text once the page's has taken its place. `is_page_missing` says that
    the page was wanted and may be had later, `page_gone` how its server says that it is no more.
    """

    identity: str
    article: Article
    given: str = ""
    bare: str | None = None
    due: datetime | None = None
    claim: Claim | None = None
    shared_id: str | None = None
    traces: tuple[str, ...] = ()
    pieces: str | None = None
    is_page_missing: bool = False
    page_gone: str | None = None


def to_drafts(
    feed: Feed, parsed: ParsedFeed, fetched_at: datetime, claims: Claims
) -> tuple[ArticleDraft, ...]:
    """A draft for each non-empty entry, in the feed's order."""
    ambiguous = Ambiguous.of(parsed.entries)
    drafts = (
        _draft(feed, parsed, entry, ambiguous, fetched_at, claims) for entry in parsed.entries
    )
    return tuple(draft for draft in drafts if _says_anything(draft.article))


def _draft(
    feed: Feed,
    parsed: ParsedFeed,
    entry: Entry,
    ambiguous: Ambiguous,
    fetched_at: datetime,
    claims: Claims,
) -> ArticleDraft:
    source = _source_of(entry, feed)
    title = html_to_line(entry.title_html)[:_MOST_SHORT].removesuffix(f" - {source}")
    summary = without_furniture(html_to_text(entry.summary_html).split("\n\n"))
    if entry.content_html == entry.summary_html:
        text = _body(summary, title, "\n\n".join(summary))
    else:
        text = body_text(html_to_text(entry.content_html), title, "\n\n".join(summary))
    # Content that consists only of captions, as of a photo gallery.
    text = text or _body(summary, title, "\n\n".join(summary)) or _captions(entry, title)
    content = content_hash(title, text)
    guid, link = ambiguous.guid_of(entry), ambiguous.link_of(entry)
    zone = zone_named(feed.time_zone or "") or UTC
    published, updated = (
        parse_date(written, zone) for written in (entry.published_raw, entry.updated_raw)
    )
    canonical = canonical_url(entry.link) if entry.link else None
    claim = claims.to(canonical)
    shared_id = article_id(
        canonical=link,
        guid=_told_apart(guid, title, text),
        publisher=feed.id_publisher or feed.publisher or site_of(feed.url),
        content=content,
    )
    article = Article(
        id=shared_id if claim or not link else copy_id(link, feed.url),
        is_copy=canonical is not None and claim is None,
        url=clean(entry.link) if entry.link else None,
        canonical_url=canonical,
        feed=public_url(feed.url),
        publisher=feed.publisher or source or feed_title(parsed) or site_of(feed.url),
        title=title,
        authors=author_names(entry.authors),
        published_at=not_in_future(published or updated, fetched_at),
        updated_at=not_in_future(updated, fetched_at),
        fetched_at=fetched_at,
        language=normal_language(entry.language or parsed.language or feed.language)
        or detect_language(f"{title}\n{text}"),
        text=text,
        summary="\n\n".join(summary)[:_MOST_SUMMARY],
        content_hash=content,
        raw=_raw(entry),
        categories=_lines(entry.categories),
        sections=_lines(entry.sections),
        feed_categories=feed.categories,
    )
    bare = _without_host(guid) if guid else None
    return ArticleDraft(
        identity=identity_of(guid or link or article.content_hash),
        article=article,
        given=article.content_hash,
        bare=id_of("bare", bare)[:16] if bare else None,
        due=(published or updated) if article.published_at is None else None,
        claim=claim,
        shared_id=shared_id if link else None,
        traces=_traces(published, text, link),
    )


def identity_of(name: str) -> str:
    """The identity of an entry within its feed, by its guid, or what stands for it."""
    return id_of("entry", name)[:16]


def _traces(published: datetime | None, text: str, link: str | None) -> tuple[str, ...]:
    """The traces of an entry that survive corrections of title, URL and guid; none without a date.

    A bulletin has the same words every day, and posts of a live blog the same number: only a date
    to the second tells those apart.
    """
    if published is None:
        return ()
    at = published.isoformat()
    number = page_number(link) if link and published.time() != time() else None
    traces = [id_of("number", at, number)] if number else []
    if len(text) >= _TELLING_CHARS:
        traces.append(id_of("text", at, str(len(text)), text[:_TRACE_CHARS]))
    return tuple(trace[:16] for trace in traces)


def _source_of(entry: Entry, feed: Feed) -> str | None:
    """The publisher from whom an aggregator's feed, such as Google News's, has an entry."""
    url = entry.source_url
    if not entry.source or (url and domain_of(url) == domain_of(feed.url)):
        return None
    return html_to_line(entry.source)[:_MOST_SHORT] or None


def _says_anything(article: Article) -> bool:
    return bool(article.title or article.text or article.summary or article.url)


def _without_host(guid: str) -> str | None:
    """A guid that is a URL without its scheme and host; None when nothing tells it apart then."""
    try:
        parts = urlsplit(guid) if "://" in guid[:12] else None
    except ValueError:  # "http://[draft]/post-17": a name in brackets is taken for IPv6
        return None
    if parts is None or len(parts.path.strip("/")) + len(parts.query) == 0:
        return None
    return parts._replace(scheme="", netloc="").geturl()


def feed_title(parsed: ParsedFeed) -> str | None:
    """The feed's own title as one line of plain text."""
    return html_to_line(parsed.title_html)[:_MOST_SHORT] or None


def body_text(text: str, title: str, summary: str) -> str:
    """The article's text: without its title on top, and with its summary at most once."""
    return _body(without_furniture(text.split("\n\n")), title, summary)


def _body(paragraphs: list[str], title: str, summary: str) -> str:
    if paragraphs and folded(paragraphs[0]).casefold() == title.casefold():
        paragraphs = paragraphs[1:]
    kept: list[str] = []
    has_summary = False
    for paragraph in paragraphs:
        # A standfirst is often the summary, and some systems put it there a second time.
        if paragraph != summary or not has_summary:
            kept.append(paragraph)
        has_summary |= paragraph == summary
    return "\n\n".join(kept)


_CAPTION_TAG = re.compile(r"(</?)figcaption\b", re.IGNORECASE)


def _captions(entry: Entry, title: str) -> str:
    """The captions of an entry that has no other text."""
    if "figcaption" not in entry.content_html.lower():
        return ""
    return body_text(html_to_text(_CAPTION_TAG.sub(r"\1p", entry.content_html)), title, "")


def _raw(entry: Entry) -> dict[str, str]:
    """The entry's identifying fields as the feed wrote them."""
    written = {
        "guid": entry.guid,
        "link": entry.link,
        "published": entry.published_raw,
        "updated": entry.updated_raw,
    }
    return {name: short for name, value in written.items() if (short := _short(value))}


def _lines(written: tuple[str, ...]) -> tuple[str, ...]:
    """Categories as plain text, without those that are none."""
    lines = (html_to_line(each) for each in written)
    return tuple(dict.fromkeys(line for line in lines if 0 < len(line) <= _MOST_CATEGORY))


def _short(value: str | None) -> str | None:
    return clean(value)[:_MOST_SHORT] if value else None


def not_in_future(date: datetime | None, now: datetime) -> datetime | None:
    """The date; None for an impossible date."""
    if date is None or date > now + _CLOCK_SKEW:
        return None
    return min(date, now)


# ── identity ─────────────────────────────────────────────────────────────────────────────────


# Globally unique guids: a URL, a tag or URN, a UUID.
_WORLDWIDE = re.compile(
    r"[a-z][a-z0-9+.-]*:.{8}|[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}", re.IGNORECASE
)


def _told_apart(guid: str | None, title: str, text: str) -> str | None:
    """The guid, with what it stands for where it is unique at most within its feed: "1" is.

    Many feeds of one host count their entries from 1. Within a feed it is the guid alone that
    finds an entry again, and so its edits.
    """
    if guid is None or _WORLDWIDE.match(guid):
        return guid
    return f"{guid} {title or text[:_TELLING_CHARS]}"


def article_id(*, canonical: str | None, guid: str | None, publisher: str, content: str) -> str:
    """The article's id: of its canonical URL, else publisher and guid, else publisher and content.

    http and https count as one, and so do "www." and a slash at the end: a publisher who changes
    them repeats nothing.
    """
    if canonical:
        return id_of("url", url_key(canonical))
    if guid:
        return id_of("guid", publisher, guid)
    return id_of("content", publisher, content)


def copy_id(canonical: str, feed_url: str) -> str:
    """The id of an article that a feed carries without a claim to its URL."""
    return id_of("copy", url_key(canonical), domain_of(feed_url))


def former_ids(draft: ArticleDraft) -> tuple[str, ...]:
    """The ids under which older versions may have published the page of a draft's URL."""
    if draft.shared_id is None or draft.article.url is None:
        return ()
    return _former_ids_of(draft.article.url)


# Asked for up to three times for each new entry of a document.
@lru_cache(maxsize=4_096)
def _former_ids_of(url: str) -> tuple[str, ...]:
    return tuple(id_of("url", key) for key in former_keys(url))


def content_hash(title: str, text: str) -> str:
    """A hash that distinguishes an edit from a repeat; it covers the visible words, not spacing.

    Clocks and counters on lines of their own do not count.
    """
    # Folding turns the break between two paragraphs into a space.
    return id_of(folded(title), folded(lasting(text, between=" ")))
