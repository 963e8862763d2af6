"""The assignment of a group's partitions to its members.

Every member computes it from the same rows, so no leader is needed. A member keeps its partitions
as long as shares are even, because a new owner has to start a partition afresh.
"""

from collections.abc import Collection, Mapping

from onrecord.log.interface import Partition


def assign(
    partitions: Collection[Partition],
    owners: Mapping[Partition, int],
    subscribers: Mapping[int, Collection[str]],
) -> dict[Partition, int]:
    """The member that should own each partition; partitions without subscribers are absent.

    `owners` are the members that own them now, `subscribers` the topics of each living member,
    in the order they joined. No member gets two partitions more than another that could own one
    of them, and the fewest possible partitions move.
    """
    wanted: dict[Partition, int] = {}
    load = dict.fromkeys(subscribers, 0)
    for partition in sorted(partitions):
        owner = owners.get(partition)
        if owner is not None and partition.topic in subscribers.get(owner, ()):
            wanted[partition] = owner
            load[owner] += 1
    for partition in sorted(set(partitions) - set(wanted)):
        member = _least_loaded(partition, load, subscribers)
        if member is not None:
            wanted[partition] = member
            load[member] += 1
    _even_out(wanted, load, subscribers)
    return wanted


def _even_out(
    wanted: dict[Partition, int],
    load: dict[int, int],
    subscribers: Mapping[int, Collection[str]],
) -> None:
    """Move partitions, one by one, from members that have more to members that have less."""
    moved = True
    while moved:
        moved = False
        for partition, owner in wanted.items():
            member = _least_loaded(partition, load, subscribers)
            if member is not None and load[owner] - load[member] >= 2:
                wanted[partition] = member
                load[owner] -= 1
                load[member] += 1
                moved = True


def _least_loaded(
    partition: Partition, load: Mapping[int, int], subscribers: Mapping[int, Collection[str]]
) -> int | None:
    """The subscriber with the fewest partitions; ties go to the earliest to join."""
    candidates = [member for member in subscribers if partition.topic in subscribers[member]]
    return min(candidates, key=lambda member: load[member], default=None)
