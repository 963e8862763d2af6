"""kafka-python's clients, set up and kept in bounds; and its errors in our words.

What the library leaves to its user, and is done here:

- A consumer takes part in a rebalance only while it is polled, and all others wait for it. And
  the result counts only if it comes within a poll: else it joins anew, or, where it joined
  because partitions were added, never again, without heartbeats. `MendedConsumer` joins when it is
  called to, and keeps the result and the membership until the next poll.
- A consumer that is thrown out of its group while it joins takes what it owns for its own still.
  `MendedConsumer` sees to it that it is told to have lost it.
- A consumer puts by what it fetched of a partition that is paused, and forgets to take it up again
  when that is resumed: it is then never read on. `MendedConsumer` reminds it.
- A consumer gives all that it fetched of one partition, thousands of records, before any of the
  next. `MendedConsumer` takes turns.
- A consumer whose name was taken over in its group stops its heartbeats, says nothing, and goes on
  reading what it owned. `MendedConsumer` tells with the next poll.
- A record that cannot be decoded leaves the consumer in a loop without end: see `unreadable.py`.
- A client that cannot be made says that time ran out, not why, even where it was refused; and
  it leaves a thread behind that goes on trying. The reason is told, and the thread ended.
- A socket that could not be connected is left to the garbage collector: through a long outage that
  is one every second. It is closed.
- Settings are logged by the library, with `%s`, and so is every byte it sends: secrets show
  themselves as dots, and bytes are not logged where a password is among them.
"""

import logging
import re
import socket
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from kafka import KafkaAdminClient, KafkaConsumer
from kafka import errors as kafka_errors
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket
from kafka.structs import MemberState

from onrecord.log.kafka.policy import KafkaPolicy, checked, servers_of
from onrecord.log.kafka.producer import Disguised, Producer
from onrecord.log.kafka.translating import HungUp, UnknownBroker, is_final
from onrecord.log.kafka.unreadable import UnreadableRecord

# Metadata is looked at so often that added partitions are found within seconds.
_METADATA_S = 5.0
# While a group is being joined, a poll takes at least so long, and looks so often.
_JOIN_STEP_MS = 50
_LOOK_S = 0.005
_MOST_PER_FETCH = 16 * 1024 * 1024
_BATCH_BYTES = 256 * 1024
# The most that a broker takes by default is 100 MB; a dead letter can have 20 MiB and headers.
_MOST_PER_REQUEST = 32 * 1024 * 1024


# How the library tells that the other side has ended a connection.
_HUNG_UP = re.compile(r"disconnect|closed|reset by peer|EOF", re.IGNORECASE)


# What it says in its log is said by our errors. Who wants it can give its logger a handler.
logging.getLogger("kafka").addHandler(logging.NullHandler())


class _Direct(KafkaNetSocket):  # type: ignore[misc]  # kafka-python ships no types
    """Connects without a proxy, and closes what could not be connected."""

    SCHEMES = ("direct",)
    # Names that were found once: then they are gone for a while, as with a pod that restarts.
    _known: ClassVar[set[tuple[str, int]]] = set()

    def dns_lookup(self, host: str, port: int, raise_error: bool = False) -> Any:  # noqa: ARG002
        try:
            found = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            if (host, port) in self._known:
                told = f"the broker at {host}:{port} cannot be found: {why}"
                raise kafka_errors.KafkaConnectionError(told) from error
            raise UnknownBroker(host, port, why) from error
        self._known.add((host, port))
        return found

    async def sock_connect(self, net: Any, sock: Any, *where: Any, **how: Any) -> Any:
        try:
            return await super().sock_connect(net, sock, *where, **how)
        except BaseException:
            sock.close()
            raise


class _Secret(str):
    """Text that does not show in a representation, for those who log whole dictionaries."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


class Connection:
    """A cluster, as far as it takes to make clients of it. Raises ConfigError, LogRefused."""

    def __init__(self, url: str, policy: KafkaPolicy) -> None:
        policy = checked(policy)
        self.url = url
        self.policy = policy
        self._settings = {"bootstrap_servers": servers_of(url), **_common(policy)}

    def admin(self) -> Any:
        """A client that asks about topics and groups, and changes them."""
        return self._open(KafkaAdminClient, client_id="onrecord")

    def consumer(self, **settings: object) -> "MendedConsumer":
        """A client that reads what was committed, and never moves a position by itself."""
        consumer: MendedConsumer = self._open(
            MendedConsumer,
            isolation_level="read_committed",
            enable_auto_commit=False,
            # A position that cannot be read is for us to judge: "earliest" would start all over
            # where a broker lost its last records.
            auto_offset_reset="none",
            fetch_max_bytes=_MOST_PER_FETCH,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **{"client_id": "onrecord", **settings},
        )
        return consumer

    def producer(self, transactional_id: str) -> "Producer":
        """A producer that took over `transactional_id`: what another left open is aborted."""
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
        failures: list[Exception] = []

        def net_client(**configs: object) -> Any:
            made.append(KafkaNetClient(**configs))
            _note_failures(made[-1]._manager, failures)  # noqa: SLF001
            return made[-1]

        try:
            client = make(kafka_client=net_client, **self._settings, **settings)
        except BaseException as error:
            for client in made:
                client.close()
            if failures and isinstance(error, kafka_errors.KafkaTimeoutError):
                raise self._reason(failures) from error
            raise
        for client_ in made:
            del client_._manager.get_connection  # noqa: SLF001
        return client

    def _reason(self, failures: list[Exception]) -> Exception:
        # The last attempt may only have had no time left.
        telling = [each for each in failures if "timed out" not in str(each)]
        telling = [each for each in telling if not isinstance(each, UnknownBroker)] or telling
        # A broker that starts refuses connections; one that accepts and ends them wants another
        # protocol, or has refused the password: with PLAIN it hangs up without a word.
        if telling and all(_HUNG_UP.search(str(each)) for each in telling):
            keys = "kafka.security"
            if self.policy.uses_sasl:
                keys += ", kafka.username and the password"
            return HungUp(f"the brokers hang up: check {keys}, and the port")
        return (telling or failures)[-1]


def _note_failures(manager: Any, failures: list[Exception]) -> None:
    """Note why a client cannot connect, and end its trying where that can come to nothing."""
    connect = manager.get_connection

    def note(error: Exception) -> None:
        failures.append(error)
        # A name that is unknown may be one of several.
        if is_final(error) and not isinstance(error, UnknownBroker):
            manager.closed = True

    def connect_and_note(*where: Any, **how: Any) -> Any:
        connection = connect(*where, **how)
        connection.init_future.add_errback(note)
        return connection

    manager.get_connection = connect_and_note


def _common(policy: KafkaPolicy) -> dict[str, Any]:
    """The settings that all clients share."""
    settings: dict[str, Any] = {
        "security_protocol": policy.security.upper(),
        "proxy_url": f"{_Direct.SCHEMES[0]}://",
        "request_timeout_ms": _ms(policy.timeout_s / 2),
        "bootstrap_timeout_ms": _ms(policy.timeout_s / 2),
        "metadata_max_age_ms": _ms(_METADATA_S),
        "reconnect_backoff_max_ms": 1000,
        "retry_backoff_ms": 25,  # also how long a poll sleeps before it looks again
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
        settings |= {
            "sasl_mechanism": policy.mechanism,
            "sasl_plain_username": policy.username,
            "sasl_plain_password": _Secret(policy.password),
        }
    return settings


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


# ── reading ──────────────────────────────────────────────────────────────────────────────────


class MendedConsumer(KafkaConsumer):  # type: ignore[misc]  # kafka-python ships no types
    """A consumer that rebalances without being polled, and takes note of it when it is.

    This is safe with cooperative assignment alone: until it takes note, a member owns what it
    owned, and says so each time it joins; the others are given nothing of that. `holds_back`
    tells when not to join: nobody gets anything then until it does.
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
        """Whether a rebalance is under way, or has a result that was not taken note of yet."""
        return self._is_joining

    def knows(self, topics: Iterable[str]) -> bool:
        """Whether the partitions of these are known. A leader that knows none assigns none."""
        return all(self._cluster.partitions_for_topic(topic) for topic in topics)

    def poll(self, timeout_ms: float = 0, **how: Any) -> Any:
        if self._fenced is not None:
            raise self._fenced
        if self._unreadable is not None:
            raise self._unreadable  # once more into the library, and it never comes back
        if self._is_joining:
            timeout_ms = max(timeout_ms, _JOIN_STEP_MS)
            self._coordinator.request_rejoin()  # that is: go on with it
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
        """Put by the partition that was read last, where records of another were fetched.

        Those put by and those that are not begun take turns: neither waits for the other.
        """
        fetcher = self._fetcher
        last = fetcher._next_partition_records  # noqa: SLF001
        if last:  # else it is drained, and what was put by would not be taken up beside it
            fetcher._paused_partition_records[last.topic_partition] = last  # noqa: SLF001
        fetcher._next_partition_records = None  # noqa: SLF001
        fetched = fetcher._completed_fetches  # noqa: SLF001
        self._begins_another = bool(fetched) and not self._begins_another
        if self._begins_another and not self._subscription.is_paused(fetched[0].topic_partition):
            begun = fetcher._parse_fetched_data(fetched.popleft())  # noqa: SLF001
            fetcher._next_partition_records = begun  # noqa: SLF001

    def known_positions(self) -> dict[Any, int]:
        """The position in each partition that is owned, where it is known without asking."""
        states = self._subscription.assignment
        return {
            partition: state.position.offset
            for partition, state in list(states.items())
            if state.position is not None
        }

    def forget_membership(self) -> None:
        """Believe the cluster that we are thrown out: the next poll joins anew."""
        self._coordinator.reset_generation()

    # In kafka-python's thread.

    def _join_when_called(self, response: Any, sent_at: float) -> Any:
        """Hear the answer to a heartbeat: it may call to a rebalance, or say we are fenced."""
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
        """Forget the membership, and begin the next joining with saying what was lost by that."""
        self._reset(*how, **more)
        self._coordinator.rejoining = False
