"""What only a person can mend is refused, in words that say what would be right."""

import re
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaConsumer
from kafka import errors as kafka_errors

from onrecord.errors import LogRefused
from onrecord.log.interface import Log, SessionPolicy
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import servers_of
from onrecord.log.kafka.translating import as_ours
from tests.log.contract import publish, topic
from tests.log.test_kafka import POLICY, KafkaHarness, admin, harness
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["admin", "harness"]  # fixtures

_CLOSE = timedelta(seconds=1)  # clocks are shown without fractions


def test_a_transaction_timeout_above_the_brokers_limit_names_the_key(harness: KafkaHarness) -> None:
    policy = replace(POLICY, transaction_timeout_s=3000.0)
    with KafkaLog(harness.url, policy=policy) as log:
        topic(log, "t")
        with pytest.raises(LogRefused, match=r"kafka\.transaction_timeout_s is more than the"):
            publish(log, "t", b"a")


@pytest.mark.parametrize("session_s", [0.2, 10_000.0])
def test_a_session_that_the_brokers_do_not_allow_names_the_key(
    harness: KafkaHarness, session_s: float
) -> None:
    with harness.open(SessionPolicy(session_s=session_s)) as log:
        topic(log, "t")
        with pytest.raises(LogRefused, match=r"log\.session_s is outside of what the brokers"):
            with_a_member(log, "g")


def with_a_member(log: Log, group: str) -> None:
    with log.join(group, ["t"], name="m") as member:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            member.poll(limit=1, timeout_s=0.5)


@pytest.mark.parametrize("records", [1, 3])
def test_clocks_too_far_apart_are_both_shown(harness: KafkaHarness, records: int) -> None:
    here = datetime.now(UTC)
    with harness.open() as log:
        topic(log, "t")
        with pytest.raises(LogRefused, match="clocks of this machine and") as told:
            publish_at(log, here + timedelta(hours=2), records)
    shown = re.search(r"here it is (\S+), there (\S+) ", str(told.value))
    assert shown is not None, told.value
    for clock in shown.groups():  # that of the broker is this machine's
        assert here - _CLOSE <= datetime.fromisoformat(clock) <= datetime.now(UTC) + _CLOSE


def publish_at(log: Log, at: datetime, records: int) -> None:
    with log.writer("w") as writer, writer.transaction() as tx:
        for _ in range(records):
            tx.publish("t", key=b"k", value=b"v", timestamp=at)


@contextmanager
def foreign_member(harness: KafkaHarness, group: str) -> "Iterator[None]":
    consumer = KafkaConsumer("t", bootstrap_servers=servers_of(harness.url), group_id=group)
    ended, joined = Event(), Event()

    def follow() -> None:
        while not ended.is_set():
            consumer.poll(timeout_ms=200)
            if consumer.assignment():
                joined.set()
        consumer.close()

    thread = Thread(target=follow)
    thread.start()
    try:
        assert joined.wait(PATIENCE_S)
        yield
    finally:
        ended.set()
        thread.join()


def test_another_program_in_the_group_is_said_to_be_there(harness: KafkaHarness) -> None:
    with harness.open() as log:
        topic(log, "t")
        with (
            foreign_member(harness, "g"),
            pytest.raises(LogRefused, match="another program is in the consumer group"),
        ):
            with_a_member(log, "g")


def test_a_broker_whose_name_is_unknown_is_named() -> None:
    with (
        KafkaLog("kafka://no-such-broker.invalid:9092", policy=POLICY) as log,
        pytest.raises(LogRefused, match=r"the broker at no-such-broker\.invalid:9092 cannot be"),
    ):
        log.topics()


def all_errors() -> list[type[Exception]]:
    found = [one for one in vars(kafka_errors).values() if isinstance(one, type)]
    takes_more = {kafka_errors.LogTruncationError}
    return [
        one for one in found if issubclass(one, kafka_errors.KafkaError) and one not in takes_more
    ]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_no_name_of_a_class_reaches_a_person(kind: type[Exception]) -> None:
    wrapped = kafka_errors.KafkaError(f"Unexpected error in InitProducerIdResponse: {kind()}")
    for error in (kind(), kind("it went wrong"), wrapped):
        said = str(as_ours(error, "asking"))
        assert not re.search(r"[A-Za-z]Error\b|\[Error", said), said
        assert said.isprintable()
        assert said.startswith("asking: ")
        assert len(said) > len("asking: ")


def test_the_number_of_a_system_error_is_told_in_words() -> None:
    error = kafka_errors.KafkaConnectionError("111 ECONNREFUSED")
    assert str(as_ours(error, "asking")).endswith("connection refused")
