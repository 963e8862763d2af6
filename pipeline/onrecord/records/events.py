"""CloudEvents headers, so that other tools know what they read."""

from datetime import UTC, datetime
from functools import cache, lru_cache

from onrecord.records.base import Record
from onrecord.records.encoding import schema_name


def event_headers(
    record: Record | type[Record],
    *,
    event_id: str,
    source: str,
    time: datetime,
    subject: str | None = None,
) -> tuple[tuple[str, bytes], ...]:
    """CloudEvents 1.0 attributes in Kafka's binary mode, so other tools know what they read.

    `record` is the record, or for a tombstone the type of the record that it deletes. `subject`
    is what the record is about within its source: the id of an article.
    """
    about = () if subject is None else (("ce_subject", subject.encode()),)
    kind, schema = _type_headers(record if isinstance(record, type) else type(record))
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        kind,
        *about,
        schema,
        ("ce_time", _time_of_event(time)),
        ("content-type", b"application/json"),
    )


# The articles of a batch were often fetched at the same time.
@lru_cache(maxsize=8)
def _time_of_event(time: datetime) -> bytes:
    return time.astimezone(UTC).isoformat().encode()


@cache
def _type_headers(kind: type[Record]) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """The headers that name a record's type and its schema."""
    name = schema_name(kind)
    # A name, not an address: the schemas come with onrecord (`onrecord asyncapi` prints them).
    schema = f"urn:onrecord:schema:{name}:{kind.VERSION}"
    return ("ce_type", name.encode()), ("ce_dataschema", schema.encode())
