"""Puts people into the JSON of an extraction without decoding it.

Each entity and each speaker is an object whose place is found by its key, in order. In JSON the
bytes `"speaker":{` stand nowhere but at that key: inside a string its quotation marks are escaped.
Where the places are not as many as the objects (another program's spacing, a nested field of a
newer version), nothing is spliced and the caller decodes.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from onrecord.records import KnownAs

People = Sequence[KnownAs | None]

_ENTITIES = b'"entities":['
_QUOTES = b',"quotes":['
_ID = b'"id":'
_NEXT = b"},{"
_SPEAKER = b'"speaker":{'
_encode = msgspec.json.Encoder().encode


def spliced(value: bytes, entities: People, speakers: People) -> bytes | None:
    """The extraction's JSON with the people of its entities and speakers; None where it cannot be.

    `entities` has the person of each entity, `speakers` of each quote that has a speaker, in the
    order of the record. None of them may have a person there yet.
    """
    start = value.find(_ENTITIES)
    end = value.find(_QUOTES, start)
    if start < 0 or end < 0 or value.find(_SPEAKER, 0, end) >= 0:
        return None
    start += len(_ENTITIES)
    named = _with_people(value[start:end], entities)
    said = value[end:].split(_SPEAKER)
    if named is None or len(said) != len(speakers) + 1:
        return None
    parts = [value[:start], *named, said[0]]
    for person, text in zip(speakers, said[1:], strict=True):
        parts += (_SPEAKER, _member(person), text)
    return b"".join(parts)


def _with_people(named: bytes, entities: People) -> list[bytes] | None:
    """The pieces of the entities with their people; None where one begins otherwise than thought.

    All of them begin with their id.
    """
    if not entities:
        return [named]
    texts = named.split(_NEXT + _ID)
    if len(texts) != len(entities) or not texts[0].startswith(b"{" + _ID):
        return None
    texts[0] = texts[0][len(b"{" + _ID) :]
    pieces: list[bytes] = []
    opening = b"{"
    for person, text in zip(entities, texts, strict=True):
        pieces += (opening, _member(person), _ID, text)
        opening = _NEXT
    return pieces


@lru_cache(maxsize=16_384)
def _member(person: KnownAs | None) -> bytes:
    """The person as the first member of an object that has others; nothing for None."""
    return b'"person":' + _encode(person) + b"," if person else b""
