"""CloudEvents headers, so that other tools know what they read."""

from datetime import UTC, datetime

from onrecord.records.base import Record
from onrecord.records.encoding import schema_name


def event_headers(
    record: Record, *, event_id: str, source: str, time: datetime
) -> tuple[tuple[str, bytes], ...]:
    """CloudEvents 1.0 attributes in Kafka's binary mode, so other tools know what they read."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", schema_name(type(record)).encode()),
        ("ce_time", time.astimezone(UTC).isoformat().encode()),
        ("content-type", b"application/json"),
    )
