"""Fetching over HTTP: the one place where onrecord talks to publishers.

Comes in: a URL and the validators its server gave last time. Goes out: the body, decompressed,
with the validators and wishes of the server; or a FetchError that says in plain words what went
wrong and, where a limit was hit, which one. Every limit is in `FetchPolicy`.

A host is asked by a few connections at once, with a pause in between, and not at all while it
wants to be left alone; and no address is connected to that is not the public internet's.
"""

import asyncio
import errno
import re
import socket
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from pipeline import __version__
from pipeline.errors import FetchError
from pipeline.feeds.addresses import Network, fault_in, fault_in_name
from pipeline.feeds.schedule import ServerWishes

ACCEPT_FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
ACCEPT_PAGES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_REDIRECTS = (301, 302, 303, 307, 308)
# Deltas (226) and what a proxy has touched (203) are documents like any other.
_GIVEN = (200, 203, 226)
_CHUNK_BYTES = 64 * 1024
# Servers close idle connections after five seconds or more; we are gone by then.
_KEPT_OPEN_S = 2.0
# Policies of what a page may load grow to tens of kilobytes, on feeds as well.
_LONGEST_HEADER = 64 * 1024
_MOST_HEADERS = 512
_ONE_YEAR_S = 366 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """What an answer may cost.

    `connect_timeout_s` is for one connection, TLS included; `header_timeout_s` from asking until
    the answer begins; `total_timeout_s` from connecting to the last byte, redirects included,
    waiting for a free connection not. `max_body_bytes` limits what has been decompressed.
    `per_host` limits connections at once to one host, `concurrency` those to all of them;
    `host_spacing_s` is the pause between two requests to a host. A host that asks for it is left
    alone, `longest_hold_s` at most. `allowed` addresses are asked though they are not public.
    """

    connect_timeout_s: float = 10.0
    header_timeout_s: float = 30.0
    total_timeout_s: float = 60.0
    max_body_bytes: int = 10 * 1024 * 1024
    max_redirects: int = 10
    per_host: int = 2
    concurrency: int = 32
    host_spacing_s: float = 0.0
    longest_hold_s: float = 86_400.0
    allowed: tuple[Network, ...] = ()
    user_agent: str = f"onrecord/{__version__} (news feed reader)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """What to ask for. Validators are sent back byte for byte as they were received.

    `may_follow` is asked of every URL that a redirect leads to; None follows all that are safe.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    accept: str = ACCEPT_FEEDS
    may_follow: Callable[[str], Awaitable[bool]] | None = None

    @property
    def is_conditional(self) -> bool:
        """Whether the server may answer "not modified"."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One hop: the status that sent us on, and where to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResponse:
    """An answer that can be used: 200 or the like, or 304 with an empty body.

    `url` is where the body came from after redirects. A validator is None when the server sent
    none, or one that is not text and so could not be sent back as it was.
    """

    url: str
    status: int
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: str | None
    wishes: ServerWishes
    redirects: tuple[Redirect, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def is_unchanged(self) -> bool:
        """Whether the server said that nothing changed since the validators were given."""
        return self.status == 304


class Declined(FetchError):
    """A server answered, but not with what was asked for. `wishes` says when to come back.

    `host` is who answered, perhaps after redirects; see `host_of`.
    """

    def __init__(
        self, url: str, reason: str, *, status: int, wishes: ServerWishes, host: str
    ) -> None:
        super().__init__(url, reason, status=status)
        self.wishes = wishes
        self.host = host

    @property
    def holds_host(self) -> bool:
        """Whether the whole host wants to be left alone, and not only this URL."""
        return self.status in (429, 503) and bool(self.wishes.retry_after_s)


class HostHeld(FetchError):
    """Not asked, because the host wants to be left alone."""


def host_of(url: str) -> str:
    """Whose server a URL is on, with its port unless that is the usual one."""
    try:
        parsed = URL(url)
    except ValueError:
        return url
    host = (parsed.host or url).lower()
    return host if parsed.port in (None, 80, 443) else f"{host}:{parsed.port}"


class Fetcher:
    """Fetches under one policy, with connections kept open between requests.

    An async context manager, used inside one event loop. Any number of fetches may run at
    once; those to one host wait for each other as the policy says.
    """

    def __init__(self, policy: FetchPolicy) -> None:
        self.policy = policy
        self._session: aiohttp.ClientSession | None = None
        self._by_proxy: aiohttp.ClientSession | None = None
        self._all = asyncio.Semaphore(policy.concurrency)
        self._hosts: dict[str, _Host] = {}

    async def __aenter__(self) -> Self:
        self._session = self._open_session(socket_factory=_guard(self.policy.allowed))
        # A proxy stands on our own network. It alone knows which address a name leads to; what a
        # name tells by itself is judged all the same.
        self._by_proxy = self._open_session()
        return self

    def _open_session(self, **connector: Any) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            # Limits are kept here, per host name; the pool itself need not queue.
            connector=aiohttp.TCPConnector(
                limit=0, ttl_dns_cache=60, keepalive_timeout=_KEPT_OPEN_S, **connector
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=self.policy.connect_timeout_s,
                sock_connect=self.policy.connect_timeout_s,
            ),
            headers={"User-Agent": self.policy.user_agent},
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            max_headers=_MOST_HEADERS,
        )
        # aiohttp asks again by itself when a connection breaks, with no public way to stop it. A
        # publisher is asked once a poll; nearly all that would mend is connections kept too long.
        session._retry_connection = False  # noqa: SLF001
        return session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for session in (self._session, self._by_proxy):
            if session is not None:
                await session.close()
        self._session = self._by_proxy = None

    def hold(self, host: str, seconds: float) -> None:
        """Leave a host alone for so long, or for as long as the policy allows."""
        until = time.monotonic() + min(seconds, self.policy.longest_hold_s)
        known = self._host(host)
        known.held_until = max(known.held_until, until)

    def space(self, host: str, seconds: float) -> None:
        """Ask a host no more often than this from now on, as it says in its robots.txt."""
        known = self._host(host)
        known.spacing_s = max(known.spacing_s, seconds)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """The answer to a request, redirects followed. Raises FetchError.

        HostHeld is raised while a host is held, before it is asked.
        """
        left_s = self.policy.total_timeout_s
        redirects: list[Redirect] = []
        url = _parse_url(request.url, request.url)
        while True:
            async with self._connection_to(host_of(str(url)), request.url):
                began = time.monotonic()
                answer = await self._ask(request, url, left_s)
                left_s -= time.monotonic() - began
            if isinstance(answer, FetchResponse):
                return replace(answer, redirects=tuple(redirects))
            url = _parse_url(answer.url, request.url)
            redirects.append(answer)
            self._check_redirects(request.url, redirects)
            if request.may_follow is not None and not await request.may_follow(str(url)):
                raise FetchError(
                    request.url,
                    f"HTTP {answer.status}: it leads to {url}, where we may not go",
                    status=answer.status,
                )

    async def submit(self, to: str, form: Mapping[str, str]) -> None:
        """Post a form, with the same care as for feeds. Raises FetchError unless it is accepted."""
        url = _parse_url(to, to)
        async with self._connection_to(host_of(to), to):
            try:
                async with (
                    asyncio.timeout(self.policy.total_timeout_s),
                    await self._send(url, "POST", data=form) as response,
                ):
                    if response.status // 100 != 2:
                        raise FetchError(
                            to, _status_in_words(response.status), status=response.status
                        )
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise FetchError(
                    to, _in_words(error, url.host or "the host", self.policy)
                ) from error

    async def _ask(
        self, request: FetchRequest, url: URL, left_s: float
    ) -> FetchResponse | Redirect:
        """One hop, within what is left of the total time."""
        try:
            async with asyncio.timeout(left_s), await self._answer(url, request) as response:
                return await self._read(request, url, response)
        except Declined as declined:
            if declined.holds_host:
                self.hold(declined.host, declined.wishes.retry_after_s or 0.0)
            raise
        except FetchError:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # TimeoutError is an OSError; ValueError is how yarl and the codecs refuse.
            raise FetchError(
                request.url, _in_words(error, url.host or "the host", self.policy)
            ) from error

    async def _answer(self, url: URL, request: FetchRequest) -> aiohttp.ClientResponse:
        """The answer as soon as its headers are there."""
        try:
            async with asyncio.timeout(self.policy.header_timeout_s):
                return await self._get(url, request)
        except aiohttp.ServerTimeoutError:
            raise  # the connection's own limit
        except TimeoutError as error:
            raise FetchError(
                request.url,
                f"no answer began within {self.policy.header_timeout_s:g} s (header_timeout_s)",
            ) from error

    def _get(self, url: URL, request: FetchRequest) -> "aiohttp.client._RequestContextManager":
        headers = {"Accept": request.accept, "Accept-Encoding": "gzip, deflate, br, zstd"}
        if request.etag is not None:
            headers["If-None-Match"] = request.etag
        if request.last_modified is not None:
            headers["If-Modified-Since"] = request.last_modified
        return self._send(url, "GET", headers=headers)

    def _send(self, url: URL, method: str, **more: Any) -> "aiohttp.client._RequestContextManager":
        """One request, by the proxy that the environment names, if any."""
        proxy = _proxy_for(url)
        session = self._session if proxy is None else self._by_proxy
        if session is None:
            raise RuntimeError("a Fetcher is used inside `async with`")
        if proxy is not None and (fault := fault_in_name(url.host or "", self.policy.allowed)):
            raise _AddressRefused(fault)
        return session.request(method, url, allow_redirects=False, proxy=proxy, **more)

    async def _read(
        self, request: FetchRequest, url: URL, response: aiohttp.ClientResponse
    ) -> FetchResponse | Redirect:
        status = response.status
        if status in _REDIRECTS and "Location" in response.headers:
            return Redirect(status=status, url=_join(url, response.headers["Location"]))
        wishes = _wishes(response, datetime.now(UTC))
        if status not in _GIVEN and not (status == 304 and request.is_conditional):
            raise Declined(
                request.url,
                _status_in_words(status),
                status=status,
                wishes=wishes,
                host=host_of(str(url)),
            )
        return FetchResponse(
            url=str(response.url),
            status=status,
            body=await self._body(request, response) if status in _GIVEN else b"",
            content_type=_text(response, "Content-Type"),
            etag=_text(response, "ETag"),
            last_modified=_text(response, "Last-Modified"),
            wishes=wishes,
            headers=tuple((name, value) for name, value in response.headers.items()),
        )

    async def _body(self, request: FetchRequest, response: aiohttp.ClientResponse) -> bytes:
        """The decompressed body, given up as soon as it is too large.

        aiohttp decompresses a bounded piece at a time and waits for us to take it, so a bomb
        costs no more than the limit.
        """
        limit = self.policy.max_body_bytes
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"):
            raise FetchError(
                request.url,
                f"the body is encoded as {encoding[:40]!r}, which we did not ask for",
                status=response.status,
            )
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > limit:
                raise self._too_large(request, response)
        # A file that was compressed once and for all, and is served as if it were not.
        if body.startswith(_GZIP):
            body = _unpacked(bytes(body), limit + 1)
            if len(body) > limit:
                raise self._too_large(request, response)
        return bytes(body)

    def _too_large(self, request: FetchRequest, response: aiohttp.ClientResponse) -> FetchError:
        limit = self.policy.max_body_bytes
        return FetchError(
            request.url,
            f"the body is larger than {limit} bytes (max_body_bytes)",
            status=response.status,
        )

    def _check_redirects(self, feed_url: str, redirects: list[Redirect]) -> None:
        seen = [feed_url, *(redirect.url for redirect in redirects)]
        status = redirects[-1].status
        # A page may set a cookie and send us to itself; without cookies that never ends.
        if len(set(seen)) < len(seen):
            raise FetchError(feed_url, f"HTTP {status}: it redirects in a circle", status=status)
        if len(redirects) > self.policy.max_redirects:
            raise FetchError(
                feed_url,
                f"HTTP {status}: more than {self.policy.max_redirects} redirects (max_redirects)",
                status=status,
            )

    def _host(self, name: str) -> "_Host":
        known = self._hosts.get(name)
        if known is None:
            known = self._hosts[name] = _Host(
                asyncio.Semaphore(self.policy.per_host), self.policy.host_spacing_s
            )
        return known

    @asynccontextmanager
    async def _connection_to(self, name: str, feed_url: str) -> AsyncIterator[None]:
        """Wait for one of the connections we may have.

        First for one to the host, so that those who wait for a busy host keep no one else waiting.
        """
        host = self._host(name)
        async with host.slots:
            await host.pause()
            async with self._all:
                if (held_s := host.held_until - time.monotonic()) > 0:
                    raise HostHeld(
                        feed_url, f"{name} wants to be left alone for another {held_s:.0f} s"
                    )
                try:
                    yield
                finally:
                    host.ended()


@dataclass(slots=True)
class _Host:
    """One host's connections, when it may be asked next, and until when not at all."""

    slots: asyncio.Semaphore
    spacing_s: float
    free_at: float = 0.0
    held_until: float = 0.0

    async def pause(self) -> None:
        """Wait for our turn, and take it."""
        now = time.monotonic()
        turn = max(now, self.free_at)
        self.free_at = turn + self.spacing_s
        if turn > now:
            await asyncio.sleep(turn - now)

    def ended(self) -> None:
        self.free_at = max(self.free_at, time.monotonic() + self.spacing_s)


# ── who is connected to ──────────────────────────────────────────────────────────────────────

_AddressInfo = tuple[int, int, int, str, Sequence[Any]]


class _AddressRefused(OSError):
    """An address that is not the public internet's. One text for all that a name leads to."""

    def __init__(self, fault: str) -> None:
        article = "an" if fault[0] in "aeiou" else "a"
        super().__init__(errno.EACCES, f"{article} {fault} address (not in allow_addresses)")


def _guard(allowed: Sequence[Network]) -> Callable[[Any], socket.socket]:
    """Makes the socket of each connection, after judging the very address it will connect to."""

    def open_socket(info: _AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        fault = fault_in(str(address[0]), allowed)
        if fault:
            raise _AddressRefused(fault)
        return socket.socket(family, kind, protocol)

    return open_socket


def _proxy_for(url: URL) -> str | None:
    """The proxy that the environment names for a URL, as other programs understand it."""
    proxy = getproxies().get(url.scheme)
    return None if not proxy or proxy_bypass(url.host or "") else proxy


# ── what went wrong, in words ────────────────────────────────────────────────────────────────


def _in_words(error: Exception, host: str, policy: FetchPolicy) -> str:
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words(error, host, policy)
    return f"{host} could not be asked: {type(error).__name__}"


# The first that fits: aiohttp's errors stand below one another, and below Python's.
_WORDS: tuple[tuple[type[Exception], Callable[[Any, str, FetchPolicy], str]], ...] = (
    (aiohttp.InvalidURL, lambda e, *_: f"{str(e.url)[:200]!r} is not a URL that can be asked"),
    (aiohttp.ClientConnectorDNSError, lambda _, host, __: f"cannot reach {host}: name not found"),
    (
        aiohttp.ClientProxyConnectionError,
        lambda e, *_: f"cannot reach the proxy {e.host}: {_os_error_in_words(e.os_error)}",
    ),
    (
        aiohttp.ClientConnectorCertificateError,
        lambda e, host, _: f"cannot trust {host}: {_certificate_in_words(e.certificate_error)}",
    ),
    (
        aiohttp.ClientConnectorSSLError,
        lambda e, host, _: f"cannot speak securely with {host}: {_tls_in_words(e.os_error)}",
    ),
    (
        aiohttp.ConnectionTimeoutError,
        lambda _, host, policy: (
            f"cannot reach {host}: no connection within "
            f"{policy.connect_timeout_s:g} s (connect_timeout_s)"
        ),
    ),
    (
        TimeoutError,
        lambda _, __, policy: (
            f"no full answer within {policy.total_timeout_s:g} s (total_timeout_s)"
        ),
    ),
    (
        aiohttp.ClientConnectorError,
        lambda e, host, _: f"cannot reach {host}: {_os_error_in_words(e.os_error)}",
    ),
    (
        aiohttp.ServerDisconnectedError,
        lambda _, host, __: f"{host} closed the connection without an answer",
    ),
    (aiohttp.ClientHttpProxyError, lambda e, *_: f"the proxy refused: HTTP {e.status}"),
    (aiohttp.ClientPayloadError, lambda *_: "the answer broke off or is badly compressed"),
    (aiohttp.ClientResponseError, lambda _, host, __: f"{host} did not answer in proper HTTP"),
    (OSError, lambda e, host, _: f"cannot reach {host}: {_os_error_in_words(e)}"),
)


def _os_error_in_words(error: OSError) -> str:
    if error.errno == errno.EACCES and "allow_addresses" in str(error):
        return f"it is at {error.strerror}"
    known = {
        errno.ECONNREFUSED: "connection refused",
        errno.ENETUNREACH: "no route to its network",
        errno.EHOSTUNREACH: "no route to it",
        errno.ETIMEDOUT: "it does not answer",
        errno.ECONNRESET: "it closed the connection",
    }
    # aiohttp wraps several failed addresses into one error without a number.
    text = (error.strerror or "").lower()
    return known.get(error.errno or 0) or (
        "connection refused" if "refused" in text else text or "connection failed"
    )


def _certificate_in_words(error: Exception) -> str:
    message = getattr(error, "verify_message", "") or "its certificate is not valid"
    return str(message)[:1].lower() + str(message)[1:].rstrip(".")


def _tls_in_words(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason).replace("_", " ").lower() if reason else "the TLS handshake failed"


def _status_in_words(status: int) -> str:
    if status == 304:
        return "HTTP 304: not modified, though nothing was asked that could be"
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


# ── files that are compressed ────────────────────────────────────────────────────────────────

_GZIP = b"\x1f\x8b\x08"


def _unpacked(packed: bytes, most: int) -> bytearray:
    """What a gzip file holds, so many bytes of it at most; itself when it is none after all."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        return bytearray(unpacking.decompress(packed, most))
    except zlib.error:
        return bytearray(packed)


# ── URLs and headers ─────────────────────────────────────────────────────────────────────────


def _parse_url(text: str, feed_url: str) -> URL:
    try:
        url = URL(text)
    except ValueError as error:
        raise FetchError(feed_url, f"it leads to {text[:200]!r}, which is not a URL") from error
    if url.scheme not in ("http", "https"):
        raise FetchError(feed_url, f"it leads to {text[:200]!r}: only http and https are asked")
    if not url.host:
        raise FetchError(feed_url, f"it leads to {text[:200]!r}, which names no host")
    return url


def _join(url: URL, location: str) -> str:
    try:
        return str(url.join(URL(location)))
    except ValueError:
        return location  # refused with its text by whoever goes there


def _text(response: aiohttp.ClientResponse, name: str) -> str | None:
    """A header as text; None when absent, or not UTF-8: what cannot be kept is not sent back."""
    value = response.headers.get(name)
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        return None
    return value or None


_DIGITS = re.compile(r"[0-9]+")
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]+)", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[,\s])no-(?:cache|store)(?=$|[,\s])", re.IGNORECASE)


def _wishes(response: aiohttp.ClientResponse, now: datetime) -> ServerWishes:
    headers = response.headers
    # The server's own clock, where it shows it: our distance to it is then no matter.
    there = _http_date(headers.get("Date")) or now
    cache = ",".join(headers.getall("Cache-Control", []))
    max_age = _MAX_AGE.search(cache)
    if _NOT_KEPT.search(cache):
        return ServerWishes(retry_after_s=_retry_after_s(headers.get("Retry-After"), there))
    return ServerWishes(
        retry_after_s=_retry_after_s(headers.get("Retry-After"), there),
        max_age_s=min(float(max_age.group(1)), _ONE_YEAR_S) if max_age else None,
        expires_s=_seconds_until(_http_date(headers.get("Expires")), there),
    )


def _retry_after_s(value: str | None, now: datetime) -> float | None:
    if value is None:
        return None
    if _DIGITS.fullmatch(value.strip()):
        return min(float(value), _ONE_YEAR_S)
    return _seconds_until(_http_date(value), now)


def _seconds_until(then: datetime | None, now: datetime) -> float | None:
    return None if then is None else min((then - now).total_seconds(), _ONE_YEAR_S)


def _http_date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None  # "Expires: 0" and worse: already past, asks for nothing
