"""Who gets which partitions of a group, as its leader decides (KIP-429).

Partitions stay with their members where possible, and move in two rounds: whoever has one gives it
up first, and the next round hands it on. The leader knows who has what from the members alone. A
member that was thrown out without noticing can claim a partition that has been another's for long.
Given to it at once, both would work on it, and both could commit: the cluster takes positions from
any member of the present generation.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment
from kafka.structs import TopicPartition


class DisputeAssignor(CooperativeStickyAssignor):  # type: ignore[misc]  # kafka-python has no types
    """Gives a partition that two members claim to neither; the next round hands it out.

    The next round begins when a member releases the partition. So nobody may claim one of which it
    knows that it was lost (`KafkaMember.lost`): it would have nothing to release.

    The members agree on it by the name of kafka-python's own, so versions of onrecord can be mixed.
    """

    def assign(self, cluster: Any, members: Iterable[Any]) -> dict[str, ConsumerProtocolAssignment]:
        """The partitions of each member. Whoever loses one releases it and joins again."""
        everybody = list(members)
        claims = Counter(
            partition
            for member in everybody
            for partition in self.parse_member_metadata(member.metadata).partitions
        )
        disputed = {partition for partition, count in claims.items() if count > 1}
        return {
            member: self._without(disputed, assignment)
            for member, assignment in super().assign(cluster, everybody).items()
        }

    def _without(
        self, disputed: set[TopicPartition], assignment: ConsumerProtocolAssignment
    ) -> ConsumerProtocolAssignment:
        left = [
            (topic, [n for n in numbers if TopicPartition(topic, n) not in disputed])
            for topic, numbers in assignment.assigned_partitions
        ]
        return ConsumerProtocolAssignment(self.version, left, assignment.user_data)
