"""Finds the quotes of saved searches as they come, and sees to it that each is sent once.

Any number of processes can run: they share the partitions of the extractions as a consumer group.
Each finds the alerts of its own partitions; the owner of the first partition sends them all, so
that a search sends one mail at a time. A receiver that fails delays only its own search.
"""

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Literal, Protocol, Self

import msgspec
from msgspec.structs import replace

from onrecord.alerts.finding import AlertFinder
from onrecord.alerts.matching import WhoIsWho
from onrecord.alerts.policy import AlertPolicy
from onrecord.alerts.searches import SearchBook, sends
from onrecord.alerts.senders import Sent
from onrecord.alerts.table import AlertTable
from onrecord.errors import LogUnavailable
from onrecord.log.backoff import Backoff
from onrecord.log.consuming import Consumer, attempt, is_drained
from onrecord.log.interface import Log, Member, Message, Transaction
from onrecord.measurements import AlertOutcome
from onrecord.processing.forgotten import ForgottenTable
from onrecord.records import Alert, QuoteOnRecord, SavedSearch, to_json
from onrecord.topics import Topics

_READ = 200
_BUSY_WAIT_S = 0.05
_DAY_S = 86_400.0

State = Literal["sent", "dropped"]
Send = Callable[[SavedSearch, Sequence[Alert]], Sent]


class AlertMeter(Protocol):
    """What is measured of alerts."""

    def alerts_attempted(self, outcome: AlertOutcome, alerts: int) -> None:
        """Alerts were sent or dropped, or one attempt to send them failed."""

    def alerts_waiting(self, alerts: int) -> None:
        """Alerts that this process has to send."""


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
        group: str,
        book: SearchBook,
        send: Send,
        forgotten: ForgottenTable,
        people: WhoIsWho,
        policy: AlertPolicy,
        handover_s: float,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        meter: AlertMeter | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`handover_s` is the longest that an attempt of another process can take."""
        self._log = log
        self._consumer = Consumer(member, forget=lambda partitions: None)
        self._member = member
        self._group = group
        self._topics = topics
        self._book = book
        self._send = send
        self._forgotten = forgotten
        self._policy = policy
        self._clock = clock
        self._say = say
        self._meter = meter
        self._monotonic = monotonic
        self._table = AlertTable(log, topics)
        self._lanes: dict[str, _Lane] = {}
        self._finder = AlertFinder(
            amend=forgotten.amended,
            max_age_days=policy.max_age_days,
            clock=clock,
            say=say,
            people=people,
        )
        self._pool = ThreadPoolExecutor(policy.threads, thread_name_prefix="alerts")
        self._handover_s = handover_s
        self._was_sender = False
        self._left: frozenset[str] = frozenset()
        self._left_until = 0.0
        self._mail_every_s = policy.mail_every_s
        self._prune_at = 0.0
        self.sent = 0

    def __enter__(self) -> Self:
        self._table.catch_up()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._table.close()
        self._measure_waiting(0)  # they are another process's to send

    def run(self, stopped: Callable[[], bool], backoff: Backoff, *, once: bool = False) -> None:
        """Find and send until stopped, also through outages of the log.

        With `once`, until everything was found and is sent, or failed once: the mails of a search
        then follow each other at once. At the end, what was being sent is waited for and recorded.
        """
        self._mail_every_s = 0.0 if once else self._policy.mail_every_s
        while not stopped():
            worked = attempt(self.step, backoff, stopped)
            if once and worked is False and attempt(self._is_level, backoff, stopped):
                break
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._collect()
        attempt(self._publish_settled, backoff, stopped)

    def step(self) -> bool:
        """One round; returns whether anything was found, under way or settled."""
        is_busy = any(lane.attempt is not None for lane in self._lanes.values())
        wait_s = min(_BUSY_WAIT_S, self._policy.wait_s) if is_busy else self._policy.wait_s
        messages = self._consumer.poll(limit=_READ, timeout_s=wait_s)
        try:
            self._table.catch_up()
            if messages:
                self._find(messages)
                self._table.catch_up()
        except LogUnavailable:
            # Otherwise the next commit would pass these messages, and their alerts be lost.
            self._consumer.abandon()
            raise
        self._collect()
        settled = self._publish_settled()
        started = self._start()
        self._prune()
        return bool(messages) or is_busy or settled or started

    @property
    def searches(self) -> Collection[SavedSearch]:
        """The saved searches, as of the last step."""
        return self._table.searches.values()

    def _is_level(self) -> bool:
        return is_drained(self._log, self._member, self._group)

    # ── finding ──────────────────────────────────────────────────────────────────────────────

    def _find(self, messages: Sequence[Message]) -> None:
        """Publish the alerts of these messages, and move past them, in one transaction."""
        made: dict[str, Alert] = {}
        for message in messages:
            for alert in self._finder.alerts(message, self.searches):
                if not self._table.is_known(alert.id):
                    made.setdefault(alert.id, alert)
        with self._consumer.transaction() as tx:
            for alert in made.values():
                self._publish(tx, alert)
            tx.commit({message.source: message.next_offset for message in messages})

    # ── sending ──────────────────────────────────────────────────────────────────────────────

    def _start(self) -> bool:
        """Start an attempt for each search that has alerts due.

        Those of ended searches are dropped, and those whose quote was forgotten meanwhile.
        """
        due = self._due()
        if due:
            self._forgotten.catch_up()
        waiting, started = 0, False
        for search_id, alerts in due.items():
            lane = self._lanes.setdefault(search_id, _Lane())
            search = self._table.searches.get(search_id)
            is_over = search is None or not sends(search)
            dropped = alerts if is_over else list(filter(self._is_forgotten, alerts))
            waiting += len(alerts) - len(dropped)
            if lane.attempt is not None or lane.settled:
                continue
            if search is None or dropped:
                lane.settled, lane.state = tuple(dropped), "dropped"
                self._measure("dropped", len(dropped))
                started = True
            elif self._monotonic() >= lane.next_at:
                most = self._policy.in_one_mail if search.mail is not None else 1
                lane.sending = tuple(alerts[:most])
                lane.attempt = self._pool.submit(self._send, search, lane.sending)
                started = True
        self._measure_waiting(waiting)
        return started

    def _due(self) -> dict[str, list[Alert]]:
        """The alerts that are for this process to send now, by search.

        A living process that lost the first partition to this one can still be sending what was
        due then: that waits until its attempts have ended, and were recorded if they succeeded.
        """
        if not self._is_sender():
            self._was_sender = False
            return {}
        due = self._table.due()
        if not self._was_sender:
            has_others = len(self._log.members(self._group)) > 1
            all_due = frozenset(alert.id for alerts in due.values() for alert in alerts)
            self._left = all_due if has_others else frozenset()
            self._left_until = self._monotonic() + self._handover_s
            self._was_sender = True
        if self._monotonic() >= self._left_until:
            self._left = frozenset()
        if not self._left:
            return due
        mine = {
            search: [alert for alert in alerts if alert.id not in self._left]
            for search, alerts in due.items()
        }
        return {search: alerts for search, alerts in mine.items() if alerts}

    def _is_forgotten(self, alert: Alert) -> bool:
        found = alert.found
        return isinstance(found, QuoteOnRecord) and self._forgotten.has_quote(
            found.article.id, found.quote
        )

    def _is_sender(self) -> bool:
        return any(partition.number == 0 for partition in self._member.partitions())

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
            lane.next_at = self._monotonic() + (self._mail_every_s if is_mail else 0.0)
            lane.settled, lane.state = lane.sending, "sent"
            self.sent += len(lane.sending)
            self._measure("sent", len(lane.sending))
        elif sent.is_over and search is not None:
            self._say(f"saved search {name} is ended: {sent.problem}")
            self._book.end(search, sent.problem, now=self._clock())
            self._table.catch_up()
        else:
            self._measure("failed", len(lane.sending))
            lane.failures += 1
            if lane.failures == 1:
                self._say(f"saved search {name}: {sent.problem}: trying until it is taken")
            usual = self._policy.first_retry_s * 2.0 ** min(lane.failures - 1, 30)
            wait_s = min(max(usual, sent.retry_after_s), self._policy.longest_retry_s)
            lane.next_at = self._monotonic() + wait_s

    def _measure(self, outcome: AlertOutcome, alerts: int) -> None:
        if self._meter is not None:
            self._meter.alerts_attempted(outcome, alerts)

    def _measure_waiting(self, alerts: int) -> None:
        if self._meter is not None:
            self._meter.alerts_waiting(alerts)

    def _publish_settled(self) -> bool:
        """Publish what was sent or dropped; what cannot be published now stays to be."""
        lanes = [lane for lane in self._lanes.values() if lane.settled]
        repeated = self._table.found_again() if self._is_sender() else []
        if not lanes and not repeated:
            return False
        at = self._clock()
        with self._consumer.transaction() as tx:
            for alert in repeated:
                self._publish(tx, alert)
            for lane in lanes:
                for alert in lane.settled:
                    changed = replace(alert, state=lane.state, settled_at=at, found=msgspec.UNSET)
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
