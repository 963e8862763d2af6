from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.log.interface import Partition
from onrecord.log.sqlite.assignment import assign


def partitions(topic: str, count: int) -> list[Partition]:
    return [Partition(topic, number) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "owners", "members", "shares"),
    [
        (4, {}, [1], {1: 4}),
        (4, {}, [1, 2], {1: 2, 2: 2}),
        (5, {}, [1, 2], {1: 3, 2: 2}),  # who joined first has more
        (2, {}, [1, 2, 3], {1: 1, 2: 1}),
        (0, {}, [1], {}),
        (3, {}, [], {}),
    ],
)
def test_shares_are_even(
    count: int, owners: dict[Partition, int], members: list[int], shares: dict[int, int]
) -> None:
    wanted = assign(partitions("t", count), owners, {member: {"t"} for member in members})
    assert Counter(wanted.values()) == shares


def test_only_as_many_move_as_even_shares_take() -> None:
    all_of_one = dict.fromkeys(partitions("t", 4), 1)
    wanted = assign(all_of_one, all_of_one, {1: {"t"}, 2: {"t"}})
    assert Counter(wanted.values()) == {1: 2, 2: 2}
    assert assign(wanted, wanted, {1: {"t"}, 2: {"t"}}) == wanted


def test_a_partition_goes_only_to_who_subscribes_to_its_topic() -> None:
    both = partitions("t", 4) + partitions("u", 1)
    wanted = assign(both, {}, {1: {"t"}, 2: {"u"}})
    assert wanted == dict.fromkeys(partitions("t", 4), 1) | {Partition("u", 0): 2}


@given(st.data())
def test_whatever_was_owned_shares_become_even_and_stay(data: st.DataObject) -> None:
    count, members = data.draw(st.integers(0, 12)), data.draw(st.integers(1, 5))
    owners = data.draw(
        st.dictionaries(st.sampled_from(partitions("t", count)), st.integers(0, 6))
        if count
        else st.just({})
    )
    subscribers = {member: {"t"} for member in range(members)}
    wanted = assign(partitions("t", count), owners, subscribers)
    load = Counter(dict.fromkeys(subscribers, 0))
    load.update(wanted.values())
    assert set(wanted) == set(partitions("t", count))
    assert max(load.values()) - min(load.values()) <= 1
    assert assign(partitions("t", count), wanted, subscribers) == wanted
