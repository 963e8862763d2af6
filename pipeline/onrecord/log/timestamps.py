"""Times as logs keep them: whole milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // _MILLISECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MILLISECOND


def to_ms(when: datetime) -> int:
    """The millisecond that `when` falls in. Raises ValueError for a time without a zone."""
    if when.tzinfo is None:
        raise ValueError(f"a time without a zone: {when}")
    return (when - EPOCH) // _MILLISECOND


def to_ms_or_later(when: datetime) -> int:
    """The first millisecond that is not before `when`."""
    return to_ms(when + _MILLISECOND - timedelta(microseconds=1))


def from_ms(ms: int) -> datetime:
    """The inverse of `to_ms`; the nearest valid time if the value is out of range.

    A producer can write any 64-bit value as a time, which must not stop the record's readers.
    """
    # Not `fromtimestamp(ms / 1000)`: a float can fall just below the millisecond.
    return EPOCH + max(_FIRST, min(ms, _LAST)) * _MILLISECOND
