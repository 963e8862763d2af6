"""The sections of the configuration, each composed of the policies of what it steers."""

from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from onrecord.alerts.policy import AlertPolicy, MailPolicy
from onrecord.archive.opensearch.policy import OpenSearchPolicy
from onrecord.archive.policy import ArchivePolicy
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.decisions.shares import SharePolicy
from onrecord.feeds.decisions.websub import WebSubPolicy
from onrecord.feeds.fetch.exchange import FetchPolicy
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.log.interface import SessionPolicy
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.logging_policy import LoggingPolicy
from onrecord.nlp.policy import ExtractPolicy
from onrecord.people.policy import PeoplePolicy
from onrecord.processing.dead_letters import DeadLetterPolicy
from onrecord.processing.pool import PoolPolicy
from onrecord.processing.retention import RetentionPolicy
from onrecord.processing.worker import WorkerPolicy
from onrecord.settings import (
    key,
    keys_of,
)
from onrecord.tracing import TracesPolicy
from onrecord.web.policy import MetricsPolicy, ServePolicy, WebhookPolicy, WebPolicy

BUNDLED_FEEDS = Path(__file__).parents[1] / "feeds.opml"


@dataclass(frozen=True, kw_only=True)
class LogSection(SessionPolicy, RetentionPolicy):
    """Where records are kept, and how topics are created."""

    url: str = key(
        "sqlite:///data/onrecord.db",
        "Where records are kept: sqlite:///data/onrecord.db (relative to the working folder; four "
        "slashes for an absolute path), one file and no server; or kafka://host:9092,host2:9092.",
    )
    prefix: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\Z",
            max_length=100,
            description="letters, digits, _ and -, with dots between them",
        ),
    ] = key(
        "onrecord",
        "The first part of every topic's name: onrecord.articles and so on. Another prefix is "
        "another onrecord in the same log. Letters, digits, _, - and dots.",
    )
    max_size: Annotated[
        int, msgspec.Meta(ge=0, le=1 << 50, description="a number of bytes, or 0")
    ] = key(
        0,
        "How many bytes a log in a file may hold; 0 is as many as the disk has room for. A full "
        "log takes nothing more: pollers and extractors wait, say so, and go on when there is "
        "room again.",
    )
    name: str = key(
        "",
        "The name of this poller or extractor, a different one for each that runs. Started again "
        "under the name of one that was killed, it takes over at once what that had in hand; "
        "another process that still runs under the name is fenced off and stops. Empty: host and "
        "process id, which is stable only inside a container.",
    )
    end_within_s: Annotated[
        float, msgspec.Meta(ge=1, le=3600, description="a number of seconds from 1 to 3600")
    ] = key(
        10.0,
        "How long a process that was told to end (Ctrl-C, SIGTERM) may take to finish what it has "
        "in hand, in seconds; then it ends all the same, and what is not committed is done again. "
        "A supervisor must wait longer before it kills the process.",
    )


@dataclass(frozen=True, kw_only=True)
class FeedsSection(PollPolicy, SharePolicy, FetchPolicy, ReaderPolicy, WebSubPolicy):
    """Which feeds are followed, how often they are polled, and what an answer may cost."""

    list: str = key(
        "config/feeds.opml",
        "The feeds to follow: OPML (.opml, .xml), or a text file with one URL a line. Its feeds "
        "are added to those already followed; `onrecord feeds` shows and changes those. Where this "
        "default file is missing, the list that comes with onrecord is used. Empty follows only "
        "what was added by hand.",
    )
    full_text: Literal["feed", "page", "auto"] = key(
        "auto",
        'Where an article\'s text comes from. "feed": what the feed carries. "page": the page it '
        'links to, always, as the site\'s robots.txt allows. "auto": the page when the feed '
        "carries only a teaser; most do, and what people said stands below it.",
    )
    private_file: str = key(
        "data/private.json",
        "The file that keeps what other readers of the log must not see: the whole URLs of feeds "
        "with a password or token in them, and the key of secrets shared with hubs. It is made "
        "when it is needed, readable by its user only; pollers on several machines need copies.",
    )
    keep_answers: str = key(
        "",
        "A folder in which every new document of a feed is kept as it came, as web archives "
        "(WARC); empty keeps none. `onrecord import` reads them again, with a better parser. "
        "Nothing there is ever deleted: a feed of 100 kB that changes every hour takes some 200 MB "
        "a year. A poll whose document cannot be kept fails, and says so.",
    )

    @property
    def list_path(self) -> Path | None:
        """The feed list to read; None where only feeds added by hand are followed."""
        if not self.list:
            return None
        is_missing_default = self.list == FeedsSection.list and not Path(self.list).exists()
        return BUNDLED_FEEDS if is_missing_default else Path(self.list)


@dataclass(frozen=True, kw_only=True)
class ExtractSection(ExtractPolicy, PoolPolicy, WorkerPolicy):
    """Which models read the articles, in how many processes, within which limits."""

    extractor: str = key(
        "",
        "An extractor of your own, as `package.module:factory` (the working folder is searched "
        "last) or by its name in the entry-point group onrecord.extractors. The factory is called "
        "with this section in every process and returns a function from a sequence of Article to "
        "a list of Extraction. Empty is onrecord's own.",
    )


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that can be configured."""

    log: LogSection = field(default_factory=LogSection)
    kafka: KafkaPolicy = field(default_factory=KafkaPolicy)
    feeds: FeedsSection = field(default_factory=FeedsSection)
    extract: ExtractSection = field(default_factory=ExtractSection)
    people: PeoplePolicy = field(default_factory=PeoplePolicy)
    dead_letters: DeadLetterPolicy = field(default_factory=DeadLetterPolicy)
    archive: ArchivePolicy = field(default_factory=ArchivePolicy)
    opensearch: OpenSearchPolicy = field(default_factory=OpenSearchPolicy)
    serve: ServePolicy = field(default_factory=ServePolicy)
    web: WebPolicy = field(default_factory=WebPolicy)
    webhook: WebhookPolicy = field(default_factory=WebhookPolicy)
    alerts: AlertPolicy = field(default_factory=AlertPolicy)
    mail: MailPolicy = field(default_factory=MailPolicy)
    metrics: MetricsPolicy = field(default_factory=MetricsPolicy)
    logging: LoggingPolicy = field(default_factory=LoggingPolicy)
    traces: TracesPolicy = field(default_factory=TracesPolicy)


def sections() -> dict[str, Any]:
    """The class of every section, by name."""
    return {section.name: section.default_factory for section in fields(Config)}


@cache
def keys() -> dict[str, dict[str, Any]]:
    """Every section with its keys and their defaults."""
    return {
        name: {key: found.default for key, found in keys_of(section).items()}
        for name, section in sections().items()
    }
