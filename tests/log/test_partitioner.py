import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.log.partitioner import Partitioner, murmur2


@pytest.mark.parametrize(
    ("key", "expected"),
    [  # the cases of UtilsTest.testMurmur2 in Apache Kafka
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_kafkas(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected & 0xFFFFFFFF


def test_a_hash_with_the_sign_bit_is_made_positive_as_kafka_does() -> None:
    # toPositive(-790332482) = 1357151166, where abs() would give another partition.
    assert Partitioner().choose(b"foobar", 1000) == 1357151166 % 1000


@given(st.binary(max_size=40), st.integers(1, 50))
def test_a_key_has_one_partition_whoever_asks(key: bytes, partitions: int) -> None:
    chosen = Partitioner().choose(key, partitions)
    assert chosen == Partitioner().choose(key, partitions)
    assert 0 <= chosen < partitions


def test_records_without_a_key_take_turns() -> None:
    partitioner = Partitioner()
    assert sorted(partitioner.choose(None, 3) for _ in range(6)) == [0, 0, 1, 1, 2, 2]
