"""Requests, responses and their limits, as plain values."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from onrecord.errors import FetchError
from onrecord.feeds.addresses import Network, parse_networks
from onrecord.settings import Bytes, Positive, Seconds, SecondsOrZero, key
from onrecord.version import VERSION

if TYPE_CHECKING:
    from onrecord.feeds.fetch.room import MakeRoom  # it brings asyncio along

ACCEPT_FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
ACCEPT_PAGES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerWishes:
    """What a server asked for, in seconds from its answer; None where it did not ask.

    Facts only. `expires_s` is Expires minus Date, and negative when long past.
    """

    retry_after_s: float | None = None
    max_age_s: float | None = None
    expires_s: float | None = None

    @property
    def freshness_s(self) -> float:
        """How long the answer stays fresh: max-age, else Expires (RFC 9111, 4.2.1)."""
        return (self.max_age_s if self.max_age_s is not None else self.expires_s) or 0.0


NO_WISHES = ServerWishes()


@dataclass(frozen=True, kw_only=True)
class FetchPolicy:
    """What an answer may cost, and which addresses are connected to.

    A host that asks to be left alone is, for `longest_hold_s` at most. Bodies of more than
    `small_body_bytes` are held only when the caller has room for them.
    """

    connect_timeout_s: Seconds = key(10.0, "Seconds to connect to a server, TLS included.")
    header_timeout_s: Seconds = key(30.0, "Seconds from the request until the answer begins.")
    total_timeout_s: Seconds = key(
        60.0,
        "Seconds from connecting to the last byte, redirects included; waiting for a free "
        "connection does not count. A server that drips a byte a minute must not hold a "
        "connection for ever.",
    )
    max_body_bytes: Bytes = key(
        10 * 1024 * 1024,
        "The largest answer that is read, in bytes as received and again after decompression. Real "
        "feeds stay below 3 MB; a compressed bomb does not.",
    )
    concurrency: Positive = key(32, "How many feeds are asked at once, on all hosts together.")
    page_concurrency: Positive = key(
        16,
        "How many pages of articles are asked for at once, on all hosts together. They share no "
        "connections with feeds; the feeds that link to them take turns.",
    )
    per_host: Positive = key(
        2,
        "How many connections are open at once to one host. Publishers block clients that open "
        "many.",
    )
    host_spacing_s: SecondsOrZero = key(
        0.5, "The pause between two requests to one host, in seconds; 0 is none."
    )
    allow_addresses: str = key(
        "",
        "Networks that may be asked although they are not the public internet's, as in "
        '"127.0.0.0/8, 10.1.0.0/16". Without this, no feed can lead us to machines of our own '
        "network. With a proxy in the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) it is the "
        "proxy that resolves names and connects: it must refuse our own network itself; we refuse "
        "only what a URL itself shows.",
    )
    contact: str = key(
        "",
        "A URL or an e-mail address at which a publisher can reach you; it goes into the "
        "User-Agent.",
    )
    small_body_bytes: int = 1024 * 1024
    max_redirects: int = 10
    longest_hold_s: float = 86_400.0

    @cached_property
    def allowed(self) -> tuple[Network, ...]:
        """The networks of `allow_addresses`."""
        return parse_networks(self.allow_addresses)

    @property
    def user_agent(self) -> str:
        """The User-Agent header."""
        contact = f"; +{self.contact}" if self.contact else ""
        return f"onrecord/{VERSION} (feed reader{contact})"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """What to ask for. Validators are sent back byte for byte as they were received.

    `may_follow` decides about every target of a redirect; None follows all that are safe. A page
    is asked for on behalf of a `feed`, by its URL, and shares connections with other pages only.
    `check` is called once a connection is free, just before the host is asked, and raises
    FetchError when it need not be asked any more. `make_room` is awaited before a body is held,
    and again with True before more than `FetchPolicy.small_body_bytes` of it are.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    accept: str = ACCEPT_FEEDS
    may_follow: Callable[[str], Awaitable[bool]] | None = None
    feed: str | None = None
    is_page: bool = False
    check: Callable[[], None] | None = None
    make_room: "MakeRoom | None" = None

    @property
    def is_conditional(self) -> bool:
        """Whether the server may answer "not modified"."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedManners:
    """How requests on behalf of one feed are made, where that is not as for all.

    `secrets` names the kinds that are kept for the feed; they are sent to hosts that `may_know`
    them only, and never without TLS where the feed itself has it.
    """

    user_agent: str | None = None
    proxy: str | None = None
    secrets: tuple[str, ...] = ()
    may_know: Callable[[str], bool] = lambda _: False
    needs_tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One hop: the status that sent us on, and where to.

    `is_private` says that the URL holds a secret, and so is not the whole one here.
    """

    status: int
    url: str
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResponse:
    """An answer that can be used: 200 or the like, or 304 with an empty body.

    `url` is where the body came from after redirects. A validator is None when the server sent
    none, or one that is not text and so could not be sent back as it was. `is_whole` is False when
    the connection broke off within the body.
    """

    url: str
    status: int
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: str | None
    wishes: ServerWishes
    redirects: tuple[Redirect, ...] = ()
    is_whole: bool = True
    headers: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def is_unchanged(self) -> bool:
        """Whether the server said that nothing changed since the validators were given."""
        return self.status == 304


class Declined(FetchError):
    """A server answered, but not with what was asked for. `wishes` says when to come back.

    `host` is the server that answered (see `host_of`). `is_direct` is False after a redirect from
    another host: anybody can redirect to a server that throttles.
    """

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        status: int,
        wishes: ServerWishes,
        host: str,
        is_direct: bool = True,
    ) -> None:
        super().__init__(url, reason, status=status)
        self.wishes = wishes
        self.host = host
        self.is_direct = is_direct

    @property
    def holds_host(self) -> bool:
        """Whether the whole host wants to be left alone, and not only this URL."""
        wait_s = self.wishes.retry_after_s or 0.0
        return self.is_direct and self.status in (429, 503) and wait_s > 0


class HostHeld(FetchError):
    """The request was not sent, because the host is held."""
