"""Connections: the permitted addresses, and the choice of a proxy."""

import errno
import re
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from onrecord.feeds.addresses import Network, fault_in, fault_in_name
from onrecord.feeds.fetch.exchange import FetchPolicy

# Policies of what a page may load grow to tens of kilobytes, on feeds as well.
_LONGEST_HEADER = 64 * 1024
_MOST_HEADERS = 512
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class AddressRefused(OSError):
    """An address outside the public internet. One text for all addresses of a name."""

    def __init__(self, fault: str) -> None:
        article = "an" if fault[0] in "aeiou" else "a"
        super().__init__(errno.EACCES, f"{article} {fault} address (not in allow_addresses)")


class Connections:
    """Connections under one policy, each for one request; inside one event loop.

    A server may close a connection at any moment after its answer, and some do so at once and
    without a word: a request that meets that fails, of a feed that is well. Feeds are minutes
    apart, so that hardly any connection would be used again.
    """

    def __init__(self, policy: FetchPolicy) -> None:
        self._allowed = policy.allowed
        self._proxies = getproxies()
        self._direct = _open_session(policy, socket_factory=_guard(policy.allowed))
        # A proxy stands on our own network. It alone knows which address a name leads to; what a
        # name tells by itself is judged all the same.
        self._by_proxy = _open_session(policy)

    def send(
        self, url: URL, method: str, *, proxy: str | None = None, **more: Any
    ) -> "aiohttp.client._RequestContextManager":
        """One request, by this proxy, else by the one that the environment names, if any."""
        proxy = proxy or self._proxy_for(url)
        if proxy is None:
            return self._direct.request(method, url, allow_redirects=False, **more)
        if fault := fault_in_name(url.host or "", self._allowed):
            raise AddressRefused(fault)
        return self._by_proxy.request(method, url, allow_redirects=False, proxy=proxy, **more)

    def _proxy_for(self, url: URL) -> str | None:
        """The proxy that the environment names for a URL, as other programs understand it."""
        proxy = self._proxies.get(url.scheme)
        return None if not proxy or proxy_bypass(url.host or "") else proxy

    async def close(self) -> None:
        """Close all connections."""
        await self._direct.close()
        await self._by_proxy.close()


def _open_session(policy: FetchPolicy, **connector: Any) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        # Limits are kept per host name, in `hosts.py`; the pool itself need not queue.
        connector=_Connector(limit=0, ttl_dns_cache=60, force_close=True, **connector),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=None,
            connect=policy.connect_timeout_s,
            sock_connect=policy.connect_timeout_s,
        ),
        headers={"User-Agent": policy.user_agent},
        auto_decompress=False,  # content_coding.py does it
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
        max_headers=_MOST_HEADERS,
    )
    # aiohttp asks again by itself when a connection breaks, with no public way to stop it. A
    # publisher is asked once a poll.
    session._retry_connection = False  # noqa: SLF001
    return session


class _Connector(aiohttp.TCPConnector):
    """Connections on which a body that is longer than its Content-Length does no harm."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        handler: type[ResponseHandler] = _HeadFirst
        self._factory = partial(handler, loop=self._loop)


class _HeadFirst(ResponseHandler):
    """Gives aiohttp's parser the head of an answer before its body.

    Some servers count Content-Length in characters (APSL/puput#139). The bytes too many are no
    answer, and aiohttp drops with them whatever it was given together with them: the whole answer,
    if it is short. The body ends at its Content-Length, as for other programs.
    """

    _is_head_whole = False

    def data_received(self, data: bytes) -> None:
        head = None if self._is_head_whole else _HEAD_END.search(data)
        if head is not None:
            self._is_head_whole = True
            super().data_received(data[: head.end()])
            data = data[head.end() :]
        if data and self.exception() is None:
            super().data_received(data)


_AddressInfo = tuple[int, int, int, str, Sequence[Any]]


def _guard(allowed: Sequence[Network]) -> Callable[[Any], socket.socket]:
    """Makes the socket of each connection, after judging the very address it will connect to."""

    def open_socket(info: _AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        fault = fault_in(str(address[0]), allowed)
        if fault:
            raise AddressRefused(fault)
        return socket.socket(family, kind, protocol)

    return open_socket
