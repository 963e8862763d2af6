"""What a poll of a feed would see now, in words; nothing is published or remembered."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import FetchError, ParseError
from pipeline.feeds.article import to_drafts
from pipeline.feeds.fetch import Fetcher, FetchRequest, FetchResponse
from pipeline.feeds.parse import parse_feed
from pipeline.records import Article, Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found, a line each, and whether it is a feed we can read."""

    lines: tuple[str, ...]
    is_readable: bool


async def check_feed(feed: Feed, fetcher: Fetcher, now: datetime) -> Verdict:
    """Fetch and read a feed once, unconditionally."""
    try:
        async with fetcher:
            response = await fetcher.fetch(FetchRequest(url=feed.url))
    except FetchError as error:
        return Verdict(lines=(f"not readable: {error.reason}",), is_readable=False)
    try:
        parsed = parse_feed(response.body, url=response.url, content_type=response.content_type)
    except ParseError as error:
        lines = (*_answer(response), f"not readable: {error.reason}")
        return Verdict(lines=lines, is_readable=False)
    articles = [draft.article for draft in to_drafts(feed, parsed, now)]
    return Verdict(lines=(*_answer(response), *_contents(articles)), is_readable=True)


def _answer(response: FetchResponse) -> list[str]:
    lines = [f"redirected ({hop.status}) to {hop.url}" for hop in response.redirects]
    lines.append(f"{response.status}, {len(response.body):,} bytes of {response.content_type}")
    validators = {"ETag": response.etag, "Last-Modified": response.last_modified}
    given = ", ".join(f"{name} {value}" for name, value in validators.items() if value)
    lines.append(f"validators: {given or 'none, so every poll reads all of it'}")
    wishes = response.wishes
    if wishes.freshness_s > 0:
        lines.append(f"asks not to be polled again for {wishes.freshness_s:g} s")
    return lines


def _contents(articles: list[Article]) -> list[str]:
    if not articles:
        return ["a feed without entries"]
    dates = sorted(article.published_at for article in articles if article.published_at)
    dated = f", from {dates[0]:%Y-%m-%d %H:%M} to {dates[-1]:%Y-%m-%d %H:%M} UTC" if dates else ""
    lengths = sorted(len(article.text) for article in articles)
    middle = lengths[len(lengths) // 2]
    return [
        f"{len(articles)} entries, {len(dates)} with a usable date{dated}",
        f"texts of {lengths[0]} to {lengths[-1]} characters, half of them over {middle}",
        f"first: {articles[0].title}",
    ]
