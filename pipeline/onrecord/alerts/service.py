"""Finds the quotes of saved searches as they come, and sees to it that each is sent once.

Any number of processes may run: they share the partitions of the extractions as a consumer group,
and each sends the alerts of its own partitions. A receiver that fails delays only its own search.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Literal, Self

import msgspec
from msgspec.structs import replace

from onrecord.alerts.matching import matches
from onrecord.alerts.policy import AlertPolicy
from onrecord.alerts.searches import SearchBook
from onrecord.alerts.senders import Sent
from onrecord.alerts.table import AlertTable
from onrecord.archive.documents import found_at
from onrecord.archive.query import Node, parse_query
from onrecord.errors import Mistake, RecordError
from onrecord.log.backoff import Backoff
from onrecord.log.consuming import Consumer, attempt
from onrecord.log.interface import Log, Member, Message, Transaction
from onrecord.records import (
    Alert,
    Extraction,
    QuoteOnRecord,
    SavedSearch,
    from_json,
    id_of,
    on_record,
    to_json,
)
from onrecord.topics import Topics

_logger = logging.getLogger(__name__)
_READ = 200
_BUSY_WAIT_S = 0.05
_DAY_S = 86_400.0

State = Literal["sent", "dropped"]
Send = Callable[[SavedSearch, Sequence[Alert]], Sent]


@dataclass(slots=True)
class _Lane:
    """The sending of one search: an attempt under way, a result to publish, the next time."""

    failures: int = 0
    next_at: float = 0.0
    sending: tuple[Alert, ...] = ()
    attempt: Future[Sent] | None = None
    settled: tuple[Alert, ...] = ()
    state: State = "sent"


class AlertService:
    """A member of the group of alerts. A context manager; belongs to one thread."""

    def __init__(
        self,
        log: Log,
        member: Member,
        topics: Topics,
        *,
        book: SearchBook,
        send: Send,
        policy: AlertPolicy,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer = Consumer(member, forget=lambda partitions: None)
        self._member = member
        self._topics = topics
        self._book = book
        self._send = send
        self._policy = policy
        self._clock = clock
        self._say = say
        self._monotonic = monotonic
        self._table = AlertTable(log, topics)
        self._lanes: dict[str, _Lane] = {}
        self._queries: dict[str, Node | None] = {}
        self._pool = ThreadPoolExecutor(policy.threads, thread_name_prefix="alerts")
        self._prune_at = 0.0
        self.sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._table.close()

    def run(self, stopped: Callable[[], bool], backoff: Backoff) -> None:
        """Find and send until stopped, also through outages of the log.

        At the end, what was being sent is waited for and recorded.
        """
        while not stopped():
            attempt(self.step, backoff, stopped)
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._collect()
        attempt(self._publish_settled, backoff, stopped)

    def step(self) -> bool:
        """One round; returns whether anything was found, under way or settled."""
        is_busy = any(lane.attempt is not None for lane in self._lanes.values())
        wait_s = min(_BUSY_WAIT_S, self._policy.wait_s) if is_busy else self._policy.wait_s
        messages = self._consumer.poll(limit=_READ, timeout_s=wait_s)
        self._table.catch_up()
        if messages:
            self._find(messages)
            self._table.catch_up()
        self._collect()
        settled = self._publish_settled()
        started = self._start()
        self._prune()
        return bool(messages) or is_busy or settled or started

    # ── finding ──────────────────────────────────────────────────────────────────────────────

    def _find(self, messages: Sequence[Message]) -> None:
        """Publish the alerts of these messages, and move past them, in one transaction."""
        with self._consumer.transaction() as tx:
            made: set[str] = set()
            for message in messages:
                for alert in self._alerts(message):
                    if alert.id not in made and not self._table.is_known(alert.id):
                        made.add(alert.id)
                        self._publish(tx, alert)
            tx.commit({message.source: message.next_offset for message in messages})

    def _alerts(self, message: Message) -> list[Alert]:
        searches = [
            (search, query)
            for search in self._table.searches.values()
            if self._is_active(search) and search.created_at <= message.timestamp
            if (query := self._query(search)) is not None
        ]
        if message.value is None or not searches:
            return []
        try:
            extraction = from_json(message.value, Extraction)
        except RecordError as error:
            _logger.warning("%s offset %d skipped: %s", message.source, message.offset, error)
            return []
        found = [on_record(extraction, quote) for quote in extraction.quotes]
        return [
            self._alert(search, one, message)
            for one in found
            if self._is_recent(one)
            for search, query in searches
            if matches(query, one)
        ]

    def _alert(self, search: SavedSearch, found: QuoteOnRecord, message: Message) -> Alert:
        return Alert(
            id=alert_id(search, found),
            search=search.id,
            state="due",
            partition=message.partition,
            made_at=self._clock(),
            found=found,
        )

    def _is_recent(self, found: QuoteOnRecord) -> bool:
        at = found_at(found.article, found.extracted_at)
        days = self._policy.max_age_days
        return not days or at >= self._clock() - timedelta(days=days)

    def _query(self, search: SavedSearch) -> Node | None:
        """The parsed query; None where this onrecord cannot read it, which is said once."""
        if search.query not in self._queries:
            try:
                self._queries[search.query] = parse_query(search.query)
            except Mistake as error:
                self._say(f"saved search {search.name}: {error}")
                self._queries[search.query] = None
        return self._queries[search.query]

    @staticmethod
    def _is_active(search: SavedSearch) -> bool:
        return search.ended is None and (search.webhook is not None or search.mail is not None)

    # ── sending ──────────────────────────────────────────────────────────────────────────────

    def _start(self) -> bool:
        """Start an attempt for each search that has alerts due; drop those of ended searches."""
        own = {partition.number for partition in self._member.partitions()}
        started = False
        for search_id, alerts in self._table.due(own).items():
            lane = self._lanes.setdefault(search_id, _Lane())
            search = self._table.searches.get(search_id)
            if lane.attempt is not None or lane.settled:
                continue
            if search is None or not self._is_active(search):
                lane.settled, lane.state = tuple(alerts), "dropped"
                started = True
            elif self._monotonic() >= lane.next_at:
                most = self._policy.in_one_mail if search.mail is not None else 1
                lane.sending = tuple(alerts[:most])
                lane.attempt = self._pool.submit(self._send, search, lane.sending)
                started = True
        return started

    def _collect(self) -> None:
        """Take the results of the attempts that have ended."""
        for search_id, lane in self._lanes.items():
            if lane.attempt is not None and lane.attempt.done():
                ended, lane.attempt = lane.attempt, None
                if not ended.cancelled():
                    self._take(search_id, lane, ended.result())

    def _take(self, search_id: str, lane: _Lane, sent: Sent) -> None:
        search = self._table.searches.get(search_id)
        name = search.name if search else search_id
        if sent.problem is None:
            if lane.failures:
                self._say(f"saved search {name}: alerts are taken again")
            lane.failures = 0
            is_mail = search is not None and search.mail is not None
            lane.next_at = self._monotonic() + (self._policy.mail_every_s if is_mail else 0.0)
            lane.settled, lane.state = lane.sending, "sent"
            self.sent += len(lane.sending)
        elif sent.is_over and search is not None:
            self._say(f"saved search {name} is ended: {sent.problem}")
            self._book.end(search, sent.problem, now=self._clock())
            self._table.catch_up()
        else:
            lane.failures += 1
            if lane.failures == 1:
                self._say(f"saved search {name}: {sent.problem}: trying until it is taken")
            usual = self._policy.first_retry_s * 2.0 ** min(lane.failures - 1, 30)
            wait_s = min(max(usual, sent.retry_after_s), self._policy.longest_retry_s)
            lane.next_at = self._monotonic() + wait_s

    def _publish_settled(self) -> bool:
        """Publish what was sent or dropped; what cannot be published now stays to be."""
        lanes = [lane for lane in self._lanes.values() if lane.settled]
        if not lanes:
            return False
        with self._consumer.transaction() as tx:
            for lane in lanes:
                for alert in lane.settled:
                    changed = replace(alert, state=lane.state, found=msgspec.UNSET)
                    self._publish(tx, changed)
        for lane in lanes:
            lane.settled = ()
        self._table.catch_up()
        return True

    def _publish(self, tx: Transaction, alert: Alert) -> None:
        tx.publish(self._topics.alerts, key=alert.id.encode(), value=to_json(alert))

    def _prune(self) -> None:
        """Once a day, forget alerts that were settled long ago."""
        if not self._policy.keep_days or self._monotonic() < self._prune_at:
            return
        self._prune_at = self._monotonic() + _DAY_S
        before = self._clock() - timedelta(days=self._policy.keep_days)
        outdated = list(self._table.outdated(before))
        if outdated:
            with self._consumer.transaction() as tx:
                for found in outdated:
                    tx.publish(self._topics.alerts, key=found.encode(), value=None)


def alert_id(search: SavedSearch, found: QuoteOnRecord) -> str:
    """The id of an alert: one for each search, story and words."""
    quote, article = found.quote, found.article
    words = quote.words_key or " ".join(part.text for part in quote.content)
    return id_of("alert", search.id, str(search.created_at), article.story or article.id, words)
