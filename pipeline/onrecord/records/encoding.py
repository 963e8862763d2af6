"""Records as JSON, and back."""

import re
from typing import Any, TypeVar

import msgspec

from onrecord.errors import RecordError
from onrecord.records.base import Part, Record

R = TypeVar("R", bound=Record)

_encoder = msgspec.json.Encoder()
_decoders: dict[type[Record], msgspec.json.Decoder[Any]] = {}


_MISSING = re.compile(r"missing required field `(\w+)`")


class _Version(msgspec.Struct):
    schema: str | None = None
    schema_version: int = 1


def to_json(value: Record | Part) -> bytes:
    """UTF-8 JSON on one line, fields in the order they are declared."""
    return _encoder.encode(value)


def from_json(data: bytes | str, record: type[R]) -> R:
    """The record in `data`, of this version or a later. Raises RecordError naming what is wrong."""
    decoder = _decoders.get(record)
    if decoder is None:
        decoder = _decoders[record] = msgspec.json.Decoder(record)
    try:
        value: R = decoder.decode(data)
    except RecursionError as error:
        raise RecordError(f"not an {schema_name(record)} record: nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _explained(error, data, record) from error
    if record.REWRITTEN and value.schema_version > record.VERSION:
        raise _too_new(record, value.schema_version)
    return value


def _explained(
    error: msgspec.DecodeError | UnicodeDecodeError, data: bytes | str, record: type[Record]
) -> RecordError:
    """The error in our words. A newer version explains itself better than its changed fields do."""
    name = schema_name(record)
    try:
        version = msgspec.json.decode(data, type=_Version)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        version = _Version()
    if version.schema == name and version.schema_version > record.VERSION:
        return _too_new(record, version.schema_version)
    what, _, path = str(error).partition(" - at `$")
    missing = _MISSING.search(what)
    names = [path.strip("`."), missing.group(1) if missing else ""]
    field = ".".join(name for name in names if name) or None
    where = f" in {path.strip('`.')}" if path.strip("`.") else ""
    return RecordError(f"not an {name} record: {what}{where}", field=field)


def _too_new(record: type[Record], version: int) -> RecordError:
    return RecordError(
        f"{schema_name(record)} has schema_version {version}; this onrecord reads up to "
        f"{record.VERSION}: upgrade it to read this record",
        field="schema_version",
    )


def schema_name(record: type[Record]) -> str:
    """The name a record goes by in JSON and in headers, "onrecord.article"."""
    return str(record.__struct_config__.tag)
