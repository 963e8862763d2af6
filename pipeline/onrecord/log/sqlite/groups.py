"""Consumer groups as rows: members with their leases, owners, committed positions.

A partition's generation rises with every change of owner, and a commit names the generation in
which its messages were read. So a member declared dead cannot commit, whatever its clock says.
Clocks and process ids only decide how soon a member is declared dead.
"""

import json
import os
import platform
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from onrecord.errors import GroupActive
from onrecord.log.interface import Partition
from onrecord.log.sqlite.assignment import assign
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.records import PartitionRow, partitions_of

# ── members ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as stored in the file. Ids grow in the order of joining."""

    id: int
    name: str
    topics: frozenset[str]
    host: str
    pid: int
    lease_ends: int

    def is_gone(self, now_ms: int) -> bool:
        """Whether the member counts as dead: its lease has expired, or its process has ended."""
        return self.lease_ends < now_ms or (self.host == this_host() and not _is_running(self.pid))


@cache
def this_host() -> str:
    """The host and namespace within which process ids are comparable."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux: there are no namespaces to distinguish
        return platform.node()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # the process of another user
    return True


def members_of(db: Database, group: str) -> list[MemberRow]:
    """The members of a group, in the order they joined, gone ones included."""
    rows = db.rows(
        "SELECT id, name, topics, host, pid, lease_ends FROM members"
        " WHERE consumers = ? ORDER BY id",
        (group,),
    )
    return [
        MemberRow(i, name, frozenset(json.loads(topics)), host, pid, lease)
        for i, name, topics, host, pid, lease in rows
    ]


def add_member(
    db: Database, group: str, name: str, topics: Collection[str], lease_ends: int
) -> int:
    """Join, replacing an older member of the same name. Returns the new member's id."""
    for member in members_of(db, group):
        if member.name == name:
            remove_members(db, group, [member.id])
    return db.execute(
        "INSERT INTO members (consumers, name, topics, host, pid, lease_ends)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (group, name, json.dumps(sorted(topics)), this_host(), os.getpid(), lease_ends),
    )


def remove_members(db: Database, group: str, ids: Iterable[int]) -> None:
    """Remove members from the group; their partitions become free."""
    for member in ids:
        db.execute("DELETE FROM members WHERE id = ?", (member,))
        db.execute(
            "UPDATE owners SET member = NULL WHERE consumers = ? AND member = ?", (group, member)
        )


def renew_lease(db: Database, member: int, lease_ends: int) -> None:
    """Extend a member's lease."""
    db.execute("UPDATE members SET lease_ends = ? WHERE id = ?", (lease_ends, member))


def refuse_if_active(db: Database, group: str, now_ms: int) -> None:
    """Remove dead members, and raise GroupActive if others are left."""
    members = members_of(db, group)
    gone = [member.id for member in members if member.is_gone(now_ms)]
    remove_members(db, group, gone)
    if len(members) > len(gone):
        raise GroupActive(group, len(members) - len(gone))


# ── owners ───────────────────────────────────────────────────────────────────────────────────


class Claim(NamedTuple):
    """A member's ownership of a partition (an id), since its `generation`-th change of owner."""

    partition: int
    member: int
    generation: int


@dataclass(frozen=True, slots=True)
class GroupView:
    """A snapshot of a group. `owners` has no entry for free partitions."""

    members: Mapping[int, MemberRow]
    partitions: Mapping[Partition, PartitionRow]
    owners: Mapping[Partition, Claim]


def view(db: Database, group: str) -> GroupView:
    """The present group. Call in a transaction, for a consistent snapshot."""
    members = members_of(db, group)
    topics = frozenset[str]().union(*(member.topics for member in members))
    partitions = partitions_of(db, topics)
    claims = {
        partition: Claim(partition, member, generation)
        for partition, member, generation in db.rows(
            "SELECT partition, member, generation FROM owners"
            " WHERE consumers = ? AND member IS NOT NULL",
            (group,),
        )
    }
    return GroupView(
        members={member.id: member for member in members},
        partitions={row.partition: row for row in partitions},
        owners={row.partition: claims[row.id] for row in partitions if row.id in claims},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A member's next actions towards the intended assignment.

    `gone`: members to remove. `lost`: partitions it wrongly considered its own. `release` and
    `claim`: partitions to release and to take. `finish`: partitions to read no further, and to
    release once their messages in hand are committed.
    """

    gone: frozenset[int]
    lost: frozenset[Partition]
    release: frozenset[Partition]
    claim: frozenset[Partition]
    finish: frozenset[Partition]

    @property
    def writes(self) -> bool:
        return bool(self.gone or self.release or self.claim)


def next_step(
    group: GroupView,
    me: int,
    held: Mapping[Partition, Claim],
    unfinished: Collection[Partition],
    gone: frozenset[int],
) -> Step:
    """The next step of member `me`, which holds `held` and has messages of `unfinished` in hand.

    No partition is taken from a living member with messages in hand: the member releases excess
    partitions itself, once none of their messages are in hand.
    """
    owners = {p: claim.member for p, claim in group.owners.items() if claim.member not in gone}
    living = {i: member.topics for i, member in group.members.items() if i not in gone}
    wanted = assign(group.partitions, owners, living)
    lost = {p for p, claim in held.items() if group.owners.get(p) != claim}
    surplus = {p for p in held if p not in lost and wanted.get(p) != me}
    # Free, or own but unknown to this member after an interrupt: then the claim is repeated.
    open_to_me = {p for p in group.partitions if owners.get(p) in {None, me}}
    return Step(
        gone=gone,
        lost=frozenset(lost),
        release=frozenset(surplus.difference(unfinished)),
        claim=frozenset(
            p for p in open_to_me if wanted.get(p) == me and (p not in held or p in lost)
        ),
        finish=frozenset(surplus.intersection(unfinished)),
    )


def release(db: Database, group: str, partition: PartitionRow, member: int) -> None:
    """Release a partition."""
    db.execute(
        "UPDATE owners SET member = NULL WHERE consumers = ? AND partition = ? AND member = ?",
        (group, partition.id, member),
    )


def claim(db: Database, group: str, partition: PartitionRow, member: int) -> Claim:
    """Take a free partition."""
    db.execute(
        "INSERT INTO owners (consumers, partition, member, generation) VALUES (?, ?, ?, 1)"
        " ON CONFLICT (consumers, partition) DO UPDATE"
        " SET member = excluded.member, generation = generation + 1",
        (group, partition.id, member),
    )
    found = db.row(
        "SELECT generation FROM owners WHERE consumers = ? AND partition = ?",
        (group, partition.id),
    )
    return Claim(partition.id, member, found[0] if found else 1)


def holds(db: Database, group: str, claim: Claim) -> bool:
    """Whether a claim is still valid. Call in the transaction that relies on it."""
    found = db.row(
        "SELECT 1 FROM owners WHERE consumers = ? AND partition = ? AND member = ?"
        " AND generation = ?",
        (group, *claim),
    )
    return found is not None


# ── positions ────────────────────────────────────────────────────────────────────────────────


def positions_of(db: Database, group: str) -> dict[Partition, int]:
    """The group's committed positions."""
    rows = db.rows(
        "SELECT topic, number, position FROM positions"
        " JOIN partitions ON partitions.id = positions.partition"
        " WHERE consumers = ? ORDER BY topic, number",
        (group,),
    )
    return {Partition(topic, number): position for topic, number, position in rows}


def move(db: Database, group: str, positions: Iterable[tuple[int, int]]) -> None:
    """Set positions, given as partition ids and offsets."""
    db.execute_many(
        "INSERT INTO positions (consumers, partition, position) VALUES (?, ?, ?)"
        " ON CONFLICT (consumers, partition) DO UPDATE SET position = excluded.position",
        [(group, partition, offset) for partition, offset in positions],
    )


def start_at_end(db: Database, group: str, topics: Iterable[str]) -> None:
    """Commit the ends of those topics in which the group has no position yet.

    Committed at once, so that a group that starts at the end misses no record published while
    it is down before its first commit, and none in partitions added later.
    """
    known = {partition.topic for partition in positions_of(db, group)}
    rows = partitions_of(db, set(topics) - known)
    move(db, group, [(row.id, row.ends) for row in rows])


def names(db: Database) -> list[str]:
    """Every group that has members or positions, by name."""
    rows = db.rows("SELECT consumers FROM members UNION SELECT consumers FROM positions ORDER BY 1")
    return [row[0] for row in rows]


def forget(db: Database, group: str) -> None:
    """Delete a group's positions."""
    db.execute("DELETE FROM positions WHERE consumers = ?", (group,))
    db.execute("DELETE FROM owners WHERE consumers = ?", (group,))
