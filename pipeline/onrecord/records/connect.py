"""Flat quotes in the JSON of Kafka Connect, which carries a schema beside every value.

Connect's JsonConverter reads it with `schemas.enable=true`; sinks that make tables, such as those
for JDBC, need it. Times are of Connect's logical type Timestamp.
"""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import inspect

from onrecord.errors import RecordError
from onrecord.records.base import Record
from onrecord.records.encoding import from_json, schema_name
from onrecord.records.flat_quotes import FlatQuote

_TYPES: dict[type[inspect.Type], dict[str, Any]] = {
    inspect.StrType: {"type": "string"},
    inspect.LiteralType: {"type": "string"},
    inspect.IntType: {"type": "int32"},
    inspect.FloatType: {"type": "double"},
    inspect.DateTimeType: {
        "type": "int64",
        "name": "org.apache.kafka.connect.data.Timestamp",
        "version": 1,
    },
}


def connect_schema(record: type[Record]) -> dict[str, Any]:
    """A flat record's schema in Connect's terms. The schema's own name and version are not fields.

    A field with a default is optional. Raises KeyError for a record that is not flat.
    """
    return {
        "type": "struct",
        "name": schema_name(record),
        "version": record.VERSION,
        "optional": False,
        "fields": [_field(field) for field in msgspec.structs.fields(record) if _is_own(field)],
    }


def with_connect_schema(quote: FlatQuote) -> bytes:
    """A flat quote as JSON for Kafka Connect."""
    payload = {name: _value(getattr(quote, name)) for name in _NAMES}
    return b'{"schema":' + _SCHEMA + b',"payload":' + msgspec.json.encode(payload) + b"}"


def is_flat_quote(value: bytes) -> bool:
    """Whether a record can be a flat quote, with a schema of Kafka Connect or without."""
    return value.startswith((_PLAIN, _WITH_SCHEMA))


def read_flat_quote(value: bytes) -> FlatQuote:
    """The flat quote of a record, with a schema of Kafka Connect or without. Raises RecordError."""
    if not value.startswith(_WITH_SCHEMA):
        return from_json(value, FlatQuote)
    try:
        payload = msgspec.json.decode(value, type=_Envelope).payload
        times = {name: payload[name] / 1000 for name in _TIMES if payload.get(name) is not None}
        plain = {"schema": schema_name(FlatQuote), **payload, **times}
        return msgspec.convert(plain, FlatQuote, strict=False)
    except (
        msgspec.MsgspecError,
        UnicodeDecodeError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise RecordError(f"not a quote with a schema of Kafka Connect: {error}") from error


class _Envelope(msgspec.Struct):
    payload: dict[str, Any]


def _is_own(field: msgspec.structs.FieldInfo) -> bool:
    return field.name != "schema_version"


def _field(field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    return {"field": field.name, **_TYPES[type(_type(field))], "optional": not field.required}


def _type(field: msgspec.structs.FieldInfo) -> inspect.Type:
    """The type of a field without its limits and without None."""
    found = inspect.type_info(field.type)
    while isinstance(found, inspect.Metadata):
        found = found.type
    if isinstance(found, inspect.UnionType):
        [found] = [part for part in found.types if not isinstance(part, inspect.NoneType)]
    while isinstance(found, inspect.Metadata):
        found = found.type
    return found


def _value(value: object) -> object:
    return round(value.timestamp() * 1000) if isinstance(value, datetime) else value


_PLAIN = f'{{"schema":"{schema_name(FlatQuote)}",'.encode()
_WITH_SCHEMA = b'{"schema":{'
_SCHEMA = msgspec.json.encode(connect_schema(FlatQuote))
_NAMES = tuple(field.name for field in msgspec.structs.fields(FlatQuote) if _is_own(field))
_TIMES = tuple(
    field.name
    for field in msgspec.structs.fields(FlatQuote)
    if isinstance(_type(field), inspect.DateTimeType)
)
