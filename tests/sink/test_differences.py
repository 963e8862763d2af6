"""What changed between two extractions is told as people would: nothing is counted twice."""

from typing import Any

import pytest

from onrecord.records import Entity, Mention, Quote, Span, Speaker, quote_id
from onrecord.sink.differences import differences
from tests.builders import extraction

TEXT = "Sergei Lavrov met Mara Lind of the Bank of England. “Pay,” Lavrov said; she would not."


def entity(id: str, name: str, *mentions: str, type: Any = "person", nth: int = 0) -> Entity:
    return Entity(id=id, name=name, type=type, mentions=tuple(mention(m) for m in mentions))


def mention(words: str) -> Mention:
    """ "Lavrov#1" is the second Lavrov."""
    plain, _, nth = words.partition("#")
    start = -1
    for _ in range(int(nth or 0) + 1):
        start = TEXT.index(plain, start + 1)
    return Mention(start=start, end=start + len(plain), text=plain)


def quote(start: int, end: int, speaker: Speaker | None = None, type: Any = "direct") -> Quote:
    content = (Span(start=start, end=end, text=TEXT[start:end]),)
    return Quote(
        id=quote_id("a1", 1, content),
        type=type,
        content=content,
        speaker=speaker,
        confidence=0.9,
        context=Span(start=0, end=len(TEXT), text=TEXT),
    )


def kinds(
    before: tuple[list[Entity], list[Quote]], after: tuple[list[Entity], list[Quote]]
) -> list[str]:
    old = extraction(entities=tuple(before[0]), quotes=tuple(before[1]))
    new = extraction(entities=tuple(after[0]), quotes=tuple(after[1]))
    found, _ = differences(old, new)
    return [difference.kind for difference in found]


LAVROV = entity("1", "Sergei Lavrov", "Sergei Lavrov", "Lavrov#1")
FIRST = entity("1", "Sergei Lavrov", "Sergei Lavrov")
SECOND = entity("2", "Lavrov", "Lavrov#1")
LIND = entity("3", "Mara Lind", "Mara Lind")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([LAVROV, LIND], [LIND, LAVROV], []),
        ([LAVROV], [LAVROV, LIND], ["entity-gained"]),
        ([LAVROV, LIND], [LAVROV], ["entity-lost"]),
        ([FIRST, SECOND], [LAVROV], ["entity-merged"]),
        ([LAVROV], [FIRST, SECOND], ["entity-split"]),
        ([SECOND], [entity("1", "Sergei Lavrov", "Lavrov#1")], ["entity-renamed"]),
        ([LIND], [entity("3", "Mara Lind", "Mara Lind", type="organisation")], ["entity-retyped"]),
        # A shorter mention of the same kind is the same mention.
        ([entity("1", "Lavrov", "Lavrov")], [FIRST], ["entity-renamed"]),
        # A place within an organisation's name is another thing.
        (
            [entity("4", "Bank of England", "Bank of England", type="organisation")],
            [entity("5", "England", "England", type="place")],
            ["entity-lost", "entity-gained"],
        ),
        (
            [entity("1", "A", "Sergei Lavrov", "Mara Lind"), entity("2", "B", "Lavrov#1", "she")],
            [
                entity("1", "A", "Sergei Lavrov", "Lavrov#1"),
                entity("2", "B", "Mara Lind", "she"),
            ],
            ["entity-regrouped"],
        ),
        ([], [], []),
    ],
)
def test_entities(before: list[Entity], after: list[Entity], expected: list[str]) -> None:
    assert kinds((before, []), (after, [])) == expected


BY_LAVROV = Speaker(entity="1", name="Sergei Lavrov")
BY_LIND = Speaker(entity="3", name="Mara Lind")
PEOPLE = [LAVROV, LIND]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([quote(53, 57, BY_LAVROV)], [quote(53, 57, BY_LAVROV)], []),
        ([], [quote(53, 57)], ["quote-gained"]),
        ([quote(53, 57)], [], ["quote-lost"]),
        ([quote(53, 57, BY_LAVROV)], [quote(53, 57, BY_LIND)], ["speaker-changed"]),
        ([quote(53, 57)], [quote(53, 57, BY_LIND)], ["speaker-found"]),
        ([quote(53, 57, BY_LIND)], [quote(53, 57)], ["speaker-lost"]),
        ([quote(53, 57)], [quote(53, 57, type="mixed")], ["quote-retyped"]),
        # Other limits, the same quote; too little in common, two quotes.
        ([quote(0, 40)], [quote(0, 50)], ["quote-recut"]),
        ([quote(0, 40, BY_LIND)], [quote(0, 50, BY_LAVROV)], ["quote-recut", "speaker-changed"]),
        ([quote(0, 10)], [quote(0, 50)], ["quote-lost", "quote-gained"]),
        # The nearest is the counterpart, and each has one.
        ([quote(0, 40)], [quote(0, 30), quote(0, 39)], ["quote-recut", "quote-gained"]),
        # One name or the other, the same man.
        (
            [quote(53, 57, Speaker(entity="1", name="Lavrov"))],
            [quote(53, 57, BY_LAVROV)],
            ["speaker-renamed"],
        ),
        (
            [quote(53, 57, Speaker(name="Lavrov"))],
            [quote(53, 57, BY_LAVROV)],
            ["speaker-renamed"],
        ),
    ],
)
def test_quotes(before: list[Quote], after: list[Quote], expected: list[str]) -> None:
    assert kinds((PEOPLE, before), (PEOPLE, after)) == expected


def test_what_did_not_change_is_counted_too() -> None:
    old = extraction(entities=(LAVROV, LIND), quotes=(quote(53, 57, BY_LAVROV), quote(0, 40)))
    new = extraction(entities=(LAVROV,), quotes=(quote(53, 57, BY_LIND), quote(0, 40)))
    found, same = differences(old, new)
    assert [difference.kind for difference in found] == ["entity-lost", "speaker-changed"]
    assert (same.quotes, same.speakers, same.entities) == (2, 1, 1)
    (changed,) = [d for d in found if d.kind == "speaker-changed"]
    assert changed.entities_before == (LAVROV,)
    assert changed.quote_after == new.quotes[0]


def test_many_entities_are_no_trouble() -> None:
    many = [
        Entity(
            id=str(n),
            name=f"P {n}",
            type="person",
            mentions=(Mention(start=n * 10, end=n * 10 + 5, text="P 1"),),
        )
        for n in range(3000)
    ]
    assert kinds((many, []), (many[1:], [])) == ["entity-lost"]
