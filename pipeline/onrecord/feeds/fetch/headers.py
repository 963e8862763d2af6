"""Reads response headers. All pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from multidict import CIMultiDictProxy

from onrecord.feeds.fetch.exchange import ServerWishes

Headers = CIMultiDictProxy[str]

_ONE_YEAR_S = 366 * 86_400.0
# Numbers with more digits than this exceed a year in any case.
_LONGEST_NUMBER = 20
_LONGEST_READ = 2_000
_DIGITS = re.compile(r"[0-9]+")
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]+)", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[,\s])no-(?:cache|store)(?=$|[,\s])", re.IGNORECASE)


def text_of(headers: Headers, name: str) -> str | None:
    """A header as text; None when absent, or not UTF-8 and so not to be sent back as it was."""
    value = headers.get(name)
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        return None
    return value or None


def wishes_of(headers: Headers, now: datetime) -> ServerWishes:
    """When a server wants to be asked again."""
    # By the server's own clock where it shows it, so that a difference to ours does not matter.
    there = _http_date(headers.get("Date")) or now
    cache = ",".join(headers.getall("Cache-Control", []))[:_LONGEST_READ]
    max_age = _MAX_AGE.search(cache)
    if _NOT_KEPT.search(cache):
        return ServerWishes(retry_after_s=_retry_after_s(headers.get("Retry-After"), there))
    return ServerWishes(
        retry_after_s=_retry_after_s(headers.get("Retry-After"), there),
        max_age_s=min(float(max_age.group(1)[:_LONGEST_NUMBER]), _ONE_YEAR_S) if max_age else None,
        expires_s=_seconds_until(_http_date(headers.get("Expires")), there),
    )


def _retry_after_s(value: str | None, now: datetime) -> float | None:
    if value is None:
        return None
    if _DIGITS.fullmatch(value.strip()[:_LONGEST_NUMBER]):
        return min(float(value.strip()[:_LONGEST_NUMBER]), _ONE_YEAR_S)
    wait_s = _seconds_until(_http_date(value), now)
    return None if wait_s is None or wait_s <= 0 else wait_s


def _seconds_until(then: datetime | None, now: datetime) -> float | None:
    if then is None:
        return None
    return max(-_ONE_YEAR_S, min((then - now).total_seconds(), _ONE_YEAR_S))


def _http_date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime((value or "")[:100])
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None  # "Expires: 0" and worse: already past, asks for nothing
