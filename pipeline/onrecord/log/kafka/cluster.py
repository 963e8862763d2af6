"""Administrative requests to a cluster: topics, offsets and groups.

All threads share one client; calls are bounded and serialised. A thread waiting for its turn
while another finds the cluster unavailable fails with it, instead of repeating the wait.
Missing permissions (to create a topic, to see a configuration) are tolerated where possible.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from threading import RLock
from typing import Any, TypeVar

from kafka import errors as kafka_errors
from kafka.admin import ConfigResource, ConfigResourceType, MemberToRemove, OffsetSpec
from kafka.protocol.consumer import IsolationLevel
from kafka.structs import OffsetAndMetadata, TopicPartition

from onrecord.errors import GroupActive, LogRefused, LogUnavailable, UnknownTopic
from onrecord.log.interface import Partition, TopicSettings
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.closing import ClosingLimit, close_within
from onrecord.log.kafka.describing import GroupDescription, described_groups
from onrecord.log.kafka.topics import advice, from_configs, safety_configs, to_configs
from onrecord.log.kafka.translating import MOMENTARY, is_final, translated
from onrecord.log.topic_rules import check_growth, check_new, differences

T = TypeVar("T")

_VISIBLE_S = 10.0
_LOOK_AGAIN_S = 0.05
# Each attempt has half of the policy's timeout; none starts after this share of it.
_ASKED_AGAIN = 0.75
# Errors that mean that no broker answers at all, whatever the request.
_AWAY = (
    kafka_errors.KafkaConnectionError,
    kafka_errors.KafkaTimeoutError,
    kafka_errors.NodeNotReadyError,
    kafka_errors.RequestTimedOutError,
)
# How long a topic's settings are cached.
_SETTINGS_S = 30.0


class Cluster:
    """Topics, offsets and groups of a cluster. Calls raise LogUnavailable, LogRefused."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = RLock()
        self._client: Any = None
        # When the cluster was last found unavailable, and the error; None after it answered.
        self._away: tuple[float, Exception] | None = None
        self.is_hurried = False
        self._closing = ClosingLimit(connection.policy.timeout_s)
        self._seen: set[str] = set()
        self._settings: dict[str, tuple[float, TopicSettings]] = {}

    def close(self) -> None:
        """Close the connection to the cluster."""
        close_within(self.closing_limit_s, "the connection to the cluster", self._disconnect)

    def _disconnect(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def closing_limit_s(self) -> float:
        """How long closing a client may take from now on."""
        return self._closing.left_s()

    def hurry(self) -> None:
        """Stop retrying, and stop waiting for an unavailable cluster: the process is ending."""
        self.is_hurried = True
        self._closing.hurry()

    # ── topics ───────────────────────────────────────────────────────────────────────────────

    def topics(self) -> dict[str, int]:
        """The number of partitions of each topic, without Kafka's internal topics."""
        found = self.ask("listing topics", lambda client: client.describe_topics())
        return {
            topic["name"]: len(topic["partitions"])
            for topic in found
            if not topic["error_code"]
            and not topic["is_internal"]
            and not topic["name"].startswith("__")
        }

    def partitions(self, topics: Iterable[str]) -> list[Partition]:
        """The partitions of these topics. Raises UnknownTopic."""
        return [
            Partition(told["name"], number)
            for told in self._described(sorted(set(topics)))
            for number in sorted(partition["partition_index"] for partition in told["partitions"])
        ]

    def _described(self, names: list[str]) -> list[Mapping[str, Any]]:
        """The cluster's descriptions of these topics. Raises UnknownTopic.

        A topic seen before can still be unknown to the broker that answers now.
        """
        until = time.monotonic() + _VISIBLE_S / 2
        while True:
            found = self.ask("looking up topics", lambda client: client.describe_topics(names))
            by_name = {topic["name"]: topic for topic in found if not topic["error_code"]}
            missing = [name for name in names if name not in by_name]
            if not missing:
                self._seen.update(names)
                return [by_name[name] for name in names]
            told = {topic["name"]: topic for topic in found}
            error = _unknown_or_refused(missing[0], told.get(missing[0]))
            is_late = isinstance(error, UnknownTopic) and missing[0] in self._seen
            if not is_late or time.monotonic() > until:
                raise error
            time.sleep(_LOOK_AGAIN_S)

    def has(self, topic: str) -> bool:
        """Whether a topic exists."""
        try:
            return bool(self.partitions([topic]))
        except UnknownTopic:
            return False

    def topic_id(self, topic: str) -> str:
        """The cluster's own id of a topic, "" where it has none. Raises UnknownTopic."""
        [told] = self._described([topic])
        return str(told.get("topic_id") or "")

    def permits(self, topic: str, operation: int) -> bool:
        """Whether a topic exists and permits us an operation, a bit of Kafka's numbering."""
        try:
            [told] = self._described([topic])
        except (UnknownTopic, LogRefused):
            return False
        return bool(told.get("topic_authorized_operations", -1) & operation)

    def create(self, name: str, settings: TopicSettings) -> None:
        """Create the topic if it is missing. An existing one needs no permission to create."""
        check_new(name, settings)
        if self.has(name):
            return
        wanted = {
            "num_partitions": settings.partitions,
            "replication_factor": self._connection.policy.replication or -1,
            "configs": to_configs(settings) | safety_configs(self._connection.policy.replication),
        }

        def make(client: Any) -> None:
            # A process that starts at the same moment creates the same topics.
            with suppress(kafka_errors.TopicAlreadyExistsError):
                client.create_topics({name: wanted})

        self.ask(f"creating topic {name}", make)
        self._wait_until(f"topic {name} is made", lambda: self.has(name))

    def alter(self, name: str, settings: TopicSettings) -> None:
        """Change a topic. Raises UnknownTopic; Mistake for fewer partitions."""
        present = len(self.partitions([name]))
        check_growth(name, present, settings.partitions)
        resource = ConfigResource(ConfigResourceType.TOPIC, name, to_configs(settings))
        doing = f"changing topic {name}"
        self.ask(doing, lambda client: client.alter_configs([resource]))
        if settings.partitions > present:
            self.ask(doing, lambda client: _add_partitions(client, name, settings.partitions))
        self._wait_until(
            f"topic {name} is changed",
            lambda: (
                len(self.partitions([name])) == settings.partitions
                and to_configs(self._settings_now(name)) == to_configs(settings)
            ),
        )
        self._settings.pop(name, None)

    def delete(self, name: str) -> None:
        """Delete a topic. Raises UnknownTopic."""
        self.partitions([name])
        self._seen.discard(name)

        def remove(client: Any) -> None:
            # A retry after a lost response can find the topic deleted already.
            with suppress(kafka_errors.UnknownTopicOrPartitionError):
                client.delete_topics([name])

        self.ask(f"deleting topic {name}", remove)
        self._wait_until(f"topic {name} is deleted", lambda: not self.has(name))
        self._seen.discard(name)
        self._settings.pop(name, None)

    def differences(self, name: str, wanted: TopicSettings) -> list[str]:
        """Differences between a topic's settings and the wanted ones. Raises UnknownTopic.

        Settings that we are not permitted to see are ignored.
        """
        [told] = self._described([name])
        numbers = told["partitions"]
        seen = self._configs(name)
        present = from_configs(to_configs(wanted) if seen is None else seen, len(numbers))
        found = differences(from_configs(to_configs(wanted), wanted.partitions), present)
        copies = min(len(partition["replica_nodes"]) for partition in numbers)
        if self._connection.policy.replication not in {0, copies}:
            there = "1 copy" if copies == 1 else f"{copies} copies"
            found.append(f"{there}, not {self._connection.policy.replication}")
        return found + advice(seen or {}, copies)

    def settings(self, topic: str) -> TopicSettings:
        """A topic's settings, at most some seconds old. Raises UnknownTopic."""
        asked_at, known = self._settings.get(topic, (0.0, None))
        if known is None or time.monotonic() - asked_at > _SETTINGS_S:
            known = self._settings_now(topic)
            self._settings[topic] = (time.monotonic(), known)
        return known

    def _settings_now(self, topic: str) -> TopicSettings:
        partitions = len(self.partitions([topic]))
        # Without permission to see them, a broker's defaults are assumed.
        return from_configs(self._configs(topic) or {}, partitions)

    def _configs(self, topic: str) -> dict[str, str] | None:
        """A topic's configuration in Kafka's terms; None without permission to see it."""
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        try:
            found = self.ask(
                f"looking up how {topic} is kept",
                lambda client: client.describe_configs([resource], config_filter="all"),
            )
        except LogRefused:
            return None
        # A broker answers a missing permission with an empty result, not with an error.
        return {name: c["value"] for name, c in found["topic"].get(topic, {}).items()} or None

    # ── offsets ──────────────────────────────────────────────────────────────────────────────

    def bounds(self, partitions: Iterable[Partition]) -> dict[Partition, tuple[int, int]]:
        """The first offset and the last stable offset of each partition."""
        wanted = list(partitions)
        begins = self._offsets(dict.fromkeys(wanted, OffsetSpec.EARLIEST))
        ends = self.ends(wanted)
        # Retention can advance between the two requests.
        return {p: (begins[p], max(begins[p], ends[p])) for p in wanted}

    def ends(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The last stable offset of each partition."""
        return self._offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))

    def written(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The high watermark of each partition, which open transactions do not hold back."""
        specs = dict.fromkeys(partitions, OffsetSpec.LATEST)
        return self._offsets(specs, IsolationLevel.READ_UNCOMMITTED)

    def offsets_at(self, partitions: Iterable[Partition], ms: int) -> dict[Partition, int | None]:
        """Per partition, an offset before which all records are older; None if all are older."""
        found = self._offsets(dict.fromkeys(partitions, ms))
        return {partition: offset if offset >= 0 else None for partition, offset in found.items()}

    def _offsets(
        self,
        specs: Mapping[Partition, int],
        isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    ) -> dict[Partition, int]:
        if not specs:
            return {}
        wanted = {TopicPartition(*partition): spec for partition, spec in specs.items()}
        found = self.ask(
            "looking up offsets",
            lambda client: client.list_partition_offsets(wanted, isolation_level=isolation),
        )
        return {Partition(*partition): told.offset for partition, told in found.items()}

    # ── groups ───────────────────────────────────────────────────────────────────────────────

    def groups(self) -> list[str]:
        """The names of all consumer groups."""
        found = self.ask("listing groups", lambda client: client.list_groups())
        kinds = {"consumer", ""}  # without a kind: positions were set before any member joined
        return sorted(g["group_id"] for g in found if g["protocol_type"] in kinds)

    def describe(self, groups: Iterable[str]) -> dict[str, GroupDescription]:
        """Each group's members."""
        names = list(groups)
        if not names:
            return {}
        return self.ask("looking up groups", lambda client: described_groups(client, names))

    def committed(self, groups: Iterable[str]) -> dict[str, dict[Partition, int]]:
        """Each group's positions, without deleted topics, which the cluster forgets later."""
        names = list(groups)
        if not names:
            return {}
        topics = self.topics()
        found = self.ask("looking up positions", lambda client: client.list_group_offsets(names))
        return {
            name: {
                Partition(*partition): told.offset
                for partition, told in sorted(found.get(name, {}).items())
                if told.offset >= 0 and partition.topic in topics
            }
            for name in names
        }

    def move(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Set positions of a group without members. Raises GroupActive."""
        self.refuse_if_active(group)
        if not positions:
            return
        offsets = {TopicPartition(*p): OffsetAndMetadata(o, "", -1) for p, o in positions.items()}
        told = self.ask(
            f"moving group {group}", lambda client: client.alter_group_offsets(group, offsets)
        )
        for error in told.values():
            if error is kafka_errors.UnknownMemberIdError:
                raise GroupActive(group, 1)  # a member joined just now
            self._check(error, f"moving group {group}")

    def delete_group(self, group: str) -> None:
        """Forget a group. Raises GroupActive."""
        self.refuse_if_active(group)
        doing = f"deleting group {group}"
        told = self.ask(doing, lambda client: client.delete_groups([group]))[group]
        if told == "NonEmptyGroupError":
            raise GroupActive(group, 1)
        if told not in {"OK", "GroupIdNotFoundError"}:
            raise LogUnavailable(f"{doing}: {told}")

    def remove_member(self, group: str, member_id: str, instance_id: str) -> None:
        """Remove a member from its group at once, but not a newer member of the same name."""
        member = MemberToRemove(member_id=member_id, group_instance_id=instance_id)
        self.ask(
            f"leaving group {group}", lambda client: client.remove_group_members(group, [member])
        )

    def refuse_if_active(self, group: str) -> None:
        """Raise GroupActive when a group has members."""
        members = self.describe([group])[group].member_ids
        if members:
            raise GroupActive(group, len(members))

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    def ask(self, doing: str, question: Callable[[Any], T]) -> T:
        """The answer; the request is retried while the error is transient."""
        came_at = time.monotonic()
        with self._lock, translated(f"{self._connection.url}: {doing}"):
            if self._away and (self.is_hurried or self._away[0] > came_at):
                raise self._away[1]
            until = time.monotonic() + self._connection.policy.timeout_s * _ASKED_AGAIN
            while True:
                try:
                    if self._client is None:
                        self._client = self._connection.admin()
                    answer = question(self._client)
                except MOMENTARY as error:
                    # A client remembers the old coordinator or controller, and keeps asking it.
                    self._disconnect()
                    if isinstance(error, _AWAY):
                        self._away = (time.monotonic(), error)
                    if self.is_hurried or is_final(error) or time.monotonic() > until:
                        raise
                    time.sleep(_LOOK_AGAIN_S)
                else:
                    self._away = None
                    return answer

    def _check(self, error: type[Exception], doing: str) -> None:
        with translated(doing):
            if error is not kafka_errors.NoError:
                raise error

    def _wait_until(self, what: str, is_so: Callable[[], bool]) -> None:
        """Wait for a change made at one broker to be visible at all brokers."""
        until = time.monotonic() + _VISIBLE_S
        while not is_so():
            if time.monotonic() > until:
                raise LogUnavailable(f"{self._connection.url}: waiting until {what}")
            time.sleep(_LOOK_AGAIN_S)


def _unknown_or_refused(name: str, told: Mapping[str, Any] | None) -> Exception:
    code = told["error_code"] if told else kafka_errors.UnknownTopicOrPartitionError.errno
    if code == kafka_errors.TopicAuthorizationFailedError.errno:
        return LogRefused(f"topic {name} cannot be used: the cluster does not let us see it")
    if code in {
        kafka_errors.UnknownTopicOrPartitionError.errno,
        kafka_errors.InvalidTopicError.errno,
    }:
        return UnknownTopic(name)
    return LogUnavailable(f"topic {name}: {kafka_errors.for_code(code).__name__}")


def _add_partitions(client: Any, topic: str, count: int) -> None:
    try:
        client.create_partitions({topic: count})
    except kafka_errors.InvalidPartitionsError:
        # A retry after a lost response can find them created already.
        [told] = client.describe_topics([topic])
        if len(told["partitions"]) != count:
            raise
