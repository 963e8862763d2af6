"""Canonical URLs: one for all the URLs that lead to the same page."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import unquote_plus, urlsplit

from w3lib.url import canonicalize_url

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


_DEFAULT_PORT = {"http": ":80", "https": ":443"}
_HOST = re.compile(r"[^\s<>\"\\^`{|}]+")


@lru_cache(maxsize=10_000)
def canonical_url(url: str) -> str | None:
    """The URL that all links to the same page share; None when it is no http(s) URL.

    Host in lower case; default port, user, fragment and tracking parameters gone; the other
    parameters sorted, dot segments resolved, percent-encoding in one form.
    """
    try:
        parts = urlsplit(clean(url).strip())
        if parts.scheme not in _DEFAULT_PORT or not _HOST.fullmatch(parts.netloc):
            return None
        query = "&".join(pair for pair in parts.query.split("&") if not _is_tracking(pair))
        netloc = parts.netloc.rpartition("@")[2].removesuffix(_DEFAULT_PORT[parts.scheme])
        bare = parts._replace(netloc=netloc, query=query, fragment="")
        canonical: str = canonicalize_url(bare.geturl())
    except ValueError:  # a port, an IPv6 address or a host name that is none
        return None
    return canonical


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = unquote_plus(name).lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    tracks = _TRACKING_VALUES.get(name)
    return tracks is not None and bool(tracks(value))
