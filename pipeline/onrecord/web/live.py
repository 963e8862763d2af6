"""New messages of a topic, read once for all its followers.

One thread reads the topic and decodes each message once. The newest are kept in a ring shared by
all streams, each with its own position. A slow stream costs nothing and delays no other stream;
it is cut off when the ring has moved past its position.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial

from onrecord.errors import OnrecordError, RecordError
from onrecord.log.backoff import Backoff
from onrecord.log.following import Follower
from onrecord.log.interface import Log, Message, Start
from onrecord.people.readers import PeopleReader
from onrecord.sink.selection import Opened, What

logger = logging.getLogger(__name__)

# A batch is a fraction of the ring, so that one batch cannot cut a follower off.
_READ = 200
_PART = 5
_WAIT_S = 0.25


@dataclass(frozen=True, slots=True)
class Item:
    """A new message, decoded."""

    message: Message
    opened: Opened

    @property
    def size(self) -> int:
        return len(self.message.value or b"")


class Ring:
    """The newest messages, numbered in order of arrival. Used only on the event loop."""

    def __init__(self, *, records: int, size_bytes: int) -> None:
        self.records = records
        self._bytes = size_bytes
        self._items: deque[Item] = deque()
        self._held_bytes = 0
        self._changed = asyncio.Event()
        self.closed: str | None = None
        self.first = 0
        # The next offset of each partition by number: before the first item, and after the last.
        self.begins: dict[int, int] = {}
        self.ends: dict[int, int] = {}

    @property
    def last(self) -> int:
        """The number of the next item."""
        return self.first + len(self._items)

    def begin(self, positions: dict[int, int]) -> None:
        """Start empty; the next message is at these positions."""
        self.begins, self.ends = dict(positions), dict(positions)

    def add(self, items: Iterable[Item]) -> None:
        """Add items, drop the oldest, and wake the waiting streams."""
        for item in items:
            self._items.append(item)
            self._held_bytes += item.size
            self.ends[item.message.partition] = item.message.next_offset
            self.begins.setdefault(item.message.partition, item.message.offset)
        while len(self._items) > self.records or self._held_bytes > self._bytes:
            oldest = self._items.popleft()
            self._held_bytes -= oldest.size
            self.begins[oldest.message.partition] = oldest.message.next_offset
            self.first += 1
        self._wake()

    def close(self, reason: str) -> None:
        """Close the ring, with the reason."""
        self.closed = self.closed or reason
        self._wake()

    def take(self, number: int, limit: int) -> list[Item]:
        """Up to `limit` items from a number on, which must be between `first` and `last`."""
        at = number - self.first
        return [self._items[n] for n in range(at, min(at + limit, len(self._items)))]

    async def more(self) -> None:
        """Return when an item was added or the ring was closed."""
        if self.closed is None:
            await self._changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Live:
    """Keeps a ring filled with a topic's new messages.

    When reading ends for any reason, the ring is closed and reading starts again with a new ring:
    the topic can have been deleted and created again.
    """

    def __init__(
        self,
        log: Log,
        topic: str,
        what: What,
        *,
        make_ring: Callable[[], Ring],
        backoff: Backoff,
        alive: Callable[[], None],
        people: PeopleReader | None = None,
        again_s: float = 2.0,
    ) -> None:
        """`alive` is called each time the topic is read; `people` are added to records."""
        self._people = people
        self._log = log
        self._alive = alive
        self._topic = topic
        self._what = what
        self._make_ring = make_ring
        self._again_s = again_s
        self.ring = make_ring()
        self._backoff = backoff
        self._loop = asyncio.get_running_loop()
        self._stopped = threading.Event()
        self._begun = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=f"live {topic}", daemon=True)

    async def start(self) -> None:
        """Begin with messages that arrive from now on."""
        self._thread.start()
        await self._begun.wait()

    async def stop(self) -> None:
        """Stop the thread and wait until it has ended."""
        self._stopped.set()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._has_stopped():
            try:
                self._read()
            except OnrecordError as error:
                reason = f"the log cannot be read: {error}"
            # No error can be allowed to end this thread: the topic would no longer be followed.
            except Exception:
                logger.exception("following %s", self._topic)
                reason = "an error of onrecord; its log says more"
            else:
                break
            self._on_loop(partial(self._pause, reason))
            self._stopped.wait(self._again_s)
        self._on_loop(self._begun.set)

    def _pause(self, reason: str) -> None:
        if self.ring.closed is None:
            logger.warning("following %s is interrupted: %s", self._topic, reason)
        self.ring.close(reason)
        self._begun.set()

    def _begin(self, positions: dict[int, int]) -> None:
        if self.ring.closed is not None:
            logger.warning("following %s goes on", self._topic)
            self.ring = self._make_ring()
        self.ring.begin(positions)
        self._begun.set()

    def _read(self) -> None:
        self._alive()  # before anybody can ask: a part that has not begun is not ready
        opened = self._backoff.answered(
            lambda: self._log.reader([self._topic], start=Start.LATEST), self._has_stopped
        )
        if opened is None:
            return
        limit = max(1, min(_READ, self.ring.records // _PART))
        with opened as reader:
            positions = self._backoff.answered(
                lambda: {p.number: reader.position(p) for p in reader.partitions()},
                self._has_stopped,
            )
            if positions is None:
                return
            self._on_loop(partial(self._begin, positions))
            follower = Follower(reader, backoff=self._backoff, stopped=self._has_stopped)
            while not self._has_stopped():
                messages = follower.poll(limit=limit, timeout_s=_WAIT_S)
                items = [Item(message, self._decoded(message)) for message in messages]
                if items:
                    # Wait until the loop took the items: at most one batch is read ahead.
                    self._on_loop(partial(self.ring.add, items))

    def _has_stopped(self) -> bool:
        self._alive()
        return self._stopped.is_set()

    def _decoded(self, message: Message) -> Opened:
        """Decode a message once, in this thread rather than on the loop."""
        opened = Opened(message.value, self._people)
        if message.value is not None:
            try:
                opened.decode(self._what)
            except RecordError as error:
                logger.warning("%s offset %d skipped: %s", message.source, message.offset, error)
                return Opened(None)
        return opened

    def _on_loop(self, act: Callable[[], None]) -> None:
        async def on_loop() -> None:
            act()

        coroutine = on_loop()
        try:
            asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
        except (RuntimeError, CancelledError):  # the loop is closed: the server has stopped
            coroutine.close()
            self._stopped.set()
