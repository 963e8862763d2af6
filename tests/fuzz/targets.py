"""What is fuzzed: every parser of foreign bytes, and whole polls up to the records they write.

A target takes bytes and raises only what its part promises; anything else is a finding. The same
targets are run from the kept corpus in the tests (`test_corpus.py`) and with coverage guidance by
hand (`run.py`).
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from multidict import CIMultiDict, CIMultiDictProxy

from onrecord.errors import FetchError, Mistake, ParseError, RecordError
from onrecord.feeds.articles.claims import Claims
from onrecord.feeds.articles.document import read_document, signatures_of, with_signatures
from onrecord.feeds.articles.revisions import MemoryPolicy
from onrecord.feeds.articles.urls import canonical_url
from onrecord.feeds.decisions.decide import decide
from onrecord.feeds.decisions.outcome import Outcome, as_failed, as_read, as_unreadable
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.decisions.site_claims import feed_claims, unclaimed_hosts
from onrecord.feeds.decisions.websub import denial, lease_confirmed_s, links_in_headers
from onrecord.feeds.feed_list import feed_from_url
from onrecord.feeds.fetch import Declined, FetchResponse
from onrecord.feeds.fetch.content_coding import BodyError, decoded
from onrecord.feeds.fetch.headers import text_of, wishes_of
from onrecord.feeds.fetch.urls import host_of, parse_url, target_of
from onrecord.feeds.from_documents import read_saved
from onrecord.feeds.pages.feed_links import names_feed
from onrecord.feeds.pages.fulltext import read_page
from onrecord.feeds.pages.robots import read_robots
from onrecord.feeds.private_urls import public_url, without_secrets
from onrecord.records import Article, Feed, FeedState, Push, from_json, to_json

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://www.skelm-post.example/feed"
FEED = Feed(url=URL)
MOST = 100_000
CODINGS = ("gzip", "deflate", "br", "zstd", "gzip, br", "")
TYPES = (
    None, "application/xml", "text/xml; charset=iso-8859-1", "text/html; charset=utf-16",
    "application/feed+json", "text/xml; charset=unicode_escape", "text/xml; charset=utf-7",
)  # fmt: skip


def poll(data: bytes) -> None:
    """A whole poll: status and headers in the first lines, then the body; twice, as after an edit.

    Everything that would be written to a topic can be written.
    """
    head, _, body = data.partition(b"\n\n")
    status, headers = _head(head)
    state = FeedState(url=URL)
    for document in (body, body[::-1], body):
        outcome = _outcome(status, headers, document, state)
        decision = decide(
            FEED, state, outcome, lambda _: None, NOW, policy=PollPolicy(), memory=MemoryPolicy()
        )
        state = from_json(to_json(decision.state), FeedState)
        for article in decision.articles:
            assert from_json(to_json(article), Article) == article


def _head(head: bytes) -> tuple[int, CIMultiDictProxy[str]]:
    first, *lines = head.decode("utf-8", "surrogateescape").split("\n")
    pairs = (line.split(": ", 1) for line in lines if ": " in line)
    found: CIMultiDict[str] = CIMultiDict((name, value) for name, value in pairs)
    status = int(first) if first.isascii() and first.isdigit() and len(first) == 3 else 200
    return status, CIMultiDictProxy(found)


def _outcome(status: int, headers: CIMultiDictProxy[str], body: bytes, state: FeedState) -> Outcome:
    wishes = wishes_of(headers, NOW)
    if status != 200:
        declined = Declined(URL, "no", status=status, wishes=wishes, host=host_of(URL))
        return as_failed(declined)
    response = FetchResponse(
        url=str(public_url(target_of(parse_url(URL, URL), headers.get("Location", "")))),
        status=status,
        body=body,
        content_type=text_of(headers, "Content-Type"),
        etag=text_of(headers, "ETag"),
        last_modified=text_of(headers, "Last-Modified"),
        wishes=wishes,
        headers=tuple(headers.items()),
    )
    claims = feed_claims(FEED, state, response.url, NOW)
    try:
        document = read_document(FEED, body, response.url, response.content_type, NOW, claims)
    except ParseError as error:
        return as_unreadable(error, response)
    unclaimed_hosts(document.drafts)
    signatures = signatures_of([draft.article.text for draft in document.drafts])
    drafts = with_signatures(document.drafts, signatures)
    return as_read(document, tuple(drafts), response, "hash")


def feed(data: bytes) -> None:
    """A feed's document, in every declared encoding."""
    kind = TYPES[data[0] % len(TYPES)] if data else None
    with suppress(ParseError):
        document = read_document(FEED, data[1:], URL, kind, NOW, Claims())
        for draft in document.drafts:
            to_json(draft.article)


def page(data: bytes) -> None:
    """An article's page, and a page that may name a feed."""
    kind = TYPES[data[0] % len(TYPES)] if data else None
    kind = kind and kind.replace("application/xml", "text/html").replace("text/xml", "text/html")
    known = Article(id="a", title="Pier", text="Teaser.", fetched_at=NOW, content_hash="c", url=URL)
    with suppress(ParseError):
        read_page(data[1:], URL, kind, known)
    with suppress(ParseError):
        names_feed(data[1:], URL, kind, [URL])


def saved(data: bytes) -> None:
    """A document that somebody saved."""
    with suppress(ParseError):
        for article in read_saved(data, None, None, NOW):
            to_json(article)


def robots(data: bytes) -> None:
    """A robots.txt, and the rules it gives."""
    rules = read_robots(data)
    assert len(rules.rules) <= 5_000
    rules.allows("https://a.example/" + data[:200].decode("latin-1"))


def coding(data: bytes) -> None:
    """A compressed body, within its limit."""
    label = CODINGS[data[0] % len(CODINGS)] if data else ""
    with suppress(BodyError):
        assert len(decoded(data[1:], label, MOST)) <= MOST + 1


def urls(data: bytes) -> None:
    """URLs that are followed, shown and compared."""
    text = data.decode("utf-8", "surrogateescape")
    assert "\n" not in host_of("http://a.example")
    host_of(text)
    target_of(parse_url(URL, URL), text).encode()
    canonical_url(text)
    without_secrets(public_url(text))
    with suppress(FetchError):
        parse_url(text, URL)
    with suppress(Mistake):
        feed_from_url(text)


def hub(data: bytes) -> None:
    """What hubs say, in headers and in queries."""
    text = data.decode("utf-8", "surrogateescape")
    links_in_headers([("Link", text)], URL)
    push = Push(hub="https://hub.example/", topic=URL, asked_at=NOW)
    words = dict(zip(("hub.reason", "hub.lease_seconds", "hub.challenge"), text.split("&")))  # noqa: B905
    lease_confirmed_s(push, {"hub.mode": "subscribe", "hub.topic": URL, **words})
    to_json(Article(
        id="a", text=denial(push, {"hub.mode": "denied", "hub.topic": URL, **words}) or "",
        fetched_at=NOW, content_hash="c",
    ))  # fmt: skip


def record(data: bytes) -> None:
    """A message of somebody else's on a topic."""
    for kind in (Article, FeedState, Feed):
        with suppress(RecordError):
            from_json(data, kind)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (poll, feed, page, saved, robots, coding, urls, hub, record)
}
