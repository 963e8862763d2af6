"""The entry of a feed in any format, as the format readers return it."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

# News feeds have 10 to 300 entries, archives thousands; one with more than this is an attack, and
# its first entries are its newest.
MOST_ENTRIES = 20_000
_LONGEST_URL = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item as the feed gave it.

    `title` is HTML as well: "AT&amp;T", "<i>Lusitania</i>". `link` is absolute, http or https.
    `content_html` is the longest of what the feed gives for the text. The dates are as written:
    `dates.py` reads them. `source` names the feed that an aggregator has the entry from.
    `categories` are as written, `sections` those that are said to be sections of the outlet.
    """

    guid: str | None = None
    link: str | None = None
    title_html: str = ""
    summary_html: str = ""
    content_html: str = ""
    authors: tuple[str, ...] = ()
    published_raw: str | None = None
    updated_raw: str | None = None
    language: str | None = None
    source: str | None = None
    source_url: str | None = None
    categories: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed's document, its entries in its order.

    What it says of itself: `ttl_s` is how long it may be kept, `update_s` how often it changes,
    and in `skip_hours` (of the day, UTC) and on `skip_days` (Monday is 0) nobody need ask.
    `is_whole` is False when the document breaks off, `is_last_cut` says that it does so within an
    entry, which is not among `entries`. `hub` is the URL of the hub that it names, and `itself`
    the URL it says it has; `older` the next part of its archive (RFC 5005), and `deleted` the guids
    of entries that it says are deleted (RFC 6721).
    """

    title_html: str = ""
    language: str | None = None
    ttl_s: float | None = None
    update_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    entries: tuple[Entry, ...] = ()
    is_whole: bool = True
    is_last_cut: bool = False
    hub: str | None = None
    itself: str | None = None
    older: str | None = None
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a feed's document says about when to ask again; None or empty where it does not.

    `ttl_s` is how long it may be kept, `update_s` how often it changes; in `skip_hours` (UTC) and
    on `skip_days` (Monday is 0) nobody need ask.
    """

    ttl_s: float | None = None
    update_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class HubLinks:
    """Where a feed's hub is, and the URL that the hub knows the feed by."""

    hub: str
    topic: str


# ── authors ──────────────────────────────────────────────────────────────────────────────────

_LONGEST_AUTHOR = 1_000
_EMAIL = re.compile(
    r"[\w.+-]+@(?:\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.|(?:[a-zA-Z0-9-]+\.)+)"
    r"(?:[a-zA-Z]{2,63}|[0-9]{1,3})\]?(?:\?subject=\S+)?",
    re.ASCII,
)


def author_name(text: str) -> str:
    """The name in an author: "desk@example.org (Ann Li)" is Ann Li."""
    # The search takes quadratic time, so longer texts are not searched.
    found = _EMAIL.search(text) if len(text) <= _LONGEST_AUTHOR else None
    if not found:
        return text[:_LONGEST_AUTHOR]
    for gone in (found.group(), "()", "<>", "&lt;&gt;"):
        text = text.replace(gone, "")
    return text.strip().removeprefix("(").removesuffix(")").strip()


# ── markup and links ─────────────────────────────────────────────────────────────────────────

_TAG = re.compile(r"<[^<>]*>")


def longest(markups: list[str]) -> str:
    """The markup with the most visible text; the first of equals."""
    if len(markups) == 1:
        return markups[0]
    return max(markups, key=lambda markup: len(_TAG.sub("", markup)), default="")


def entry_link(link: str | None, guid: str | None, base: str) -> str | None:
    """The entry's page: its link, else its guid where that is a URL."""
    found = absolute_url(link, base) if link else None
    if found is None and guid and _looks_like_reference(guid):
        found = absolute_url(guid, base)
    return found


def absolute_url(text: str, base: str) -> str | None:
    """The http(s) URL that `text` means on a page at `base`; None when it means none.

    One that is absolute stays as it is written, but for ampersands that were escaped twice, and for
    spaces and line breaks, which are read as browsers read them. A host without a scheme is one
    if it is the base's, whose scheme it has then, or begins with "www.".
    """
    written = _ESCAPED_AMPERSAND.sub("&", _BREAKS.sub("", text.strip()))
    scheme, _, rest = base.partition("://")
    host = rest.partition("/")[0]
    if host and written.startswith(f"{host}/"):
        written = f"{scheme}://{written}"
    elif _WWW.match(written):
        written = f"https://{written}"
    if _ABSOLUTE.match(written) or written.startswith("/"):
        written = written.replace(" ", "%20")
    try:
        url = written if _ABSOLUTE.match(written) else urljoin(base, written)
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        usable = usable and parts.port != 0  # ValueError for a port that is no number
    except ValueError:
        return None
    usable = usable and len(url) <= _LONGEST_URL and not _NOT_IN_URLS.search(url)
    return url if usable else None


# Half a character (a surrogate) cannot be written to any record.
_NOT_IN_URLS = re.compile(r"[\s\ud800-\udfff]")
_ESCAPED_AMPERSAND = re.compile(r"&(?:amp;)+|&#0*38;|&#x0*26;", re.IGNORECASE)
_WWW = re.compile(r"www\.[\w-]+\.[\w.-]+(?:/|$)", re.IGNORECASE)
_BREAKS = re.compile(r"[\t\r\n]")
_ABSOLUTE = re.compile(r"https?://[^/]", re.IGNORECASE)


def _looks_like_reference(text: str) -> bool:
    return text.startswith(("/", "./", "../", "?")) or "://" in text[:12]
