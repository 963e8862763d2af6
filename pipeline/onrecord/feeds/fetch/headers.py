"""What headers say. All pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from multidict import CIMultiDictProxy

from onrecord.feeds.fetch.exchange import ServerWishes

Headers = CIMultiDictProxy[str]

_ONE_YEAR_S = 366 * 86_400
_DIGITS = re.compile(r"[0-9]+")
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]+)", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[,\s])no-(?:cache|store)(?=$|[,\s])", re.IGNORECASE)


def text_of(headers: Headers, name: str) -> str | None:
    """A header as text; None when absent, or not UTF-8: what cannot be kept is not sent back."""
    value = headers.get(name)
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        return None
    return value or None


def wishes_of(headers: Headers, now: datetime) -> ServerWishes:
    """When a server wants to be asked again."""
    # The server's own clock, where it shows it: our distance to it is then no matter.
    there = _http_date(headers.get("Date")) or now
    cache = ",".join(headers.getall("Cache-Control", []))
    max_age = _MAX_AGE.search(cache)
    if _NOT_KEPT.search(cache):
        return ServerWishes(retry_after_s=_retry_after_s(headers.get("Retry-After"), there))
    return ServerWishes(
        retry_after_s=_retry_after_s(headers.get("Retry-After"), there),
        max_age_s=min(float(max_age.group(1)), _ONE_YEAR_S) if max_age else None,
        expires_s=_seconds_until(_http_date(headers.get("Expires")), there),
    )


def _retry_after_s(value: str | None, now: datetime) -> float | None:
    if value is None:
        return None
    if _DIGITS.fullmatch(value.strip()):
        return min(float(value), _ONE_YEAR_S)
    return _seconds_until(_http_date(value), now)


def _seconds_until(then: datetime | None, now: datetime) -> float | None:
    return None if then is None else min((then - now).total_seconds(), _ONE_YEAR_S)


def _http_date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None  # "Expires: 0" and worse: already past, asks for nothing
