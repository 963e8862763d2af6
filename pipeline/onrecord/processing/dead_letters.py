"""Messages set aside, with their reason and origin; and putting them back.

A dead letter is the original record, byte for byte, in `onrecord.dead-letters`, with headers
that say where it came from and why. A letter that was retried or dropped is settled by a marker:
a record under the same key, so in the same partition, without a value, whose header names the
letter. Nothing is rewritten, so the same steps hold on every log. A record that was put back says
in its headers where it first stood and how often it failed: failing again, it is a letter of that
origin.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from onrecord.errors import Mistake, TooManyDeadLetters
from onrecord.log.interface import Headers, Log, Message, Transaction, Writer
from onrecord.log.read_to_end import everything
from onrecord.processing.pool import Failure
from onrecord.records import DeadLetter
from onrecord.settings import Positive, key
from onrecord.topics import Topics

_PREFIX = "onrecord.dead-letter."
_TOPIC = _PREFIX + "topic"
_PARTITION = _PREFIX + "partition"
_OFFSET = _PREFIX + "offset"
_REASON = _PREFIX + "reason"
_ERROR = _PREFIX + "error"
_STACK = _PREFIX + "stack"
_ATTEMPTS = _PREFIX + "attempts"
_SETTLES = _PREFIX + "settles"

# What a record that is put back takes along.
_KEPT = frozenset({_TOPIC, _PARTITION, _OFFSET, _ATTEMPTS})

_STACK_CHARS = 8_000


@dataclass(frozen=True, kw_only=True)
class DeadLetterPolicy:
    """When failing articles stop the worker, and when one is not tried any more."""

    in_a_row: Positive = key(
        100,
        "So many articles failing in a row stop the worker: then the fault is in a release or a "
        "model, not in the articles, and a whole topic must not be poured into the dead letters.",
    )
    most_attempts: Positive = key(
        5,
        "A letter that failed so often is not put back by `dead-letters retry` with --all or a "
        "filter: another try does not help it. By its id it is put back all the same.",
    )


def failures_in_a_row(before: int, failures: Iterable[Failure | None], limit: int) -> int:
    """The length of the streak after these results (None: a success), given it before them.

    Raises TooManyDeadLetters as soon as it reaches `limit`, so before they are committed.
    """
    for failure in failures:
        before = 0 if failure is None else before + 1
        if failure is not None and before >= limit:
            raise TooManyDeadLetters(
                f"{before} articles in a row failed, the last with: {failure.reason}. Nothing more "
                f"is committed; the limit is dead_letters.in_a_row = {limit}"
            )
    return before


def set_aside(tx: Transaction, topics: Topics, message: Message, failure: Failure) -> None:
    """Publish a message as a dead letter, in the transaction that moves past it."""
    tx.publish(
        topics.dead_letters,
        key=message.key,
        value=message.value,
        headers=_without_ours(message.headers) + _origin(message, failure),
    )


def _origin(message: Message, failure: Failure) -> Headers:
    first = _texts(message)  # of a message that was put back: where it stood before
    told = {
        _TOPIC: first.get(_TOPIC, message.topic),
        _PARTITION: first.get(_PARTITION, str(message.partition)),
        _OFFSET: first.get(_OFFSET, str(message.offset)),
        _REASON: failure.reason,
        _ERROR: failure.error,
        _STACK: (failure.stack or "")[-_STACK_CHARS:],
        _ATTEMPTS: str(attempts_of(message) + 1),
    }
    return tuple((name, text.encode("utf-8", "replace")) for name, text in told.items())


def attempts_of(message: Message) -> int:
    """How often this message failed before: 0 for one that never did."""
    told = _texts(message).get(_ATTEMPTS, "")
    return int(told) if told.isdecimal() else 0  # anybody may write headers


def dead_letters(log: Log, topics: Topics) -> list[DeadLetter]:
    """The letters that are not settled, oldest first."""
    return [as_record(message) for message in _unsettled(log, topics)]


def _unsettled(log: Log, topics: Topics) -> list[Message]:
    letters: dict[str, Message] = {}
    for message in everything(log, topics.dead_letters):
        settled = _texts(message).get(_SETTLES)
        if settled is None:
            letters[_id(message)] = message
        else:
            letters.pop(settled, None)
    return sorted(letters.values(), key=lambda letter: letter.timestamp)


def as_record(message: Message) -> DeadLetter:
    """A dead letter as it is shown."""
    texts = _texts(message)
    return DeadLetter(
        id=_id(message),
        topic=texts.get(_TOPIC, ""),
        partition=int(texts.get(_PARTITION) or 0),
        offset=int(texts.get(_OFFSET) or 0),
        key=None if message.key is None else message.key.decode("utf-8", "replace"),
        reason=texts.get(_REASON, ""),
        error=texts.get(_ERROR, ""),
        stack=texts.get(_STACK) or None,
        attempts=attempts_of(message),
        failed_at=message.timestamp,
        value=None if message.value is None else message.value.decode("utf-8", "replace"),
    )


def retry(log: Log, topics: Topics, writer: Writer, chosen: Callable[[DeadLetter], bool]) -> int:
    """Put letters back where they came from, each settled in the same transaction.

    They keep their origin and the count of their attempts. Returns how many.
    """

    def put_back(tx: Transaction, letter: Message) -> None:
        tx.publish(
            _texts(letter)[_TOPIC],
            key=letter.key,
            value=letter.value,
            headers=_without_ours(letter.headers, keep=_KEPT),
        )

    return _settle(log, topics, writer, chosen, put_back)


def drop(log: Log, topics: Topics, writer: Writer, chosen: Callable[[DeadLetter], bool]) -> int:
    """Give letters up for good. Returns how many."""
    return _settle(log, topics, writer, chosen, lambda tx, letter: None)


def _settle(
    log: Log,
    topics: Topics,
    writer: Writer,
    chosen: Callable[[DeadLetter], bool],
    act: Callable[[Transaction, Message], None],
) -> int:
    letters = [message for message in _unsettled(log, topics) if chosen(as_record(message))]
    for letter in letters:
        with writer.transaction() as tx:
            act(tx, letter)
            marker = ((_SETTLES, _id(letter).encode()),)
            tx.publish(topics.dead_letters, key=letter.key, value=None, headers=marker)
    return len(letters)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """Which letters are meant; None asks nothing.

    `reason` is searched in the reason and in the error's name, `since` is when it failed last,
    `topic` where it came from, and `attempts_below` leaves out those that failed so often.
    """

    reason: re.Pattern[str] | None = None
    since: datetime | None = None
    topic: str | None = None
    attempts_below: int | None = None

    def __call__(self, letter: DeadLetter) -> bool:
        """Whether a letter is meant."""
        return (
            (self.reason is None or bool(self.reason.search(f"{letter.error}: {letter.reason}")))
            and (self.since is None or letter.failed_at >= self.since)
            and (self.topic is None or letter.topic == self.topic)
            and (self.attempts_below is None or letter.attempts < self.attempts_below)
        )


def by_id(ids: Iterable[str], letters: Iterable[DeadLetter]) -> Callable[[DeadLetter], bool]:
    """Chooses letters by id. Raises Mistake for an id that no letter has."""
    wanted = set(ids)
    unknown = wanted - {letter.id for letter in letters}
    if unknown:
        raise Mistake(
            f"no dead letter {min(unknown)!r}: `onrecord dead-letters list` shows their ids"
        )
    return lambda letter: letter.id in wanted


def _id(message: Message) -> str:
    return f"{message.partition}-{message.offset}"


def _texts(message: Message) -> dict[str, str]:
    """Our headers as text. The last of a name counts."""
    return {
        name: (value or b"").decode("utf-8", "replace")
        for name, value in message.headers
        if name.startswith(_PREFIX)
    }


def _without_ours(headers: Headers, *, keep: frozenset[str] = frozenset()) -> Headers:
    return tuple(
        (name, value) for name, value in headers if not name.startswith(_PREFIX) or name in keep
    )
