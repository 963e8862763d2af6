"""Describes what a poll of a feed would do now; nothing is published or stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from onrecord.errors import FetchError, Mistake, ParseError
from onrecord.feeds.articles.claims import Claims
from onrecord.feeds.articles.document import Document, read_document
from onrecord.feeds.articles.revisions import MemoryPolicy
from onrecord.feeds.decisions.blocking import divided
from onrecord.feeds.decisions.conditional import manners_of, request_for
from onrecord.feeds.decisions.decide import PollDecision, decide
from onrecord.feeds.decisions.health import is_gone
from onrecord.feeds.decisions.outcome import (
    Failed,
    Outcome,
    Read,
    as_failed,
    as_read,
    as_unexpected,
    as_unreadable,
)
from onrecord.feeds.decisions.schedule import PollPolicy, is_due, times
from onrecord.feeds.decisions.site_claims import feed_claims, unclaimed_hosts
from onrecord.feeds.fetch import FetchRequest, FetchResponse
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.pages.fulltext import FullText, wants_page
from onrecord.feeds.parsing.encoding import settled_text
from onrecord.feeds.parsing.entry import Hints
from onrecord.feeds.parsing.strict import read_strictly
from onrecord.feeds.polling.reader_pool import ReaderPool
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.feeds.private_urls import without_secrets
from onrecord.records import Article, Feed, FeedState, Push


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The findings, one line each, and whether the feed is readable."""

    lines: tuple[str, ...]
    is_readable: bool


async def check_feed(
    feed: Feed,
    state: FeedState,
    fetcher: Fetcher,
    now: datetime,
    *,
    policy: PollPolicy,
    readers: ReaderPolicy,
    full_text: FullText,
) -> Verdict:
    """Ask a feed as a poll would now, and once more without validators when nothing has changed.

    `state` is what is remembered of it, an empty one when it was never polled. The document is
    read in a reader process, within its limits. Whatever goes wrong is a line of the verdict.
    """
    fetcher.manners.put(feed.url, manners_of(feed))
    lines = [*_before(state, now, policy), *_asked(request_for(feed, state), state)]
    outcome: Outcome
    try:
        with ReaderPool(readers) as pool:
            async with fetcher:
                outcome = await _look(feed, state, fetcher, pool, now, full_text, lines)
    except FetchError as error:
        outcome = as_failed(error)
    except Mistake:
        raise
    # Any error raised while handling a feed is a failure of that feed alone.
    except Exception as error:  # noqa: BLE001
        outcome = as_unexpected(error)
    is_readable = isinstance(outcome, Read)
    if isinstance(outcome, Failed):
        lines.append(f"not readable: {outcome.error}")
    lines += _after(feed, state, outcome, now, policy)
    return Verdict(lines=tuple(map(_line, lines)), is_readable=is_readable)


async def _look(
    feed: Feed,
    state: FeedState,
    fetcher: Fetcher,
    pool: ReaderPool,
    now: datetime,
    full_text: FullText,
    lines: list[str],
) -> Outcome:
    """What came of asking, with a line for each finding. Raises FetchError."""
    request = request_for(feed, state)
    response = await fetcher.fetch(request)
    if response.is_unchanged:
        lines += _answer(response)
        lines.append("not modified: a poll would publish nothing. Asked again without them:")
        response = await fetcher.fetch(FetchRequest(url=request.url, feed=feed.url))
    lines += _answer(response)
    claims = feed_claims(feed, state, response.url, now)
    arguments = (feed, response.body, response.url, response.content_type, now, claims)
    try:
        document, how = await pool.read(feed.url, response.url, inspect_document, *arguments)
    except ParseError as error:
        return as_unreadable(error, response)
    lines.append(how)
    if not document.is_whole:
        lines.append("it breaks off: its validators would not be kept, or 304 could hide the rest")
    if document.is_last_cut:
        lines.append("it breaks off within its last entry, which is left out")
    lines += _contents([draft.article for draft in document.drafts], feed.full_text or full_text)
    drafts = divided(feed, document.drafts, now)
    lines += (f"not published: {entry.title} ({entry.rule})" for entry in drafts.blocked)
    lines += (
        f"no claim to {host}: its articles from there would be copies"
        for host in unclaimed_hosts(document.drafts)
    )
    lines += _says(document.hints)
    lines += _hub(document, response, state.push)
    return as_read(document, drafts.drafts, response, "")


def inspect_document(
    feed: Feed, body: bytes, url: str, content_type: str | None, now: datetime, claims: Claims
) -> tuple[Document, str]:
    """The document, and how it was read; for a reader process. Raises ParseError."""
    document = read_document(feed, body, url, content_type, now, claims)
    return document, _reader(body, url, content_type)


def _line(text: str) -> str:
    return without_secrets(" ".join(text.splitlines()))


# ── what is remembered ───────────────────────────────────────────────────────────────────────


def _before(state: FeedState, now: datetime, policy: PollPolicy) -> Iterator[str]:
    if state.last_poll_at is None:
        yield "never polled: due now"
        return
    how = f"failed {times(state.failures)}: {state.error}" if state.error else "succeeded"
    yield f"last polled {state.last_poll_at:%Y-%m-%d %H:%M:%S} UTC, {how}"
    if (
        is_due(state.next_poll_at, now, policy, is_gone=is_gone(state))
        or state.next_poll_at is None
    ):
        yield "due now"
    else:
        yield f"not due before {state.next_poll_at:%Y-%m-%d %H:%M:%S} UTC: {state.why}"
    if state.hold is not None and state.hold.until > now:
        yield f"{state.hold.host} wants to be left alone until {state.hold.until:%H:%M:%S} UTC"
    if state.address is not None:
        yield f"it has moved: asked at {state.address}"
    if state.move is not None:
        yield (
            f"it says it has moved to {state.move.url}: seen {state.move.seen} times since "
            f"{state.move.since:%Y-%m-%d}, believed after a week"
        )


def _asked(request: FetchRequest, state: FeedState) -> Iterator[str]:
    if request.etag is not None:
        yield f"asked with If-None-Match: {request.etag}"
    if request.last_modified is not None:
        yield f"asked with If-Modified-Since: {request.last_modified}"
    if state.doubt is not None and request.is_conditional:
        yield "those of the document before the last: a server that says 304 to them lies"
    if request.is_conditional:
        return
    if not state.conditional:
        yield "asked without validators: the server was caught saying 304 of what had changed"
    elif state.etag or state.last_modified:
        yield "asked without validators: its turn, as one poll in 25, to catch a server that lies"
    else:
        yield "asked without validators: there are none"


def _after(
    feed: Feed, state: FeedState, outcome: Outcome, now: datetime, policy: PollPolicy
) -> Iterator[str]:
    """What a poll would make of it; what other feeds have published is not looked at."""
    decision = decide(
        feed, state, outcome, lambda _: None, now, policy=policy, memory=MemoryPolicy()
    )
    if isinstance(outcome, Read):
        yield _news(outcome, decision)
    after = decision.state
    if isinstance(outcome, Failed) and after.hold is not None:
        yield f"all of {after.hold.host} would be left alone until {after.hold.until:%H:%M:%S} UTC"
    yield f"would be asked again after {after.interval_s or 0.0:.0f} s: {after.why}"


def _news(outcome: Read, decision: PollDecision) -> str:
    edited = sum(article.revision > 1 for article in decision.articles)
    new = len(decision.articles) - edited
    known = len(outcome.drafts) - new - edited
    return f"a poll would publish {new} new articles and {edited} edited ones; {known} are known"


# ── the answer ───────────────────────────────────────────────────────────────────────────────


def _answer(response: FetchResponse) -> list[str]:
    lines = [
        f"redirected ({hop.status}) to {hop.url}: {_redirect_in_words(hop.status)}"
        for hop in response.redirects
    ]
    lines.append(f"{response.status}, {len(response.body):,} bytes of {response.content_type}")
    lines += [f"header {name}: {value}{_use(name)}" for name, value in response.headers]
    if response.is_unchanged:
        return lines
    validators = {"ETag": response.etag, "Last-Modified": response.last_modified}
    given = ", ".join(f"{name} {value}" for name, value in validators.items() if value)
    lines.append(f"validators: {given or 'none, so every poll reads all of it'}")
    return lines


def _redirect_in_words(status: int) -> str:
    if status in (301, 308):
        return "permanent; asked there once it was seen for a week, to https at once"
    return "temporary; followed at each poll"


_USES = {
    "etag": "sent back as If-None-Match",
    "last-modified": "sent back as If-Modified-Since",
    "content-encoding": "decompressed, within max_body_bytes",
    "content-type": "its charset counts unless the bytes are valid UTF-8",
    "cache-control": "max-age lengthens the wait",
    "expires": "lengthens the wait when there is no max-age",
    "date": "the server's clock, which Expires and Retry-After are counted from",
    "retry-after": "lengthens the wait; with 429 and 503, of the whole host",
    "link": "rel=hub is where we would subscribe, with feeds.websub_url",
    "set-cookie": "not kept",
    "content-length": "the answer breaks off if less comes",
    "transfer-encoding": "how the answer comes",
    "connection": "whether the connection may be kept",
}


def _use(name: str) -> str:
    return f"  ({_USES.get(name.lower(), 'not used')})"


def _reader(body: bytes, url: str, content_type: str | None) -> str:
    text = settled_text(body, content_type)
    if text is not None and text.startswith("{"):
        return "JSON Feed"
    if text is not None and read_strictly(text, url=url) is not None:
        return "well-formed: read fast"
    return "broken or unusual: read leniently"


# ── the document ─────────────────────────────────────────────────────────────────────────────


def _contents(articles: list[Article], full_text: FullText) -> list[str]:
    if not articles:
        return ["a feed without entries"]
    dates = sorted(article.published_at for article in articles if article.published_at)
    dated = f", from {dates[0]:%Y-%m-%d %H:%M} to {dates[-1]:%Y-%m-%d %H:%M} UTC" if dates else ""
    lengths = sorted(len(article.text) for article in articles)
    middle = lengths[len(lengths) // 2]
    pages = sum(wants_page(article, full_text) for article in articles)
    return [
        f"{len(articles)} entries, {len(dates)} with a usable date{dated}",
        f"texts of {lengths[0]} to {lengths[-1]} characters, half of them over {middle}",
        f"of {pages} the page would be fetched (full_text = {full_text})",
        f"language: {articles[0].language or 'not to be told'}",
        f"first: {articles[0].title}",
    ]


def _says(hints: Hints) -> list[str]:
    said = {
        "ttl": f"{hints.ttl_s:g} s" if hints.ttl_s else "",
        "changes every": f"{hints.update_s:g} s" if hints.update_s else "",
        "skipHours": ", ".join(map(str, sorted(hints.skip_hours))),
        "skipDays": ", ".join(
            ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[d] for d in sorted(hints.skip_days)
        ),
    }
    return [f"says of itself: {name} {value}" for name, value in said.items() if value]


def _hub(document: Document, response: FetchResponse, push: Push | None) -> Iterator[str]:
    links = as_read(document, (), response, "").links
    if links is None:
        return
    yield f"names a hub: {links.hub}, which knows it as {links.topic}"
    if push is not None and push.until is not None:
        yield (
            f"subscribed there until {push.until:%Y-%m-%d %H:%M} UTC: {push.pushes} pushes came, "
            f"{push.missed} articles were missed"
        )
    elif push is not None and push.error is not None:
        yield f"not subscribed there: {push.error}"
