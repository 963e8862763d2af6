"""Canonical URLs and keys of URLs: one for all the URLs that lead to the same page.

Joining two articles is worse than having one twice: only what never tells two pages apart is
dropped. A key drops more than a canonical URL, which people follow: "www." and a slash at the end.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote_plus, urlsplit

from onrecord.feeds.text.html import clean

# Parameters that say how a reader came to a page and not which page it is. The prefixes belong
# to families: Google's utm_, Matomo's mtm_ and pk_, HubSpot's hsa_ and _hs, the BBC's at_, …
_TRACKING_PREFIXES = (
    "utm_", "mtm_", "pk_", "piwik_", "hsa_", "_hs", "at_", "oly_", "vero_", "ns_", "stm_", "itm_",
    "wt_", "wt.", "trk_", "mkt_", "xtor", "matomo_", "ga_",
)  # fmt: skip
_TRACKING = frozenset((
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid",
    "twclid", "ttclid", "li_fat_id", "igshid", "igsh", "epik", "srsltid",  # clicks
    "mc_cid", "mc_eid", "_ga", "_gl", "_openstat", "s_cid", "cmpid", "cmp", "icid", "ocid",
    "ncid", "wickedid", "spm", "ito", "sr_share", "smid", "smtyp", "emc", "ftag", "maca",
    "phpsessid", "jsessionid", "sessionid", "session_id", "aspsessionid", "cachebuster", "nocache",
    "traffic_source", "feedtype", "feedname", "campaign_id", "mbid", "taid", "ceid", "rss_id",
))  # fmt: skip
# These may name a page; what they say when they track is always the same.
_TRACKING_VALUES: Mapping[str, Callable[[str], object]] = {
    name: re.compile(r"(?:rss|feed|atom|newsletter|twitter|facebook)\b", re.IGNORECASE).match
    for name in ("ref", "source", "src", "from", "partner", "mode", "via", "output", "feature")
}

# Since version 0.2: articles that older versions published are found under the URL of theirs.
_TRACKING_SINCE = frozenset((
    "fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "fb_comment_id",
    "hmb_campaign", "hmb_medium", "hmb_source", "campaign_medium", "campaign_name",
    "campaign_source", "campaign_term", "campaign_content", "mc_tc", "__hssc", "__hstc", "__hsfp",
    "hsctatracking", "rb_clickid", "sc_cid", "_bhlid", "_branch_match_id", "_branch_referrer",
    "__readwiselocation", "ref_src", "ref_url", "_hsenc", "_hsmi", "wbraid", "mkevt", "guccounter",
    "guce_referrer", "guce_referrer_sig", "fromrss", "from_rss", "isrss", "is_rss", "rssfeed",
    "spref", "__twitter_impression", "amp_js_v", "usqp", "_kx", "vgo_ee", "ck_subscriber_id",
    "dicbo", "mibextid", "rdt_cid", "wprov", "elqtrackid", "elqtrack", "s_kwcid", "gad_source",
    "gad_campaignid", "_bta_tid", "_bta_c", "sfmc_id", "unlocked_article_code",
))  # fmt: skip
# A value that says so itself: "mod=rss_markets", "cid=public-rss_20261115".
_SAYS_RSS = re.compile(r"(?:.*[_.-])?rss(?:[_.-].*|\d*)", re.IGNORECASE)
# The name of a site as in "ref=harbour.example", which some systems add to links that lead out.
_HOST_NAME = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}", re.IGNORECASE)
# Parameters that name a page, whatever they say.
_NAMING = frozenset((
    "a", "article", "article_id", "articleid", "cat", "category", "content", "doc", "document",
    "file", "filename", "id", "item", "key", "keyword", "n", "name", "news", "nid", "p", "page",
    "path", "post", "q", "query", "s", "search", "section", "slug", "story", "t", "tag", "title",
    "topic", "u", "uri", "url", "v", "view",
))  # fmt: skip


_DEFAULT_PORT = {"http": ":80", "https": ":443"}
_HOST = re.compile(r"[^\s<>\"\\^`{|}]+")
# Canonical as it stands: a host name in lower case, then segments of unreserved characters, none of
# which begins with a dot. Most links to articles are such.
_PLAIN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24}"
    r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*+/)*+(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*+)?"
)


@lru_cache(maxsize=10_000)
def canonical_url(url: str) -> str | None:
    """The URL that all links to the same page share; None when it is not an http(s) URL.

    Host in lower case; default port, user, fragment and tracking parameters gone; the other
    parameters sorted, dot segments resolved, percent-encoding in one form.
    """
    return _canonical(url, _is_tracking)


def url_key(canonical: str) -> str:
    """What tells the page of a canonical URL from others: neither scheme nor "www." nor a slash.

    Publishers change these, and not all of their feeds at the same time.
    """
    host, slash, rest = canonical.partition("://")[2].partition("/")
    path, mark, query = rest.partition("?")
    return host.removeprefix("www.") + slash + path.rstrip("/") + mark + query


def former_keys(url: str) -> tuple[str, ...]:
    """The keys under which versions before 0.2 may have published the page of a URL."""
    present = canonical_url(url)
    canonicals = (_canonical(url, _was_tracking) if _may_differ(url) else present, present)
    keys = [key for canonical in canonicals if canonical for key in _spellings(canonical)]
    current = url_key(canonicals[1]) if canonicals[1] else None
    return tuple(key for key in dict.fromkeys(keys) if key != current)


def _may_differ(url: str) -> bool:
    """Whether a version before 0.2 may have made another canonical URL of this one."""
    query = url.partition("?")[2].partition("#")[0]
    # A semicolon may belong to an escaped ampersand, which would cut the query elsewhere.
    return ";" in query or any(
        _is_tracking(pair) != _was_tracking(pair) for pair in query.split("&")
    )


_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_DAY = re.compile(r"(?:19|20)\d{4}(?:\d{2})?")


def page_number(canonical: str) -> str | None:
    """The number that a publisher's system gives a page, with its host; None without just one.

    It stays when the words of the URL are corrected.
    """
    host, _, rest = canonical.partition("://")[2].partition("/")
    numbers = {number for number in _NUMBER.findall(rest) if not _DAY.fullmatch(number)}
    return f"{host.removeprefix('www.')} {numbers.pop()}" if len(numbers) == 1 else None


def _spellings(canonical: str) -> Iterator[str]:
    """A canonical URL without its scheme, with and without "www." and a slash at the end."""
    host, slash, rest = canonical.partition("://")[2].partition("/")
    path, mark, query = rest.partition("?")
    bare = path.rstrip("/")
    bare_host = host.removeprefix("www.")
    for start in dict.fromkeys((host, bare_host, f"www.{bare_host}")):
        for end in dict.fromkeys((path, bare, f"{bare}/" if bare else "")):
            yield start + slash + end + mark + query


def _canonical(url: str, is_tracking: Callable[[str], bool]) -> str | None:
    return url if _PLAIN.fullmatch(url) else _canonical_form(url, is_tracking)


def _canonical_form(url: str, is_tracking: Callable[[str], bool]) -> str | None:
    # It imports an HTTP client of its own, and plain URLs are canonical without it.
    from w3lib.url import canonicalize_url

    try:
        parts = urlsplit(clean(url).strip())
        is_usable = parts.scheme in _DEFAULT_PORT and bool(parts.hostname)
        if not is_usable or not _HOST.fullmatch(parts.netloc):
            return None
        pairs = parts.query.split("&") if parts.query else ()
        query = "&".join(pair for pair in pairs if not is_tracking(pair))
        netloc = parts.netloc.rpartition("@")[2].removesuffix(_DEFAULT_PORT[parts.scheme])
        bare = parts._replace(netloc=netloc, query=query, fragment="")
        canonical: str = canonicalize_url(bare.geturl())
    except ValueError:  # a port, an IPv6 address or a host name that is none
        return None
    return canonical


def _is_tracking(pair: str) -> bool:
    if _was_tracking(pair):
        return True
    name, _, value = pair.partition("=")
    name = unquote_plus(name).lower()
    if name in _TRACKING_SINCE:
        return True
    if name in _NAMING:
        return False
    if name == "rss":
        return value.lower() in ("", "1", "true", "yes", "y")
    return bool(_SAYS_RSS.fullmatch(value)) or (name == "ref" and bool(_HOST_NAME.fullmatch(value)))


def _was_tracking(pair: str) -> bool:
    """Whether a parameter was dropped before version 0.2."""
    name, _, value = pair.partition("=")
    name = unquote_plus(name).lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    tracks = _TRACKING_VALUES.get(name)
    return tracks is not None and bool(tracks(value))
