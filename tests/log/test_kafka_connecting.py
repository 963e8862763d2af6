"""A broker that is away is waited for, whatever stands in front of it; a wrong setting is refused.

A proxy or load balancer accepts connections while its broker is away, and closes them, resets
them or leaves them open. To a client a broker that expects another protocol looks the same.
"""

import gc
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace, coroutine

import pytest
from kafka.errors import KafkaTimeoutError, UnsupportedSaslMechanismError

from onrecord.errors import LogRefused, LogUnavailable
from onrecord.log.kafka.connecting import Attempts, _transport
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.log.kafka.probing import wrong_setting
from tests.patience import PATIENCE_S

# Python leaves a socket that is reset within `wrap_socket` to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PLAIN = KafkaPolicy(timeout_s=0.6)
# Where an attempt must have been answered before the time is over, on a loaded machine too.
PATIENT = KafkaPolicy(timeout_s=6)
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
            thread.join(PATIENCE_S)
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
    thread.join(PATIENCE_S)
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
        error = error_of(url, PATIENT)
    assert type(error) is LogRefused
    assert "not the port of a Kafka broker" in str(error)


def test_a_name_that_the_name_server_cannot_look_up_now_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr("onrecord.log.kafka.connecting.socket.getaddrinfo", fails)
    error = error_of("kafka://broker.invalid:9092", PATIENT)
    assert type(error) is LogUnavailable, error
    assert "broker.invalid:9092 cannot be found: Temporary failure" in str(error)


def test_an_unknown_name_beside_a_broker_that_is_away_is_waited_for() -> None:
    with listening(closes) as url:
        away = url.removeprefix("kafka://")
        error = error_of(f"kafka://no-such-broker.invalid:9092,{away}", PLAIN)
    assert type(error) is LogUnavailable, error


def test_a_name_that_no_machine_can_have_is_refused_or_passed_over() -> None:
    """Python raises UnicodeError for an empty label, and for one of more than 63 characters."""
    for name in ("a..b", "x" * 64 + ".example"):
        error = error_of(f"kafka://{name}:9092", PATIENT)
        assert type(error) is LogRefused, error
        assert f"{name}:9092 cannot be found" in str(error)
        assert wrong_setting([f"{name}:9092"], PLAIN) is None


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        ((4, 10), "want a name and a password"),
        ((10,), "want a name and a password"),
        ((4,), None),  # and then it hangs up
    ],
)
def test_an_answer_in_pieces_is_read_as_a_whole(pieces: tuple[int, ...], found: str | None) -> None:
    answer = struct.pack(">iih", 6, 1, UnsupportedSaslMechanismError.errno)

    def answers_in_pieces(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.recv(4096)
        begin = 0
        for end in pieces:
            connection.sendall(answer[begin:end])
            begin = end
            time.sleep(0.1)  # without it, the pieces could arrive together and the test pass
        connection.close()

    with listening(answers_in_pieces) as url:
        said = wrong_setting([url.removeprefix("kafka://")], PATIENT)
    assert said is None if found is None else found in str(said)


def test_a_port_is_looked_at_only_after_an_attempt_has_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looks(*_: object) -> None:
        raise AssertionError("it was looked at")

    monkeypatch.setattr("onrecord.log.kafka.connecting.wrong_setting", looks)
    timeout = KafkaTimeoutError("nothing yet")
    assert Attempts(["broker.invalid:9092"], PLAIN).reason(timeout) is timeout


def test_an_attempt_given_up_in_its_handshake_closes_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)

    async def connected(*_: object, **__: object) -> socket.socket:
        return ours

    waited_for: list[socket.socket] = []

    class Silence:
        """A loop in which nothing ever arrives."""

        @coroutine
        def wait_read(self, sock: socket.socket, **_: object) -> Iterator[None]:
            waited_for.append(sock)
            yield

    monkeypatch.setattr("onrecord.log.kafka.connecting.create_connection", connected)
    settings: dict[str, object] = {
        "socket_options": [],
        "proxy_url": None,
        "ssl_context": ssl.create_default_context(),
    }
    manager = SimpleNamespace(config=settings, _net=Silence(), ssl_enabled=True)
    attempt = _transport(manager, set(), SimpleNamespace(host="broker.example", port=9092))
    with theirs:
        attempt.send(None)
        attempt.close()
    assert [sock.fileno() for sock in waited_for] == [-1]
