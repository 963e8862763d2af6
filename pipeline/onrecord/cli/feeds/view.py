"""How `onrecord feeds list` and `feeds show` look to people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.padding import Padding
from rich.text import Text

from onrecord.cli.render import BLANKS, when
from onrecord.feeds.decisions.schedule import duration, times
from onrecord.processing.feeds.listed import FeedDetail, ListedFeed, full_name
from onrecord.records import PollNote

_COLOURS = {"ok": "green", "failing": "red", "gone": "red", "new": "dim", "paused": "yellow"}
# The columns after the name: health, articles, last article, next poll, with blanks between them.
_WIDTHS = (7, 8, 11, 10)
_NARROWEST = 20


def feed_lines(
    listed: Sequence[ListedFeed], followed: int, now: datetime, *, width: int
) -> Iterator[Text | Padding]:
    """The feeds, a line for each and one more for what is wrong; those that are gone at the end."""
    if not listed:
        yield Text("no feed is followed" if not followed else f"none of {followed} feeds")
        return
    name_width = max(_NARROWEST, width - sum(_WIDTHS) - 2 * len(_WIDTHS))
    labels = dict(zip((feed.url for feed in listed), labels_of(listed, name_width), strict=True))
    gone = [feed for feed in listed if feed.is_gone]
    yield _row("feed", ("health", "articles", "last new", "next poll"), name_width, "bold")
    for feed in listed:
        if not feed.is_gone:
            yield from _lines_of(feed, labels[feed.url], now, name_width)
    if gone:
        yield Text("gone: asked seldom; `onrecord feeds remove` or `move` them", "bold")
        for feed in gone:
            yield from _lines_of(feed, labels[feed.url], now, name_width)
    yield Text(_summary(listed, followed), "dim")


def _lines_of(feed: ListedFeed, label: str, now: datetime, width: int) -> Iterator[Text | Padding]:
    last = _ago(feed.last_new_at, now) if feed.last_new_at else "never"
    following = "" if feed.paused else _until(feed.next_poll_at, now)
    row = _row(label, (feed.status, str(feed.articles), last, following), width)
    row.stylize(_COLOURS[feed.status], width + 2, width + 2 + _WIDTHS[0])
    yield row
    if feed.error:
        failed = f" ({times(feed.failures)})" if feed.failures > 1 else ""
        yield Padding(Text(f"{_one_line(feed.error)}{failed}", "red"), (0, 0, 0, 2), expand=False)
    for note in _notes(feed):
        yield Padding(Text(note, "yellow"), (0, 0, 0, 2), expand=False)


def _row(name: str, cells: Sequence[str], width: int, style: str = "") -> Text:
    parts = [set_cell_size(name, width)]
    parts += [set_cell_size(cell, size) for cell, size in zip(cells, _WIDTHS, strict=True)]
    return Text("  ".join(parts).rstrip(), style, no_wrap=True)


def _summary(listed: Sequence[ListedFeed], followed: int) -> str:
    health = Counter(feed.status for feed in listed)
    counts = ", ".join(f"{count} {word}" for word, count in health.most_common())
    of_all = "" if len(listed) == followed else f" of {followed}"
    feeds = "feed" if len(listed) == 1 and not of_all else "feeds"
    return f"{len(listed)}{of_all} {feeds}: {counts}"


def _notes(feed: ListedFeed) -> Iterator[str]:
    """What a person may want to know, or to change."""
    if feed.is_losing:
        yield "its entries come and go between two polls: some are lost"
    if feed.waiting:
        yield f"{feed.waiting} new entries wait for its next polls"
    if feed.pages_missing:
        yield f"{feed.pages_missing} pages could not be had yet and are asked for again"
    if feed.restless:
        yield f"the texts of {feed.restless} entries change by themselves: seldom published"
    if feed.unclaimed:
        more = f" and {len(feed.unclaimed) - 1} more" if len(feed.unclaimed) > 1 else ""
        yield f"no claim to {feed.unclaimed[0]}{more}: copies (`onrecord feeds claim` grants one)"


# ── names ────────────────────────────────────────────────────────────────────────────────────


def labels_of(listed: Sequence[ListedFeed], width: int) -> list[str]:
    """A name for each feed within a width, no two alike: with its URL where names are the same."""
    often = Counter(feed.name for feed in listed)
    names = [_one_line(feed.name if often[feed.name] == 1 else full_name(feed)) for feed in listed]
    often = Counter(_cut(name, width) for name in names)
    labels = [
        _cut(name, width) if often[_cut(name, width)] == 1 else _with_url(name, feed.url, width)
        for name, feed in zip(names, listed, strict=True)
    ]
    often = Counter(labels)
    return [
        label if often[label] == 1 else _middle(_bare(feed.url), width)
        for label, feed in zip(labels, listed, strict=True)
    ]


def _with_url(name: str, url: str, width: int) -> str:
    """The name, as short as need be, and the end of the URL: "Harbour Post …/world.xml"."""
    bare = _bare(url)
    if name == bare:
        return _middle(bare, width)
    tail = bare if cell_len(bare) <= width // 2 else f"…{bare[-(width // 2) + 1 :]}"
    return f"{_cut(name, width - cell_len(tail) - 1)} {tail}"


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def _middle(text: str, width: int) -> str:
    """The text without its middle: of URLs, the ends tell more."""
    if cell_len(text) <= width:
        return text
    start = width // 3
    return f"{text[:start]}…{text[-(width - start - 1) :]}"


def _one_line(text: str) -> str:
    return " ".join(text.translate(BLANKS).split())


# ── times ────────────────────────────────────────────────────────────────────────────────────


def _ago(time: datetime, now: datetime) -> str:
    return _short(max(0.0, (now - time).total_seconds())) + " ago"


def _until(time: datetime | None, now: datetime) -> str:
    wait_s = 0.0 if time is None else (time - now).total_seconds()
    return f"in {_short(wait_s)}" if wait_s > 0 else "due"


def _short(seconds: float) -> str:
    for unit, length in (("d", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


# ── one feed ─────────────────────────────────────────────────────────────────────────────────


def feed_page(found: FeedDetail) -> Iterator[Text]:
    """Everything about one feed: its health, settings, last polls and blocked entries."""
    feed = found.feed
    yield Text(_one_line(feed.name), "bold")
    for label, value in _facts(feed):
        if value:
            yield Text(f"{label:<13} {_one_line(value)}")
    if feed.error:
        yield Text(f"{'wrong':<13} {_one_line(feed.error)}", "red")
    for note in _notes(feed):
        yield Text(f"{'':<13} {note}", "yellow")
    if found.polls:
        yield Text("last polls", "bold")
    for poll in found.polls:
        yield Text(f"  {when(poll.at)}  {_decided(poll)}", "red" if poll.error else "")
    if found.blocked_entries:
        yield Text("blocked by rules", "bold")
    for entry in found.blocked_entries:
        yield Text(f"  {when(entry.at)}  {_one_line(entry.title)}  ({_one_line(entry.rule)})")


def _facts(feed: ListedFeed) -> Iterator[tuple[str, str | None]]:
    yield "url", feed.url
    yield "asked at", feed.address
    yield "publisher", feed.publisher
    yield "title", feed.title
    yield "categories", ", ".join(feed.categories)
    yield "health", feed.status
    yield "failing since", when(feed.failing_since) if feed.failing_since else None
    yield "articles", str(feed.articles)
    yield "last new", when(feed.last_new_at) if feed.last_new_at else None
    yield "a day", None if feed.entries_per_day is None else f"{feed.entries_per_day:.3g} entries"
    yield "late by", None if feed.delay_s is None else duration(feed.delay_s)
    yield "next poll", "paused" if feed.paused else _next_poll(feed)
    yield "hub", feed.hub
    yield "full text", feed.full_text
    yield "interval", None if feed.set_interval_s is None else duration(feed.set_interval_s)
    yield "user agent", feed.user_agent
    yield "proxy", feed.proxy
    yield "time zone", feed.time_zone
    yield "secrets", ", ".join(feed.secrets)
    yield "claims", ", ".join(feed.claims)
    for rule in feed.rules:
        yield rule.action, f"{rule.of}: {rule.pattern}"
    yield "blocked", f"{feed.blocked} entries" if feed.blocked else None


def _next_poll(feed: ListedFeed) -> str:
    if feed.next_poll_at is None:
        return "at once"
    return f"{when(feed.next_poll_at)}{f' ({feed.why})' if feed.why else ''}"


def _decided(poll: PollNote) -> str:
    """What came of a poll, in words."""
    if poll.error:
        return _one_line(poll.error)
    parts = [f"{poll.new} new", f"{poll.edited} edited", f"{poll.blocked} blocked"]
    came = ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing new"
    return f"{came}; {_one_line(poll.why)}" if poll.why else came
