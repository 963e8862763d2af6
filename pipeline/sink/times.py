"""Times and stretches as people write them."""

import re
from datetime import UTC, datetime, timedelta

from pipeline.errors import Mistake
from pipeline.log.interface import Start
from pipeline.sink.subscribe import END, Stretch

_AGO = re.compile(r"^-(\d{1,9}(?:\.\d{1,9})?)(s|m|h|d|w)$")
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
    """A part of a topic: from `earliest`, `latest` or a time, until a time, `end` or for ever.

    `options` are what the two are called where they were written. Raises Mistake.
    """
    return Stretch(
        start=Start(since)
        if since in {"earliest", "latest"}
        else parse_time(since, at=at, option=options[0]),
        until=until if until in {None, END} else parse_time(until, at=at, option=options[1]),
    )
