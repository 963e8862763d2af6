"""Counts that are kept while writing: of each name by month, and of all quotes by hour.

Months count from January 1970 as 0, hours from its first as 0.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from onrecord.log.sqlite.database import Database

Kind = Literal["speaker", "about"]

MINUTE_BITS = 12
# A month as "2026-11".
MONTHS = "printf('%04d-%02d', 1970 + tally.month / 12, tally.month % 12 + 1)"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minute_of(at: datetime) -> int:
    """Minutes since 1970."""
    return int((at - _EPOCH).total_seconds() // 60)


def first_seq(at: datetime) -> int:
    """The least `seq` of quotes published at this instant or later, by the minute."""
    passed_s = (at - _EPOCH).total_seconds()
    return int(-(-passed_s // 60)) << MINUTE_BITS


def hour_of(seq: int) -> int:
    """Hours since 1970, of a quote's number."""
    return (seq >> MINUTE_BITS) // 60


def month_of(at: datetime) -> int:
    """Months since January 1970."""
    return (at.year - 1970) * 12 + at.month - 1


def month_start(month: int) -> datetime:
    """The beginning of a month counted so."""
    return datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=UTC)


class Tallies:
    """Changes to the counts, collected during a batch and written at its end."""

    def __init__(self) -> None:
        self._names: Counter[tuple[Kind, int, int]] = Counter()
        self._hours: Counter[int] = Counter()

    def add(
        self, seq: int, at: datetime, speaker: int | None, about: Iterable[int], *, times: int
    ) -> None:
        """Count a quote (`times` 1), or take it back (-1)."""
        month = month_of(at)
        self._hours[hour_of(seq)] += times
        if speaker is not None:
            self._names["speaker", speaker, month] += times
        for name in about:
            self._names["about", name, month] += times

    def write(self, db: Database) -> None:
        """Write what was collected, and forget it."""
        db.execute_many(
            "INSERT INTO tally (kind, name, month, n) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(*key, n) for key, n in sorted(self._names.items()) if n],
        )
        db.execute_many(
            "INSERT INTO volume (hour, n) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(hour, n) for hour, n in sorted(self._hours.items()) if n],
        )
        self._names.clear()
        self._hours.clear()
