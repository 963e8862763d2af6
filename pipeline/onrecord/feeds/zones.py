"""Time zones by the names that publishers give them.

An abbreviation that several zones share means what it means in the feeds we know: IST is
India's, CST and EST America's, BST Britain's. One that is not listed is no zone: its date is none.
"""

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from onrecord.errors import Mistake

# Hours from UTC.
_ABBREVIATIONS: Mapping[str, float] = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0,
    "BST": 1, "CET": 1, "MEZ": 1, "MET": 1, "WAT": 1, "WEST": 1,
    "CEST": 2, "MESZ": 2, "MEST": 2, "EET": 2, "SAST": 2, "CAT": 2,
    "EEST": 3, "MSK": 3, "TRT": 3, "EAT": 3, "IDT": 3, "AST": -4, "ADT": -3,
    "IRST": 3.5, "GST": 4, "SAMT": 4, "AZT": 4, "GET": 4, "AFT": 4.5,
    "PKT": 5, "UZT": 5, "YEKT": 5, "MVT": 5, "IST": 5.5, "SLST": 5.5, "NPT": 5.75,
    "BDT": 6, "OMST": 6, "BTT": 6, "MMT": 6.5, "ICT": 7, "WIB": 7, "KRAT": 7, "NOVT": 7,
    "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "WITA": 8, "AWST": 8, "IRKT": 8, "ULAT": 8, "BNT": 8,
    "JST": 9, "KST": 9, "WIT": 9, "YAKT": 9, "ACST": 9.5, "ACDT": 10.5,
    "AEST": 10, "VLAT": 10, "PGT": 10, "CHST": 10, "AEDT": 11, "MAGT": 11, "SBT": 11,
    "NZST": 12, "FJT": 12, "NZDT": 13,
    "CVT": -1, "BRT": -3, "ART": -3, "UYT": -3, "CLST": -3, "BRST": -2, "PYST": -3, "GFT": -3,
    "NST": -3.5, "NDT": -2.5, "CLT": -4, "BOT": -4, "VET": -4, "GYT": -4,
    "EST": -5, "EDT": -4, "COT": -5, "PET": -5, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "HAST": -10, "SST": -11,
}  # fmt: skip
# Names of zones that have summer time.
_PLACES: Mapping[str, str] = {
    "et": "America/New_York", "eastern time": "America/New_York",
    "ct": "America/Chicago", "central time": "America/Chicago",
    "mt": "America/Denver", "mountain time": "America/Denver",
    "pt": "America/Los_Angeles", "pacific time": "America/Los_Angeles",
}  # fmt: skip
_LONG_NAMES: Mapping[str, float] = {
    "eastern standard time": -5, "eastern daylight time": -4, "central standard time": -6,
    "central daylight time": -5, "mountain standard time": -7, "mountain daylight time": -6,
    "pacific standard time": -8, "pacific daylight time": -7, "greenwich mean time": 0,
    "coordinated universal time": 0, "central european time": 1,
    "central european standard time": 1, "central european summer time": 2,
    "eastern european time": 2, "eastern european summer time": 3, "british summer time": 1,
    "irish standard time": 1, "india standard time": 5.5, "indian standard time": 5.5,
    "japan standard time": 9, "korea standard time": 9, "china standard time": 8,
    "moscow standard time": 3, "singapore standard time": 8, "israel daylight time": 3,
    "israel standard time": 2, "south africa standard time": 2, "gulf standard time": 4,
    "pakistan standard time": 5, "east africa time": 3, "west africa time": 1,
}  # fmt: skip
_KEY = re.compile(r"[A-Za-z]{2,}(?:/[A-Za-z0-9_+-]+){0,2}")


@lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo | None:
    """The zone of an abbreviation, an English name or an IANA name; None when it is not known."""
    hours = _ABBREVIATIONS.get(name.upper())
    if hours is None:
        hours = _LONG_NAMES.get(name.lower())
    if hours is not None:
        return timezone(timedelta(hours=hours)) if hours else UTC
    place = _PLACES.get(name.lower()) or (_iana_keys().get(name.lower()) if "/" in name else None)
    if place is None or not _KEY.fullmatch(place):
        return None
    try:
        return ZoneInfo(place)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def checked_zone(name: str) -> str:
    """The name of a zone as the IANA writes it. Raises Mistake when there is none of the name."""
    if name.upper() in ("UTC", "GMT"):
        return name.upper()
    key = _iana_keys().get(name.lower())
    if key is None or zone_named(key) is None:
        raise Mistake(f"there is no time zone {name[:60]!r}; one is called Asia/Shanghai, or UTC")
    return key


@lru_cache(maxsize=1)
def _iana_keys() -> Mapping[str, str]:
    """The keys of the zones that there are, by themselves in lower case."""
    return {key.lower(): key for key in available_timezones()}
