"""How kafka-python's clients connect: bounded, without leaks, and telling why they could not.

Shortcomings of the library that are handled here:

- A TLS handshake that a peer never answers is waited for without end. Here it has a limit.
- A connection reset during a TLS handshake is reported as an error of the system, which the
  library does not retry. Here it is one of its own.
- A socket that failed to connect, or to agree on TLS, is left to the garbage collector, one per
  second during a long outage. Here it is closed.
- A client that cannot be created reports a timeout instead of the reason, even after a refusal,
  and goes on trying. Here the reason is reported and the attempts end.
"""

import re
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from kafka import errors as kafka_errors
from kafka.net.inet import KafkaNetSocket, create_connection
from kafka.net.transport import KafkaSSLTransport, KafkaTCPTransport

from onrecord.log.kafka.policy import KafkaPolicy, host_and_port
from onrecord.log.kafka.probing import wrong_setting
from onrecord.log.kafka.translating import UnknownBroker, WrongSetting, is_final

# The library's message for a connection closed by the peer.
_HUNG_UP = re.compile(
    r"disconnect|closed|reset by peer|broken pipe|not connected|EOF|frame length", re.IGNORECASE
)
# The name is known not to exist; after other errors the name server may know it later.
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None), socket.EAI_SERVICE}


class Direct(KafkaNetSocket):  # type: ignore[misc]  # kafka-python ships no types
    """Connects without a proxy, and closes sockets that failed to connect."""

    SCHEMES = ("direct",)
    # Names resolved once: a later failure is temporary, for example a pod that restarts.
    _known: ClassVar[set[tuple[str, int]]] = set()

    def dns_lookup(self, host: str, port: int, raise_error: bool = False) -> Any:  # noqa: ARG002
        try:
            found = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            is_unknown = isinstance(error, UnicodeError) or error.errno in _NO_SUCH_NAME
            if is_unknown and (host, port) not in self._known:
                raise UnknownBroker(host, port, why) from error
            told = f"the broker at {host}:{port} cannot be found: {why}"
            raise kafka_errors.KafkaConnectionError(told) from error
        self._known.add((host, port))
        return found

    async def sock_connect(self, net: Any, sock: Any, *where: Any, **how: Any) -> Any:
        try:
            return await super().sock_connect(net, sock, *where, **how)
        except BaseException:
            sock.close()
            raise


class _Tls(KafkaSSLTransport):  # type: ignore[misc]
    """TLS whose handshake has a limit."""

    def close_socket(self) -> None:
        self._sock.close()

    async def handshake_until(self, timeout_at: float | None) -> None:
        while True:
            try:
                self._sock.do_handshake()
            except ssl.SSLWantReadError:
                await self._net.wait_read(self._sock, timeout_at=timeout_at)
            except ssl.SSLWantWriteError:
                await self._net.wait_write(self._sock, timeout_at=timeout_at)
            else:
                return


class Attempts:
    """The failed attempts of one client to connect. An attempt that cannot succeed is the last."""

    def __init__(self, servers: Sequence[str], policy: KafkaPolicy) -> None:
        self._servers = servers
        self._policy = policy
        self._failures: list[_Failure] = []
        # A port that wants a password answers the first request, and hangs up at the next.
        self._has_connected = False
        self._in_handshake: set[_Tls] = set()

    def watch(self, manager: Any) -> None:
        """Note the failures of a client's connections, until `forget`."""
        connect = manager.get_connection
        manager._build_transport = partial(_transport, manager, self._in_handshake)  # noqa: SLF001

        def connect_and_note(*where: Any, **how: Any) -> Any:
            connection = connect(*where, **how)
            connection.init_future.add_callback(self._note_connected)
            connection.init_future.add_errback(partial(self._note, manager, connection))
            return connection

        manager.get_connection = connect_and_note

    def forget(self, manager: Any) -> None:
        """Stop noting: the client is connected."""
        del manager.get_connection

    def close(self) -> None:
        """Close what a client that was closed has left in the middle of a handshake."""
        for transport in self._in_handshake:
            transport.close_socket()

    def _note_connected(self, _: object) -> None:
        self._has_connected = True

    def _note(self, manager: Any, connection: Any, error: Exception) -> None:
        has_answered = connection.broker_version_data is not None
        self._failures.append(_Failure(error, has_answered))
        # The unknown name can be one of several brokers.
        if is_final(error) and not isinstance(error, UnknownBroker):
            manager.closed = True

    def reason(self, timeout: Exception) -> Exception:
        """Why the client could not connect until this timeout."""
        known = [each for each in self._failures if not isinstance(each.error, UnknownBroker)]
        if self._failures and not known:
            is_unknown = all(map(_is_unknown, self._servers))
            return self._failures[-1].error if is_unknown else timeout
        # The last attempt may only have had no time left.
        telling = [each for each in known if "timed out" not in str(each.error)] or known
        if not telling and not self._has_connected:
            return timeout
        error = telling[-1].error if telling else timeout
        if is_final(error) or not all(each.is_hung_up for each in telling):
            return error
        if found := wrong_setting(self._servers, self._policy):
            return WrongSetting(found)
        # With PLAIN, a broker can reject a password by closing the connection.
        if telling and self._policy.uses_sasl and all(each.has_answered for each in telling):
            return WrongSetting(
                "the brokers hang up while we sign in: check kafka.username, the password and "
                "kafka.mechanism"
            )
        return (
            error
            if not telling
            else kafka_errors.KafkaConnectionError(
                "the connection is accepted and closed again; perhaps no broker is behind it yet"
            )
        )


@dataclass(frozen=True, slots=True)
class _Failure:
    """A failed attempt. `has_answered`: the broker spoke Kafka to us before."""

    error: Exception
    has_answered: bool

    @property
    def is_hung_up(self) -> bool:
        return bool(_HUNG_UP.search(str(self.error)))


def _is_unknown(server: str) -> bool:
    try:
        Direct().dns_lookup(*host_and_port(server))
    except kafka_errors.KafkaConnectionError as error:
        return isinstance(error, UnknownBroker)
    return False


async def _transport(
    manager: Any, in_handshake: set[_Tls], node: Any, timeout_at: float | None = None
) -> Any:
    """A connection to a broker, with TLS where the settings want it."""
    config, net = manager.config, manager._net  # noqa: SLF001
    sock = await create_connection(
        net,
        node.host,
        node.port,
        config["socket_options"],
        proxy_url=config["proxy_url"],
        timeout_at=timeout_at,
    )
    if not manager.ssl_enabled:
        return KafkaTCPTransport(net, sock, host=node.host)
    settings = {name: value for name, value in config.items() if name.startswith("ssl_")}
    try:
        sock.getpeername()  # after a reset, Python leaves the socket open in the next line
        transport = _Tls(net, sock, host=node.host, **settings)
    except OSError as error:
        sock.close()
        raise _failed_handshake(error) from error
    in_handshake.add(transport)
    try:
        await transport.handshake_until(timeout_at)
    except (OSError, kafka_errors.KafkaTimeoutError) as error:
        transport.close_socket()
        raise _failed_handshake(error) from error
    except BaseException:  # the attempt was given up
        transport.close_socket()
        raise
    finally:
        in_handshake.discard(transport)
    return transport


def _failed_handshake(error: Exception) -> kafka_errors.KafkaConnectionError:
    told = "timed out" if isinstance(error, kafka_errors.KafkaTimeoutError) else error
    return kafka_errors.KafkaConnectionError(f"Handshake failed: {told}")
