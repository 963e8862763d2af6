"""Consuming a topic as a member: what is done when partitions are lost or a commit fails.

Everything read and not committed is forgotten, and the member goes back to the committed
positions before it reads on: else what was forgotten would be passed over.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from onrecord.errors import LogUnavailable, LostOwnership
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Member, Message, Partition, Transaction

T = TypeVar("T")

Stopped = Callable[[], bool]


class Consumer:
    """A member, with the recovery that every consumer needs.

    `forget` drops what was read: of these partitions, or of all (None).
    """

    def __init__(
        self, member: Member, *, forget: Callable[[frozenset[Partition] | None], None]
    ) -> None:
        self._member = member
        self._forget = forget
        self._must_rewind = False

    @property
    def must_rewind(self) -> bool:
        """Whether the member stands past messages that were forgotten."""
        return self._must_rewind

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        """The next messages. LogUnavailable leaves everything that is in hand as it is."""
        if self._must_rewind:
            self._member.rewind()
            self._must_rewind = False
        messages = self._member.poll(limit=limit, timeout_s=timeout_s)
        if taken := self._member.taken():
            self._forget(taken)
        return messages

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction of the member; when it fails, everything is read again."""
        try:
            with self._member.transaction() as tx:
                yield tx
        except (LostOwnership, LogUnavailable):
            # After LogUnavailable it may be committed or not; reading again from the committed
            # positions is right in both cases.
            self.abandon()
            raise

    def abandon(self) -> None:
        """Forget what was read and is not committed, and read it again."""
        self._forget(None)
        self._must_rewind = True


def attempt(step: Callable[[], T], backoff: Backoff, stopped: Stopped) -> T | None:
    """What a step gives; None when it lost its partitions, or the log was away for it."""
    try:
        result = step()
    except LostOwnership:
        return None
    except LogUnavailable as error:
        backoff.wait(error, stopped)
        return None
    backoff.reset()
    return result
