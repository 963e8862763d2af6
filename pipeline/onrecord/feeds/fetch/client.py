"""The fetcher: one request after another, redirects followed, within every limit."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from onrecord.errors import FetchError
from onrecord.feeds.fetch.body import Body, read_body
from onrecord.feeds.fetch.connections import Connections
from onrecord.feeds.fetch.content_coding import ACCEPT_ENCODING
from onrecord.feeds.fetch.exchange import (
    Declined,
    FetchPolicy,
    FetchRequest,
    FetchResponse,
    Redirect,
)
from onrecord.feeds.fetch.headers import text_of, wishes_of
from onrecord.feeds.fetch.hosts import Hosts
from onrecord.feeds.fetch.manners import MannersTable, SecretsOf, no_secrets
from onrecord.feeds.fetch.messages import in_words, refusal_in_words, status_in_words
from onrecord.feeds.fetch.urls import check_redirects, host_of, parse_url, target_of
from onrecord.feeds.private_urls import public_url

_REDIRECTS = (301, 302, 303, 307, 308)
# Deltas (226) and responses modified by a proxy (203) are documents like any other.
_GIVEN = (200, 203, 226)


class Fetcher:
    """Fetches under one policy.

    An async context manager, used inside one event loop. Any number of fetches may run at
    once; those to one host wait for each other as the policy says. `whole_url` gives the URL with
    its secrets for one that is known without them, `secrets_of` the secrets of a feed by its URL.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        whole_url: Callable[[str], str] = lambda url: url,
        secrets_of: SecretsOf = no_secrets,
    ) -> None:
        self.policy = policy
        self._whole_url = whole_url
        self.manners = MannersTable(secrets_of)
        self._connections: Connections | None = None
        self._hosts = Hosts(policy)

    async def __aenter__(self) -> Self:
        self._connections = Connections(self.policy)
        self._hosts = Hosts(self.policy)  # its limits belong to the event loop
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._connections is not None:
            await self._connections.close()
        self._connections = None

    def hold(self, host: str, seconds: float) -> None:
        """Send a host no requests for this long, or for as long as the policy allows."""
        self._hosts.hold(host, seconds)

    def space(self, host: str, seconds: float) -> None:
        """Ask a host no more often than this from now on, as it says in its robots.txt."""
        self._hosts.space(host, seconds)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """The answer to a request, redirects followed. Raises FetchError.

        HostHeld is raised while a host is held, before it is asked.
        """
        left_s = self.policy.total_timeout_s
        redirects: list[Redirect] = []
        url = parse_url(self._whole_url(request.url), request.url)
        while True:
            async with self._hosts.connection_to(host_of(str(url)), request):
                began = time.monotonic()
                answer = await self._ask(request, url, left_s)
                left_s -= time.monotonic() - began
            if isinstance(answer, FetchResponse):
                return replace(answer, redirects=tuple(redirects))
            url = parse_url(answer.url, request.url, status=answer.status)
            public = public_url(answer.url)
            redirects.append(replace(answer, url=public, is_private=public != answer.url))
            check_redirects(request.url, redirects, self.policy.max_redirects)
            if request.may_follow is not None and not await request.may_follow(str(url)):
                raise FetchError(
                    request.url,
                    f"HTTP {answer.status}: it leads to {public}, where we may not go",
                    status=answer.status,
                )

    async def submit(self, to: str, form: Mapping[str, str]) -> None:
        """Post a form, with the same care as for feeds. Raises FetchError unless it is accepted."""
        url = parse_url(to, to)
        async with self._hosts.connection_to(host_of(to), FetchRequest(url=to)):
            try:
                async with (
                    asyncio.timeout(self.policy.total_timeout_s),
                    await self._send(url, "POST", data=form) as response,
                ):
                    if response.status // 100 != 2:
                        raise FetchError(
                            to, status_in_words(response.status), status=response.status
                        )
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise FetchError(
                    to, in_words(error, url.host or "the host", self.policy)
                ) from error

    async def _ask(
        self, request: FetchRequest, url: URL, left_s: float
    ) -> FetchResponse | Redirect:
        """One hop, within the remaining total time."""
        try:
            async with asyncio.timeout(left_s), await self._answer(url, request) as response:
                return await self._read(request, url, response)
        except Declined as declined:
            if declined.holds_host and not request.is_page:
                self.hold(declined.host, declined.wishes.retry_after_s or 0.0)
            raise
        except FetchError:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # TimeoutError is an OSError; ValueError is how yarl and the codecs refuse.
            raise FetchError(
                request.url, in_words(error, url.host or "the host", self.policy)
            ) from error

    async def _answer(self, url: URL, request: FetchRequest) -> aiohttp.ClientResponse:
        """The answer as soon as its headers are there."""
        try:
            async with asyncio.timeout(self.policy.header_timeout_s):
                options = self.manners.options_for(request, url, _headers(request))
                return await self._send(url, "GET", **options)
        except aiohttp.ServerTimeoutError:
            raise  # the connection's own limit
        except TimeoutError as error:
            raise FetchError(
                request.url,
                f"no answer began within {self.policy.header_timeout_s:g} s (header_timeout_s)",
            ) from error

    def _send(self, url: URL, method: str, **more: Any) -> "aiohttp.client._RequestContextManager":
        if self._connections is None:
            raise RuntimeError("a Fetcher is used inside `async with`")
        return self._connections.send(url, method, **more)

    async def _read(
        self, request: FetchRequest, url: URL, response: aiohttp.ClientResponse
    ) -> FetchResponse | Redirect:
        status, headers = response.status, response.headers
        if status in _REDIRECTS and "Location" in headers:
            return Redirect(status=status, url=target_of(url, headers["Location"]))
        wishes = wishes_of(headers, datetime.now(UTC))
        if status not in _GIVEN and not (status == 304 and request.is_conditional):
            raise Declined(
                request.url,
                refusal_in_words(status, headers.get("cf-mitigated")),
                status=status,
                wishes=wishes,
                host=host_of(str(url)),
                is_direct=host_of(request.url) == host_of(str(url)),
            )
        is_given = status in _GIVEN
        body = await read_body(request, response, self.policy) if is_given else Body(b"")
        return FetchResponse(
            url=public_url(str(response.url)),
            status=status,
            body=body.data,
            is_whole=body.is_whole,
            content_type=text_of(headers, "Content-Type"),
            etag=text_of(headers, "ETag"),
            last_modified=text_of(headers, "Last-Modified"),
            wishes=wishes,
            headers=tuple((name, value) for name, value in headers.items()),
        )


def _headers(request: FetchRequest) -> dict[str, str]:
    headers = {"Accept": request.accept, "Accept-Encoding": ACCEPT_ENCODING}
    if request.etag is not None:
        headers["If-None-Match"] = request.etag
    if request.last_modified is not None:
        headers["If-Modified-Since"] = request.last_modified
    return headers
