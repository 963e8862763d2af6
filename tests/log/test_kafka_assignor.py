"""No partition is given to a member while another may be at work on it."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from kafka.protocol.consumer.metadata import ConsumerProtocolSubscription
from kafka.structs import TopicPartition

from onrecord.log.kafka.assignor import DisputeAssignor

PARTITIONS = range(6)


class Cluster:
    """What an assignor asks of a cluster."""

    def topics(self) -> set[str]:
        return {"t"}

    def partitions_for_topic(self, topic: str) -> set[int]:
        return set(PARTITIONS)


def round_of(claims: dict[str, set[int]]) -> dict[str, set[int]]:
    """Who gets what when each member claims to have these partitions."""
    members = [
        SimpleNamespace(member_id=name, metadata=metadata(numbers))
        for name, numbers in claims.items()
    ]
    assignments = DisputeAssignor().assign(Cluster(), members)
    return {
        name: {partition.partition for partition in assignment.partitions()}
        for name, assignment in assignments.items()
    }


def metadata(numbers: set[int]) -> Any:
    """A member's claims as its leader reads them."""
    member = DisputeAssignor()
    member.member_assignment = [TopicPartition("t", number) for number in sorted(numbers)]
    sent = member.metadata(["t"])
    return ConsumerProtocolSubscription.decode(sent.encode())


def test_a_partition_that_two_claim_is_given_to_neither_until_both_have_released_it() -> None:
    """One of them was thrown out without noticing; the other is at work on it."""
    first = round_of({"at work": {0, 1, 2, 3, 4, 5}, "thrown out": {3, 4, 5}})
    assert first == {"at work": {0, 1, 2}, "thrown out": set()}
    assert round_of(first) == {"at work": {0, 1, 2}, "thrown out": {3, 4, 5}}


def test_without_a_dispute_partitions_move_in_two_rounds() -> None:
    first = round_of({"a": set(PARTITIONS), "b": set()})
    assert len(first["a"]) == 3
    assert first["b"] == set()
    assert round_of(first) == {"a": first["a"], "b": set(PARTITIONS) - first["a"]}


@given(st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from(PARTITIONS)), min_size=1))
def test_whatever_is_claimed_nobody_gets_what_another_claims_and_all_is_shared_in_the_end(
    claims: dict[str, set[int]],
) -> None:
    given_out = round_of(claims)
    for name, numbers in given_out.items():
        others = [set() if other == name else claimed for other, claimed in claims.items()]
        assert not numbers & set().union(*others)
    for _ in range(3):
        given_out = round_of(given_out)
    assert sorted(n for numbers in given_out.values() for n in numbers) == list(PARTITIONS)
