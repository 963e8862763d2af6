"""A group goes on where it stopped, also after its cluster has forgotten its positions."""

import time
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient

from onrecord.log.interface import Log, Start, TopicSettings
from onrecord.log.kafka.log import KafkaLog
from tests.kafka.fixtures import Kafka
from tests.log.contract import (
    SESSION,
    commit,
    copy,
    copy_and_fail,
    fill,
    gather,
    publish,
    topic,
    values,
)
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow


class Place:
    """A topic, a group, and the topic of positions, of one test alone."""

    def __init__(self, kafka: Kafka) -> None:
        self.servers = kafka.servers
        prefix = uuid4().hex[:8]
        self.topic, self.group = f"{prefix}.t", f"{prefix} group"
        self.positions = f"{prefix}.positions"

    def open(self, positions: str | None) -> Log:
        return KafkaLog(f"kafka://{self.servers}", session=SESSION, positions=positions)

    def forget(self) -> None:
        """What the cluster does itself when a group had no members for long enough."""
        with closing(KafkaAdminClient(bootstrap_servers=self.servers.split(","))) as admin:
            until = time.monotonic() + PATIENCE_S
            while "OK" not in str(admin.delete_groups([self.group])):
                assert time.monotonic() < until
                time.sleep(0.1)
            while admin.list_group_offsets([self.group]).get(self.group):
                assert time.monotonic() < until
                time.sleep(0.1)


@pytest.fixture
def place(kafka: Kafka) -> Place:
    return Place(kafka)


@pytest.fixture
def log(place: Place) -> Iterator[Log]:
    with place.open(place.positions) as log:
        log.create_topic(place.positions, TopicSettings(partitions=1, compacted=True))
        topic(log, place.topic)
        yield log


def read_rest(log: Log, place: Place, count: int, start: Start = Start.EARLIEST) -> set[bytes]:
    """What a new member gets, and commits: `count` messages and nothing else."""
    with log.join(place.group, [place.topic], name="m", start=start) as member:
        found = gather(member, count) if count else []
        found += member.poll(limit=10, timeout_s=0.5)
        commit(member, found)
    return {value or b"" for value in values(found)}


@pytest.mark.parametrize("start", Start)
def test_a_group_that_was_forgotten_goes_on_where_it_stopped(
    log: Log, place: Place, start: Start
) -> None:
    with log.join(place.group, [place.topic], name="m", start=Start.EARLIEST) as member:
        fill(log, place.topic, 30)
        commit(member, gather(member, 30))
    publish(log, place.topic, b"while it was away")
    place.forget()
    assert sum(log.committed(place.group).values()) >= 30, "it is still known where it stopped"
    assert read_rest(log, place, 1, start) == {b"while it was away"}


def test_a_group_that_was_forgotten_is_shown_with_what_waits_for_it(log: Log, place: Place) -> None:
    fill(log, place.topic, 10)
    read_rest(log, place, 10)
    publish(log, place.topic, b"while it was away")
    place.forget()
    for _ in range(2):  # positions are read once, and followed from there
        [group] = log.groups(place.topic)
        assert (group.name, group.members, sum(group.lag.values())) == (place.group, {}, 1)
        assert group.positions == log.committed(place.group)
    assert read_rest(log, place, 1) == {b"while it was away"}
    log.delete_group(place.group)
    assert log.groups(place.topic) == []


def test_results_and_the_positions_kept_are_one_transaction(log: Log, place: Place) -> None:
    results = topic(log, f"{place.topic}.results")
    fill(log, place.topic, 20)
    with log.join(place.group, [place.topic], name="m") as member:
        found = gather(member, 20)
        copy(member, found[:12], results)
        with pytest.raises(ZeroDivisionError):
            copy_and_fail(member, found[12:], results)
    place.forget()
    assert read_rest(log, place, 8) == {message.value for message in found[12:]}


def test_positions_that_were_reset_are_kept_too(log: Log, place: Place) -> None:
    fill(log, place.topic, 10)
    assert len(read_rest(log, place, 10)) == 10
    log.reset(place.group, dict.fromkeys(log.bounds(place.topic), 0))
    place.forget()
    assert len(read_rest(log, place, 10)) == 10


def test_a_group_that_was_deleted_begins_anew(log: Log, place: Place) -> None:
    fill(log, place.topic, 10)
    assert len(read_rest(log, place, 10)) == 10
    log.delete_group(place.group)
    assert log.committed(place.group) == {}
    assert len(read_rest(log, place, 10)) == 10


def test_positions_in_a_topic_that_was_made_anew_are_of_no_use(log: Log, place: Place) -> None:
    fill(log, place.topic, 10)
    assert len(read_rest(log, place, 10)) == 10
    place.forget()
    log.delete_topic(place.topic)
    topic(log, place.topic)
    fill(log, place.topic, 10)
    assert len(read_rest(log, place, 10)) == 10


def test_groups_work_where_there_is_no_topic_of_positions(place: Place) -> None:
    with place.open(f"{place.positions}.missing") as log:
        topic(log, place.topic)
        fill(log, place.topic, 5)
        assert len(read_rest(log, place, 5)) == 5
        assert read_rest(log, place, 0) == set()
        assert log.topics(f"{place.positions}.missing") == []
        place.forget()
        assert len(read_rest(log, place, 5)) == 5, "the cluster's memory is all there is"
