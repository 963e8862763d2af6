"""Reads the polling hints and the hub from the head of a feed's document."""

import html
import re
from dataclasses import replace
from itertools import islice

from onrecord.feeds.parsing.entry import ParsedFeed, absolute_url

_FIRST_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)\b", re.IGNORECASE)
_TTL = re.compile(r"<ttl>\s*([0-9]{1,9})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(r"<(?:\w+:)?updatePeriod>\s*(\w+)\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(r"<(?:\w+:)?updateFrequency>\s*([0-9]{1,4})\s*</", re.IGNORECASE)
_HOURS = re.compile(r"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_DAYS = re.compile(r"<skipDays>(.{0,2000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_PERIODS_S = {
    "hourly": 3600.0,
    "daily": 86_400.0,
    "dayly": 86_400.0,  # as some write it
    "weekly": 7 * 86_400.0,
    "monthly": 30 * 86_400.0,
    "yearly": 365 * 86_400.0,
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def with_hints(parsed: ParsedFeed, text: str) -> ParsedFeed:
    """The feed with the head's hints about when to ask again."""
    first = _FIRST_ENTRY.search(text)
    head = text[: first.start() if first else None][:100_000]
    ttl, period, times = _TTL.search(head), _PERIOD.search(head), _FREQUENCY.search(head)
    period_s = _PERIODS_S.get(period.group(1).lower()) if period else None
    hours, days = _HOURS.search(head), _DAYS.search(head)
    written = [int(hour) for hour in re.findall(r"[0-9]{1,2}", hours.group(1) if hours else "")]
    named = re.findall(r"[a-z]{6,9}", days.group(1).lower() if days else "")
    return replace(
        parsed,
        ttl_s=float(ttl.group(1)) * 60 if ttl else None,
        update_s=period_s / max(1, int(times.group(1)) if times else 1) if period_s else None,
        skip_hours=frozenset(hour % 24 for hour in written if hour <= 24),
        skip_days=frozenset(_WEEKDAYS.index(day) for day in named if day in _WEEKDAYS),
    )


_HEAD_LINK = re.compile(r"<(?:[\w.-]+:)?link\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(rel|href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def with_hub(parsed: ParsedFeed, text: str, url: str) -> ParsedFeed:
    """The feed with the hub and its own URL, as the document's head names them."""
    first = _FIRST_ENTRY.search(text)
    by_rel: dict[str, str | None] = {}
    for link in _HEAD_LINK.findall(text[: first.start() if first else None][:100_000]):
        given = {name.lower(): html.unescape(a or b) for name, a, b in _ATTRIBUTE.findall(link)}
        by_rel.setdefault(given.get("rel", "").lower(), absolute_url(given.get("href", ""), url))
    older = by_rel.get("prev-archive") or by_rel.get("next")
    return replace(parsed, hub=by_rel.get("hub"), itself=by_rel.get("self"), older=older)


_DELETED = re.compile(r"<(?:[\w.-]+:)?deleted-entry\b[^<>]{0,2000}>", re.IGNORECASE)
_REF = re.compile(r"\bref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_MOST_DELETED = 500


def with_deleted(parsed: ParsedFeed, text: str) -> ParsedFeed:
    """The feed with the guids of the entries that it says are deleted (RFC 6721)."""
    if "deleted-entry" not in text:
        return parsed
    found = (_REF.search(tag) for tag in islice(_DELETED.findall(text), _MOST_DELETED))
    guids = (html.unescape(ref[1] or ref[2] or "").strip() for ref in found if ref)
    return replace(parsed, deleted=tuple(dict.fromkeys(filter(None, guids))))
