"""Parses times and stretches as people write them."""

import re
from datetime import UTC, datetime, timedelta

from onrecord.errors import Mistake
from onrecord.log.interface import Start
from onrecord.sink.subscribe import END, Stretch

_AGO = re.compile(r"^-(\d{1,9}(?:\.\d{1,9})?)(s|m|h|d|w)$")
# The clock of a server's client can differ.
_CLOCKS_DIFFER = timedelta(minutes=5)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_time(text: str, *, at: datetime, option: str) -> datetime:
    """A time as people write it: ISO 8601 (UTC without a zone), or `-2h` before now.

    Raises Mistake.
    """
    ago = _AGO.match(text)
    try:
        if ago:
            return at - timedelta(**{_UNITS[ago[2]]: float(ago[1])})
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Mistake(
            f"{option} {text}: not a time; write 2026-11-01, 2026-11-01T12:00Z or -2h"
        ) from None


def parse_stretch(
    since: str, until: str | None, *, at: datetime, options: tuple[str, str]
) -> Stretch:
    """A stretch of a topic: from `earliest`, `latest` or a time, until a time, `end` or for ever.

    `options` are the names of the two options in error messages. Raises Mistake, also for a
    stretch that cannot hold any message.
    """
    is_end = since in {"earliest", "latest"}
    start = Start(since) if is_end else parse_time(since, at=at, option=options[0])
    end = until if until in {None, END} else parse_time(until, at=at, option=options[1])
    if isinstance(start, datetime):
        if start > at + _CLOCKS_DIFFER:
            raise Mistake(f"{options[0]} {since}: that is still to come; `latest` begins with now")
        if isinstance(end, datetime) and end < start:
            raise Mistake(f"{options[1]} {until}: that is before {options[0]} {since}")
    return Stretch(start=start, until=end)
