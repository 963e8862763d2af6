"""A broker that is away is waited for, whatever stands in front of it; a wrong setting is refused.

A proxy or load balancer accepts connections while its broker is away, and closes them, resets
them or leaves them open. To a client a broker that expects another protocol looks the same.
"""

import gc
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from onrecord.errors import LogRefused, LogUnavailable
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import KafkaPolicy

# Python leaves a socket that is reset within `wrap_socket` to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PLAIN = KafkaPolicy(timeout_s=0.6)
TLS = replace(PLAIN, security="ssl")
PASSWORD = replace(
    PLAIN, security="sasl_plaintext", mechanism="PLAIN", username="desk", password="invented"
)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def closes(connection: socket.socket) -> None:
    connection.close()


def closes_when_spoken_to(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.close()


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    connection.close()


def is_silent(connection: socket.socket) -> None:
    del connection  # it is kept by `listening`


def speaks_http(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    connection.close()


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """The URL of a port whose connections are answered so."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # closed
                    return
                kept.append(connection)
                try:
                    answer(connection)
                except OSError:
                    connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"kafka://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(60)
            for each in kept:
                each.close()


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


def error_of(url: str, policy: KafkaPolicy) -> Exception:
    """What a question to the log ends with; it must end."""
    ended: list[Exception] = []

    def ask() -> None:
        with KafkaLog(url, policy=policy) as log:
            try:
                log.topics()
            except Exception as error:  # noqa: BLE001 - what it is is looked at
                ended.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(60)
    assert ended, "it never ended"
    return ended[0]


@pytest.mark.parametrize(
    ("answer", "policy"),
    [
        (closes, PASSWORD),
        (closes_when_spoken_to, TLS),
        (resets, PLAIN),
        (resets, TLS),
        (is_silent, TLS),
    ],
)
def test_a_proxy_without_a_broker_behind_it_is_waited_for(
    answer: Callable[[socket.socket], None], policy: KafkaPolicy
) -> None:
    with listening(answer) as url:
        error = error_of(url, policy)
    assert type(error) is LogUnavailable, error


def test_a_port_of_another_program_is_refused() -> None:
    with listening(speaks_http) as url:
        error = error_of(url, PLAIN)
    assert type(error) is LogRefused
    assert "not the port of a Kafka broker" in str(error)


def test_a_name_that_the_name_server_cannot_look_up_now_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr("onrecord.log.kafka.connecting.socket.getaddrinfo", fails)
    error = error_of("kafka://broker.invalid:9092", PLAIN)
    assert type(error) is LogUnavailable, error
    assert "broker.invalid:9092 cannot be found: Temporary failure" in str(error)


def test_an_unknown_name_beside_a_broker_that_is_away_is_waited_for() -> None:
    with listening(closes) as url:
        away = url.removeprefix("kafka://")
        error = error_of(f"kafka://no-such-broker.invalid:9092,{away}", PLAIN)
    assert type(error) is LogUnavailable, error
