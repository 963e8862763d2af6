"""The administrative client: kafka-python's, which looks for partitions' leaders less often.

The library asks for the leaders before each look at offsets, and every transaction ends with such a
look.
"""

import time
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from kafka import KafkaAdminClient

Leaders = dict[int, set[Any]]


class AdminClient(KafkaAdminClient):  # type: ignore[misc]  # kafka-python ships no types
    """An administrative client that knows leaders for some seconds, as consumers do.

    Calls must not overlap. A broker that leads a partition no longer says so, and the library asks
    for the leaders again: within a call, what was known serves once.
    """

    def __init__(self, *, leaders_s: float, **settings: Any) -> None:
        self._leaders_s = leaders_s
        self._leaders: dict[Any, tuple[int, float]] = {}
        self._may_use_known = False
        super().__init__(**settings)

    def list_partition_offsets(self, *specs: Any, **how: Any) -> Any:
        self._may_use_known = True
        return super().list_partition_offsets(*specs, **how)

    # Called by the library, in its own thread.

    async def _async_get_leader_for_partitions(self, partitions: Collection[Any]) -> Leaders:
        may_use_known, self._may_use_known = self._may_use_known, False
        known = self._known(partitions) if may_use_known else None
        if known is not None:
            return known
        found: Leaders = await super()._async_get_leader_for_partitions(partitions)
        until = time.monotonic() + self._leaders_s
        for leader, led in found.items():
            self._leaders.update(dict.fromkeys(led, (leader, until)))
        return found

    def _known(self, partitions: Collection[Any]) -> Leaders | None:
        """The partitions of each leader; None where one is not known, or not any more."""
        now, found = time.monotonic(), defaultdict(set)
        for partition in partitions:
            leader, until = self._leaders.get(partition, (-1, now))
            if until <= now:
                return None
            found[leader].add(partition)
        return found
