"""The contents of a stretch of the backlog, and the time that extracting it would take.

Made before a replay: the count is the measure of the replay's progress. The rest helps the user
decide whether to start a replay that can take a night.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from time import monotonic

import msgspec

from onrecord.errors import RecordError
from onrecord.log.interface import Log, Message
from onrecord.log.read_to_end import read_up_to
from onrecord.processing.pool import Pool
from onrecord.processing.replays.bounds import Bounds
from onrecord.records import Article, from_json

Wanted = Callable[[Article], bool]

Clock = Callable[[], float]

# The worker's chunk size: a chunk is cheaper than its articles one by one.
_CHUNK = 8
_PATIENCE_S = 1.0


class _Glance(msgspec.Struct):
    """The fields of an article that the survey counts."""

    feed: str | None = None
    publisher: str | None = None
    published_at: datetime | None = None


_glance = msgspec.json.Decoder(_Glance)


@dataclass(slots=True)
class Survey:
    """The wanted articles of a stretch. `feeds` counts articles by feed URL and publisher.

    `entered` and `published` are the earliest and latest times of each kind; None without any.
    `undated` counts articles without a date of publication. `sample` is a uniform random sample
    of records.
    """

    articles: int = 0
    undated: int = 0
    unreadable: int = 0
    entered: tuple[datetime, datetime] | None = None
    published: tuple[datetime, datetime] | None = None
    feeds: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    sample: list[bytes] = field(default_factory=list)


def survey(
    log: Log,
    topic: str,
    bounds: Bounds,
    wants: Callable[[Message], bool] | None = None,
    *,
    sample: int = 0,
) -> Survey:
    """Read a stretch and summarise its wanted articles."""
    found = Survey()
    chance = Random(0)  # noqa: S311 - which articles are tried out is no secret
    begin = {p: first for p, first in bounds.begin.items() if first < bounds.end[p]}
    if not begin:
        return found
    ends = {partition: bounds.end[partition] for partition in begin}
    with log.reader([topic], start=begin) as reader:
        for message in read_up_to(reader, ends):
            if bounds.holds(message) and (wants is None or wants(message)):
                _count(found, message)
                _keep(found, message.value, sample, chance)
    return found


def _count(found: Survey, message: Message) -> None:
    found.articles += 1
    found.entered = _widened(found.entered, message.timestamp)
    try:
        article = _glance.decode(message.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        found.unreadable += 1
        return
    found.feeds[article.feed, article.publisher] += 1
    if article.published_at is None:
        found.undated += 1
    else:
        found.published = _widened(found.published, article.published_at)


def _widened(span: tuple[datetime, datetime] | None, at: datetime) -> tuple[datetime, datetime]:
    return (at, at) if span is None else (min(span[0], at), max(span[1], at))


def _keep(found: Survey, value: bytes | None, size: int, chance: Random) -> None:
    """Reservoir sampling: a backlog of any length leaves `size` of its records."""
    if value is None or not size:
        return
    if len(found.sample) < size:
        found.sample.append(value)
    elif (at := chance.randrange(found.articles)) < size:
        found.sample[at] = value


def wanted_messages(wants: Wanted) -> Callable[[Message], bool]:
    """The filter for messages; messages without a readable article are not wanted."""

    def wanted(message: Message) -> bool:
        try:
            return wants(from_json(message.value or b"", Article))
        except RecordError:
            return False

    return wanted


# ── how long it takes ────────────────────────────────────────────────────────────────────────


def measure_rate(
    pool: Pool, sample: Sequence[bytes], *, limit_s: float = 10.0, clock: Clock = monotonic
) -> float | None:
    """The articles a second that a pool extracts from such a sample; None if it is too small.

    Starting and warming up the processes is not counted. Takes `limit_s` at most, plus the time
    for work already under way.
    """
    articles = _articles(sample)
    pool.wait_until_ready()
    while pool.idle() and len(articles) > _CHUNK:
        pool.submit([0], [articles.pop()])
    _finish(pool)
    if not articles:
        return None
    began, done = clock(), 0
    while articles and clock() - began < limit_s:
        for _ in range(pool.idle()):
            chunk, articles = articles[:_CHUNK], articles[_CHUNK:]
            if chunk:
                pool.submit([0] * len(chunk), chunk)
        done += len(pool.collect(_PATIENCE_S))
    done += _finish(pool)
    return done / max(clock() - began, 1e-6)


def _finish(pool: Pool) -> int:
    """The number of results until the pool is idle."""
    done = 0
    while pool.idle() < pool.policy.process_count:
        done += len(pool.collect(_PATIENCE_S))
    return done


def _articles(sample: Sequence[bytes]) -> list[Article]:
    articles = []
    for value in sample:
        try:
            articles.append(from_json(value, Article))
        except RecordError:
            continue
    return articles
