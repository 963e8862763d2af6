"""URLs that are asked, and where redirects lead. All pure."""

from collections.abc import Sequence

from yarl import URL

from onrecord.errors import FetchError
from onrecord.feeds.fetch.exchange import Redirect


def host_of(url: str) -> str:
    """Whose server a URL is on, with its port unless that is the usual one."""
    try:
        parsed = URL(url)
    except ValueError:
        return url
    host = (parsed.host or url).lower()
    return host if parsed.port in (None, 80, 443) else f"{host}:{parsed.port}"


def parse_url(text: str, feed_url: str, *, status: int | None = None) -> URL:
    """The URL that `text` means. Raises FetchError naming `feed_url` if it cannot be asked.

    `status` is the redirect's that led there; None for a feed's own URL.
    """
    led = f"HTTP {status}: it leads to {text[:200]!r}" if status else f"it is {text[:200]!r}"
    try:
        url = URL(text)
    except ValueError as error:
        raise FetchError(feed_url, f"{led}, which is not a URL", status=status) from error
    if url.scheme not in ("http", "https"):
        raise FetchError(feed_url, f"{led}: only http and https are asked", status=status)
    if not url.host:
        raise FetchError(feed_url, f"{led}, which names no host", status=status)
    return url


def target_of(url: URL, location: str) -> str:
    """Where a redirect at `url` leads."""
    try:
        return str(url.join(URL(location)))
    except ValueError:
        return location  # refused with its text by whoever goes there


def check_redirects(feed_url: str, redirects: Sequence[Redirect], most: int) -> None:
    """Raises FetchError when redirects go in a circle, or on and on."""
    seen = [feed_url, *(redirect.url for redirect in redirects)]
    status = redirects[-1].status
    # A page may set a cookie and send us to itself; without cookies that never ends.
    if len(set(seen)) < len(seen):
        raise FetchError(feed_url, f"HTTP {status}: it redirects in a circle", status=status)
    if len(redirects) > most:
        raise FetchError(
            feed_url, f"HTTP {status}: more than {most} redirects (max_redirects)", status=status
        )
