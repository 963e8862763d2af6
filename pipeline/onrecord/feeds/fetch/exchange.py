"""What is asked and what is answered, and what either may cost. Plain values."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from onrecord.errors import FetchError
from onrecord.feeds.addresses import Network

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """What an answer may cost.

    `connect_timeout_s` is for one connection, TLS included; `header_timeout_s` from asking until
    the answer begins; `total_timeout_s` from connecting to the last byte, redirects included,
    waiting for a free connection not. `max_body_bytes` limits what comes, and again what has been
    decompressed. `per_host` limits connections at once to one host, `concurrency` those to all of
    them; `host_spacing_s` is the pause between two requests to a host. A host that asks for it is
    left alone, `longest_hold_s` at most. `allowed` addresses are asked though they are not public.
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
    user_agent: str = "onrecord (feed reader)"


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
