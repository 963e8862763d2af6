"""People put into the JSON of an extraction: the same as by decoding and encoding it."""

import msgspec
import pytest

from onrecord.records import Extraction, KnownAs, to_json
from onrecord.sink.splicing import spliced
from tests.builders import quote
from tests.people.seeing import naming

MARA = KnownAs(id="abc", name='Mara "Lindy" Lind')
OVE = KnownAs(id="def", name="Ove Kask", by="office")
TRAP = 'He wrote {"speaker":{"name":"x"}}, {"id":"e0"} and "quotes":['
NAMED = naming("a1", ("Mara Lind", TRAP), "Goran Petrak", "Ove Kask")


def in_full(extraction: Extraction, people: dict[str, KnownAs]) -> object:
    """The record as a program reads it, with people put in by hand."""
    found = msgspec.json.decode(to_json(extraction))
    for entity in found["entities"]:
        if person := people.get(entity["id"]):
            entity["person"] = msgspec.to_builtins(person)
    for one in found["quotes"]:
        speaker = one.get("speaker")
        if speaker and (person := people.get(speaker["entity"])):
            speaker["person"] = msgspec.to_builtins(person)
    return found


def put(
    extraction: Extraction, people: dict[str, KnownAs], value: bytes | None = None
) -> bytes | None:
    spoken = [one.speaker for one in extraction.quotes if one.speaker is not None]
    return spliced(
        to_json(extraction) if value is None else value,
        [people.get(entity.id) for entity in extraction.entities],
        [people.get(speaker.entity or "") for speaker in spoken],
    )


@pytest.mark.parametrize(
    "people", [{}, {"e0": MARA}, {"e1": OVE}, {"e0": MARA, "e2": OVE}, {"e2": MARA}]
)
def test_people_stand_with_their_entities_and_speakers(people: dict[str, KnownAs]) -> None:
    found = put(NAMED, people)
    assert found is not None
    assert msgspec.json.decode(found) == in_full(NAMED, people)


def test_quotes_without_a_speaker_are_passed_over() -> None:
    silent = msgspec.structs.replace(
        NAMED, quotes=(quote(id="q", speaker=None), *NAMED.quotes, quote(id="r", speaker=None))
    )
    found = put(silent, {"e1": OVE})
    assert found is not None
    assert msgspec.json.decode(found) == in_full(silent, {"e1": OVE})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"speaker":{', b'"speaker": {'),
        (b'{"id":"e1"', b'{"related":[{"id":"e9"}],"id":"e1"'),
        (b'"entities":[{', b'"entities":[{"newer":[{"id":"e0"}],'),
        (b'"quotes":[', b'"earlier":{"speaker":{"name":"x"}},"quotes":['),
        (b'"entities":[', b'"named":['),
        (b'"entities":[', b'"earlier":{"speaker":{"name":"x"}},"entities":['),
    ],
)
def test_json_of_another_shape_is_left_to_whoever_decodes(old: bytes, new: bytes) -> None:
    value = to_json(NAMED)
    assert old in value
    assert put(NAMED, {"e0": MARA}, value.replace(old, new, 1)) is None


def test_an_extraction_that_names_nobody_stays_as_it_is() -> None:
    nobody = naming("a1")
    assert put(nobody, {}) == to_json(nobody)
