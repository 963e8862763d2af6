"""A first look at a part of a record passes over nothing that all of the record makes wanted."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from onrecord.errors import RecordError
from onrecord.log.interface import Log
from onrecord.people.editing import Editor
from onrecord.people.judgement_book import JudgementBook
from onrecord.people.known import KnownList, parse_known
from onrecord.people.live import LivePeople
from onrecord.people.readers import PeopleReader
from onrecord.records import (
    About,
    ArticleRef,
    Extraction,
    Quote,
    Speaker,
    from_json,
    on_record,
    to_json,
)
from onrecord.sink.filters import Floor
from onrecord.sink.glances import head_of
from onrecord.sink.parse_options import parse_filter
from onrecord.sink.selection import Opened, What
from tests.builders import NOON
from tests.people.seeing import TOPICS, naming, person_called, publish, said_by

NAMES = (
    "Sergei Lavrov", "Sergey Lavrov", "Сергей Лавров", "Kirill Lavrov", "Lavrov", "LAVROV",
    "Zoë Müller", "Zoe Mueller", "ZOË MÜLLER", "Müller", "Zoe\u0308 Mu\u0308ller", "Ｚｏｅ Muller",
    "Sean O’Brien", "Sean O'Brien", "O’Brien", "Łukasz Ørsted", "Lukasz Orsted", "J.K. Lind",
    "JK Lind", 'Mara "Lindy" Lind', "Mara Lind", "Ada Lind, Jr.", "Ana Belcourt", "Bela Kiss",
    "Tavenia", "Harbour\\Union", "Straße Volk", "the Tavenian president", "a farmer", "his niece",
    "the Russian foreign minister", "Russian Foreign Minister", 'Goran {"speaker":{"name":1}}',
)  # fmt: skip
ROLES = (None, None, None, "Russian Foreign Minister", "farmer", "president of Tavenia", "minister")
ASKED = (
    "lavrov", "sergey lavrov", "Лавров", "muller", "müller", "mueller zoe", "o'brien", "OBrien",
    "orsted", "lind", "jk lind", "belcourt", "ana nobody", "nobody", "tavenia", "farmer",
    "russian", "volk strasse", "kiss", "harbour",
)  # fmt: skip
KNOWN = "name,aliases,office,country\nMara Lind,J K Lind;Lindy,president,russia\n"
CASES = 600


def record(chance: random.Random, id: str) -> Extraction:
    """An extraction of few or no people, with whatever else filters ask for."""
    people = [(chance.choice(NAMES), chance.choice(ROLES)) for _ in range(chance.randint(0, 4))]
    made = naming(id, *people)
    return msgspec.structs.replace(
        made,
        article=ArticleRef(
            id=id,
            publisher=chance.choice((None, "Harbour Post", "Pósta")),
            published_at=chance.choice((None, NOON, NOON - timedelta(days=400))),
            language=chance.choice((None, "en", "en-GB", "de")),
            feed=chance.choice((None, "https://post.example/feed")),
            categories=chance.choice(((), ("World/Asia",), ("Sport",))),
            sections=chance.choice(((), ("Weather",))),
        ),
        entities=tuple(
            msgspec.structs.replace(
                it,
                type=chance.choice(("person", "person", "person", "organisation")),
                aliases=tuple(chance.sample(NAMES, chance.choice((0, 0, 1)))),
            )
            for it in made.entities
        ),
        quotes=tuple(spoken(chance, made, id, n) for n in range(chance.randint(0, 4))),
    )


def spoken(chance: random.Random, made: Extraction, id: str, n: int) -> Quote:
    name, role = chance.choice(NAMES), chance.choice(ROLES)
    if made.entities and chance.random() < 0.6:
        entity = chance.choice(made.entities)
        speaker = Speaker(entity=entity.id, name=chance.choice((entity.name, name)), role=role)
    else:
        speaker = Speaker(name=name, role=role)
    about = tuple(
        About(entity=it.id, name=it.name, type="person", by="name", mentions=())
        for it in made.entities[:1]
    )
    return said_by(
        id,
        n,
        name,
        type=chance.choice(("direct", "mixed", "indirect")),
        speaker=chance.choice((speaker, speaker, speaker, None)),
        about=chance.choice(((), about)),
        confidence=chance.choice((0.1, 0.5, 0.9)),
    )


def asked(chance: random.Random, people: PeopleReader, ids: list[str]) -> dict[str, Any]:
    """One to three options of a filter."""
    known = chance.random() < 0.7
    options: dict[str, Any] = {
        "speaker": chance.choice(ASKED),
        "speaker_id": chance.choice(ids),
        "about": chance.choice(ASKED),
        "entity": chance.choice(ASKED),
        "publisher": chance.choice(("harbour", "posta", "Gazette")),
        "feed": chance.choice(("https://post.example/feed", "https://other.example/")),
        "language": chance.choice(("en", "EN_gb", "fr")),
        "category": chance.choice(("World", "Sport", "Arts")),
        "section": chance.choice(("Weather", "World")),
        "type": chance.choice(("direct", "indirect")),
        "match": chance.choice(("WORD 0[01]", "nothing")),
    }
    chosen = chance.sample(sorted(options), chance.randint(1, 3))
    if chance.random() < 0.5 and "speaker" not in chosen:
        chosen.append("speaker")
    given = {name: options[name] for name in chosen}
    if chance.random() < 0.2:
        given["exact"] = True
    if chance.random() < 0.2:
        given["floor"] = Floor(0.4, 0.6)
    return given | {"people": people if known else None}


def written(chance: random.Random, extraction: Extraction) -> bytes:
    """The record as this version writes it, or as another program might."""
    value = to_json(extraction)
    fields = json.loads(value)
    style = chance.choice(("ours", "ours", "escaped", "spaced", "newer", "turned"))
    if style == "ours":
        return value
    if style == "turned":
        fields = dict(reversed(fields.items()))
    if style == "newer":
        nested = {"quotes": [{"id": "x"}], "list": [], "notes": []}
        fields |= {"schema_version": 2, "entities": fields["entities"], "more": nested}
        fields = {"more": nested} | fields if chance.random() < 0.5 else fields
    separators = (", ", ": ") if style == "spaced" else (",", ":")
    return json.dumps(fields, ensure_ascii=style == "escaped", separators=separators).encode()


@pytest.fixture
def live(log: Log) -> Iterator[LivePeople]:
    chance = random.Random(1)
    named = [(name, role) for name in NAMES for role in (None, chance.choice(ROLES))]
    publish(log, *(naming(f"p{n}", one) for n, one in enumerate(named)))
    opened = LivePeople(log, TOPICS, KnownList(parse_known(KNOWN, "list.csv")))
    opened.refresh()
    opened.catch_up()
    yield opened
    opened.close()


def judge(log: Log, live: LivePeople) -> None:
    """Merge two people, split a name, correct a quote, and say that another is none."""
    edit = Editor(registry=live.registry, by="ana", now=lambda: NOON)
    belcourt, kiss, kirill = (
        person_called(live.registry, key).id
        for key in ("ana belcourt", "bela kiss", "kirill lavrov")
    )
    book = JudgementBook(log, TOPICS, writer="w")
    book.write(edit.merge(belcourt, kiss))
    book.write(edit.split_namesake(kirill, role="farmer"))
    book.write(edit.correct_speaker("r7-q0", belcourt, article="r7", span=(0, 7)))
    book.write(edit.reject_quote("r9-q0", article="r9", span=(0, 7)))
    live.refresh()


def lines(opened: Opened, numbers: list[int]) -> list[bytes]:
    return [opened.line(What.QUOTES, n) for n in numbers]


def decoded(value: bytes, people: PeopleReader | None) -> Opened:
    """The record with all of it decoded before anything is asked for."""
    opened = Opened(value, people)
    opened.decode(What.QUOTES)
    return opened


def check(people: PeopleReader, ids: list[str], seed: int) -> int:
    """Compare looks at random records with what all of each record says; how many were wanted."""
    chance = random.Random(seed)
    found = 0
    for n in range(CASES):
        extraction = record(chance, f"r{n % 12}")
        value = written(chance, extraction)
        options = asked(chance, people, ids)
        wanted = parse_filter(**options)
        whole = from_json(value, Extraction)
        quotes = wanted.wanted_quotes(whole)
        opened = Opened(value, wanted.people)
        assert opened.numbers(What.QUOTES, wanted) == quotes, (options, value)
        assert lines(opened, quotes) == lines(decoded(value, wanted.people), quotes)
        is_wanted = Opened(value, wanted.people).numbers(What.EXTRACTIONS, wanted) == [0]
        assert is_wanted == wanted.wants_extraction(whole), (options, value)
        assert Opened(value, wanted.people).left_out(What.QUOTES, wanted) == wanted.left_out(whole)
        found += bool(quotes)
    return found


@pytest.mark.parametrize("with_judgements", [False, True])
def test_nothing_that_is_wanted_is_passed_over(
    log: Log, live: LivePeople, with_judgements: bool
) -> None:
    if with_judgements:
        judge(log, live)
    people = PeopleReader(live, monotonic=lambda: 0.0, by_itself=False)
    ids = [person_called(live.registry, key).id for key in ("ana belcourt", "kirill lavrov")]
    assert check(people, ids, seed=with_judgements) > CASES // 30


def test_a_head_has_what_stands_around_the_quotes() -> None:
    head = head_of(to_json(naming("a", "Mara Lind", "Ove Kask")))
    assert head is not None
    assert (head.article.id, len(head.entities), head.extracted_at) == ("a", 2, NOON)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b',"quotes":[', b', "quotes": ['),
        (b'"article":{', b'"article":{"more":{"a":1,"quotes":[]},'),
        (b'"entities":[{', b'"entities":[{"more":{"a":1,"quotes":[]},'),
        (b'"extracted_at"', b'"more":{"list":[],"notes":[]},"extracted_at"'),
        (b'"schema_version":1', b'"schema_version":2'),
        (b'"entities":', b'"named":'),
    ],
)
def test_a_record_of_another_shape_has_no_head(old: bytes, new: bytes) -> None:
    value = to_json(naming("a", "Mara Lind"))
    assert old in value
    assert head_of(value.replace(old, new, 1)) is None


def test_a_quote_that_cannot_be_read_is_said_to_be_so() -> None:
    value = to_json(record_of("Mara Lind", "Ove Kask"))
    old = b'"confidence":0.9'
    damaged = value.replace(old, b'"confidence":9.0', 1)
    assert value.count(old) == 2
    wanted = parse_filter(speaker="lind")
    opened = Opened(damaged)
    assert opened.numbers(What.QUOTES, wanted) == [0]
    with pytest.raises(RecordError, match=r"in quotes\[0\].confidence"):
        opened.line(What.QUOTES, 0)


def test_a_wanted_quote_is_read_beside_one_that_cannot_be() -> None:
    whole = record_of("Mara Lind", "Ove Kask")
    damaged = to_json(whole).replace(b'"type":"direct"', b'"type":"sung"', 1)
    wanted = parse_filter(speaker="kask")
    opened = Opened(damaged)
    quote = on_record(whole, whole.quotes[1])
    assert lines(opened, opened.numbers(What.QUOTES, wanted)) == [to_json(quote)]
    opened = Opened(damaged)
    numbers = opened.numbers(What.QUOTES, wanted)
    assert [opened.record(What.QUOTES, number) for number in numbers] == [quote]


def record_of(*speakers: str) -> Extraction:
    """An extraction with a quote of each."""
    quotes = tuple(said_by("a", n, name, confidence=0.9) for n, name in enumerate(speakers))
    return msgspec.structs.replace(naming("a", *speakers), quotes=quotes)
