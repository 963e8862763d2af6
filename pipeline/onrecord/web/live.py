"""What comes in now, read once for everybody who follows a topic.

One thread reads the topic and decodes each message once. The last of them are kept in a ring
that all streams share, each at a place of its own: a slow stream costs nothing and slows nobody.
When the ring has moved past it, it is cut off.
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
from onrecord.sink.selection import Opened, What

logger = logging.getLogger(__name__)

# What is read at once is a part of what the ring holds, so that nobody falls behind by one batch.
_READ = 200
_PART = 5
_WAIT_S = 0.25


@dataclass(frozen=True, slots=True)
class Item:
    """A message that came in, decoded."""

    message: Message
    opened: Opened

    @property
    def size(self) -> int:
        return len(self.message.value or b"")


class Ring:
    """The last messages, numbered as they came. Belongs to the event loop."""

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
        """The number that the next item gets."""
        return self.first + len(self._items)

    def begin(self, positions: dict[int, int]) -> None:
        """Nothing came yet, and the next that comes stands here."""
        self.begins, self.ends = dict(positions), dict(positions)

    def add(self, items: Iterable[Item]) -> None:
        """Take in what came, let go of the oldest, and wake who waits."""
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
        """Nothing comes any more, and why."""
        self.closed = self.closed or reason
        self._wake()

    def take(self, number: int, limit: int) -> list[Item]:
        """Up to `limit` items from a number on, which must be from `first` to `last`."""
        at = number - self.first
        return [self._items[n] for n in range(at, min(at + limit, len(self._items)))]

    async def more(self) -> None:
        """Return when something came, or nothing will any more."""
        if self.closed is None:
            await self._changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Live:
    """Keeps a ring filled with what comes in on a topic.

    When reading ends, whatever ended it, the ring is closed and reading begins again with a new
    one: the topic may have been deleted and made again.
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
        again_s: float = 2.0,
    ) -> None:
        """`alive` is called at each look at the topic."""
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
        """Begin with what comes from now on."""
        self._thread.start()
        await self._begun.wait()

    async def stop(self) -> None:
        """Stop, and wait for it."""
        self._stopped.set()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._has_stopped():
            try:
                self._read()
            except OnrecordError as error:
                reason = f"the log cannot be read: {error}"
            # Whatever it is, it must not end here: nobody would follow the topic any more.
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
            positions = {p.number: reader.position(p) for p in reader.partitions()}
            self._on_loop(lambda: self._begin(positions))
            follower = Follower(reader, backoff=self._backoff, stopped=self._has_stopped)
            while not self._has_stopped():
                messages = follower.poll(limit=limit, timeout_s=_WAIT_S)
                items = [Item(message, self._decoded(message)) for message in messages]
                if items:
                    # Waits until the loop took them: what is read ahead is one batch, no more.
                    self._on_loop(partial(self.ring.add, items))

    def _has_stopped(self) -> bool:
        self._alive()
        return self._stopped.is_set()

    def _decoded(self, message: Message) -> Opened:
        """Decoded here, once, and not on the loop."""
        opened = Opened(message.value)
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
