"""Fetching: validators, encodings, redirects, limits, and errors that a person can read."""

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Thread
from typing import Any

import brotli
import pytest
from backports import zstd

from onrecord.errors import FetchError
from onrecord.feeds.fetch import (
    Declined,
    FetchPolicy,
    FetchRequest,
    FetchResponse,
    HostHeld,
    ServerWishes,
)
from onrecord.feeds.fetch.client import Fetcher
from onrecord.version import VERSION
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer

FEED = b"<rss/>"


def fetch(url: str, policy: FetchPolicy | None = None, **request: Any) -> FetchResponse:
    return fetch_all([url], policy, **request)[0]


def fetch_all(
    urls: list[str], policy: FetchPolicy | None = None, **request: Any
) -> list[FetchResponse]:
    async def go() -> list[FetchResponse]:
        async with Fetcher(policy or fetch_policy()) as fetcher:
            return await asyncio.gather(
                *(fetcher.fetch(FetchRequest(url=url, **request)) for url in urls)
            )

    return asyncio.run(go())


def refused(url: str, policy: FetchPolicy | None = None, **request: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(url, policy, **request)
    assert caught.value.url == url
    return caught.value


# ── validators ───────────────────────────────────────────────────────────────────────────────


def test_an_answer_carries_body_type_and_validators(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(
        FEED,
        headers={
            "Content-Type": "application/rss+xml; charset=utf-8",
            "ETag": 'W/"a b""',
            "Last-Modified": "yesterday, about noon",
        },
    )
    assert fetch(publisher.url("/feed")) == FetchResponse(
        url=publisher.url("/feed"),
        status=200,
        body=FEED,
        content_type="application/rss+xml; charset=utf-8",
        etag='W/"a b""',
        last_modified="yesterday, about noon",
        wishes=ServerWishes(),
    )


def test_both_validators_are_sent_back_byte_for_byte(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(status=304, headers={"ETag": '"new"'})
    answer = fetch(publisher.url("/feed"), etag='W/"a b""', last_modified="yesterday")
    assert (answer.is_unchanged, answer.body, answer.etag) == (True, b"", '"new"')
    headers = publisher.requests[0].headers
    assert headers["If-None-Match"] == 'W/"a b""'
    assert headers["If-Modified-Since"] == "yesterday"


def test_304_to_an_unconditional_request_is_an_error(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(status=304)
    assert refused(publisher.url("/feed")).status == 304


def test_the_request_says_who_asks(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(FEED)
    fetch(publisher.url("/feed"), fetch_policy(contact="mailto:desk@example.org"))
    headers = publisher.requests[0].headers
    said = f"onrecord/{VERSION} (feed reader; +mailto:desk@example.org)"
    assert headers["User-Agent"] == said
    assert "application/rss+xml" in headers["Accept"]
    assert "If-None-Match" not in headers


# ── wishes ───────────────────────────────────────────────────────────────────────────────────

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def in_an_hour() -> str:
    return format_datetime(NOW + timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "wishes"),
    [
        ({"Retry-After": "120"}, ServerWishes(retry_after_s=120)),
        ({"Retry-After": in_an_hour()}, ServerWishes(retry_after_s=3600)),
        ({"Retry-After": "soon"}, ServerWishes()),
        ({"Retry-After": "9" * 500}, ServerWishes(retry_after_s=366 * 86_400)),
        ({"Cache-Control": "public, max-age=600"}, ServerWishes(max_age_s=600)),
        ({"Cache-Control": 'MAX-AGE="60"'}, ServerWishes(max_age_s=60)),
        ({"Cache-Control": "s-maxage=600"}, ServerWishes()),
        ({"Cache-Control": "max-age=600, no-cache"}, ServerWishes()),
        ({"Expires": in_an_hour()}, ServerWishes(expires_s=3600)),
        ({"Expires": "0"}, ServerWishes()),
        ({"Expires": "Thu, 99 Foo 2026 99:99:99 GMT"}, ServerWishes()),
    ],
)
def test_what_the_server_wishes(headers: Mapping[str, str], wishes: ServerWishes) -> None:
    date = {"Date": format_datetime(NOW, usegmt=True)}
    # http.server adds a Date of its own; ours comes through a raw server.
    raw = "".join(f"{name}: {value}\r\n" for name, value in {**date, **headers}.items())
    with raw_server(f"HTTP/1.1 304 Not Modified\r\n{raw}\r\n".encode()) as port:
        assert fetch(f"http://127.0.0.1:{port}/", etag="x").wishes == wishes


def test_an_error_carries_the_wishes_too(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(status=429, headers={"Retry-After": "77"})
    error = refused(publisher.url("/feed"))
    assert isinstance(error, Declined)
    assert (error.status, error.reason) == (429, "HTTP 429 Too Many Requests")
    assert error.wishes.retry_after_s == 77


# ── bodies ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encode", [bytes, gzip.compress, brotli.compress, zstd.compress])
def test_the_size_limit_applies_to_what_was_decompressed(
    publisher: Publisher, encode: object
) -> None:
    names = {gzip.compress: "gzip", brotli.compress: "br", zstd.compress: "zstd"}
    body = encode(b"\0" * 20_000_000)  # type: ignore[operator]
    headers = {"Content-Encoding": names[encode]} if encode in names else {}
    publisher.answers["/bomb"] = Answer(body, headers=headers)
    error = refused(publisher.url("/bomb"), fetch_policy(max_body_bytes=1_000_000))
    assert error.reason == "the body is larger than 1000000 bytes (max_body_bytes)"


def test_a_body_of_exactly_the_limit_is_read(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(b"x" * 5000)
    assert len(fetch(publisher.url("/feed"), fetch_policy(max_body_bytes=5000)).body) == 5000


@pytest.mark.parametrize(("body", "is_whole"), [(b"<rss>half", False), (b"<rss>all</rss>\n", True)])
def test_a_body_shorter_than_promised_is_taken_as_far_as_it_came(
    publisher: Publisher, body: bytes, is_whole: bool
) -> None:
    publisher.answers["/feed"] = Answer(body, headers={"Content-Length": "1000"})
    response = fetch(publisher.url("/feed"))
    assert (response.body, response.is_whole) == (body, is_whole)
    with pytest.raises(FetchError, match="the answer broke off"):
        fetch(publisher.url("/feed"), is_page=True)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("chars", [60, 300_000])
def test_a_body_longer_than_promised_ends_where_its_length_says(chars: int, version: str) -> None:
    body = ("“é”" * (chars // 3)).encode()
    head = f"HTTP/{version} 200 OK\r\nContent-Length: {chars}\r\n\r\n".encode()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        # Head and body in one segment: aiohttp then lost the whole answer.
        Thread(target=_answer_once, args=(server, head + body), daemon=True).start()
        response = fetch(f"http://127.0.0.1:{server.getsockname()[1]}/feed")
    assert response.body == body[:chars]


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with closing(connection), suppress(ConnectionError):
        connection.recv(65_536)
        connection.sendall(answer)


def test_a_large_body_is_held_only_once_there_is_room(publisher: Publisher) -> None:
    asked: list[bool] = []

    async def make_room(is_large: bool) -> None:
        asked.append(is_large)

    publisher.answers["/small"] = Answer(b"s" * 1000)
    publisher.answers["/large"] = Answer(b"l" * 5000)
    publisher.answers["/bomb"] = Answer(
        gzip.compress(b"b" * 5000), headers={"Content-Encoding": "gzip"}
    )
    limits = fetch_policy(small_body_bytes=1000)
    for path, rooms in (("/small", [False]), ("/large", [False, True]), ("/bomb", [False, True])):
        asked.clear()
        fetch(publisher.url(path), limits, make_room=make_room)
        assert asked == rooms


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            Answer(b"no gzip", headers={"Content-Encoding": "gzip"}),
            "the body is badly compressed, or is no gzip",
        ),
        (
            Answer(b"xx", headers={"Content-Encoding": "lzma"}),
            "the body is encoded as 'lzma', which we did not ask for",
        ),
        (
            Answer(gzip.compress(FEED)[:-3], headers={"Content-Encoding": "gzip"}),
            "the answer broke off: its compressed data has no end",
        ),
        (
            Answer(status=403, headers={"cf-mitigated": "challenge"}),
            "HTTP 403 Forbidden: a challenge against robots stands before it",
        ),
        (Answer(status=404), "HTTP 404 Not Found"),
        (Answer(status=599), "HTTP 599"),
        (Answer(status=204), "HTTP 204 No Content"),
        (Answer(status=302), "HTTP 302 Found"),  # without a Location
    ],
)
def test_answers_that_cannot_be_used(publisher: Publisher, answer: Answer, reason: str) -> None:
    publisher.answers["/feed"] = answer
    assert refused(publisher.url("/feed")).reason == reason


@pytest.mark.parametrize("status", [203, 226])
def test_what_a_proxy_touched_and_deltas_are_documents(publisher: Publisher, status: int) -> None:
    publisher.answers["/feed"] = Answer(FEED, status)
    assert fetch(publisher.url("/feed")).body == FEED


def test_a_compressed_file_is_unpacked_within_the_limit(publisher: Publisher) -> None:
    publisher.answers["/feed.gz"] = Answer(gzip.compress(FEED))
    publisher.answers["/bomb.gz"] = Answer(gzip.compress(b"\0" * 20_000_000))
    publisher.answers["/odd"] = Answer(b"\x1f\x8b\x08 and no more")
    assert fetch(publisher.url("/feed.gz")).body == FEED
    assert fetch(publisher.url("/odd")).body == b"\x1f\x8b\x08 and no more"
    error = refused(publisher.url("/bomb.gz"), fetch_policy(max_body_bytes=1_000_000))
    assert error.reason == "the body is larger than 1000000 bytes (max_body_bytes)"


def test_headers_may_be_long_as_those_of_real_sites_are(publisher: Publisher) -> None:
    policy = {f"X-{number}": "x" * 20 for number in range(200)}
    publisher.answers["/feed"] = Answer(FEED, headers={"X-Policy": "x" * 30_000, **policy})
    assert fetch(publisher.url("/feed")).body == FEED


def test_a_server_that_closes_after_each_answer_without_a_word_fails_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:

        def answer_and_leave() -> None:
            for connection in _accepted(server):
                with connection, suppress(ConnectionError):
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")

        threading.Thread(target=answer_and_leave, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        answers = fetch_all([url] * 100, fetch_policy(per_host=4))
    assert [answer.body for answer in answers] == [FEED] * 100


def test_a_connection_that_breaks_is_not_asked_again() -> None:
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def slam() -> None:
            for connection in _accepted(server):
                with connection, suppress(ConnectionError):
                    asked.append(connection.recv(4096))

        threading.Thread(target=slam, daemon=True).start()
        error = refused(f"http://127.0.0.1:{server.getsockname()[1]}/")
    assert "closed the connection without an answer" in error.reason
    assert len(asked) == 1


def _accepted(server: socket.socket) -> Iterator[socket.socket]:
    """The connections to a server until it is closed."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        yield connection


# ── redirects ────────────────────────────────────────────────────────────────────────────────


def test_redirects_are_followed_and_told(publisher: Publisher) -> None:
    publisher.answers["/a"] = Answer(status=301, headers={"Location": "/dir/b?x=1"})
    publisher.answers["/dir/b?x=1"] = Answer(status=302, headers={"Location": "c"})
    publisher.answers["/dir/c"] = Answer(FEED)
    answer = fetch(publisher.url("/a"), etag='"1"')
    assert (answer.url, answer.body) == (publisher.url("/dir/c"), FEED)
    assert [(hop.status, hop.url) for hop in answer.redirects] == [
        (301, publisher.url("/dir/b?x=1")),
        (302, publisher.url("/dir/c")),
    ]
    assert all(request.headers["If-None-Match"] == '"1"' for request in publisher.requests)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/a", "HTTP 302: it redirects in a circle"),
        ("file:///etc/passwd", "only http and https are asked"),
        ("ftp://example.org/", "only http and https are asked"),
        ("javascript:alert(1)", "only http and https are asked"),
        ("http://[::1", "is not a URL"),
    ],
)
def test_redirects_that_are_not_followed(publisher: Publisher, location: str, reason: str) -> None:
    publisher.answers["/a"] = Answer(status=302, headers={"Location": location})
    assert reason in refused(publisher.url("/a")).reason


@pytest.mark.parametrize("url", ["http:///feed", "ftp://example.org/", "nonsense", ""])
def test_what_is_no_url_is_refused(url: str) -> None:
    assert repr(url) in refused(url).reason


def test_redirects_without_end_end(publisher: Publisher) -> None:
    for number in range(20):
        publisher.answers[f"/{number}"] = Answer(status=302, headers={"Location": f"/{number + 1}"})
    error = refused(publisher.url("/0"), fetch_policy(max_redirects=5))
    assert error.reason == "HTTP 302: more than 5 redirects (max_redirects)"
    assert len(publisher.requests) == 6


# ── time ─────────────────────────────────────────────────────────────────────────────────────


def test_a_slow_answer_is_given_up_at_the_limit(publisher: Publisher) -> None:
    publisher.answers["/slow"] = Answer(FEED, delay_s=60)
    began = time.monotonic()
    error = refused(publisher.url("/slow"), fetch_policy(total_timeout_s=0.3))
    assert error.reason == "no full answer within 0.3 s (total_timeout_s)"
    assert time.monotonic() - began < 60


def test_a_slow_drip_is_given_up_at_the_limit(publisher: Publisher) -> None:
    publisher.answers["/drip"] = Answer(pieces=(b"x",) * 1000, pause_s=0.05)
    error = refused(publisher.url("/drip"), fetch_policy(total_timeout_s=0.4))
    assert error.reason == "no full answer within 0.4 s (total_timeout_s)"


def test_the_total_time_counts_all_redirects(publisher: Publisher) -> None:
    for number in range(10):
        publisher.answers[f"/{number}"] = Answer(
            status=302, headers={"Location": f"/{number + 1}"}, delay_s=0.15
        )
    error = refused(publisher.url("/0"), fetch_policy(total_timeout_s=0.4))
    assert error.reason == "no full answer within 0.4 s (total_timeout_s)"


def test_waiting_for_a_busy_host_does_not_count_as_its_time(publisher: Publisher) -> None:
    """The last waits for 7 s, longer than the limit. Each has most of the limit to spare."""
    paths = [f"/{number}" for number in range(16)]
    publisher.answers |= dict.fromkeys(paths, Answer(FEED, delay_s=1.0))
    policy = fetch_policy(per_host=2, total_timeout_s=6.0)
    answers = fetch_all([publisher.url(path) for path in paths], policy)
    assert [answer.body for answer in answers] == [FEED] * len(paths)
    assert publisher.most_at_once == 2


def test_all_hosts_together_have_their_limit(publisher: Publisher) -> None:
    urls = [publisher.url("/feed", host) for host in ("127.0.0.1", "localhost")] * 2
    publisher.answers["/feed"] = Answer(FEED, delay_s=0.1)
    fetch_all(urls, fetch_policy(per_host=4, concurrency=1))
    assert publisher.most_at_once == 1


def test_a_host_is_asked_no_more_often_than_the_pause_allows(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(FEED)
    began = time.monotonic()
    fetch_all([publisher.url("/feed")] * 4, fetch_policy(host_spacing_s=0.2, per_host=4))
    # From the beginning, not from the first request: that one may take long to arrive.
    assert publisher.requests[-1].at - began >= 3 * 0.2


def test_the_pause_of_one_host_is_not_that_of_another(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(FEED)
    fetch_all(
        [publisher.url("/feed"), publisher.url("/feed", "localhost")],
        fetch_policy(host_spacing_s=1_000, total_timeout_s=30),
    )
    assert len(publisher.requests) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_to_be_left_alone_is_left_alone_by_all(
    publisher: Publisher, status: int
) -> None:
    publisher.answers["/busy"] = Answer(status=status, headers={"Retry-After": "60"})
    publisher.answers["/other"] = Answer(FEED)

    async def go() -> None:
        async with Fetcher(fetch_policy()) as fetcher:
            with pytest.raises(Declined):
                await fetcher.fetch(FetchRequest(url=publisher.url("/busy")))
            with pytest.raises(HostHeld, match="wants to be left alone for another 60 s"):
                await fetcher.fetch(FetchRequest(url=publisher.url("/other")))
            elsewhere = publisher.url("/other", "localhost")
            assert (await fetcher.fetch(FetchRequest(url=elsewhere))).body == FEED

    asyncio.run(go())
    assert publisher.asked("/other") == 1


def test_no_host_is_left_alone_longer_than_the_longest_hold(publisher: Publisher) -> None:
    publisher.answers["/busy"] = Answer(status=429, headers={"Retry-After": "9999"})

    async def go() -> None:
        async with Fetcher(fetch_policy(longest_hold_s=0.0)) as fetcher:
            for _ in range(2):
                with pytest.raises(Declined):
                    await fetcher.fetch(FetchRequest(url=publisher.url("/busy")))

    asyncio.run(go())


def test_an_answer_that_never_begins_is_given_up(publisher: Publisher) -> None:
    publisher.answers["/slow"] = Answer(FEED, delay_s=60)
    error = refused(publisher.url("/slow"), fetch_policy(header_timeout_s=0.3))
    assert error.reason == "no answer began within 0.3 s (header_timeout_s)"


# ── addresses that are not asked ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("localhost", "loopback"),  # by name
        ("[::1]", "loopback"),
        ("[::ffff:127.0.0.1]", "loopback"),
        ("[64:ff9b::127.0.0.1]", "loopback"),
        ("169.254.169.254", "link-local"),
        ("10.0.0.1", "private"),
        ("0.0.0.0", "unspecified"),
    ],
)
def test_an_address_of_our_own_network_is_not_connected_to(
    publisher: Publisher, host: str, kind: str
) -> None:
    error = refused(publisher.url("/feed", host), FetchPolicy(connect_timeout_s=5))
    article = "an" if kind == "unspecified" else "a"
    assert error.reason.endswith(f"it is at {article} {kind} address (not in allow_addresses)")
    assert publisher.requests == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_an_address_in_disguise_is_not_connected_to(publisher: Publisher, host: str) -> None:
    assert refused(publisher.url("/feed", host), FetchPolicy()).reason
    assert publisher.requests == []


def test_every_hop_of_a_redirect_is_judged(publisher: Publisher) -> None:
    there = publisher.url("/secret", "127.0.0.2")
    publisher.answers["/feed"] = Answer(status=302, headers={"Location": there})
    policy = FetchPolicy(allow_addresses="127.0.0.1", host_spacing_s=0.0)
    reason = refused(publisher.url("/feed"), policy).reason
    assert reason == "cannot reach 127.0.0.2: it is at a loopback address (not in allow_addresses)"
    assert publisher.asked("/secret") == 0


def test_a_proxy_of_the_environment_may_be_on_our_own_network(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", publisher.url(""))
    monkeypatch.setenv("no_proxy", "localhost")
    publisher.answers["http://feeds.example/news"] = Answer(FEED)
    assert fetch("http://feeds.example/news", FetchPolicy()).body == FEED
    assert "loopback" in refused(publisher.url("/x", "localhost"), FetchPolicy()).reason
    asked = len(publisher.requests)
    for host in ("169.254.169.254", "10.0.0.1", "[::1]", "x.localhost"):
        assert "not in allow_addresses" in refused(f"http://{host}/", FetchPolicy()).reason
    assert len(publisher.requests) == asked, "not through the proxy either"


# ── what cannot be reached ───────────────────────────────────────────────────────────────────


def test_a_refused_connection_in_words() -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        error = refused(f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert error.reason == "cannot reach 127.0.0.1: connection refused"
    assert error.status is None


def test_an_unknown_name_in_words() -> None:
    error = refused("http://no-such-host.invalid/feed", fetch_policy(connect_timeout_s=5))
    assert error.reason in (
        "cannot reach no-such-host.invalid: name not found",
        "cannot reach no-such-host.invalid: no connection within 5 s (connect_timeout_s)",
    )


def test_plain_http_where_tls_is_expected_in_words(publisher: Publisher) -> None:
    error = refused(publisher.url("/feed").replace("http:", "https:"))
    assert error.reason.startswith("cannot speak securely with 127.0.0.1: ")
    assert "<" not in error.reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "127.0.0.1 closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "127.0.0.1 did not answer in proper HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
            "127.0.0.1 did not answer in proper HTTP",
        ),
    ],
)
def test_what_is_no_http_in_words(raw: bytes, reason: str) -> None:
    with raw_server(raw) as port:
        assert refused(f"http://127.0.0.1:{port}/").reason == reason


def test_a_validator_that_is_not_text_is_not_kept() -> None:
    with raw_server(b'HTTP/1.1 200 OK\r\nETag: "\xff"\r\nContent-Length: 6\r\n\r\n<rss/>') as port:
        assert fetch(f"http://127.0.0.1:{port}/").etag is None


class raw_server:  # noqa: N801  used as a function
    """Answers one connection with these bytes."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._socket = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        Thread(target=self._serve, daemon=True).start()
        return int(self._socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        for _ in range(2):  # aiohttp asks a second time when a connection ends without a word
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            # An error of this thread would fail whatever test runs then.
            with connection, suppress(ConnectionError):
                connection.recv(65536)
                connection.sendall(self._raw)
