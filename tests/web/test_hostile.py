"""What is hardly HTTP, or none: each is answered or let go, and leaves no stack in the log."""

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from onrecord.sink.selection import What
from onrecord.web.cursor import Place, to_text
from tests.patience import PATIENCE_S
from tests.web.conftest import Reader, Source, run

HOST = b"Host: localhost\r\nConnection: close\r\n"
FACE = "%F0%9F%99%82"  # the longest that a character becomes in a URL
LONG = "&".join(f"{name}={FACE * 499}a" for name in ("speaker", "entity", "publisher", "match"))


def exchange(url: str, *parts: bytes, half_closed: bool = False) -> bytes:
    """What the server says until it closes."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port), timeout=PATIENCE_S) as connection:
        found = b""
        with suppress(ConnectionError):  # closed before it had read everything
            for part in parts:
                connection.sendall(part)
            if half_closed:
                connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while data := connection.recv(65_536):
                found += data
        return found


@pytest.fixture(autouse=True)
def log_without_stacks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.INFO)
    yield
    assert [record for record in caplog.records if record.exc_info] == []


def ask(source: Source, *parts: bytes, half_closed: bool = False) -> bytes:
    async def test(reader: Reader) -> bytes:
        return await asyncio.to_thread(exchange, reader.url, *parts, half_closed=half_closed)

    found: bytes = run(source, test)
    return found


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /quotes/page HTTP/1.1\r\n" + HOST + b"X: \0\r\n\r\n",
        b"GET /quotes/page HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 5_000 + b"\r\n",
        b"GET /quotes/page HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /quotes/page HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /quotes?speaker=" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /quotes HTTP/1.1\r\n" + HOST + b"Last-Event-ID: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /quotes/page?speaker=m\xfcller HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /quotes HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_request_is_refused(source: Source, request_bytes: bytes) -> None:
    # Nothing, where it was closed on us while we wrote.
    assert ask(source, request_bytes)[9:12] in {b"400", b"405", b""}


@pytest.mark.parametrize("part", [b"", b"GET /quo", b"GET /quotes HTTP/1.1\r\nHost: l"])
def test_who_breaks_off_is_let_go(source: Source, part: bytes) -> None:
    assert ask(source, part, half_closed=True) == b""


def test_a_request_may_come_in_pieces(source: Source) -> None:
    source.publish(1)
    line = b"GET /quotes/page?from=earliest HTTP/1.1\r\n"
    found = ask(source, line[:9], line[9:25], line[25:40], line[40:], HOST[:5], HOST[5:], b"\r\n")
    assert found.startswith(b"HTTP/1.1 200")
    assert found.endswith(b'"more":false}')


def test_everything_that_the_description_allows_fits_into_a_request(source: Source) -> None:
    source.publish(1)
    # A cursor of a thousand partitions, and texts of 500 characters.
    cursor = to_text(Place(dict.fromkeys(range(1000), 2**50)), source.topics[What.QUOTES])
    assert len(cursor) > 8_190 < len(LONG)
    asked = f"GET /quotes?{LONG}&until=end HTTP/1.1\r\nLast-Event-ID: {cursor}\r\n".encode()
    head, _, body = ask(source, asked, HOST, b"\r\n").partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert json.loads(body)["detail"].startswith("the cursor (or Last-Event-ID) is past the end")
    page = ask(
        source, f"GET /quotes/page?{LONG}&from=earliest HTTP/1.1\r\n".encode(), HOST, b"\r\n"
    )
    assert page.startswith(b"HTTP/1.1 200")


def test_a_page_elsewhere_may_not_ask_by_naming_another_host_in_its_line(source: Source) -> None:
    found = ask(source, b"GET http://evil.example/quotes/page HTTP/1.1\r\n" + HOST + b"\r\n")
    assert found.startswith(b"HTTP/1.1 421")


def test_a_zone_with_a_bare_plus_is_understood(source: Source) -> None:
    source.publish(1)

    async def test(reader: Reader) -> None:
        page = await reader.json("/articles/page?from=2020-11-01T02:00+02:00")
        assert len(page["records"]) == 1

    run(source, test)
