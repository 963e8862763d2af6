"""The partition of a key, as chosen by Kafka's default partitioner.

It is the same for every log, so that a backlog moved between logs keeps its partitions.
"""

from itertools import count
from struct import unpack_from

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 of Kafka's Java client (org.apache.kafka.common.utils.Utils)."""
    length = len(data)
    h = (_SEED ^ length) & _MASK
    whole = length - length % 4
    for word in unpack_from(f"<{whole // 4}I", data):
        k = word * _M & _MASK
        k = (k ^ k >> 24) * _M & _MASK
        h = h * _M & _MASK ^ k
    if whole < length:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    return h ^ h >> 15


class Partitioner:
    """Chooses partitions: by key, or in turn for records without one."""

    def __init__(self) -> None:
        self._turn = count()

    def choose(self, key: bytes | None, partitions: int) -> int:
        """A partition number in [0, partitions)."""
        if key is None:
            return next(self._turn) % partitions
        # Kafka makes the hash positive by dropping the sign bit, not by abs().
        return (murmur2(key) & 0x7FFFFFFF) % partitions
