"""kafka-python's clients: their settings, bounded waits and translated errors.

Shortcomings of the library that are handled here:

- A consumer takes part in a rebalance only while it is polled, and all other members wait for it.
  The result counts only if it arrives during a poll: otherwise the consumer joins again or, if
  added partitions caused the rebalance, never joins again and sends no heartbeats.
  `MendedConsumer` joins on demand, and keeps the result and the membership until the next poll.
- A consumer expelled from its group while joining still considers its partitions its own, and one
  that joins again claims them. `MendedConsumer` reports them to it as lost, and claims nothing.
- Records buffered for a paused partition are never delivered after it is resumed.
  `MendedConsumer` makes the consumer return to them.
- A consumer delivers all fetched records of one partition, thousands of them, before any of the
  next. `MendedConsumer` alternates between partitions.
- A consumer whose name was taken over in its group stops its heartbeats silently and continues
  to read its partitions. `MendedConsumer` reports this in the next poll.
- A record that cannot be decoded puts the consumer into an endless loop: see `unreadable.py`.
- How it connects, and what it says when it cannot: see `connecting.py`.
- The library logs its settings with `%s`, and every byte it sends: secrets are represented as
  dots, and bytes that include a password are not logged.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from kafka import KafkaConsumer
from kafka import errors as kafka_errors
from kafka.net.compat import KafkaNetClient
from kafka.structs import MemberState

from onrecord.log.kafka.admin import AdminClient
from onrecord.log.kafka.connecting import Attempts, Direct
from onrecord.log.kafka.policy import KafkaPolicy, checked, servers_of
from onrecord.log.kafka.producer import Disguised, Producer
from onrecord.log.kafka.tokens import TokenSource
from onrecord.log.kafka.unreadable import UnreadableRecord

# Metadata is refreshed often enough to find added partitions within seconds.
_METADATA_S = 5.0
# The minimum duration of a poll while a group is being joined, and its check interval.
_JOIN_STEP_MS = 50
_LOOK_S = 0.005
_MOST_PER_FETCH = 16 * 1024 * 1024
_BATCH_BYTES = 256 * 1024
# A broker accepts at most 100 MB by default; a dead letter can have 20 MiB plus headers.
_MOST_PER_REQUEST = 32 * 1024 * 1024


# Our errors already report the library's log messages. To see them, add a handler to its logger.
logging.getLogger("kafka").addHandler(logging.NullHandler())


class _Secret(str):
    """Text hidden in its representation, because the library logs whole dictionaries."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


class Connection:
    """The connection settings of a cluster, to create clients. Raises ConfigError, LogRefused."""

    def __init__(self, url: str, policy: KafkaPolicy) -> None:
        policy = checked(policy)
        self.url = url
        self.policy = policy
        self._servers = servers_of(url)
        self._settings = {"bootstrap_servers": self._servers, **_common(policy)}

    def admin(self) -> Any:
        """A client that describes and changes topics and groups."""
        return self._open(AdminClient, client_id="onrecord", leaders_s=_METADATA_S)

    def consumer(self, **settings: object) -> "MendedConsumer":
        """A client that reads committed records, and never moves a position by itself."""
        consumer: MendedConsumer = self._open(
            MendedConsumer,
            enable_auto_commit=False,
            # We handle an unreadable position ourselves: "earliest" would restart from the
            # beginning after a broker lost its last records.
            auto_offset_reset="none",
            fetch_max_bytes=_MOST_PER_FETCH,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **{"client_id": "onrecord", "isolation_level": "read_committed", **settings},
        )
        return consumer

    def producer(self, transactional_id: str) -> "Producer":
        """A producer that took over `transactional_id`; an open transaction of it is aborted."""
        producer: Producer = self._open(
            Producer,
            client_id=transactional_id,
            transactional_id=transactional_id,
            transaction_timeout_ms=_ms(self.policy.transaction_timeout_s),
            compression_type="zstd",
            batch_size=_BATCH_BYTES,
            max_request_size=_MOST_PER_REQUEST,
            linger_ms=20,
            max_block_ms=_ms(self.policy.timeout_s),
            delivery_timeout_ms=_ms(self.policy.timeout_s),
            value_serializer=Disguised(),
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        try:
            producer.init_transactions()
        except BaseException:
            producer.discard()
            raise
        return producer

    def _open(self, make: Callable[..., Any], **settings: object) -> Any:
        made: list[Any] = []
        attempts = Attempts(self._servers, self.policy)

        def net_client(**configs: object) -> Any:
            # Nobody reads the metrics; an administrative client cannot be told so.
            made.append(KafkaNetClient(**configs | {"metrics": None}))
            attempts.watch(made[-1]._manager)  # noqa: SLF001
            return made[-1]

        try:
            client = make(kafka_client=net_client, **self._settings, **settings)
        except BaseException as error:
            for client in made:
                client.close()
            attempts.close()
            if isinstance(error, kafka_errors.KafkaTimeoutError):
                raise attempts.reason(error) from error
            raise
        for client_ in made:
            attempts.forget(client_._manager)  # noqa: SLF001
        return client


def _common(policy: KafkaPolicy) -> dict[str, Any]:
    """The settings that all clients share."""
    settings: dict[str, Any] = {
        "security_protocol": policy.security.upper(),
        "proxy_url": f"{Direct.SCHEMES[0]}://",
        "request_timeout_ms": _ms(policy.timeout_s / 2),
        "bootstrap_timeout_ms": _ms(policy.timeout_s / 2),
        "metadata_max_age_ms": _ms(_METADATA_S),
        "reconnect_backoff_max_ms": 1000,
        "retry_backoff_ms": 25,  # also the sleep between two checks of a poll
    }
    if policy.uses_tls:
        settings |= {
            "ssl_check_hostname": policy.check_hostname,
            "ssl_cafile": policy.ca_file or None,
            "ssl_certfile": policy.certificate_file or None,
            "ssl_keyfile": policy.key_file or None,
            "ssl_password": _Secret(policy.key_password) or None,
        }
    if policy.uses_sasl:
        for wire in ("kafka.net", "kafka.protocol"):  # which show every byte sent, signing in too
            logging.getLogger(wire).setLevel(logging.INFO)
        settings["sasl_mechanism"] = policy.mechanism
        if policy.mechanism == "OAUTHBEARER":
            settings["sasl_oauth_token_provider"] = TokenSource(policy)
        else:
            settings["sasl_plain_username"] = policy.username
            settings["sasl_plain_password"] = _Secret(policy.password)
    return settings


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


# ── reading ──────────────────────────────────────────────────────────────────────────────────


class MendedConsumer(KafkaConsumer):  # type: ignore[misc]  # kafka-python ships no types
    """A consumer that rebalances between polls, and applies the result in the next poll.

    This is safe only with cooperative assignment: until the result is applied, a member keeps
    its partitions and reports them each time it joins, so no other member receives them.
    `holds_back` delays joining; the rebalance of the whole group then waits for this member.
    """

    def __init__(self, *, holds_back: Callable[[], bool] = lambda: False, **settings: Any) -> None:
        super().__init__(**settings)
        self._holds_back = holds_back
        self._is_polling = False
        self._is_joining = False
        self._is_outdated = False
        self._begins_another = False
        self._fenced: kafka_errors.FencedInstanceIdError | None = None
        self._unreadable: UnreadableRecord | None = None
        coordinator = self._coordinator
        self._join = coordinator._do_join_and_sync_async  # noqa: SLF001
        coordinator._do_join_and_sync_async = self._join_until_polled  # noqa: SLF001
        self._hear = coordinator._handle_heartbeat_response  # noqa: SLF001
        coordinator._handle_heartbeat_response = self._join_when_called  # noqa: SLF001
        self._reset = coordinator.reset_generation
        coordinator.reset_generation = self._leave_for_good

    @property
    def is_joining(self) -> bool:
        """Whether a rebalance is in progress, or its result has not been applied yet."""
        return self._is_joining

    def knows(self, topics: Iterable[str]) -> bool:
        """Whether the topics' partitions are known. A leader assigns only partitions it knows."""
        return all(self._cluster.partitions_for_topic(topic) for topic in topics)

    def poll(self, timeout_ms: float = 0, **how: Any) -> Any:
        if self._fenced is not None:
            raise self._fenced
        if self._unreadable is not None:
            raise self._unreadable  # another poll of the library would never return
        if self._is_joining:
            timeout_ms = max(timeout_ms, _JOIN_STEP_MS)
            self._coordinator.request_rejoin()  # this continues the rebalance
        self._is_polling = True
        try:
            self._take_turns()
            return super().poll(timeout_ms, **how)
        except UnreadableRecord as error:
            self._unreadable = error
            raise
        finally:
            self._is_polling = False

    def _take_turns(self) -> None:
        """Set aside the partition read last if records of another partition were fetched.

        Set-aside partitions alternate with partitions not yet started, so neither starves.
        """
        fetcher = self._fetcher
        last = fetcher._next_partition_records  # noqa: SLF001
        if last:  # else it is drained, and the set-aside records would not be resumed
            fetcher._paused_partition_records[last.topic_partition] = last  # noqa: SLF001
        fetcher._next_partition_records = None  # noqa: SLF001
        fetched = fetcher._completed_fetches  # noqa: SLF001
        self._begins_another = bool(fetched) and not self._begins_another
        if self._begins_another and not self._subscription.is_paused(fetched[0].topic_partition):
            begun = fetcher._parse_fetched_data(fetched.popleft())  # noqa: SLF001
            fetcher._next_partition_records = begun  # noqa: SLF001

    def known_positions(self) -> dict[Any, int]:
        """The position in each owned partition, if known without a request."""
        states = self._subscription.assignment
        return {
            partition: state.position.offset
            for partition, state in list(states.items())
            if state.position is not None
        }

    def forget_membership(self) -> None:
        """Accept that the cluster expelled this member: the next poll joins again."""
        self._coordinator.reset_generation()

    # Runs in kafka-python's thread.

    def _join_when_called(self, response: Any, sent_at: float) -> Any:
        """Handle a heartbeat response, which can announce a rebalance or fencing."""
        coordinator = self._coordinator
        try:
            return self._hear(response, sent_at)
        except kafka_errors.FencedInstanceIdError as error:
            self._fenced = error
            raise
        except kafka_errors.RebalanceInProgressError:
            self._is_outdated = True
            if not self._is_joining and not self._holds_back():
                join = coordinator._do_join_and_sync_async  # noqa: SLF001
                coordinator._join_task = coordinator._manager.call_soon(join)  # noqa: SLF001
            raise

    async def _join_until_polled(self) -> Any:
        """Join, again if called again, and give the assignment when there is a poll to take it."""
        self._is_joining = True
        try:
            while True:
                while self._holds_back():
                    await self._wait_as_member()
                self._is_outdated = False
                assignment = await self._join()
                while not (self._is_polling or self._is_outdated):
                    await self._wait_as_member()
                if not self._is_outdated:
                    return assignment
        finally:
            self._is_joining = False

    async def _wait_as_member(self) -> None:
        """Wait a moment, with heartbeats; they are off while a group is joined."""
        coordinator = self._coordinator
        membership = coordinator.group_metadata()
        if membership.generation_id < 0 or not membership.member_id:
            raise kafka_errors.UnknownMemberIdError("thrown out while joining")
        coordinator.state = MemberState.STABLE
        if not coordinator._heartbeat_enabled:  # noqa: SLF001
            coordinator._enable_heartbeat()  # noqa: SLF001
        await self._net.sleep(_LOOK_S)

    def _leave_for_good(self, *how: Any, **more: Any) -> None:
        """Forget the membership; the next join starts by reporting the partitions as lost.

        It must not claim them: another member can have them by now, and the leader could take
        them for ours and give them to us at once, without the other having finished them.
        """
        self._reset(*how, **more)
        self._coordinator.rejoining = False
        self.claim_nothing()

    def claim_nothing(self) -> None:
        """Claim no partition at the next join."""
        for assignor in self._coordinator._assignors.values():  # noqa: SLF001
            assignor.member_assignment = None
