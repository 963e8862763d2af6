"""The zones in written dates: offsets, names and places, after a time or at the end of a date."""

import re
from collections.abc import Iterable
from datetime import UTC, timedelta, timezone, tzinfo

from onrecord.feeds.parsing.date_words import FILLERS, MONTHS, WEEKDAYS, unaccented
from onrecord.feeds.zones import zone_named

WESTMOST, EASTMOST = timedelta(hours=-12), timedelta(hours=14)


class UnknownZone:
    """A written zone that is unknown or ambiguous."""


UNKNOWN_ZONE = UnknownZone()
_PLACE = re.compile(r"[:,]?\ ?([A-Za-z]{2,}(?:/[A-Za-z0-9_+-]+){1,2})")
_OFFSET = re.compile(
    r"[:,]?\ ?(?P<name>[A-Za-z]{1,5}\.?)?\ ?(?P<sign>[+-]{1,2})\ ?"
    r"(?:(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})(?::00)?|(?P<hour>[0-9]{1,2}))"
    r"(?![0-9])(?:\ ?[A-Za-z]{1,5}\b)?"
)
_NAME = re.compile(r"[:,]?\ ?(?P<name>[A-Za-z]{1,5})\b(?![.'’])")
_LONG_NAME = re.compile(
    r"[:,]?\ ?((?:[A-Za-z]+\ ){1,2}(?:(?:standard|daylight|summer)\ )?time)\b", re.IGNORECASE
)
_OFFSET_AT_END = re.compile(r"(?:(?<=\d{4}-\d\d-\d\d)|(?<=\s))([+-])(\d{2}):?(\d{2})$")
_NAME_AT_END = re.compile(r"(?:(?<=\s)|(?<=\d))(?:[A-Za-z]{1,5}|[A-Za-z]{2,}/[A-Za-z_/]+)$")


def zone_in(text: str) -> tuple[tzinfo | UnknownZone | None, str]:
    """The zone at the start of what follows a time, and the rest; None when none is written.

    An offset counts more than a name beside it: "GMT+9" is nine hours ahead.
    """
    if found := _PLACE.match(text):
        return zone_named(found.group(1)) or UNKNOWN_ZONE, text[found.end() :]
    if found := _OFFSET.match(text):
        hours, minutes = found["hours"] or found["hour"], found["minutes"] or 0
        return offset(found["sign"], int(hours), int(minutes)), text[found.end() :]
    if found := _LONG_NAME.match(text):
        return zone_named(found.group(1)) or UNKNOWN_ZONE, text[found.end() :]
    if (found := _NAME.match(text)) and (
        _is_zone_in_capitals(found["name"]) or not _is_of_a_date(found["name"])
    ):
        return zone_named(found["name"]) or UNKNOWN_ZONE, text[found.end() :]
    if text in (" 00", " 0000"):  # "10:00:00 00"
        return UTC, ""
    return None, text


def zone_of(remarks: Iterable[str]) -> tzinfo | None:
    """The zone that a remark is, where none is written outside: "12:00 [Europe/Berlin]"."""
    for remark in remarks:
        try:
            zone, rest = zone_in(remark[1:-1].strip())
        except ValueError:  # a number that is no offset: "(+20 comments)"
            continue
        if isinstance(zone, tzinfo) and not rest:
            return zone
    return None


def zone_at_end(text: str) -> tuple[tzinfo | UnknownZone | None, str]:
    """The zone after a date without a time, and the date."""
    if found := _OFFSET_AT_END.search(text):
        sign, hours, minutes = found.groups()
        return offset(sign, int(hours), int(minutes)), text[: found.start()]
    found = _NAME_AT_END.search(text)
    if found and not _is_of_a_date(found.group()):
        return zone_named(found.group()) or UNKNOWN_ZONE, text[: found.start()]
    return None, text


def offset(sign: str, hours: int, minutes: int) -> timezone:
    """The zone so far from UTC. Raises ValueError where there is none."""
    ahead = timedelta(hours=hours, minutes=minutes) * (-1 if sign.startswith("-") else 1)
    if minutes > 59 or not WESTMOST <= ahead <= EASTMOST:
        raise ValueError(f"there is no zone {sign}{hours}:{minutes}")
    return timezone(ahead)


def _is_zone_in_capitals(word: str) -> bool:
    """Whether a word after a time is a zone although a day is called so: Polish has "pt"."""
    return word.isupper() and zone_named(word) is not None


def _is_of_a_date(word: str) -> bool:
    plain = unaccented(word)
    return plain in MONTHS or plain in WEEKDAYS or plain in FILLERS
