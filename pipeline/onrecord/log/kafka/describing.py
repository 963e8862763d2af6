"""Consumer groups as a cluster describes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import errors as kafka_errors

from onrecord.log.interface import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDescription:
    """The cluster's description of a group: partitions by member name, and subscriptions."""

    members: Mapping[str, list[Partition]] = field(default_factory=dict)
    member_ids: Mapping[str, str] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()


def described_groups(client: Any, groups: list[str]) -> dict[str, GroupDescription]:
    """The cluster's description of each group. Raises transient errors unchanged."""
    found: dict[str, Any] = client.describe_groups(groups)
    for told in found.values():
        if told["error"] and kafka_errors.GroupIdNotFoundError.__name__ not in told["error"]:
            raise kafka_errors.CoordinatorNotAvailableError(told["error"])
    return {name: _view(told) for name, told in found.items()}


def _view(told: Mapping[str, Any]) -> GroupDescription:
    members: dict[str, list[Partition]] = {}
    member_ids: dict[str, str] = {}
    topics: set[str] = set()
    for member in told["members"]:
        name = member["client_id"]
        members.setdefault(name, []).extend(_assigned(member["member_assignment"]))
        member_ids[member["group_instance_id"] or member["member_id"]] = member["member_id"]
        topics.update((member["member_metadata"] or {}).get("topics", ()))
    return GroupDescription(members=members, member_ids=member_ids, topics=frozenset(topics))


def _assigned(assignment: Any) -> list[Partition]:
    if not assignment:
        return []
    return sorted(
        Partition(topic["topic"], number)
        for topic in assignment["assigned_partitions"]
        for number in topic["partitions"]
    )
