"""Puts people into the JSON of an extraction without decoding it.

Each entity and each speaker is an object whose place is found by its key, in order. In JSON the
bytes `"speaker":{` stand nowhere but at that key: inside a string its quotation marks are escaped.
Where the places are not as many as the objects (another program's spacing, a nested field of a
newer version), nothing is spliced and the caller decodes.
"""

from collections.abc import Sequence

import msgspec

from onrecord.records import KnownAs

People = Sequence[KnownAs | None]

_ENTITIES = b'"entities":['
_QUOTES = b'"quotes":['
_ID = b'"id":'
_SPEAKER = b'"speaker":{'
_encode = msgspec.json.Encoder().encode


def spliced(value: bytes, entities: People, speakers: People) -> bytes | None:
    """The extraction's JSON with the people of its entities and speakers; None where it cannot be.

    `entities` has the person of each entity, `speakers` of each quote that has a speaker, in the
    order of the record. None of them may have a person there yet.
    """
    before, is_there, rest = value.partition(_ENTITIES)
    named, is_there_too, quoted = rest.partition(_QUOTES)
    if not (is_there and is_there_too) or _SPEAKER in before or _SPEAKER in named:
        return None
    said = quoted.split(_SPEAKER)
    if len(said) != len(speakers) + 1:
        return None
    objects = _with_people(named, entities)
    if objects is None:
        return None
    parts = [before, _ENTITIES, *objects, _QUOTES, said[0]]
    for person, text in zip(speakers, said[1:], strict=True):
        parts += (_SPEAKER, _member(person), text) if person else (_SPEAKER, text)
    return b"".join(parts)


def _with_people(named: bytes, entities: People) -> list[bytes] | None:
    """The pieces of the entities with their people; None where one begins otherwise than thought.

    All of them begin with their id.
    """
    if not entities:
        return [named]
    texts = named.split(b"},{" + _ID)
    if len(texts) != len(entities) or not texts[0].startswith(b"{" + _ID):
        return None
    texts[0] = texts[0][len(b"{" + _ID) :]
    pieces: list[bytes] = []
    opening = b"{"
    for person, text in zip(entities, texts, strict=True):
        pieces += (opening, _member(person), _ID, text) if person else (opening, _ID, text)
        opening = b"},{"
    return pieces


def _member(person: KnownAs) -> bytes:
    """The person as the first member of an object that has others."""
    return b'"person":' + _encode(person) + b","
