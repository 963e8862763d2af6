"""The one place where parts are put together from a Config.

Everything here is a builder: it opens nothing that its caller does not close, and decides
nothing that a policy does not say. The clock and chance are read here and nowhere else.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from random import SystemRandom
from secrets import token_hex
from socket import gethostname
from typing import TYPE_CHECKING

from onrecord.config import Config, ExtractSection
from onrecord.errors import ConfigError, Mistake, UnknownTopic
from onrecord.feeds.articles.revisions import MemoryPolicy
from onrecord.feeds.check import Verdict
from onrecord.feeds.check import check_feed as check
from onrecord.feeds.discover import FoundFeed, discover_feeds
from onrecord.feeds.feed_list import feed_from_url, read_feed_list
from onrecord.feeds.fetch import Fetcher
from onrecord.feeds.from_documents import read_saved
from onrecord.feeds.polling.capture import Capture
from onrecord.feeds.polling.poller import Poller, PollReport
from onrecord.feeds.polling.reader_processes import Readers
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log, Member, Message, TopicSettings
from onrecord.log.opening import is_there as log_exists
from onrecord.log.opening import open_log as open_log_at
from onrecord.processing.feeds.ledger import FeedLedger, LedgerPolicy
from onrecord.processing.feeds.subscriptions import feed_statuses, publish_feeds
from onrecord.processing.importing.importer import Importer
from onrecord.processing.importing.lines import LineReader
from onrecord.processing.importing.sources import PieceReading, Source
from onrecord.processing.jobs import Replays
from onrecord.processing.own_extractor import find_factory, make_extractor
from onrecord.processing.pool import Extract, Pool
from onrecord.processing.retention import settings_of
from onrecord.processing.survey import wanted_messages
from onrecord.processing.worker import Also, BatchReport, Worker, nothing_else
from onrecord.records import Article, Feed, FeedState, ReplayJob, id_of
from onrecord.settings import with_secrets
from onrecord.sink.filters import Filter
from onrecord.sink.selection import What
from onrecord.topics import Topics
from onrecord.version import VERSION
from onrecord.web.policy import check as check_policy

if TYPE_CHECKING:
    from onrecord.metrics import Metrics
    from onrecord.web.server import Server
    from onrecord.web.webhook import Webhook

# With this, two extractors on one processor share it about ten to one.
REPLAY_NICENESS = 10


def now() -> datetime:
    """The clock: aware, UTC."""
    return datetime.now(UTC)


def own_name(part: str) -> str:
    """A name for this process's part, as `status` shows it: "extract@host:4711"."""
    return f"{part}@{gethostname()}:{os.getpid()}"


def slot_name(config: Config, part: str) -> str:
    """The name of this poller or extractor in its group, as configured: one slot, one process."""
    return f"{part}@{config.log.name}" if config.log.name else own_name(part)


# ── the log ──────────────────────────────────────────────────────────────────────────────────


def topics_of(config: Config) -> Topics:
    """The names of the topics under the configured prefix."""
    return Topics(config.log.prefix)


def topic_of(config: Config, what: What) -> str:
    """Where the records of this kind are found."""
    topics = topics_of(config)
    return topics.articles if what is What.ARTICLES else topics.extractions


def extract_group(config: Config) -> str:
    """The consumer group of the live extractors."""
    return f"{config.log.prefix}.extract"


def open_log(config: Config) -> Log:
    """The configured log, with every topic made. Raises LogRefused, LogUnavailable, LogBroken."""
    log = open_log_at(config.log.url, session=config.log, kafka=config.kafka)
    for name, settings in topic_settings(config).items():
        log.create_topic(name, settings)
    return log


def topic_settings(config: Config) -> dict[str, TopicSettings]:
    """How each topic keeps its records, by name."""
    return settings_of(topics_of(config), config.log)


def differences(config: Config, log: Log) -> dict[str, list[str]]:
    """Of each topic that is kept otherwise than configured, what differs, in words."""
    found = {
        name: log.differences(name, settings) for name, settings in topic_settings(config).items()
    }
    return {name: different for name, different in found.items() if different}


# ── polling ──────────────────────────────────────────────────────────────────────────────────


def read_feeds(config: Config, named: Sequence[str] | None) -> list[Feed]:
    """The feeds of these lists and URLs, else of the configured list. Raises FeedListError."""
    if not named:
        path = config.feeds.list_path
        return [] if path is None else read_feed_list(path)
    feeds: dict[str, Feed] = {}
    for name in named:
        found = [feed_from_url(name)] if "://" in name else read_feed_list(Path(name))
        for feed in found:
            feeds.setdefault(feed.url, feed)
    return list(feeds.values())


def follow(config: Config, log: Log, feeds: Iterable[Feed], *, by_hand: bool) -> list[Feed]:
    """Follow feeds that are not followed yet; those added. See `ledger.publish_feeds`."""
    return publish_feeds(log, topics_of(config), feeds, by_hand=by_hand, clock=now)


def ledger(config: Config, log: Log, only: Collection[str] | None) -> FeedLedger:
    """A member of the pollers' group, restricted to some feeds by URL or not."""
    return FeedLedger(
        log,
        topics_of(config),
        name=slot_name(config, "poll"),
        policy=LedgerPolicy(),
        clock=now,
        only=only,
    )


def poller(
    config: Config,
    ledger: FeedLedger,
    *,
    report: Callable[[PollReport], None],
    outage: Outage,
    alive: Callable[[], None],
) -> Poller:
    """A poller over a ledger."""
    return Poller(
        ledger,
        _fetcher(config),
        policy=config.feeds,
        memory=MemoryPolicy(),
        shares=config.feeds,
        readers=config.feeds,
        full_text=config.feeds.full_text,
        websub=config.feeds,
        keep=Capture(Path(config.feeds.keep_answers)).keep if config.feeds.keep_answers else None,
        clock=now,
        random=SystemRandom().random,
        secret=token_hex,
        report=report,
        away=partial(outage.note, "poll"),
        alive=alive,
    )


def _fetcher(config: Config) -> Fetcher:
    return Fetcher(replace(config.feeds, longest_hold_s=config.feeds.longest_interval_s))


async def check_feed(config: Config, feed: Feed, state: FeedState) -> Verdict:
    """What a poll of a feed would do now, given what is remembered of it."""
    return await check(
        feed,
        state,
        _fetcher(config),
        now(),
        policy=config.feeds,
        full_text=config.feeds.full_text,
    )


def remembered_feeds(config: Config) -> dict[str, FeedState]:
    """What is remembered of the feeds that are followed, by URL; nothing where no log is yet."""
    if not log_exists(config.log.url):
        return {}
    with open_log(config) as log:
        return {feed.url: state for feed, state in feed_statuses(log, topics_of(config))}


async def discover(config: Config, url: str) -> list[FoundFeed]:
    """The feeds of a site. Raises FetchError."""
    return await discover_feeds(url, _fetcher(config))


# ── importing ────────────────────────────────────────────────────────────────────────────────


@contextmanager
def importer(
    config: Config, log: Log, names: Mapping[str, str], *, say: Callable[[str], None]
) -> Iterator[tuple[Importer, PieceReading]]:
    """An importer, and how it reads: JSON lines by these names, documents in other processes."""
    policy = config.feeds
    # The readers end first: whoever stops does not wait for a page that takes long.
    with ThreadPoolExecutor(policy.processes) as pool, Readers(policy) as readers:

        def document(
            body: bytes, url: str | None, content_type: str | None, fetched_at: datetime
        ) -> tuple[Article, ...]:
            arguments = (body, url, content_type, fetched_at)
            return readers.read(url or "", read_saved, *arguments)

        reading = PieceReading(
            lines=LineReader(names),
            document=document,
            clock=now,
            most_document_bytes=config.feeds.max_body_bytes,
        )
        ahead = 2 * policy.processes
        with Importer(log, topics_of(config), pool, ahead=ahead, say=say) as importing:
            yield importing, reading


def import_writer(config: Config, source: Source) -> str:
    """The name of a source's writer: one for each source that can be read again."""
    if source.key is None:
        return own_name("import")
    return f"{config.log.prefix}.import.{id_of(source.key)[:16]}"


def copy_writer(config: Config, source: str) -> str:
    """The name of the writer of a copy from a log: two copies of one log would double it."""
    return f"{config.log.prefix}.copy.{id_of(source)[:16]}"


# ── extracting ───────────────────────────────────────────────────────────────────────────────


def check_model(config: Config) -> None:
    """Raise ConfigError when a model is neither installed nor a path. Loads no model.

    An extractor of the user's own is imported, and needs no model.
    """
    if config.extract.extractor:
        find_factory(config.extract.extractor)
        return
    _check_installed("extract.model", config.extract.model, ExtractSection().model)
    for name in config.extract.other_model_names:
        _check_installed("extract.other_models", name, ExtractSection().other_models)


def _check_installed(key: str, name: str, default: str) -> None:
    if Path(name).exists() or (name.isidentifier() and find_spec(name) is not None):
        return
    raise ConfigError(
        f"{key} = {name!r}: neither an installed spaCy pipeline nor a path; "
        f"install it with pip, or use the default, {default}",
        key=key,
    )


def extractor(config: Config, *, explained: bool = False) -> Extract:
    """Extraction in this process, with the model loaded."""
    check_model(config)
    if explained and config.extract.extractor:
        raise Mistake("only onrecord's own extractor explains: leave extract.extractor empty")
    return _extractor_maker(config)(explained=explained)


def _extractor_maker(config: Config) -> Callable[..., Extract]:
    """What loads an extractor; in a worker process too, so its arguments are plain values."""
    return partial(_load_extractor, config.extract)


def _load_extractor(section: ExtractSection, *, explained: bool = False) -> Extract:
    if section.extractor:
        return make_extractor(section.extractor, section)
    # An article's matrices are too small to share out: a second thread of numpy's kernels doubles
    # the processor time for a fifth of the waiting, and takes it from the next worker process.
    # Read when numpy is first imported, hence before the next line.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # spaCy takes a second to import, and whoever only reads a topic never needs it.
    from onrecord.nlp.extract import load_extractor

    return load_extractor(section, now=now, explained=explained)


@contextmanager
def worker(
    config: Config,
    member: Member,
    *,
    into: str,
    report: Callable[[BatchReport], None],
    outage: Outage,
) -> Iterator[Worker]:
    """A worker with its pool of extractor processes, publishing into a topic."""
    with extractor_pool(config) as pool:
        yield _worker(config, member, pool, into=into, report=report, outage=outage)


def extractor_pool(config: Config, *, processes: int | None = None, niceness: int = 0) -> Pool:
    """The extractor processes, not started yet: as many as configured, or as told here."""
    processes = processes or config.extract.processes
    policy = replace(config.extract, processes=processes, niceness=niceness)
    return Pool(_extractor_maker(config), policy)


def _worker(
    config: Config,
    member: Member,
    pool: Pool,
    *,
    into: str,
    report: Callable[[BatchReport], None],
    outage: Outage,
    also: Also = nothing_else,
) -> Worker:
    return Worker(
        member,
        pool,
        topics=topics_of(config),
        into=into,
        policy=config.extract,
        dead_letters=config.dead_letters,
        report=report,
        outage=outage,
        also=also,
    )


# ── replaying ────────────────────────────────────────────────────────────────────────────────


def replays(config: Config, log: Log) -> Replays:
    """The replays of a log."""
    return Replays(log, topics_of(config).replays, prefix=config.log.prefix)


def replay_topic(config: Config, name: str) -> str:
    """The topic a replay's name means; a name with a dot in it is a whole topic's."""
    return name if "." in name else topics_of(config).replay(name)


def topic_named(config: Config, log: Log, name: str) -> str:
    """The topic that a person means: one of ours by its short name, a replay's, or its own."""
    topics = topics_of(config)
    if f"{topics.prefix}.{name}" in topic_settings(config):
        return f"{topics.prefix}.{name}"
    try:
        log.bounds(topic := replay_topic(config, name))
    except UnknownTopic:
        return name
    return topic


def replay_filter(job: ReplayJob) -> Callable[[Message], bool] | None:
    """Which messages a replay wants; None for all of them. Raises Mistake."""
    chosen = Filter(
        publisher=job.publisher,
        feed=job.feed,
        language=job.language,
        match=None if job.match is None else re.compile(job.match, re.IGNORECASE),
    )
    if chosen == Filter() and job.by == "entered":
        return None
    return wanted_messages(
        lambda article: _is_published_between(article, job) and chosen.wants_article(article)
    )


def _is_published_between(article: Article, job: ReplayJob) -> bool:
    """Whether the job's times of publication hold the article's; one without a date is in none."""
    since, until, at = job.published_from, job.published_until, article.published_at
    if since is None and until is None:
        return True
    if at is None:
        return False
    return (since is None or since <= at) and (until is None or at < until)


def replay_pool(config: Config, job: ReplayJob) -> Pool:
    """The extractor processes of a replay: they let live extraction on this machine go first."""
    return extractor_pool(config, processes=job.workers, niceness=REPLAY_NICENESS)


def replay_worker(
    config: Config,
    member: Member,
    pool: Pool,
    job: ReplayJob,
    *,
    report: Callable[[BatchReport], None],
    outage: Outage,
    also: Also,
) -> Worker:
    """A worker for a replay. `also` is what it publishes beside the results."""
    return _worker(config, member, pool, into=job.into, report=report, outage=outage, also=also)


# ── showing ──────────────────────────────────────────────────────────────────────────────────


def server(config: Config, log: Log, *, say: Callable[[str], None], metrics: "Metrics") -> "Server":
    """The server of the log's records. Raises ConfigError."""
    # aiohttp's server takes a tenth of a second to import: only `serve` waits for it.
    from onrecord.web.server import Server

    return Server(
        log,
        {what: topic_of(config, what) for what in What},
        with_secrets(config.serve, "serve"),
        version=VERSION,
        clock=now,
        say=say,
        metrics=metrics,
    )


def check_serve(config: Config) -> None:
    """Raise ConfigError for a server that cannot be, or that anybody could read."""
    check_policy(with_secrets(config.serve, "serve"))


def webhook(config: Config, url: str, *, say: Callable[[str], None]) -> "Webhook":
    """What posts to a URL. Raises Mistake."""
    from onrecord.web.webhook import Webhook

    policy = with_secrets(config.webhook, "webhook")
    return Webhook(url, policy, user_agent=f"onrecord/{VERSION}", clock=now, say=say)
