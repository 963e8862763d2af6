"""Looks at what listens on a broker's port, to tell a wrong setting from a broker that is away.

A broker that expects another protocol closes the connection without a word, and so does a proxy
or load balancer whose broker is away. Only the first answers when spoken to differently.
"""

import socket
import ssl
import struct
from collections.abc import Iterable

from kafka import errors as kafka_errors

from onrecord.log.kafka.policy import KafkaPolicy, host_and_port

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
    for server in list(servers)[:_MOST_SERVERS]:
        try:
            if found := _wrong_on(*host_and_port(server), policy):
                return found
        except OSError:
            continue
    return None


def _wrong_on(host: str, port: int, policy: KafkaPolicy) -> str | None:
    if policy.uses_tls:
        if _error_in(_answer(host, port, tls=False)) is not None:
            return f"the brokers do not speak TLS on this port: {_CHECK}"
    elif _speaks_tls(host, port):
        return f"the brokers speak TLS on this port: {_CHECK}"
    answer = _answer(host, port, tls=policy.uses_tls)
    if not answer:
        return None
    error = _error_in(answer)
    if error is None:
        return "this is not the port of a Kafka broker: check log.url"
    if error == kafka_errors.UnsupportedSaslMechanismError.errno and not policy.uses_sasl:
        return f"the brokers want a name and a password on this port: {_CHECK}"
    return None


def _speaks_tls(host: str, port: int) -> bool:
    with _connected(host, port) as plain:
        try:
            _unverified().wrap_socket(plain, server_hostname=host).close()
        except OSError:  # closed, silent, or another protocol
            return False
    return True


def _answer(host: str, port: int, *, tls: bool) -> bytes:
    """The first bytes of the answer to our request; empty without any."""
    with _connected(host, port) as plain:
        try:
            spoken = _unverified().wrap_socket(plain, server_hostname=host) if tls else plain
            with spoken:
                spoken.sendall(_FRAMED)
                return spoken.recv(_ANSWER.size)
        except OSError:
            return b""


def _error_in(answer: bytes) -> int | None:
    """The error code in an answer of a broker; None if it is not from a broker."""
    if len(answer) < _ANSWER.size:
        return None
    size, correlation, error = _ANSWER.unpack(answer)
    return int(error) if size <= _MOST_BYTES and correlation == 1 else None


def _connected(host: str, port: int) -> socket.socket:
    return socket.create_connection((host, port), _TIMEOUT_S)


def _unverified() -> ssl.SSLContext:
    """Nothing secret is sent, so that anyone may answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
