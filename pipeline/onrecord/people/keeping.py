"""Keeps `onrecord.people`: one process at a time derives, whoever owns the judgements.

A batch of extractions becomes judgements of rules, people, and the position after the batch, in
one transaction that fails if another process took over: killed at any point, nothing is lost and
nothing counted twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from onrecord.errors import LogUnavailable, LostOwnership
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log, Member
from onrecord.log.step_size import StepSize
from onrecord.people.deriving import PeopleChanges
from onrecord.people.judgement_book import make_topics, put
from onrecord.people.known import KnownList
from onrecord.people.live import POSITION_KEY, LivePeople, partition_of_judgements
from onrecord.topics import Topics

_IDLE_S = 0.5
# How often judgements are looked for while no extractions come: on Kafka a look is six requests.
_LOOK_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Derives people from a log's extractions, as a member of a group of its own."""

    log: Log
    topics: Topics
    known: KnownList
    group: str
    name: str
    now: Callable[[], datetime]
    batch: int = 300

    def run(self, stopped: Callable[[], bool], backoff: Backoff, *, once: bool = False) -> int:
        """Derive until stopped; with `once`, what is there now. Returns the extractions read.

        With `once`, returns 0 at once where another process derives.
        """
        member = backoff.answered(self._join, stopped)
        if member is None:
            return 0
        with member:
            return _Keeping(self, member).run(stopped, backoff, once=once)

    def _join(self) -> Member:
        make_topics(self.log, self.topics)
        return self.log.join(self.group, [self.topics.judgements], name=self.name)


class _Keeping:
    """The state of a keeper: dropped, and read again, after any failure."""

    def __init__(self, keeper: Keeper, member: Member) -> None:
        self._keeper = keeper
        self._member = member
        self._people: LivePeople | None = None
        self._partition = partition_of_judgements(keeper.topics)
        self._next_look = 0.0
        self._size = StepSize(keeper.batch)

    def run(self, stopped: Callable[[], bool], backoff: Backoff, *, once: bool) -> int:
        count = 0
        try:
            while not stopped():
                try:
                    read, is_done = self._step(once=once)
                except LostOwnership:
                    self._drop()
                except LogUnavailable as error:
                    self._drop()
                    backoff.wait(error, stopped)
                else:
                    backoff.reset()
                    count += read
                    if once and is_done:
                        break
        finally:
            self._drop()
        return count

    def _step(self, *, once: bool) -> tuple[int, bool]:
        """Derive from one batch: the extractions read, and, with `once`, whether none is left."""
        idle = self._people is not None
        self._member.poll(limit=0, timeout_s=0.0 if idle else _IDLE_S)
        if self._partition in self._member.taken():
            self._drop()
        if self._partition not in self._member.partitions():
            self._drop()
            return 0, self._is_anothers()
        people = self._people or self._load()
        messages = people.next_extractions(limit=self._size.records, timeout_s=_IDLE_S)
        began = monotonic()
        affected = people.refresh() if messages or once or self._is_due() else set()
        changes = people.deriver.take(messages)
        changes.names |= affected
        if messages or affected:
            self._write(people, changes)
        self._size.took(monotonic() - began, len(messages))
        return len(messages), once and not messages and people.is_at_end()

    def _is_due(self) -> bool:
        """Whether to look for judgements, although there are no extractions."""
        now = monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_S
        return True

    def _is_anothers(self) -> bool:
        members = self._keeper.log.members(self._keeper.group)
        return any(self._partition in owned for owned in members.values())

    def _load(self) -> LivePeople:
        keeper = self._keeper
        # A transaction of ours that failed midway would hide what is read until its timeout.
        self._member.rewind()
        people = LivePeople(keeper.log, keeper.topics, keeper.known)
        self._people = people
        people.refresh()
        return people

    def _write(self, people: LivePeople, changes: PeopleChanges) -> None:
        topics, now = self._keeper.topics, self._keeper.now()
        with self._member.transaction() as tx:
            for judgement in changes.judgements:
                put(tx, topics.judgements, judgement.id, judgement, time=judgement.at)
            for key, record in people.deriver.records(changes.names):
                put(tx, topics.people, key, record, time=now)
            put(tx, topics.people, POSITION_KEY.decode(), people.derived_to(), time=now)
            tx.commit({self._partition: people.judgements_end})

    def _drop(self) -> None:
        if self._people is not None:
            self._people.close()
            self._people = None
