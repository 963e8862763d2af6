"""Messages set aside, with their reason and origin; and putting them back.

A dead letter is the original record, byte for byte, in `onrecord.dead-letters`, with headers
that say where it came from and why. A letter that was retried or dropped is settled by a marker:
a record under the same key, so in the same partition, without a value, whose header names the
letter. Nothing is rewritten, so the same steps hold on every log. A record that was put back says
in its headers where it first stood and how often it failed: failing again, it is a letter of that
origin.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from onrecord.errors import Mistake, RecordTooLarge, UnknownTopic
from onrecord.log.interface import Headers, Log, Message, Transaction, Writer
from onrecord.log.read_to_end import everything
from onrecord.processing.reasons import Failure
from onrecord.records import DeadLetter
from onrecord.settings import Positive, key
from onrecord.topics import Topics

_PREFIX = "onrecord.dead-letter."
_TOPIC = _PREFIX + "topic"
_PARTITION = _PREFIX + "partition"
_OFFSET = _PREFIX + "offset"
_REASON = _PREFIX + "reason"
_CODE = _PREFIX + "code"
_ERROR = _PREFIX + "error"
_STACK = _PREFIX + "stack"
_ATTEMPTS = _PREFIX + "attempts"
_CUT_FROM = _PREFIX + "cut-from"
_SETTLES = _PREFIX + "settles"

# What a record that is put back takes along.
_KEPT = frozenset({_TOPIC, _PARTITION, _OFFSET, _ATTEMPTS})

_STACK_CHARS = 8_000
_DIGITS = 19
# As much of a key as is kept where not even the key fits.
_KEY_BYTES = 100

logger = logging.getLogger(__name__)


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


class _Letter(NamedTuple):
    key: bytes | None
    value: bytes | None
    headers: Headers


def set_aside(tx: Transaction, topics: Topics, message: Message, failure: Failure) -> None:
    """Publish a message as a dead letter, in the transaction that moves past it.

    One that is too large for the topic is kept with its value cut, or without; it says so, and
    cannot be retried. The original stays where its origin says.
    """
    origin = _origin(message, failure)
    letter = _Letter(message.key, message.value, _without_ours(message.headers) + origin)
    refused = _refused(tx, topics, letter)
    for smaller in _cut(letter, origin, refused) if refused else ():
        refused = _refused(tx, topics, smaller)
        if refused is None:
            return
    if refused is not None:
        # Not even its origin fits. To stop here would be to stop for good.
        logger.error("%s offset %d is not kept: %s", message.source, message.offset, refused)


def _refused(tx: Transaction, topics: Topics, letter: _Letter) -> RecordTooLarge | None:
    try:
        tx.publish(topics.dead_letters, **letter._asdict())
    except RecordTooLarge as error:
        return error
    return None


def _cut(letter: _Letter, origin: Headers, refused: RecordTooLarge) -> Iterator[_Letter]:
    """Ever smaller letters of a message whose letter was refused."""
    value = letter.value or b""
    cut: Headers = ((_CUT_FROM, str(len(value)).encode()),)
    room = refused.limit - (refused.size - len(value)) - len(_CUT_FROM) - len(str(len(value)))
    yield letter._replace(value=value[: max(0, room)], headers=letter.headers + cut)
    short = tuple((name, text) for name, text in origin if name not in {_STACK, _REASON}) + cut
    yield _Letter(letter.key, b"", short)
    yield _Letter(letter.key and letter.key[:_KEY_BYTES], b"", short)


def _origin(message: Message, failure: Failure) -> Headers:
    first = _texts(message)  # of a message that was put back: where it stood before
    told = {
        _TOPIC: first.get(_TOPIC, message.topic),
        _PARTITION: first.get(_PARTITION, str(message.partition)),
        _OFFSET: first.get(_OFFSET, str(message.offset)),
        _CODE: failure.code.value,
        _REASON: failure.reason,
        _ERROR: failure.error,
        _STACK: (failure.stack or "")[-_STACK_CHARS:],
        _ATTEMPTS: str(attempts_of(message) + 1),
    }
    return tuple((name, text.encode("utf-8", "replace")) for name, text in told.items())


def attempts_of(message: Message) -> int:
    """How often this message failed before: 0 for one that never did."""
    return _number(_texts(message).get(_ATTEMPTS)) or 0


def _number(text: str | None) -> int | None:
    """A count in a header, which anybody may have written; None when it is no count."""
    return int(text) if text and text.isdecimal() and len(text) < _DIGITS else None


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
        partition=_number(texts.get(_PARTITION)) or 0,
        offset=_number(texts.get(_OFFSET)) or 0,
        key=None if message.key is None else message.key.decode("utf-8", "replace"),
        code=texts.get(_CODE) or None,
        reason=texts.get(_REASON, ""),
        error=texts.get(_ERROR, ""),
        stack=texts.get(_STACK) or None,
        attempts=attempts_of(message),
        failed_at=message.timestamp,
        cut_from=_number(texts.get(_CUT_FROM)),
        value=None if message.value is None else message.value.decode("utf-8", "replace"),
    )


PassOver = Callable[[DeadLetter, str], None]


def retry(
    log: Log,
    topics: Topics,
    writer: Writer,
    chosen: Callable[[DeadLetter], bool],
    *,
    pass_over: PassOver = lambda letter, reason: None,
) -> int:
    """Put letters back where they came from, each settled in the same transaction.

    They keep their origin and the count of their attempts. Returns how many. `pass_over` hears
    of each that cannot be put back, and why.
    """

    def put_back(tx: Transaction, letter: Message) -> None:
        texts = _texts(letter)
        if not texts.get(_TOPIC):
            raise _CannotBePutBack("it does not say which topic it came from")
        if _CUT_FROM in texts:
            raise _CannotBePutBack("its value was too large for the topic of dead letters, and cut")
        try:
            tx.publish(
                texts[_TOPIC],
                key=letter.key,
                value=letter.value,
                headers=_without_ours(letter.headers, keep=_KEPT),
            )
        except (RecordTooLarge, UnknownTopic, ValueError) as error:
            raise _CannotBePutBack(str(error)) from error

    return _settle(log, topics, writer, chosen, put_back, pass_over)


class _CannotBePutBack(Exception):
    """A letter stays where it is, and why."""


def drop(log: Log, topics: Topics, writer: Writer, chosen: Callable[[DeadLetter], bool]) -> int:
    """Give letters up for good. Returns how many."""
    return _settle(log, topics, writer, chosen, lambda tx, letter: None, lambda letter, why: None)


def _settle(
    log: Log,
    topics: Topics,
    writer: Writer,
    chosen: Callable[[DeadLetter], bool],
    act: Callable[[Transaction, Message], None],
    pass_over: PassOver,
) -> int:
    settled = 0
    for letter in [one for one in _unsettled(log, topics) if chosen(as_record(one))]:
        try:
            with writer.transaction() as tx:
                act(tx, letter)
                marker = ((_SETTLES, _id(letter).encode()),)
                tx.publish(topics.dead_letters, key=letter.key, value=None, headers=marker)
        except _CannotBePutBack as error:
            pass_over(as_record(letter), str(error))
        else:
            settled += 1
    return settled


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """Which letters are meant; None asks nothing.

    `reason` is searched in the reason, in the error's name and in the reason code; `since` is when
    it failed last, `topic` where it came from; `attempts_below` leaves out those that failed so
    often.
    """

    reason: re.Pattern[str] | None = None
    since: datetime | None = None
    topic: str | None = None
    attempts_below: int | None = None

    def __call__(self, letter: DeadLetter) -> bool:
        """Whether a letter is meant."""
        return (
            (self.reason is None or bool(self.reason.search(_searched(letter))))
            and (self.since is None or letter.failed_at >= self.since)
            and (self.topic is None or letter.topic == self.topic)
            and (self.attempts_below is None or letter.attempts < self.attempts_below)
        )


def _searched(letter: DeadLetter) -> str:
    return f"{letter.error}: {letter.reason}" + (f" [{letter.code}]" if letter.code else "")


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
