"""What a poll of a feed would do now, in words; nothing is published or remembered."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import FetchError, ParseError
from pipeline.feeds.document import Document, read_document
from pipeline.feeds.fetch import Declined, Fetcher, FetchRequest, FetchResponse
from pipeline.feeds.fulltext import FullText, wants_page
from pipeline.feeds.parse import settled_text
from pipeline.feeds.schedule import (
    NO_HINTS,
    NO_WISHES,
    Failure,
    Hints,
    PollPolicy,
    Rhythm,
    ServerWishes,
    failure_of,
    gap_and_span_s,
    plan,
)
from pipeline.feeds.strict import read_strictly
from pipeline.records import Article, Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found, a line each, and whether it is a feed we can read."""

    lines: tuple[str, ...]
    is_readable: bool


async def check_feed(
    feed: Feed, fetcher: Fetcher, now: datetime, *, policy: PollPolicy, full_text: FullText
) -> Verdict:
    """Fetch and read a feed once, unconditionally."""
    try:
        async with fetcher:
            response = await fetcher.fetch(FetchRequest(url=feed.url))
    except FetchError as error:
        wishes = error.wishes if isinstance(error, Declined) else NO_WISHES
        again = _again(now, policy, wishes, failure=failure_of(error.status))
        return Verdict(lines=(f"not readable: {error.reason}", again), is_readable=False)
    answer = _answer(response)
    try:
        document = read_document(feed, response.body, response.url, response.content_type, now)
    except ParseError as error:
        again = _again(now, policy, response.wishes, failure=Failure.UNREADABLE)
        return Verdict(lines=(*answer, f"not readable: {error.reason}", again), is_readable=False)
    articles = [draft.article for draft in document.drafts]
    lines = (
        *answer,
        _reader(response),
        *_contents(articles, full_text),
        *_says(document.hints),
        _again(now, policy, response.wishes, articles=articles, document=document),
    )
    return Verdict(lines=lines, is_readable=True)


# ── the answer ───────────────────────────────────────────────────────────────────────────────


def _answer(response: FetchResponse) -> list[str]:
    lines = [
        f"redirected ({hop.status}) to {hop.url}: {_redirect_in_words(hop.status)}"
        for hop in response.redirects
    ]
    lines.append(f"{response.status}, {len(response.body):,} bytes of {response.content_type}")
    lines += [f"header {name}: {value}{_use(name)}" for name, value in response.headers]
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
    "retry-after": "lengthens the wait",
}


def _use(name: str) -> str:
    use = _USES.get(name.lower())
    return f"  ({use})" if use else ""


def _reader(response: FetchResponse) -> str:
    text = settled_text(response.body, response.content_type)
    if text is not None and text.startswith("{"):
        return "JSON Feed"
    if text is not None and read_strictly(text, url=response.url) is not None:
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


def _again(
    now: datetime,
    policy: PollPolicy,
    wishes: ServerWishes,
    *,
    failure: Failure | None = None,
    articles: list[Article] | None = None,
    document: Document | None = None,
) -> str:
    dates = [article.published_at for article in articles or [] if article.published_at]
    gap_s, span_s = gap_and_span_s(dates, now)
    planned = plan(
        now,
        policy=policy,
        wishes=wishes,
        hints=document.hints if document else NO_HINTS,
        rhythm=Rhythm(gap_s=gap_s, span_s=span_s),
        failures=1 if failure else 0,
        failure=failure,
    )
    wait_s = (planned.at - now).total_seconds()
    return f"would be asked again after {wait_s:.0f} s: {planned.why}"
