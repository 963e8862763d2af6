"""Feeds and their states from the log: the newest record of each.

Feeds and what plans their polls are in memory. The rest of the states is in a temporary file.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from itertools import count
from sys import intern
from typing import TypeVar
from uuid import uuid4

from onrecord.errors import RecordError, StateLost
from onrecord.log.interface import Headers, Log, Message, Partition, Reader
from onrecord.log.read_to_end import read_to_end
from onrecord.processing.feeds.kept_states import KeptStates
from onrecord.processing.feeds.state_file import StateFile
from onrecord.records import Feed, FeedState, Record, event_headers, from_json
from onrecord.topics import Topics

_logger = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

# Event ids are this process's own id with a number: thousands are needed at every round of polls.
_PROCESS = uuid4().hex
_EVENTS = count(1)


class FeedTables:
    """The newest record of each feed and state in the assigned partitions.

    With `only`, states of other feeds are passed over.
    """

    def __init__(self, log: Log, topics: Topics, only: Collection[str] | None = None) -> None:
        self._log = log
        self._topics = topics
        self._only = only
        self._reader: Reader | None = None
        self._held: frozenset[int] = frozenset()
        # Whether all that is held was read: the log can go away in between.
        self._is_whole = True
        self._state_partitions = 1
        self._feeds: dict[int, dict[str, Feed]] = {}
        self._states: dict[int, KeptStates] = {}
        self._file = StateFile()
        self._homes: dict[str, int] = {}
        self._changed: set[str] = set()

    def hold(self, partitions: Collection[Partition], *, anew: Collection[Partition]) -> None:
        """Hold only these partitions of feeds; those in `anew` are read again from the start."""
        held = frozenset(partition.number for partition in partitions)
        stale = frozenset(partition.number for partition in anew)
        if held == self._held and not stale & held:
            return
        kept = (self._held & held) - stale
        feeds = self._log.bounds(self._topics.feeds)
        states = self._log.bounds(self._topics.feed_states)
        self._state_partitions = len(states)
        bounds = {**feeds, **states}
        starts = {
            partition: self._position_or(partition, bounds[partition][0])
            for number in kept
            for partition in self._pair(number)
        }
        for number in held - kept:
            starts |= {partition: bounds[partition][0] for partition in self._pair(number)}
        # Until here nothing has changed: after an outage the tables are as they were.
        former, self._reader = self._reader, self._opened(starts)
        self._forget(self._held - kept, kept)
        self._held = held
        self._is_whole = not starts
        if former is not None:
            former.close()

    def catch_up(self) -> None:
        """Read the records published since the last call."""
        if self._reader is None:
            return
        for message in read_to_end(self._log, self._reader):
            if message.topic == self._topics.feeds:
                self._keep_feed(message)
            elif self._only is None or url_of(message) in self._only:
                self._keep_state(message)
            self._changed.add(intern(url_of(message)))
        self._is_whole = True

    def _keep_feed(self, message: Message) -> None:
        feeds = self._feeds.setdefault(message.partition, {})
        put(feeds, message, Feed)
        url = intern(url_of(message))
        if url in feeds:
            self._homes[url] = message.partition
        elif self._homes.get(url) == message.partition:
            del self._homes[url]

    def _keep_state(self, message: Message) -> None:
        states = self._states.setdefault(message.partition, KeptStates(self._file))
        url = intern(url_of(message))
        if message.value is None:
            states.remove(url)
            return
        try:
            states.put(url, message.value)
        except RecordError as error:
            _passed_over(message, error)

    def take_changed(self) -> set[str]:
        """The feeds of which a record was read since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def all(self) -> Iterator[tuple[Feed, FeedState]]:
        """Every feed with the outline of its state, including feeds no longer followed."""
        for feeds in self._feeds.values():
            for feed in feeds.values():
                yield feed, self._outline_of(feed.url)

    def one(self, url: str) -> tuple[Feed, FeedState] | None:
        """A feed with the outline of its state; None for a feed that is not held."""
        feed = self._feeds.get(self._homes.get(url, -1), {}).get(url)
        return None if feed is None else (feed, self._outline_of(url))

    def partition_of(self, url: str) -> Partition | None:
        """The partition of a followed feed; None when it is not held."""
        number = self._homes.get(url)
        feed = None if number is None else self._feeds.get(number, {}).get(url)
        if number is None or feed is None or not feed.followed:
            return None
        return Partition(self._topics.feeds, number)

    def state_of(self, url: str) -> FeedState:
        """The stored state of a feed; an empty state when there is none.

        Not for use within a transaction: states that the disk has lost are read again from the log.
        """
        if not self._is_whole:
            self.catch_up()
        try:
            return self._whole_of(url)
        except StateLost:
            self._read_again(self.home_of_state(url))
            return self._whole_of(url)

    def _whole_of(self, url: str) -> FeedState:
        states = self._states_with(url)
        return (states and states.whole(url)) or FeedState(url=url)

    def _read_again(self, states: int | None) -> None:
        """Read a partition of states again from the start, with the feeds to which they belong."""
        held = [Partition(self._topics.feeds, number) for number in self._held]
        self.hold(held, anew=[one for one in held if self.state_partition(one.number) == states])
        self.catch_up()

    def _outline_of(self, url: str) -> FeedState:
        states = self._states_with(url)
        return (states and states.outline(url)) or FeedState(url=url)

    def _states_with(self, url: str) -> KeptStates | None:
        """The states of the partition in which a feed's state is."""
        home = self._homes.get(url)
        return None if home is None else self._states.get(self.state_partition(home))

    def home_of_state(self, url: str) -> int | None:
        """The partition for a feed's state; None for a feed that is not held."""
        home = self._homes.get(url)
        return None if home is None else self.state_partition(home)

    def state_partition(self, home: int) -> int:
        """The partition of states that belongs to a partition of feeds.

        The key does not decide it: a key's partition changes when partitions are added to either
        topic, and the state would then be looked up in the wrong partition.
        """
        return home % self._state_partitions

    def _position_or(self, partition: Partition, begin: int) -> int:
        if self._reader is None or partition not in self._reader.partitions():
            return begin
        return self._reader.position(partition)

    def position(self, partition: Partition) -> int:
        """The next offset to read in a held partition."""
        if self._reader is None:
            raise RuntimeError(f"{partition} is not held")
        return self._reader.position(partition)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self._file.close()

    def _pair(self, number: int) -> tuple[Partition, Partition]:
        states = self.state_partition(number)
        return Partition(self._topics.feeds, number), Partition(self._topics.feed_states, states)

    def _forget(self, numbers: Iterable[int], kept: Iterable[int]) -> None:
        still_read = {self.state_partition(number) for number in kept}
        for number in numbers:
            for url in self._feeds.pop(number, {}):
                self._homes.pop(url, None)
            if (states := self.state_partition(number)) not in still_read:
                self._states.pop(states, KeptStates(self._file)).clear()

    def _opened(self, starts: dict[Partition, int]) -> Reader | None:
        if not starts:
            return None
        return self._log.reader([self._topics.feeds, self._topics.feed_states], start=starts)


def url_of(message: Message) -> str:
    """The URL that a table's record describes."""
    return (message.key or b"").decode("utf-8", "replace")


def unchanged(record: R) -> R:
    """The record itself; the default of `put`."""
    return record


def put(
    table: dict[str, R], message: Message, kind: type[R], kept: Callable[[R], R] = unchanged
) -> None:
    """Enter what is `kept` of a key's newest record; a tombstone removes the key."""
    url = intern(url_of(message))  # it is a key of three tables
    if message.value is None:
        table.pop(url, None)
        return
    try:
        table[url] = kept(from_json(message.value, kind))
    except RecordError as error:
        # Written by a newer onrecord or another program: this feed is left to others.
        table.pop(url, None)
        _passed_over(message, error)


def _passed_over(message: Message, error: RecordError) -> None:
    _logger.warning("%s/%d offset %d: %s", *message.source, message.offset, error)


def table_headers(record: Feed | FeedState, source: str, time: datetime) -> Headers:
    """The headers of a record in one of these tables."""
    return event_headers(record, event_id=f"{_PROCESS}.{next(_EVENTS)}", source=source, time=time)
