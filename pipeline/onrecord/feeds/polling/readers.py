"""The readers of a process: one, and more of them only while one does not suffice.

A reader takes 45 MB. The first one starts when there is something to read, since most polls bring
nothing; another one when a job has waited for those at work. It ends when it has not been needed
for a minute: at the end of a job, or when a poller without jobs looks (`end_unneeded`).
"""

import contextlib
from collections.abc import Callable, Iterator
from threading import Condition, local
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from onrecord.errors import ParseError, ReaderNotStarted
from onrecord.feeds.polling.reader_processes import DocumentReader, ReaderPolicy

T = TypeVar("T")

# Imported before a reader's memory is limited; its other modules are those of its jobs.
_FIRST_IMPORTED = frozenset({"onrecord.feeds.articles.signatures"})


class Readers:
    """Readers for the threads that call, as few as suffice. A context manager; leaving it ends all.

    Its threads take turns with the readers there are: the one used last is the next.
    """

    def __init__(self, policy: ReaderPolicy) -> None:
        self.policy = policy
        self._own = local()
        self._started: list[DocumentReader] = []
        self._idle: list[DocumentReader] = []
        self._at_work: list[DocumentReader] = []
        self._changed = Condition()
        self._closed = False

    def read(self, url: str, function: Callable[..., T], *arguments: Any) -> T:
        """What `function`, one of a module, makes of the arguments.

        Raises ParseError naming `url` when it fails, or goes past a limit; ReaderNotStarted when
        there is no process to read it.
        """
        with self._reader(url) as reader:
            result: T = reader.do(url, function, arguments)
        return result

    def renew(self) -> None:
        """Replace the reader of this thread's last job if that ended it, and wait for the new one.

        So the next job does not wait for what the last one broke.
        """
        last: DocumentReader | None = getattr(self._own, "reader", None)
        if last is not None and last.is_spent:
            # What goes wrong here the next job will be told.
            with contextlib.suppress(ParseError, RuntimeError), self._reader("") as reader:
                reader.wait_until_ready("")

    def end_unneeded(self) -> None:
        """End the readers that have not been needed for as long as the policy says.

        Jobs do so when they end; without jobs somebody calls this now and then, from any thread.
        It does not wait: while a reader is being started, nothing ends.
        """
        if not self._changed.acquire(blocking=False):
            return
        try:
            unneeded = self._take_unneeded()
        finally:
            self._changed.release()
        for one in unneeded:
            one.end()

    def processor_s(self) -> float:
        """The processor time that this thread's last job took, in seconds."""
        reader: DocumentReader | None = getattr(self._own, "reader", None)
        return reader.processor_s if reader is not None else 0.0

    @contextlib.contextmanager
    def _reader(self, url: str) -> Iterator[DocumentReader]:
        """A reader for this thread alone, for one job."""
        with self._changed:
            self._wait_for_idle()
            reader = self._running_idle() or self._start(url)
            self._at_work.append(reader)
        self._own.reader = reader
        try:
            yield reader
        finally:
            self._give_back(reader)

    def _running_idle(self) -> DocumentReader | None:
        """The idle reader used last, of those that run. The lock is held."""
        while self._idle:
            reader = self._idle.pop()
            if reader.is_running():
                return reader
            reader.end()  # its process was ended from outside; the next document must not pay
        return None

    def _wait_for_idle(self) -> None:
        """Wait for a reader, as long as the policy says. The lock is held.

        While those at work are still starting, another one would start no sooner.
        """
        until = monotonic() + self.policy.patience_s
        while self._at_work and not self._idle and not self._closed:
            if not any(reader.has_begun for reader in self._at_work):
                until = monotonic() + self.policy.patience_s
            left_s = until - monotonic()
            if left_s <= 0:
                return
            self._changed.wait(left_s)

    def _give_back(self, reader: DocumentReader) -> None:
        with self._changed:
            self._at_work.remove(reader)
            if not reader.is_spent:
                reader.idle_since = monotonic()
                self._idle.append(reader)
            unneeded = self._take_unneeded()
            self._changed.notify()
        for one in unneeded:
            one.end()

    def _take_unneeded(self) -> list[DocumentReader]:
        """Remove the idle readers that have not been needed lately, and give them.

        The one used last always stays. The lock is held.
        """
        until = monotonic() - self.policy.idle_s
        unneeded = [it for it in self._idle[:-1] if it.idle_since <= until]
        self._idle = [it for it in self._idle if it not in unneeded]
        return unneeded

    def _start(self, url: str) -> DocumentReader:
        """A new reader, with the imports of the last one. The lock is held."""
        if self._closed:
            raise RuntimeError("the readers are closed")
        modules = self._started[-1].imported if self._started else _FIRST_IMPORTED
        try:
            reader = DocumentReader(self.policy, modules)
        except OSError as error:
            reason = f"no reader can be started: {error.strerror or error}"
            raise ReaderNotStarted(url, reason) from error
        self._started = [*(one for one in self._started if not one.is_spent), reader]
        return reader

    def __enter__(self) -> Self:
        self._closed = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._closed = True
            for reader in self._started:  # their threads may be waiting for an answer
                reader.kill()
            self._started.clear()
            self._idle.clear()
            self._changed.notify_all()
