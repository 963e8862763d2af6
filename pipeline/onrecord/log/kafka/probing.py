"""Looks at what listens on a broker's port, to tell a wrong setting from a broker that is away.

A broker that expects another protocol closes the connection without a word, and so does a proxy
or load balancer whose broker is away. Only the first answers when spoken to differently.
"""

import socket
import ssl
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from kafka import errors as kafka_errors

from onrecord.log.kafka.policy import KafkaPolicy, host_and_port

# For all servers together, and for one step with one of them.
_ALL_WITHIN_S = 6.0
_TIMEOUT_S = 3.0
_MOST_SERVERS = 3
_CHECK = "check kafka.security and the port"

# SaslHandshake, version 1, correlation id 1, no client id, for a mechanism that no broker has. It
# is answered by every broker: a port that wants a password does not know the mechanism, and
# another one does not expect the request.
_REQUEST = struct.pack(">hhihh3s", 17, 1, 1, -1, 3, b"???")
_FRAMED = struct.pack(">i", len(_REQUEST)) + _REQUEST
# Size, correlation id and error code.
_ANSWER = struct.Struct(">iih")
_MOST_BYTES = 64 * 1024


def wrong_setting(servers: Iterable[str], policy: KafkaPolicy) -> str | None:
    """What the first of these servers with something to say expects instead; None if nothing."""
    until = monotonic() + _ALL_WITHIN_S
    for server in list(servers)[:_MOST_SERVERS]:
        try:
            if found := _wrong_on(_Peer(*host_and_port(server), until), policy):
                return found
        except (OSError, UnicodeError):  # away, or a name that no machine can have
            continue
    return None


@dataclass(frozen=True, slots=True)
class _Peer:
    """What listens on a port. Raises TimeoutError after `until`."""

    host: str
    port: int
    until: float

    def connected(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), self.left_s())

    def left_s(self) -> float:
        left_s = min(_TIMEOUT_S, self.until - monotonic())
        if left_s <= 0:
            raise TimeoutError
        return left_s

    def over_tls(self, plain: socket.socket) -> ssl.SSLSocket:
        return _unverified().wrap_socket(plain, server_hostname=self.host)


def _wrong_on(peer: _Peer, policy: KafkaPolicy) -> str | None:
    if policy.uses_tls:
        if _error_in(_answer(peer, tls=False)) is not None:
            return f"the brokers do not speak TLS on this port: {_CHECK}"
    elif _speaks_tls(peer):
        return f"the brokers speak TLS on this port: {_CHECK}"
    answer = _answer(peer, tls=policy.uses_tls)
    if len(answer) < _ANSWER.size:
        return None
    error = _error_in(answer)
    if error is None:
        return "this is not the port of a Kafka broker: check log.url"
    if error == kafka_errors.UnsupportedSaslMechanismError.errno and not policy.uses_sasl:
        return f"the brokers want a name and a password on this port: {_CHECK}"
    return None


def _speaks_tls(peer: _Peer) -> bool:
    with peer.connected() as plain:
        try:
            peer.over_tls(plain).close()
        except OSError:  # closed, silent, or another protocol
            return False
    return True


def _answer(peer: _Peer, *, tls: bool) -> bytes:
    """The first bytes of the answer to our request, however many pieces it comes in.

    Fewer than `_ANSWER.size` of them say nothing.
    """
    answer = b""
    with (
        peer.connected() as plain,
        suppress(OSError),
        peer.over_tls(plain) if tls else plain as spoken,
    ):
        spoken.sendall(_FRAMED)
        while more := _more(peer, spoken, _ANSWER.size - len(answer)):
            answer += more
    return answer


def _more(peer: _Peer, spoken: socket.socket, size: int) -> bytes:
    spoken.settimeout(peer.left_s())
    return spoken.recv(size)


def _error_in(answer: bytes) -> int | None:
    """The error code in an answer of a broker; None if it is not from a broker."""
    if len(answer) < _ANSWER.size:
        return None
    size, correlation, error = _ANSWER.unpack(answer)
    return int(error) if size <= _MOST_BYTES and correlation == 1 else None


def _unverified() -> ssl.SSLContext:
    """Nothing secret is sent, so that anyone may answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
