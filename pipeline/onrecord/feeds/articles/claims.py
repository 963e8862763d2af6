"""Claims: the sites a feed can publish for, so that no feed publishes under another's URL.

A feed has a claim to the articles of the sites it is fetched from, of sites that a person or the
feed list grants it, and of sites whose front page names the feed. Sites are distinguished by
their registrable domains (the public suffix list, bundled): bbc.co.uk, but ann.blogspot.com. The
feed's own title, links and guids are not claims. All pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

# "site": the feed comes from the URL's own site. "granted": a person, or the site's page, says so.
Claim = Literal["site", "granted"]


@dataclass(frozen=True, slots=True)
class Claims:
    """The sites that a feed has a claim to.

    `sites` are the registrable domains it was fetched from, `granted` domains with their
    subdomains, `named` hosts whose front pages name the feed. A person who imports a document has
    a claim to everything in it.
    """

    sites: frozenset[str] = frozenset()
    granted: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    is_universal: bool = False

    def to(self, url: str | None) -> Claim | None:
        """The claim to a URL; None when there is none, or no URL."""
        host = bare_host(url) if url else ""
        if not host:
            return "granted" if self.is_universal else None
        if registrable_domain(host) in self.sites:
            return "site"
        is_granted = host in self.named or any(
            host == domain or host.endswith(f".{domain}") for domain in self.granted
        )
        return "granted" if is_granted or self.is_universal else None


EVERYTHING = Claims(is_universal=True)


def claims_of(fetched_from: Iterable[str], granted: Iterable[str], named: Iterable[str]) -> Claims:
    """The claims of a feed that was fetched from these URLs."""
    return Claims(
        sites=frozenset(domain for url in fetched_from if (domain := domain_of(url))),
        granted=frozenset(domain.lower().removeprefix("www.") for domain in granted),
        named=frozenset(named),
    )


def domain_of(url: str) -> str:
    """The registrable domain of a URL's host; the host where it has none, as of an address."""
    return registrable_domain(bare_host(url))


def bare_host(url: str) -> str:
    """The host of a URL in lower case without "www."; empty where there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".").removeprefix("www.")


@lru_cache(maxsize=10_000)
def registrable_domain(host: str) -> str:
    """The registrable domain; the host itself where there is none, such as an address."""
    if _is_address(host):
        return host
    return _suffixes().privatesuffix(host) or host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
