"""Judgements, written exactly once.

A writer of one name writes them: a newer one fences an older, and settles what became of a killed
one's transaction. A judgement with the id of one that is there already is not written again, so
whoever does not know whether it was written writes it again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from onrecord.errors import Fenced, LogUnavailable, RecordError
from onrecord.log.interface import Log, Message, TopicSettings, Transaction, Writer
from onrecord.log.read_to_end import everything
from onrecord.records import Judgement, Record, event_headers, from_json, to_json
from onrecord.topics import Topics

EVENT_SOURCE = "/onrecord/people"
# In one partition each: the order of judgements counts. Judgements are kept for ever.
SETTINGS = TopicSettings(partitions=1)
PEOPLE_SETTINGS = TopicSettings(partitions=1, compacted=True)
_ATTEMPTS = 5


def settings_of_people(topics: Topics) -> dict[str, TopicSettings]:
    """The settings of the topics of people, which are made by what first writes to them."""
    return {topics.judgements: SETTINGS, topics.people: PEOPLE_SETTINGS}


def make_topics(log: Log, topics: Topics) -> None:
    """Make both topics, where they are not there yet."""
    for topic, settings in settings_of_people(topics).items():
        log.create_topic(topic, settings)


def judgement_of(message: Message) -> Judgement | None:
    """The judgement in a message; None for anything else."""
    if message.value is None:
        return None
    try:
        return from_json(message.value, Judgement)
    except RecordError:
        return None


def new_judgement(kind: str, *, by: str, at: datetime, **fields: Any) -> Judgement:
    """A judgement by a person, with an id of its own."""
    return Judgement(id=uuid4().hex, kind=kind, by=by, at=at, **fields)


def put(tx: Transaction, topic: str, key: str, record: Record | None, *, time: datetime) -> None:
    """Publish a record of people under its key; None removes the key."""
    if record is None:
        tx.publish(topic, key=key.encode(), value=None)
        return
    headers = event_headers(record, event_id=key, source=EVENT_SOURCE, time=time, subject=key)
    tx.publish(topic, key=key.encode(), value=to_json(record), headers=headers)


class JudgementBook:
    """The topic of judgements of a log."""

    def __init__(self, log: Log, topics: Topics, *, writer: str) -> None:
        self._log = log
        self._topics = topics
        self._topic = topics.judgements
        self._writer = writer

    def write(self, judgements: Sequence[Judgement]) -> list[Judgement]:
        """Write all or none of them; returns those that were not there yet.

        Raises Fenced when other writers keep taking over, and LogUnavailable.
        """
        make_topics(self._log, self._topics)
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._write(judgements)
            except Fenced:
                continue  # another writer came: it has the name now, and is done soon
        return self._write(judgements)

    def _write(self, judgements: Sequence[Judgement]) -> list[Judgement]:
        with self._log.writer(self._writer) as writer:
            known = self._ids()
            missing = [judgement for judgement in judgements if judgement.id not in known]
            if missing:
                self._publish(writer, missing)
            return missing

    def _ids(self) -> set[str]:
        return {
            (message.key or b"").decode("utf-8", "replace")
            for message in everything(self._log, self._topic)
        }

    def _publish(self, writer: Writer, judgements: Sequence[Judgement]) -> None:
        try:
            with writer.transaction() as tx:
                for judgement in judgements:
                    put(tx, self._topic, judgement.id, judgement, time=judgement.at)
        except LogUnavailable:
            if {judgement.id for judgement in judgements} <= self._ids():
                return  # the answer was lost, not the judgements
            raise
