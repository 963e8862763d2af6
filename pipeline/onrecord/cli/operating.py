"""What a long-running command tells its operators: metrics, health, and systemd's watchdog.

Every stage reports here each unit of its work and its signs of life; where `metrics.listen` is
set, a thread answers `/metrics` and `/health`.
"""

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from time import monotonic
from typing import TypeVar

from onrecord import wiring
from onrecord.beside import beside
from onrecord.cli.archiving import ArchiveReport
from onrecord.cli.events import Events
from onrecord.cli.reckoning import Reckoning, of_extraction, of_polling
from onrecord.config import Config
from onrecord.errors import OnrecordError
from onrecord.feeds.decisions.freshness import is_silent
from onrecord.feeds.polling.poller import PollReport
from onrecord.health import Health
from onrecord.log.backoff import Outage
from onrecord.log.interface import GroupStatus, Log, Message
from onrecord.measurements import GroupLag, Metrics, Outcome
from onrecord.people.progress import extractions_left
from onrecord.processes import running_children, started_children
from onrecord.processing.feeds.listed import health as health_of
from onrecord.processing.feeds.subscriptions import feed_statuses
from onrecord.processing.reasons import Failure
from onrecord.processing.worker import BatchReport
from onrecord.web.operations import OperationsServer

T = TypeVar("T")

# A stage looks at the log several times a second: silent for so long, it hangs.
LATE_S = 90.0
# What is asked of the log for a scrape is asked no more often, whoever scrapes.
_FRESH_S = 10.0
_FEEDS_FRESH_S = 120.0  # the state of every feed is read for it


class Operating:
    """The metrics and the health of one process."""

    def __init__(self, events: Events) -> None:
        self.metrics = Metrics()
        self.health = Health()
        self.metrics.watch_parts(self.health.late)
        self.metrics.watch_processes(running_children, started_children)
        # Told to people, metrics and health alike.
        self.outage = Outage(events, self._log_changed)
        self.archive = ArchiveReport(events, self.metrics)
        self._events = events
        self._extraction = Reckoning(events, monotonic, of_extraction)
        self._polling = Reckoning(events, monotonic, of_polling)

    def say(self, line: str) -> None:
        """A line for people."""
        self._events(line)

    def part(self, name: str) -> Callable[[], None]:
        """Expect signs of life of a part of the process: what to call for each."""
        return self.health.part(name, late_s=LATE_S)

    def asked(self, name: str, stopped: Callable[[], bool]) -> Callable[[], bool]:
        """The same question as `stopped`; each time it is asked, the part shows a sign of life."""
        alive = self.part(name)

        def question() -> bool:
            alive()
            return stopped()

        return question

    def ended(self, name: str) -> None:
        """A part has done its work, and shows no more signs of life."""
        self.health.ended(name)

    def polled(self, report: PollReport, name: str | None) -> None:
        """One poll of one feed, of a publisher of this name, has ended."""
        outcome = _outcome_of(report)
        self._polling.add(
            polls=1,
            read=outcome == "read",
            failed=outcome == "failed",
            new=report.new,
            edited=report.edited,
        )
        self.metrics.polled(
            outcome,
            new=report.new,
            edited=report.edited,
            took_s=report.took_ms / 1000,
        )
        fields = {"feed": report.url, "status": report.status, "took_ms": round(report.took_ms)}
        if report.error:
            where = f"{name} ({report.url})" if name else report.url
            self._events.warning("poll failed", f"{where}: {report.error}", **fields)
        elif report.new or report.edited:
            edited = f", {report.edited} edited" if report.edited else ""
            self._events.info(
                "polled",
                f"{name or report.url}: {report.new} new{edited}",
                new=report.new,
                edited=report.edited,
                **fields,
            )
        else:
            self._events.debug("polled", f"{name or report.url}: nothing new", **fields)

    def extracted(self, batch: BatchReport) -> None:
        """One transaction of an extractor was committed."""
        at = wiring.now()
        for extraction, entered_at in zip(batch.extractions, batch.entered_at, strict=True):
            article, quotes = extraction.article, len(extraction.quotes)
            self.metrics.extracted(
                (quote.type for quote in extraction.quotes),
                article.language,
                extraction.took_ms / 1000,
            )
            self.metrics.published((at - entered_at).total_seconds())
            self._events.debug(
                "extracted",
                f"article {article.id}: {quotes} quotes",
                article_id=article.id,
                revision=article.revision,
                quotes=quotes,
                took_ms=round(extraction.took_ms),
            )
        for message, failure in batch.dead_letters:
            self._set_aside(message, failure)
        self._extraction.add(
            articles=len(batch.extractions),
            quotes=sum(len(extraction.quotes) for extraction in batch.extractions),
            dead_letters=len(batch.dead_letters),
        )

    def _set_aside(self, message: Message, failure: Failure) -> None:
        self.metrics.set_aside(failure.code.value)
        key = (message.key or b"").decode("utf-8", "replace")
        self._events.warning(
            "dead letter",
            f"dead letter: article {key or 'without a key'}: {failure.reason}",
            article_id=key,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            reason=failure.code.value,
        )

    def people_ended(self, part: str, error: OnrecordError) -> None:
        """An error ended the deriving of people; the rest of the process works on."""
        self.outage.note(part, None)  # nobody waits for the log there any more
        self.health.failed(part, str(error))
        self.metrics.people_ended()
        self._events.warning("people not derived", f"people are not derived here: {error}")

    def _log_changed(self, why: str | None) -> None:
        self.health.log_answers(why)
        self.metrics.log_answers(why is None)


def _outcome_of(report: PollReport) -> Outcome:
    if report.error:
        return "failed"
    return "read" if report.entries else "unchanged"


@contextmanager
def operating(config: Config, log: Log, events: Events) -> Iterator[Operating]:
    """Answer operators as configured while the body runs."""
    found = Operating(events)
    watch_log(found.metrics, config, log)
    with _watched_by_systemd(found.health):
        if not config.metrics.listen:
            yield found
            return
        with OperationsServer(
            config.metrics.listen,
            exposition=found.metrics.exposition,
            report=found.health.report,
        ) as server:
            events(f"metrics and health on {server.address}")
            yield found


def watch_log(metrics: Metrics, config: Config, log: Log) -> None:
    """Report groups and feeds as the log has them, looked up when somebody scrapes."""
    prefix = f"{config.log.prefix}."
    without_members = wiring.archive_group(config)
    metrics.watch_groups(
        _remembered(
            lambda: [
                _group_lag(group, wiring.now(), is_joined=group.name != without_members)
                for group in log.groups(prefix)
            ],
            nothing=[],
            fresh_s=_FRESH_S,
        )
    )
    metrics.watch_people(
        _remembered(
            lambda: extractions_left(log, wiring.topics_of(config)) or 0,
            nothing=0,
            fresh_s=_FRESH_S,
        )
    )
    metrics.watch_feeds(
        _remembered(lambda: _feed_health(config, log), nothing={}, fresh_s=_FEEDS_FRESH_S)
    )


def _group_lag(group: GroupStatus, now: datetime, *, is_joined: bool) -> GroupLag:
    lag: Counter[str] = Counter()
    for partition, records in group.lag.items():
        lag[partition.topic] += records
    since = group.waiting_since
    waiting_s = (now - since).total_seconds() if since is not None and lag.total() else None
    members = len(group.members) if is_joined else None
    return GroupLag(group.name, members, dict(lag), waiting_s)


def _feed_health(config: Config, log: Log) -> dict[str, int]:
    at = wiring.now()
    return Counter(
        "silent" if is_silent(state, at) else health_of(feed, state)
        for feed, state in feed_statuses(log, wiring.topics_of(config))
    )


def _remembered(look: Callable[[], T], *, nothing: T, fresh_s: float) -> Callable[[], T]:
    """What was looked up, at most `fresh_s` old; what was there before while the log is away."""
    lock = threading.Lock()
    found, at = nothing, float("-inf")

    def lately() -> T:
        nonlocal found, at
        with lock:
            if monotonic() - at >= fresh_s:
                with suppress(OnrecordError):
                    found = look()
                at = monotonic()
            return found

    return lately


# ── systemd ──────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _watched_by_systemd(health: Health) -> Iterator[None]:
    """Tell systemd that we are ready, and while no part hangs that we are alive (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        yield
        return
    every_s = int(os.environ.get("WATCHDOG_USEC") or 20_000_000) / 1_000_000 / 3
    try:
        with beside("systemd", lambda over: _keep_notifying(address, health, over, every_s)):
            yield
    finally:
        _notify(address, "STOPPING=1")


def _keep_notifying(address: str, health: Health, over: threading.Event, every_s: float) -> None:
    # Ready as soon as the command runs: one that waits for a broker is not to be killed for it.
    _notify(address, "READY=1")
    while True:
        report = health.report()
        problems = "; ".join(f"{part}: {what}" for part, what in report.problems.items())
        watchdog = "WATCHDOG=1\n" if report.is_live else ""
        _notify(address, f"{watchdog}STATUS={problems or 'working'}")
        if over.wait(every_s):
            return


def _notify(address: str, message: str) -> None:
    path = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(path)
        sender.send(message.encode("utf-8", "replace"))
