"""The measurements of a process, and how Prometheus reads them.

Metrics are named in `metrics`. Stages are given a `Metrics` and call a method for each unit
of work; `exposition` is what Prometheus scrapes. No URL, article or person is ever a label: the
number of series stays the same however many feeds there are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from onrecord.metrics import (
    ALERTS,
    ALERTS_UP,
    ALERTS_WAITING,
    ARCHIVE_QUOTES,
    ARCHIVE_SKIPPED,
    ARCHIVE_UP,
    ARTICLES,
    DEAD_LETTERS,
    EXTRACTION_SECONDS,
    FEEDS,
    LAG,
    LOG_UP,
    MEMBERS,
    OUTAGES,
    PARTS_LATE,
    PEOPLE_LEFT,
    PEOPLE_UP,
    POLL_SECONDS,
    POLLS,
    PROCESSES,
    PROCESSES_STARTED,
    PUBLISH_TO_SINK_SECONDS,
    QUEUE,
    QUOTES,
    STREAMS,
    WAITING_SECONDS,
    Described,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Outcome = Literal["read", "unchanged", "failed"]
AlertOutcome = Literal["sent", "failed", "dropped"]


_SHORT_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LONG_S = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 6 * 3600.0, 86_400.0)
# A language tag comes from publishers: after so many different ones, the rest are "other".
_MOST_LANGUAGES = 40


class GroupLag(NamedTuple):
    """Where a consumer group stands: lag by topic, seconds waited (None: nothing waits).

    `members` is None for a group that only shows positions: nobody ever joins it.
    """

    group: str
    members: int | None
    lag: dict[str, int]
    waiting_s: float | None


class Metrics:
    """The metrics of one process. Thread-safe."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._polls = _counter(POLLS, self._registry)
        self._poll_seconds = _histogram(POLL_SECONDS, self._registry, _SHORT_S)
        self._articles = _counter(ARTICLES, self._registry)
        self._extraction_seconds = _histogram(EXTRACTION_SECONDS, self._registry, _SHORT_S)
        self._quotes = _counter(QUOTES, self._registry)
        self._dead_letters = _counter(DEAD_LETTERS, self._registry)
        self._to_sink = _histogram(PUBLISH_TO_SINK_SECONDS, self._registry, _LONG_S)
        self._archive_quotes = _counter(ARCHIVE_QUOTES, self._registry)
        self._archive_skipped = _counter(ARCHIVE_SKIPPED, self._registry)
        self._archive_up = _gauge(ARCHIVE_UP, self._registry)
        self._archive_up.set(1)
        self._people_up = _gauge(PEOPLE_UP, self._registry)
        self._people_up.set(1)
        self._alerts = _counter(ALERTS, self._registry)
        for outcome in get_args(AlertOutcome):  # from 0 on, or the first is no increase
            self._alerts.labels(outcome)
        self._alerts_waiting = _gauge(ALERTS_WAITING, self._registry)
        self._alerts_up = _gauge(ALERTS_UP, self._registry)
        self._alerts_up.set(1)
        self._outages = _counter(OUTAGES, self._registry)
        self._log_up = _gauge(LOG_UP, self._registry)
        self._log_up.set(1)
        self._queue = _gauge(QUEUE, self._registry)
        self._languages: set[str] = set()

    # Prometheus sees no increase where a series begins: what an alert counts begins at 0.

    def will_poll(self) -> None:
        """This process polls feeds."""
        for outcome in get_args(Outcome):
            self._polls.labels(outcome)
        for kind in ("new", "edited"):
            self._articles.labels(kind)

    def will_set_aside(self, reasons: Iterable[str]) -> None:
        """This process makes dead letters, for these reasons."""
        for reason in reasons:
            self._dead_letters.labels(reason)

    # ── one unit of work each ────────────────────────────────────────────────────────────────

    def polled(
        self,
        outcome: Outcome,
        *,
        new: int,
        edited: int,
        took_s: float,
    ) -> None:
        """One poll of one feed has ended."""
        self._polls.labels(outcome).inc()
        self._poll_seconds.observe(took_s)
        self._articles.labels("new").inc(new)
        self._articles.labels("edited").inc(edited)

    def extracted(self, quote_types: Iterable[str], language: str | None, took_s: float) -> None:
        """One article was extracted: the types of its quotes, and the time it took."""
        self._extraction_seconds.observe(took_s)
        named = self._language(language)
        for quote_type in quote_types:
            self._quotes.labels(quote_type, named).inc()

    def published(self, waited_s: float) -> None:
        """One extraction was published, so long after its article entered the log."""
        self._to_sink.observe(max(0.0, waited_s))

    def set_aside(self, reason: str) -> None:
        """One message became a dead letter, for a reason from the list of reason codes."""
        self._dead_letters.labels(reason).inc()

    def archived(self, quotes: int, skipped: int) -> None:
        """One batch was written into the archive."""
        self._archive_quotes.inc(quotes)
        self._archive_skipped.inc(skipped)

    def archive_answers(self, answers: bool) -> None:
        """Whether the archive can be written now."""
        self._archive_up.set(1 if answers else 0)

    def alerts_attempted(self, outcome: AlertOutcome, alerts: int) -> None:
        """Alerts were sent or dropped, or one attempt to send them failed."""
        self._alerts.labels(outcome).inc(1 if outcome == "failed" else alerts)

    def alerts_waiting(self, alerts: int) -> None:
        """So many alerts are for this process to send."""
        self._alerts_waiting.set(alerts)

    def alerts_can_be_sent(self, can: bool) -> None:
        """Whether this process can send what saved searches ask for."""
        self._alerts_up.set(1 if can else 0)

    def log_answers(self, answers: bool) -> None:
        """Whether the log answers now; each change to no is an outage."""
        if not answers:
            self._outages.inc()
        self._log_up.set(1 if answers else 0)

    def people_ended(self) -> None:
        """An error ended the deriving of people."""
        self._people_up.set(0)

    # ── what is looked up when somebody asks ─────────────────────────────────────────────────

    def watch_groups(self, groups: Callable[[], Sequence[GroupLag]]) -> None:
        """Report where consumer groups stand, asked at each scrape."""
        self._registry.register(_Groups(groups))

    def watch_feeds(self, feeds: Callable[[], Mapping[str, int]]) -> None:
        """Report how many feeds are of each health, asked at each scrape."""
        self._registry.register(_Feeds(feeds))

    def watch_people(self, left: Callable[[], int]) -> None:
        """Report from how many extractions no people are derived yet, asked at each scrape."""
        _gauge(PEOPLE_LEFT, self._registry).set_function(left)

    def watch_parts(self, late: Callable[[], int]) -> None:
        """Report how many parts of the process are late, asked at each scrape."""
        _gauge(PARTS_LATE, self._registry).set_function(late)

    def watch_streams(self, streams: Callable[[], int]) -> None:
        """Report how many readers follow, asked at each scrape."""
        _gauge(STREAMS, self._registry).set_function(streams)

    def watch_processes(
        self, running: Callable[[], Mapping[str, int]], started: Callable[[], Mapping[str, int]]
    ) -> None:
        """Report the child processes by kind, asked at each scrape."""
        self._registry.register(_Processes(running, started))

    def watch_queue(self, work: str, in_hand: Callable[[], int]) -> None:
        """Report how much work of a kind is in hand, asked at each scrape."""
        self._queue.labels(work).set_function(in_hand)

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format (`CONTENT_TYPE`)."""
        return generate_latest(self._registry)

    def _language(self, tag: str | None) -> str:
        name = (tag or "").lower().replace("_", "-").partition("-")[0]
        if not (name.isascii() and name.isalpha() and 2 <= len(name) <= 3):
            return "unknown"
        if name in self._languages or len(self._languages) < _MOST_LANGUAGES:
            self._languages.add(name)
            return name
        return "other"


class _Groups(Collector):
    def __init__(self, groups: Callable[[], Sequence[GroupLag]]) -> None:
        self._groups = groups

    def describe(self) -> Iterable[Metric]:
        return []  # nothing is asked of the log before the first scrape

    def collect(self) -> Iterator[Metric]:
        lag, waiting, members = (_family(d) for d in (LAG, WAITING_SECONDS, MEMBERS))
        for group in self._groups():
            for topic, records in sorted(group.lag.items()):
                lag.add_metric([group.group, topic], records)
            waiting.add_metric([group.group], group.waiting_s or 0.0)
            if group.members is not None:
                members.add_metric([group.group], group.members)
        yield from (lag, waiting, members)


class _Feeds(Collector):
    def __init__(self, feeds: Callable[[], Mapping[str, int]]) -> None:
        self._feeds = feeds

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        family = _family(FEEDS)
        for health, count in sorted(self._feeds().items()):
            family.add_metric([health], count)
        yield family


class _Processes(Collector):
    def __init__(
        self, running: Callable[[], Mapping[str, int]], started: Callable[[], Mapping[str, int]]
    ) -> None:
        self._running = running
        self._started = started

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        running = _family(PROCESSES)
        for kind, count in sorted(self._running().items()):
            running.add_metric([kind], count)
        yield running
        started = CounterMetricFamily(
            PROCESSES_STARTED.name, _help(PROCESSES_STARTED), labels=PROCESSES_STARTED.labels
        )
        for kind, count in sorted(self._started().items()):
            started.add_metric([kind], count)
        yield started


def _help(metric: Described) -> str:
    return f"{metric.meaning} A rise: {metric.rise}"


def _counter(metric: Described, registry: CollectorRegistry) -> Counter:
    return Counter(metric.name, _help(metric), metric.labels, registry=registry)


def _gauge(metric: Described, registry: CollectorRegistry) -> Gauge:
    return Gauge(metric.name, _help(metric), metric.labels, registry=registry)


def _histogram(
    metric: Described, registry: CollectorRegistry, buckets: Sequence[float]
) -> Histogram:
    return Histogram(
        metric.name, _help(metric), metric.labels, registry=registry, buckets=tuple(buckets)
    )


def _family(metric: Described) -> GaugeMetricFamily:
    return GaugeMetricFamily(metric.name, _help(metric), labels=metric.labels)
