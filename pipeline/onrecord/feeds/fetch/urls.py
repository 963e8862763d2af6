"""Checks URLs before requests, and the targets of redirects. All pure."""

from collections.abc import Sequence

from yarl import URL

from onrecord.errors import FetchError
from onrecord.feeds.fetch.exchange import Redirect
from onrecord.feeds.private_urls import without_secrets


def host_of(url: str) -> str:
    """The host that serves a URL, with its port unless that is the usual one."""
    try:
        parsed = URL(url)
        host = (parsed.host or url).lower()
    except ValueError:  # yarl decodes the host only when asked; a broken IDN is a UnicodeError
        return url
    return host if parsed.port in (None, 80, 443) else f"{host}:{parsed.port}"


def parse_url(text: str, feed_url: str, *, status: int | None = None) -> URL:
    """The URL that `text` means. Raises FetchError naming `feed_url` if it cannot be asked.

    `status` is the redirect's that led there; None for a feed's own URL.
    """

    def refusal(why: str) -> FetchError:
        shown = without_secrets(text[:200])
        led = f"HTTP {status}: it leads to {shown!r}" if status else f"it is {shown!r}"
        return FetchError(feed_url, f"{led}{why}", status=status)

    try:
        url = URL(text)
        host = url.host
    except ValueError as error:
        raise refusal(", which is not a URL") from error
    if url.scheme not in ("http", "https"):
        raise refusal(": only http and https are asked")
    if not host:
        raise refusal(", which names no host")
    if url.port in _REFUSED_PORTS:
        raise refusal(f": port {url.port} is another service's")
    return url


# Ports of services that a request could be smuggled to, or that answer everybody with something;
# the list of the Fetch standard (https://fetch.spec.whatwg.org/#port-blocking), and databases.
_REFUSED_PORTS = frozenset((
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1433, 1719, 1720, 1723, 2049, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379,
    6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9092, 10080, 11211, 27017,
))  # fmt: skip


def target_of(url: URL, location: str) -> str:
    """Where a redirect at `url` leads; an unusable location as written, to be refused later."""
    try:
        return str(url.join(URL(location)))
    except ValueError:
        return location.encode("utf-8", "replace").decode()


def check_redirects(feed_url: str, redirects: Sequence[Redirect], most: int) -> None:
    """Raise FetchError when redirects form a circle or exceed `most`."""
    seen = [feed_url, *(redirect.url for redirect in redirects)]
    status = redirects[-1].status
    # A page may set a cookie and send us to itself; without cookies that never ends.
    if len(set(seen)) < len(seen):
        raise FetchError(feed_url, f"HTTP {status}: it redirects in a circle", status=status)
    if len(redirects) > most:
        raise FetchError(
            feed_url, f"HTTP {status}: more than {most} redirects (max_redirects)", status=status
        )
