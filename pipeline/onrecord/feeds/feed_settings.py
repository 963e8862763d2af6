"""Settings of single feeds: which values can be used, and what a feed list changes. All pure."""

import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import re2
from msgspec.structs import asdict, replace

from onrecord.errors import Mistake
from onrecord.feeds.feed_urls import site_of
from onrecord.records import Feed, FeedRule, id_of

_INTERVAL = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)?", re.IGNORECASE)
_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_SHORTEST_S, _LONGEST_S = 60.0, 86_400.0
_Part = Literal["words", "section", "author", "url"]
_PARTS: tuple[_Part, ...] = ("words", "section", "author", "url")
_MOST_PATTERN = 500


def checked_interval(text: str) -> float:
    """Seconds of an interval such as "30m". Raises Mistake."""
    found = _INTERVAL.fullmatch(text.strip())
    seconds = float(found[1]) * _UNITS[(found[2] or "s").lower()] if found else 0.0
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise Mistake(f"interval {text[:40]!r}: from 1m to 1d, as in 30m or 6h")
    return seconds


def checked_proxy(text: str) -> str:
    """The URL of a proxy, without credentials. Raises Mistake."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise Mistake("a proxy is given as http://host:port")
    if "@" in parts.netloc:
        raise Mistake(
            "a proxy's password does not belong into its URL: give it by `onrecord feeds set URL "
            "--proxy-credentials-from FILE`"
        )
    return url


def checked_user_agent(text: str) -> str:
    """A User-Agent that can be sent. Raises Mistake."""
    if not (text.strip() and text.isascii() and text.isprintable()):
        raise Mistake("a user agent is one line of ASCII characters")
    return text.strip()


def checked_rule(action: str, of: str, pattern: str) -> FeedRule:
    """A rule that can be applied. Raises Mistake."""
    part = next((each for each in _PARTS if each == of.lower()), None)
    if part is None:
        raise Mistake(f"a rule is about {', '.join(_PARTS)}, not {of[:40]!r}")
    if not pattern.strip() or len(pattern) > _MOST_PATTERN:
        raise Mistake(f"a rule needs 1 to {_MOST_PATTERN} characters to compare {part} with")
    if part == "url":
        compiled_url_pattern(pattern)
    return FeedRule(
        action="keep" if action == "keep" else "block", of=part, pattern=pattern.strip()
    )


def compiled_url_pattern(pattern: str) -> re.Pattern[str]:
    """A regular expression of RE2, whose search time is linear. Raises Mistake."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        compiled: re.Pattern[str] = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else error
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
        raise Mistake(f"{pattern[:60]!r} is not a regular expression of RE2: {words}") from None
    return compiled


# ── what a list says ─────────────────────────────────────────────────────────────────────────

# Settings that a list gives; `claims` and `attributes` are added to those that there are.
_LISTED = (
    "publisher", "title", "language", "time_zone", "categories", "full_text", "interval_s",
    "user_agent", "proxy", "rules",
)  # fmt: skip


def as_listed(feed: Feed) -> Feed:
    """The feed of a list, with a mark by which a later list is compared with it."""
    return replace(feed, listed=_mark(feed))


def with_list(feed: Feed, listed: Feed, *, by_hand: bool) -> Feed:
    """A followed feed, changed as a list says; what the list does not say stays as it is.

    A list that says what it said before changes nothing, unless a person imports it.
    """
    mark = _mark(listed)
    says_nothing = listed == Feed(url=listed.url)
    if says_nothing or (mark == feed.listed and not by_hand):
        return feed
    given = {name: value for name, value in asdict(listed).items() if name in _LISTED and value}
    after = with_publisher(feed, given.pop("publisher", feed.publisher))
    return replace(
        after,
        **given,
        claims=tuple(dict.fromkeys((*feed.claims, *listed.claims))),
        attributes=feed.attributes | listed.attributes,
        outlines=feed.outlines | listed.outlines,
        paused=feed.paused or listed.paused,
        secrets=tuple(sorted({*feed.secrets, *listed.secrets})),
        listed=mark,
    )


def with_publisher(feed: Feed, publisher: str | None) -> Feed:
    """The feed under another publisher's name; ids of its entries stay as they are."""
    if publisher == feed.publisher:
        return feed
    id_publisher = feed.id_publisher or feed.publisher or site_of(feed.url)
    return replace(feed, publisher=publisher, id_publisher=id_publisher)


def _mark(listed: Feed) -> str:
    said = msgspec.to_builtins(replace(listed, listed=None))
    # What stands beside feeds is not said of this one; marks of older versions lack it too.
    del said["outlines"]
    return id_of(msgspec.json.encode(said).decode())[:16]
