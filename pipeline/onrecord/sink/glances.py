"""Extractions decoded only as far as a filter reads them.

Decoding is most of the cost of a filter, and most records are not wanted. A `Head` is an extraction
without its quotes, which are four fifths of it; `Voices` has the names of those who speak; a
`Glance` has everything that a filter reads.
"""

from typing import ClassVar

import msgspec

from onrecord.errors import RecordError
from onrecord.records import Extraction, Time, from_json


class PieceSeen(msgspec.Struct, frozen=True, gc=False):
    """A piece of a quote's content."""

    text: str
    start: int = 0
    end: int = 0


class SpeakerSeen(msgspec.Struct, frozen=True, gc=False):
    """A speaker, or somebody whom a quote's words speak of."""

    name: str
    entity: str | None = None
    role: str | None = None
    person: object = msgspec.UNSET


class QuoteSeen(msgspec.Struct, frozen=True, gc=False):
    """A quote."""

    id: str
    type: str
    confidence: float
    content: tuple[PieceSeen, ...]
    speaker: SpeakerSeen | None = None
    about: tuple[SpeakerSeen, ...] = ()


class EntitySeen(msgspec.Struct, frozen=True, gc=False):
    """An entity, without its mentions."""

    id: str
    name: str
    type: str
    role: str | None = None
    aliases: tuple[str, ...] = ()
    person: object = msgspec.UNSET


class OriginSeen(msgspec.Struct, frozen=True, gc=False):
    """An article."""

    id: str
    published_at: Time | None = None
    publisher: str | None = None
    feed: str | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    feed_categories: tuple[str, ...] = ()


class Glance(msgspec.Struct, frozen=True, tag_field="schema", tag="onrecord.extraction"):
    """The fields of an extraction that a filter reads."""

    article: OriginSeen
    extracted_at: Time
    entities: tuple[EntitySeen, ...] = ()
    quotes: tuple[QuoteSeen, ...] = ()


# What decoding raises for a record of another shape.
NOT_READ = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_glances = msgspec.json.Decoder(Glance)


def read_glance(value: bytes) -> Glance:
    """The fields that a filter reads. Raises RecordError."""
    try:
        return _glances.decode(value)
    except NOT_READ as error:
        from_json(value, Extraction)  # says in our words what is wrong
        raise RecordError(f"not an onrecord.extraction record: {error}") from error


# ── less than that ───────────────────────────────────────────────────────────────────────────


class Head(msgspec.Struct, frozen=True, tag_field="schema", tag="onrecord.extraction"):
    """An extraction without its quotes."""

    schema_version: int
    article: OriginSeen
    extracted_at: Time
    entities: tuple[EntitySeen, ...]
    quotes: ClassVar[tuple[QuoteSeen, ...]] = ()


class VoiceSeen(msgspec.Struct, frozen=True, gc=False):
    """A quote by its speaker alone."""

    id: str
    speaker: SpeakerSeen | None = None
    content: ClassVar[tuple[PieceSeen, ...]] = ()


class _Signed(msgspec.Struct, frozen=True, gc=False):
    id: str
    published_at: Time | None = None


class Voices(msgspec.Struct, frozen=True, tag_field="schema", tag="onrecord.extraction"):
    """Who speaks in an extraction."""

    article: _Signed
    extracted_at: Time
    entities: tuple[EntitySeen, ...] = ()
    quotes: tuple[VoiceSeen, ...] = ()


_heads = msgspec.json.Decoder(Head)
_voices = msgspec.json.Decoder(Voices)
_QUOTES = b',"quotes":['
_NOTES = b'],"notes":['


def head_of(value: bytes) -> Head | None:
    """The record without its quotes; None where they do not stand as this version writes them.

    The quotes are cut out of the bytes. In JSON, what is searched for stands nowhere inside a
    string; a field of that name inside another object leaves brackets open and is not decoded.
    """
    start, end = value.find(_QUOTES), value.rfind(_NOTES)
    if not 0 <= start < end:
        return None
    try:
        head = _heads.decode(value[:start] + value[end + 1 :])
    except NOT_READ:
        return None
    return head if head.schema_version == Extraction.VERSION else None


def voices_of(value: bytes) -> Voices | None:
    """Who speaks in an extraction; None where it cannot be decoded."""
    try:
        return _voices.decode(value)
    except NOT_READ:
        return None
