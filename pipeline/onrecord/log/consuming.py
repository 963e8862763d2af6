"""Consuming a topic as a member: recovery from lost partitions and failed commits.

All uncommitted messages are dropped, and the member returns to the committed positions before
it reads on: otherwise the dropped messages would be skipped.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from onrecord.errors import LogUnavailable, LostOwnership
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log, Member, Message, Partition, Transaction

T = TypeVar("T")

Stopped = Callable[[], bool]


class Consumer:
    """A member, with the recovery that every consumer needs.

    `forget` drops uncommitted messages: of the given partitions, or of all (None).
    """

    def __init__(
        self, member: Member, *, forget: Callable[[frozenset[Partition] | None], None]
    ) -> None:
        self._member = member
        self._forget = forget
        self._must_rewind = False

    @property
    def must_rewind(self) -> bool:
        """Whether the member's position is past dropped messages."""
        return self._must_rewind

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        """The next messages. LogUnavailable leaves all messages in hand unchanged."""
        if self._must_rewind:
            self._member.rewind()
            self._must_rewind = False
        messages = self._member.poll(limit=limit, timeout_s=timeout_s)
        if taken := self._member.taken():
            self._forget(taken)
        return messages

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction of the member; after a failure, uncommitted messages are read again."""
        try:
            with self._member.transaction() as tx:
                yield tx
        except (LostOwnership, LogUnavailable):
            # After LogUnavailable the outcome is unknown; reading again from the committed
            # positions is correct in both cases.
            self.abandon()
            raise

    def abandon(self) -> None:
        """Drop the uncommitted messages, and read them again."""
        self._forget(None)
        self._must_rewind = True


def attempt(step: Callable[[], T], backoff: Backoff, stopped: Stopped) -> T | None:
    """The result of a step; None after lost partitions or an unavailable log."""
    try:
        result = step()
    except LostOwnership:
        return None
    except LogUnavailable as error:
        backoff.wait(error, stopped)
        return None
    backoff.reset()
    return result


def is_drained(log: Log, member: Member, group: str) -> bool:
    """Whether every partition has been read to its end or is owned by another live member.

    A partition whose owner died is not drained until it is assigned to another member.
    """
    owned = member.partitions()
    topics = {partition.topic for partition in owned}
    ends = {partition: end for topic in topics for partition, end in log.ends(topic).items()}
    if not owned or any(member.position(partition) < ends[partition] for partition in owned):
        return False
    others = {partition for held in log.members(group).values() for partition in held}
    return set(ends) <= owned | others
