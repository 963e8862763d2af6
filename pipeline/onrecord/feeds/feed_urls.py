"""Checks the URLs and domains that people give for feeds, and tells when two URLs are one feed."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from onrecord.errors import Mistake
from onrecord.feeds.private_urls import without_secrets

_MOST_SHOWN = 80
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def checked_url(text: str) -> str:
    """The URL in a text. Raises Mistake saying what is wrong with it and what would be right."""
    url = text.strip()
    if fault := _fault_in(url):
        raise Mistake(f"{_shown(url)} is not a feed's URL: {fault}")
    return url


def checked_domain(text: str) -> str:
    """A domain in lower case without "www.". Raises Mistake saying what is wrong with it."""
    domain = text.strip().lower().removeprefix("www.").rstrip(".")
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", domain):
        raise Mistake(f"{_shown(text)} is not a domain: write it like bbc.co.uk")
    return domain


def feed_key(url: str) -> str:
    """The same for URLs that are one feed: https://A.example and https://a.example:443/#top."""
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        netloc = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
    except ValueError:
        return url
    path = parts.path or "/"
    return parts._replace(scheme=scheme, netloc=netloc, path=path, fragment="").geturl()


def site_of(url: str) -> str:
    """The host of a URL without "www.", used as the name of a publisher without one."""
    before_path = "/".join(url.split("/", 3)[:3])
    return (_host_of(before_path) or url).removeprefix("www.")


# Thousands of articles of a backlog come from one host.
@lru_cache(maxsize=1_000)
def _host_of(url: str) -> str | None:
    return urlsplit(url).hostname


def _fault_in(url: str) -> str | None:
    """What keeps a text from being a feed's URL and what would be right; None if nothing does."""
    if url.startswith("<"):
        return "this looks like XML; name an OPML file .opml"
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        return "there is a space in it; write one URL, with spaces as %20"
    scheme, separator, rest = url.partition("://")
    if not separator:
        return f"it must begin with https:// or http://; did you mean {_plain(f'https://{url}')}?"
    if scheme.lower() not in ("http", "https"):
        return f"it must begin with https:// or http://; did you mean {_plain(f'https://{rest}')}?"
    return _fault_in_host(url)


def _fault_in_host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        host_as_sent = (host or "").encode("idna" if not (host or "").isascii() else "ascii")
        if "xn--" in (host or "").lower():
            host_as_sent.decode("idna")  # a name that no registrar would take
    except ValueError as error:  # UnicodeError is one
        return f"its host or port cannot be used ({str(error).splitlines()[0].rstrip('.')})"
    if not host or not re.fullmatch(rb"[A-Za-z0-9._:%~-]+", host_as_sent):
        return "there is no host name after //"
    if ".." in host or host.startswith("."):
        return f"{host} is not a host name"
    return None


def _plain(url: str) -> str:
    url = without_secrets(url)
    return url if url.isprintable() else _shown(url)


def _shown(url: str) -> str:
    url = without_secrets(url)
    return repr(url if len(url) <= _MOST_SHOWN else url[:_MOST_SHOWN] + "…")
