"""Dates as feeds write them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

# Names of zones that publishers write and no standard lists, in hours from UTC. The ambiguous
# ones mean what they mean in the feeds we know: IST is India's, CST and EST America's.
_ZONES: Mapping[str, float] = {
    "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1,
    "MSK": 3, "TRT": 3, "SAST": 2, "CAT": 2, "EAT": 3, "WAT": 1, "GST": 4, "PKT": 5, "IST": 5.5,
    "NPT": 5.75, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "JST": 9,
    "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "BRT": -3, "ART": -3, "NST": -3.5, "AST": -4, "ADT": -3, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
_ZONE_NAME = re.compile(r"\b([A-Z]{2,5})$")
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: an epoch or a blunder, no date


def parse_date(text: str | None) -> datetime | None:
    """The time a feed's date means, in UTC; None when it means none.

    Without a zone it is taken as UTC (RFC 822 feeds leave it out more often than not).
    """
    if not text:
        return None
    text = " ".join(text.split())[:100]
    try:
        date = _parse_iso(text) or _parse_rfc822(text)
        date = date.astimezone(UTC) if date else None
    except (ValueError, OverflowError, IndexError):
        return None
    return date if date and date >= EARLIEST else None


def _parse_iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}|\d{8}T\d{4}", text):
        return None
    padded = f"{text}-01" if re.fullmatch(r"\d{4}-\d{2}", text) else text
    # A space before the zone, or its name, is no ISO 8601 and written all the same.
    padded = re.sub(r"\s*(?:UTC|GMT|Z)$", "+00:00", padded, flags=re.IGNORECASE)
    date = datetime.fromisoformat(re.sub(r"\s+([+-]\d)", r"\1", padded))
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _parse_rfc822(text: str) -> datetime | None:
    parts = parsedate_tz(re.sub(r"([+-]\d{2}):(\d{2})$", r"\1\2", text))
    if parts is None:
        return None
    zone = _ZONE_NAME.search(text)
    offset_s = parts[9] or 0
    if zone and zone.group(1) in _ZONES:
        offset_s = int(_ZONES[zone.group(1)] * 3600)
    there = timezone(timedelta(seconds=offset_s))
    return datetime(*parts[:5], min(parts[5], 59), tzinfo=there)
