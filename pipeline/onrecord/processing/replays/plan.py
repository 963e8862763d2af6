"""A request for a replay, as a job with fixed ends."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Literal

import msgspec

from onrecord.errors import Mistake, UnknownTopic
from onrecord.log.interface import Log, Message, Start
from onrecord.processing.replays.bounds import Bounds, stretch
from onrecord.processing.replays.jobs import Replays
from onrecord.processing.replays.standing import Standing
from onrecord.processing.replays.survey import Survey, survey
from onrecord.records import Article, OffsetRange, ReplayJob
from onrecord.topics import Topics

Wants = Callable[[ReplayJob], Callable[[Message], bool] | None]


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The articles to replay, as the user wrote the request."""

    since: str
    until: str | None = None
    by: Literal["entered", "published"] = "entered"
    publisher: str | None = None
    feed: str | None = None
    language: str | None = None
    match: str | None = None

    def is_that_of(self, job: ReplayJob) -> bool:
        """Whether a job is for the same articles."""
        return msgspec.structs.asdict(self) == {
            field: getattr(job, field) for field in self.__struct_fields__
        }


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """The kind of time that `since` and `until` refer to."""

    start: Start | datetime
    end: datetime | None


def names_of(topics: Topics, into: str, *, live: Collection[str]) -> tuple[str, str]:
    """The replay's name and topic, from either one. Raises Mistake."""
    if {into, f"{topics.prefix}.{into}"} & {*live, topics.replays}:
        raise Mistake(f"--into {into}: a replay needs a topic of its own, not a live one")
    is_plain = into.isascii() and all(c.isalnum() or c in "._-" for c in into)
    if not is_plain or not into.strip("."):
        raise Mistake(f"--into {into}: use letters, digits, '.', '_' and '-'")
    topic = topics.of_replay(into)
    return topic.removeprefix(topics.replay("")), topic


def plan_replay(
    log: Log,
    request: ReplayRequest,
    times: Times,
    wants: Wants,
    *,
    name: str,
    source: str,
    into: str,
    at: datetime,
    sample: int = 0,
) -> tuple[ReplayJob, Survey]:
    """The job for a request, with its end fixed, and a survey of its articles."""
    start, end = times.start, times.end
    is_published = request.by == "published"
    bounds = stretch(
        log, source, Start.EARLIEST if is_published else start, None if is_published else end
    )
    job = ReplayJob(
        name=name,
        source=source,
        into=into,
        published_from=start if is_published and isinstance(start, datetime) else None,
        published_until=end if is_published else None,
        stretch=_ranges(bounds),
        articles=0,
        created_at=at,
        **msgspec.structs.asdict(request),
    )
    found = survey(log, source, bounds, wants(job), sample=sample)
    return msgspec.structs.replace(job, articles=found.articles), found


def find_or_make(
    log: Log,
    replays: Replays,
    request: ReplayRequest,
    plan: Callable[[], ReplayJob],
    *,
    name: str,
    into: str,
    at: datetime,
) -> Standing:
    """The existing replay of this name if it covers the same articles, else a new one.

    Raises Mistake for a name or topic that is in use for something else.
    """
    # Checked first: records published meanwhile belong to a replay that is then found.
    is_in_use = _is_in_use(log, into)
    standing = replays.all().get(name)
    if standing is None:
        if is_in_use:
            raise Mistake(
                f"topic {into} holds records already, and not of a replay: choose another --into"
            )
        standing = replays.make(plan(), now=at)
    if not request.is_that_of(standing.job):
        raise Mistake(
            f"there is a replay {name!r} of other articles: go on with it by `onrecord replay "
            f"resume {name}`, or choose another --into"
        )
    return standing


def is_published_between(article: Article, job: ReplayJob) -> bool:
    """Whether the article was published within the job's times; never true without a date."""
    since, until, at = job.published_from, job.published_until, article.published_at
    if since is None and until is None:
        return True
    if at is None:
        return False
    return (since is None or since <= at) and (until is None or at < until)


def _is_in_use(log: Log, topic: str) -> bool:
    """Whether a topic holds anything."""
    try:
        return any(begin < end for begin, end in log.bounds(topic).values())
    except UnknownTopic:
        return False


def _ranges(bounds: Bounds) -> dict[int, OffsetRange]:
    return {
        partition.number: OffsetRange(begin=begin, end=bounds.end[partition])
        for partition, begin in bounds.begin.items()
    }
