"""What connects and asks for nothing costs little, and goes first."""

import asyncio
import logging
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import create_connection, socket
from urllib.parse import urlsplit

import pytest

from onrecord.web.connections import ConnectionLimits, FewLines, OpenConnections, within_descriptors
from tests.web.conftest import Reader, Source, run
from tests.web.test_hostile import HOST, exchange


@contextmanager
def connected(url: str, count: int, sent: bytes) -> Iterator[list[socket]]:
    where = urlsplit(url)
    with ExitStack() as opened:
        found = []
        for _ in range(count):
            one = opened.enter_context(create_connection((where.hostname, where.port), timeout=30))
            one.sendall(sent)
            found.append(one)
        yield found


def until_closed(connection: socket) -> bytes:
    found = b""
    try:
        while data := connection.recv(65_536):
            found += data
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize("part", [b"", b"GET /quo", b"GET /health HTTP/1.1\r\n" + HOST])
def test_who_asks_for_nothing_is_let_go(source: Source, part: bytes) -> None:
    async def test(reader: Reader) -> None:
        with connected(reader.url, 3, part) as idle:
            for connection in idle:
                assert await asyncio.to_thread(until_closed, connection) == b""

    run(source, test, idle_s=0.3)


def test_a_connection_that_was_answered_and_asks_no_more_is_let_go(source: Source) -> None:
    request = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    async def test(reader: Reader) -> None:
        with connected(reader.url, 1, request + request) as (connection,):
            found = await asyncio.to_thread(until_closed, connection)
        assert found.count(b"HTTP/1.1 200") == 2

    run(source, test, idle_s=3.0)


def test_whoever_asks_is_answered_beside_many_who_only_connect(source: Source) -> None:
    async def test(reader: Reader) -> None:
        with connected(reader.url, 60, b"GET /quo") as idle:
            for _ in range(3):
                found = await asyncio.to_thread(
                    exchange, reader.url, b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"
                )
                assert found.startswith(b"HTTP/1.1 200")
            # The first of them had to make room.
            assert await asyncio.to_thread(until_closed, idle[0]) == b""

    run(source, test, connections=20)


def test_streams_keep_their_places_when_there_is_no_room(source: Source) -> None:
    async def test(reader: Reader) -> None:
        async with reader.open("/quotes") as first, reader.open("/quotes") as second:
            await reader.until_streams_are(2)
            with connected(reader.url, 5, b"GET /quo"):
                source.publish(1)
                for stream in (first, second):
                    assert b"retry" in await stream.content.readline()
        assert (await reader.json("/health"))["status"] == "ok"

    run(source, test, connections=3)


def test_a_request_that_never_ends_is_bounded_in_bytes(source: Source) -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 19_000) for n in range(20))

    async def test(reader: Reader) -> None:
        part = b"GET /health HTTP/1.1\r\n" + HOST + headers
        assert await asyncio.to_thread(exchange, reader.url, part) == b""

    run(source, test)


def test_nothing_says_which_software_answers(source: Source) -> None:
    async def test(reader: Reader) -> None:
        for request in (b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n", b"\0\0\r\n\r\n"):
            found = await asyncio.to_thread(exchange, reader.url, request)
            assert found.startswith(b"HTTP/1.")
            assert b"aiohttp" not in found
            assert b"Python" not in found
        async with reader.open("/health") as response:
            assert "Server" not in response.headers

    run(source, test)


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_waiting_requests_are_bounded_together_and_the_largest_goes() -> None:
    async def test() -> list[bool]:
        limits = ConnectionLimits(connections=99, idle_s=60, request_bytes=100, waiting_bytes=150)
        connections = OpenConnections(limits, asyncio.Protocol)
        transports = [Transport() for _ in range(3)]
        for transport, size in zip(transports, (60, 80, 20), strict=True):
            connection = connections()
            connection.connection_made(transport)
            connection.data_received(b"x" * size)
        return [transport.aborted for transport in transports]

    assert asyncio.run(test()) == [False, True, False]


def test_there_are_never_more_than_the_system_has_room_for() -> None:
    limit, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        assert within_descriptors(2000) == 192
        assert within_descriptors(10) == 10
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def test_lines_of_the_log_are_bounded_and_say_how_many_were_left_out() -> None:
    few = FewLines(most=2, seconds=0.0)
    few._seconds = 60.0
    records = [logging.LogRecord("x", logging.INFO, "", 0, "line %d", (n,), None) for n in range(6)]
    assert [few.filter(record) for record in records[:5]] == [True, True, False, False, False]
    few._seconds = 0.0
    assert few.filter(records[5])
    assert records[5].getMessage() == "line 5 (3 lines before it were left out)"
