"""Promotes a replay's results: each is published into the sink, where it overwrites the old one.

An extraction is one record with all results for one revision of an article, under the article's
id. A subscriber therefore has an article's old results until it has all of the new ones. Records
are copied in a group's transactions: a promotion that is killed resumes where it stopped and
publishes nothing twice.

An edit is never undone: where the sink has a newer revision of an article, an older one is left
out. On Kafka another process can publish a newer revision between our check and our commit. Our
older record then follows it, and the newer record is published once more, so that it is the last.
What is published once more has our source: if that in turn follows something newer, it is seen.

What was forgotten is left out, as looked up in the transaction. On Kafka a request to forget can
also come between our check and our commit: our record is then published again without it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import msgspec

from onrecord.errors import Mistake, RecordError, RecordTooLarge
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.consuming import Consumer, attempt
from onrecord.log.interface import Headers, Log, Member, Message, Partition, Transaction
from onrecord.log.read_to_end import read_to_end, read_up_to
from onrecord.processing.bounded import BoundedMember
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.quotes.publishing import QuotePublisher
from onrecord.records import Extraction, from_json

_BATCH = 100
_WAIT_S = 1.0


@dataclass(slots=True, kw_only=True)
class Promoted:
    """The counts of a promotion. `newer` were left out because the sink has a newer revision.

    `foreign` counts skipped records that are not extractions, `withdrawn` tombstones and results of
    forgotten articles.
    """

    promoted: int = 0
    newer: int = 0
    too_large: int = 0
    foreign: int = 0
    withdrawn: int = 0
    repeated: int = 0


class Promotion:
    """Publishes the extractions of a topic into the sink, as a member of the topic's own group."""

    def __init__(
        self,
        log: Log,
        member: Member,
        *,
        topic: str,
        into: str,
        forgotten: ForgottenTable,
        outage: Outage,
        skipped: Callable[[Message, RecordError], None] = lambda message, error: None,
        quotes: QuotePublisher | None = None,
    ) -> None:
        """Read the sink once. `member` belongs to a group that begins with the topic's earliest.

        `forgotten` knows what must not be published; who made it closes it.
        `skipped` is called for each record that is not an extraction, and for one of the sink that
        is too large to be published again. `quotes` publishes the
        quotes of what is promoted, where single quotes are published.
        """
        self._quotes = quotes
        self._skipped = skipped
        self._topic = topic
        self._into = into
        self._end = log.ends(topic)
        self._member = BoundedMember(member, self._end)
        self._consumer = Consumer(self._member, forget=self._forget)
        self._messages: list[Message] = []
        self._backoff = Backoff(outage, "promote")
        self._forgotten = forgotten
        self._sink = _Revisions(log, into, forgotten, ours=_source(topic))
        self.report = Promoted()

    def run(self, *, stopped: Callable[[], bool], done: Callable[[int], None]) -> None:
        """Promote the topic's present records; `done` is called with the count of each step.

        Raises Mistake for a topic without any extraction.
        """
        self._promote(stopped, done)
        report = self.report
        known = report.promoted + report.newer + report.too_large + report.withdrawn
        if report.foreign and not known:
            raise Mistake(f"{self._topic} holds something else than extractions")

    def _promote(self, stopped: Callable[[], bool], done: Callable[[int], None]) -> None:
        while not stopped():
            dealt_with = attempt(self._step, self._backoff, stopped)
            if dealt_with is None:
                continue
            done(dealt_with)
            if not dealt_with and self._member.is_read() and self._sink.is_right:
                return
        # A request to forget can have outrun the last commit.
        attempt(self._put_rest_right, self._backoff, stopped)

    def _step(self) -> int:
        if not self._messages:
            self._messages = self._consumer.poll(limit=_BATCH, timeout_s=_WAIT_S)
        if not self._messages:
            self._put_rest_right()
            return 0
        dealt_with = self._commit(self._messages)
        self._messages = []
        return dealt_with

    def _put_rest_right(self) -> None:
        """Put right what must be, without new messages."""
        self._sink.catch_up()
        if not self._sink.is_right:
            self._commit(())

    def _commit(self, messages: Sequence[Message]) -> int:
        step = Promoted()
        with self._consumer.transaction() as tx:
            if self._quotes is not None:
                self._quotes.begin()
            # Read last: on SQLite no other process can publish between here and the commit.
            self._sink.catch_up()
            self._put_right(tx, step)
            for message in messages:
                self._publish(tx, message, step)
            tx.commit({message.source: message.next_offset for message in messages})
        if self._quotes is not None:
            self._quotes.confirm()
        self._add(step)
        self._sink.catch_up()
        return len(messages)

    def _forget(self, taken: frozenset[Partition] | None) -> None:
        self._messages = [m for m in self._messages if taken is not None and m.source not in taken]

    def _put_right(self, tx: Transaction, step: Promoted) -> None:
        """Publish newer records once more where an older one of ours follows them.

        A record that holds what was forgotten is first deleted by a tombstone, and then published
        without it. Where the topic does not take the rest, the tombstone alone is left.
        """
        for message in self._sink.newest_of_those_behind():
            if self._publish_again(tx, message, step) is None:
                self._sink.leave(message)
        for message in self._sink.with_forgotten.values():
            tx.publish(self._into, key=message.key, value=None)
            if not self._publish_again(tx, message, step) and self._quotes is not None:
                self._quotes.withdraw(tx, (message.key or b"").decode())

    def _publish_again(self, tx: Transaction, message: Message, step: Promoted) -> bool | None:
        """Publish a record of the sink once more; whether anything of it is left.

        With our source it can be too large where it just fitted: then it gets a short one. None
        where the topic does not take it at all any more: it is named and counted, not published.
        """
        reason = ""
        for source in (_source(self._topic), _SHORT_SOURCE):
            try:
                value = self._publish_record(tx, message, source)
            except RecordTooLarge as error:
                reason = str(error)
            else:
                self._publish_quotes(tx, value)
                step.repeated += 1
                return value is not None
        step.too_large += 1
        self._skipped(message, RecordError(reason))
        return None

    def _publish(self, tx: Transaction, message: Message, step: Promoted) -> None:
        if message.value is None:
            step.withdrawn += 1
            return
        head = _read_head(message)
        if head is None:
            step.foreign += 1
            self._skipped(message, RecordError("not an onrecord.extraction record"))
            return
        if self._sink.has_newer(head):
            step.newer += 1
            return
        try:
            value = self._publish_record(tx, message, _source(self._topic))
        except RecordTooLarge:
            step.too_large += 1
        else:
            self._publish_quotes(tx, value)
            step.promoted += value is not None
            step.withdrawn += value is None

    def _publish_record(self, tx: Transaction, message: Message, source: str) -> bytes | None:
        """Publish an extraction without what was forgotten; its value, None if nothing is left."""
        value = self._forgotten.amended_value(message)
        if value is not None:
            headers = _with_source(message.headers, source)
            tx.publish(self._into, key=message.key, value=value, headers=headers)
        return value

    def _publish_quotes(self, tx: Transaction, value: bytes | None) -> None:
        """Publish the quotes of an extraction that was published."""
        if self._quotes is not None and value is not None:
            # A record that names an article but is not a whole extraction has no quotes to publish.
            with suppress(RecordError):
                self._quotes.publish(tx, from_json(value, Extraction))

    def _add(self, step: Promoted) -> None:
        self.report.promoted += step.promoted
        self.report.newer += step.newer
        self.report.too_large += step.too_large
        self.report.foreign += step.foreign
        self.report.withdrawn += step.withdrawn
        self.report.repeated += step.repeated

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._sink.close()


class _Ref(msgspec.Struct):
    id: str
    revision: int = 1


class _Head(msgspec.Struct):
    """The fields of an extraction that identify its article and revision."""

    article: _Ref
    schema: str


_heads = msgspec.json.Decoder(_Head)


def _read_head(message: Message) -> _Ref | None:
    """The article and revision of a record; None when it is not an extraction."""
    try:
        head = _heads.decode(message.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return head.article if head.schema == "onrecord.extraction" else None


# No longer than the source of any other stage of ours.
_SHORT_SOURCE = "/promote"


def _source(topic: str) -> str:
    """The CloudEvents source of promoted events, which makes their ids unique."""
    return f"/onrecord/promote/{topic}"


def _with_source(headers: Headers, source: str) -> Headers:
    kept = tuple((name, value) for name, value in headers if name != "ce_source")
    return (*kept, ("ce_source", source.encode()))


class _Revisions:
    """The sink's later revisions of articles, and the records in it that have to be put right.

    `behind` are articles whose later revision is followed by an older record of ours.
    `with_forgotten` are the newest records of articles, by key, that hold what was forgotten.
    Most articles have only a first revision; nothing is remembered of them.
    """

    def __init__(self, log: Log, topic: str, forgotten: ForgottenTable, *, ours: str) -> None:
        self._log = log
        self._forgotten = forgotten
        self._ours = {("ce_source", source.encode()) for source in (ours, _SHORT_SOURCE)}
        self._newest: dict[str, tuple[int, Partition, int]] = {}
        self.behind: dict[str, None] = {}
        self.with_forgotten: dict[bytes | None, Message] = {}
        self._reader = log.reader([topic])
        self.catch_up()

    @property
    def is_right(self) -> bool:
        """Whether no record has to be put right."""
        return not self.behind and not self.with_forgotten

    def catch_up(self) -> None:
        """Read the records published since, by any process.

        What was forgotten is read first. So each record of ours is compared with all that was
        forgotten before it was committed; who forgets later finds the record in the sink.
        """
        self._forgotten.catch_up()
        for message in read_to_end(self._log, self._reader):
            self.with_forgotten.pop(message.key, None)
            if message.value is None:  # taken back or forgotten: no record of it stands
                self.behind.pop((message.key or b"").decode(errors="replace"), None)
            head = _read_head(message)
            if head is not None:
                self._note(head, message)

    def _note(self, head: _Ref, message: Message) -> None:
        if self._forgotten.amended_value(message) != message.value:
            self.with_forgotten[message.key] = message
        known = self._newest.get(head.id)
        if known is not None and head.revision < known[0]:
            if self._ours.intersection(message.headers):
                self.behind[head.id] = None
        elif head.revision > 1:
            self._newest[head.id] = (head.revision, message.source, message.offset)
            self.behind.pop(head.id, None)

    def leave(self, message: Message) -> None:
        """Let an older record follow this one: the topic does not take it again."""
        self.behind.pop((message.key or b"").decode(errors="replace"), None)

    def has_newer(self, head: _Ref) -> bool:
        """Whether a later revision of the article is in the sink."""
        known = self._newest.get(head.id)
        return known is not None and head.revision < known[0]

    def newest_of_those_behind(self) -> list[Message]:
        """The newest records of articles for which an older record of ours comes later."""
        found = {one: self._message(*self._newest[one][1:]) for one in self.behind}
        for article_id, message in found.items():
            if message is None:  # retained away meanwhile: there is nothing to put right
                del self.behind[article_id]
        return [message for message in found.values() if message is not None]

    def _message(self, partition: Partition, offset: int) -> Message | None:
        with self._log.reader([partition.topic], start={partition: offset}) as reader:
            found = next(read_up_to(reader, {partition: offset + 1}), None)
        return found if found is not None and found.offset == offset else None

    def close(self) -> None:
        self._reader.close()
