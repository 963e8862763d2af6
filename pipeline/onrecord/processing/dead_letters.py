"""Messages set aside with their reason and origin, and the steps that put them back.

A dead letter is the original record, byte for byte, in `onrecord.dead-letters`, with headers
for its origin and its reason. A retried or dropped letter is settled by a marker: a record
without a value, under the same key and so in the same partition, whose header names the letter.
Nothing is rewritten, so the same steps work on every log. A record that was put back carries its
origin and the number of its failures in headers; if it fails again, the new letter keeps that
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

# The headers that a record keeps when it is put back.
_KEPT = frozenset({_TOPIC, _PARTITION, _OFFSET, _ATTEMPTS})

_STACK_CHARS = 8_000
_DIGITS = 19
# Bytes of the key that are kept when the whole key does not fit.
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

    If the message is too large for the topic, its value is cut or left out. Such a letter says
    so and cannot be retried. The original stays at its origin.
    """
    origin = _origin(message, failure)
    letter = _Letter(message.key, message.value, _without_ours(message.headers) + origin)
    refused = _refused(tx, topics, letter)
    for smaller in _cut(letter, origin, refused) if refused else ():
        refused = _refused(tx, topics, smaller)
        if refused is None:
            return
    if refused is not None:
        # Not even the origin headers fit. Raising here would stop the worker for good.
        logger.error("%s offset %d is not kept: %s", message.source, message.offset, refused)


def _refused(tx: Transaction, topics: Topics, letter: _Letter) -> RecordTooLarge | None:
    try:
        tx.publish(topics.dead_letters, **letter._asdict())
    except RecordTooLarge as error:
        return error
    return None


def _cut(letter: _Letter, origin: Headers, refused: RecordTooLarge) -> Iterator[_Letter]:
    """Successively smaller letters for a message whose letter was refused."""
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
    """The number of earlier failures of this message; 0 if it never failed."""
    return _number(_texts(message).get(_ATTEMPTS)) or 0


def _number(text: str | None) -> int | None:
    """A count from a header, which any producer can write; None if it is not a count."""
    return int(text) if text and text.isdecimal() and len(text) < _DIGITS else None


def dead_letters(log: Log, topics: Topics) -> list[DeadLetter]:
    """The unsettled letters, oldest first."""
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
    """A dead letter as a record for display."""
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
    """Put letters back at their origin, each settled in the same transaction.

    Letters keep their origin and their count of attempts. Returns the number put back.
    `pass_over` is called for each letter that cannot be put back, with the reason.
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
    """A letter cannot be put back, for the given reason."""


def drop(log: Log, topics: Topics, writer: Writer, chosen: Callable[[DeadLetter], bool]) -> int:
    """Discard letters for good. Returns how many."""
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
    """Conditions on letters; None sets no condition.

    `reason` is searched in the reason, the error's name and the reason code. `since` is the time
    of the last failure, `topic` the topic of origin. `attempts_below` excludes letters with that
    many failures or more.
    """

    reason: re.Pattern[str] | None = None
    since: datetime | None = None
    topic: str | None = None
    attempts_below: int | None = None

    def __call__(self, letter: DeadLetter) -> bool:
        """Whether a letter meets the conditions."""
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
    """The headers of onrecord as text. The last value of a name counts."""
    return {
        name: (value or b"").decode("utf-8", "replace")
        for name, value in message.headers
        if name.startswith(_PREFIX)
    }


def _without_ours(headers: Headers, *, keep: frozenset[str] = frozenset()) -> Headers:
    return tuple(
        (name, value) for name, value in headers if not name.startswith(_PREFIX) or name in keep
    )
