"""Whom an extraction means: by full name, by surname and office, by office, by correction."""

from datetime import timedelta

import pytest

from onrecord.log.interface import Log
from onrecord.people.editing import Editor
from onrecord.people.judgement_book import JudgementBook
from onrecord.people.known import KnownList, parse_known
from onrecord.people.live import LivePeople
from onrecord.records import Extraction, KnownAs, Speaker
from tests.builders import NOON
from tests.people.seeing import TOPICS, naming, person_called, publish, said_by, seen

MINISTER = ("Sergei Lavrov", "Russian Foreign Minister")


def saying(id: str, name: str, role: str | None = None, *, days: int = 0) -> Extraction:
    """An extraction whose one quote is attributed to a description, without an entity."""
    speaker = Speaker(name=name, role=role)
    return naming(
        id, at=NOON + timedelta(days=days), quotes=(said_by(id, 0, name, speaker=speaker),)
    )


def speaker(people: LivePeople, extraction: Extraction) -> KnownAs | None:
    return people.resolver.speaker_of(extraction, extraction.quotes[0])


@pytest.fixture
def people(log: Log) -> LivePeople:
    farmer = ("Kirill Lavrov", "farmer")
    publish(
        log, *(naming(f"a{n}", MINISTER) for n in (0, 1)), naming("a2", "Sergey Lavrov", farmer)
    )
    return seen(log)


def test_all_spellings_are_one_person(people: LivePeople) -> None:
    found = {speaker(people, naming(it, it)) for it in ("Sergei Lavrov", "Sergey Lavrov")}
    (one,) = found
    assert one is not None
    assert one.by == "name"
    assert one.id == person_called(people.registry, "sergei lavrov").id


def test_a_person_of_whom_nothing_is_known_yet_has_the_id_that_they_will_have(
    log: Log, people: LivePeople
) -> None:
    before = speaker(people, naming("a3", "Ana Belcourt"))
    publish(log, naming("a3", "Ana Belcourt"))
    people.catch_up()
    assert before == speaker(people, naming("a3", "Ana Belcourt"))


def test_a_surname_with_the_office_that_one_bearer_had_then(people: LivePeople) -> None:
    for role in ("Russian Foreign Minister", "foreign minister"):
        found = speaker(people, naming("a4", ("Lavrov", role)))
        assert found is not None
        assert (found.name, found.by) == ("Sergei Lavrov", "surname")
    for role in ("French foreign minister", "Russian minister", "former foreign minister"):
        assert speaker(people, naming("a4", ("Lavrov", role))) is None, role


def test_a_surname_alone_is_nobody(people: LivePeople) -> None:
    assert speaker(people, naming("a4", "Lavrov")) is None
    assert speaker(people, naming("a4", ("Lavrov", "farmer"))) is None


def test_an_office_alone_is_whoever_held_it_then(people: LivePeople) -> None:
    found = speaker(people, saying("a5", "the Russian foreign minister"))
    assert found is not None
    assert (found.name, found.by) == ("Sergei Lavrov", "office")
    assert speaker(people, saying("a5", "Russia's foreign minister")) == found
    for other in (
        "the foreign minister",
        "the French foreign minister",
        "the former Russian foreign minister",
        "the Russian deputy foreign minister",
        "the wife of the Russian foreign minister",
    ):
        assert speaker(people, saying("a5", other)) is None, other
    assert speaker(people, saying("a5", "the Russian foreign minister", days=400)) is None


def test_an_office_that_two_held_at_the_time_is_nobodys(log: Log, people: LivePeople) -> None:
    publish(log, naming("a6", ("Ivan Kratov", "Russian Foreign Minister")))
    people.catch_up()
    assert speaker(people, saying("a5", "the Russian foreign minister")) is None


def test_an_office_of_many_is_nobodys(log: Log, people: LivePeople) -> None:
    publish(log, naming("a6", ("Ivan Kratov", "Russian lawmaker")))
    people.catch_up()
    assert speaker(people, saying("a5", "the Russian lawmaker")) is None


def test_a_description_with_a_name_for_its_group_is_no_person(people: LivePeople) -> None:
    assert speaker(people, saying("a5", "the foreign ministry")) is None


# ── the list of known people ─────────────────────────────────────────────────────────────────

TABLE = """name,aliases,office,country,from,until,wikidata
Mara Lind,Lindy;M. A. Lind,harbour minister,Skelm,2026-01,,Q1
Olaf Stenn,,harbour minister,Skelm,2019,2026-01,Q2
"""


@pytest.fixture
def listed(log: Log) -> LivePeople:
    publish(log, naming("a1", "M. A. Lind"))
    return seen(log, KnownList(parse_known(TABLE, "people.csv")))


def test_an_alias_in_the_list_is_the_person_also_in_one_word(listed: LivePeople) -> None:
    for name in ("Lindy", "M. A. Lind", "Mara Lind"):
        found = speaker(listed, naming("a2", name))
        assert found is not None
        assert found.id == listed.registry.person_of_key("mara lind")


def test_offices_in_the_list_have_their_dates(listed: LivePeople) -> None:
    found = speaker(listed, naming("a2", ("Stenn", "Harbour Minister"), at=NOON))
    assert found is None
    before = NOON - timedelta(days=600)
    found = speaker(listed, naming("a2", ("Stenn", "Harbour Minister"), at=before))
    assert found is not None
    assert (found.name, found.by) == ("Olaf Stenn", "surname")


# ── by hand ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def editor(people: LivePeople) -> Editor:
    return Editor(registry=people.registry, by="ana", now=lambda: NOON)


def write(log: Log, people: LivePeople, judgements: list) -> None:
    JudgementBook(log, TOPICS, writer="w").write(judgements)
    people.refresh()


def test_one_wrong_speaker_is_corrected_and_the_rest_stays(
    log: Log, people: LivePeople, editor: Editor
) -> None:
    given = naming("a1", MINISTER, "Kirill Lavrov")
    farmer = person_called(people.registry, "kirill lavrov").id
    write(log, people, editor.correct_speaker("a1-q0", farmer, article="a1", span=(0, 7)))
    found = [people.resolver.speaker_of(given, quote) for quote in given.quotes]
    assert [one and (one.name, one.by) for one in found] == [
        ("Kirill Lavrov", "correction"),
        ("Kirill Lavrov", "name"),
    ]


def test_a_correction_holds_where_a_newer_extractor_cuts_the_quote_otherwise(
    log: Log, people: LivePeople, editor: Editor
) -> None:
    write(log, people, editor.correct_speaker("a1-q0", None, article="a1", span=(0, 6)))
    given = naming("a1", MINISTER, quotes=(said_by("a1", 0, "Sergei Lavrov", id="other"),))
    assert speaker(people, given) is None
    other_words = said_by("a1", 3, "Sergei Lavrov", speaker=given.quotes[0].speaker)
    assert speaker(people, naming("a1", MINISTER, quotes=(other_words,))) is not None


def test_what_somebody_said_is_no_quote_is_left_out(
    log: Log, people: LivePeople, editor: Editor
) -> None:
    given = naming("a1", MINISTER, "Kirill Lavrov")
    write(log, people, editor.reject_quote("a1-q0", article="a1", span=(0, 7)))
    assert [it.id for it in people.resolver.with_people(given).quotes] == ["a1-q1"]


def test_namesakes_are_told_apart_by_articles_quotes_or_a_role(
    log: Log, people: LivePeople, editor: Editor
) -> None:
    name = person_called(people.registry, "kirill lavrov").id
    split = editor.split_namesake(name, articles=["a9"], role="swimmer")
    write(log, people, split)
    farmer, swimmer, elsewhere = (
        speaker(people, naming(article, ("Kirill Lavrov", role)))
        for article, role in (("a8", "farmer"), ("a8", "Olympic swimmer"), ("a9", None))
    )
    assert farmer is not None
    assert farmer.id == name
    assert swimmer == elsewhere
    assert swimmer is not None
    assert swimmer.id == split[0].right
    write(log, people, editor.undo(split[0].id))
    assert speaker(people, naming("a9", "Kirill Lavrov")) == farmer


def test_somebody_forgotten_is_nobody_in_any_record(
    log: Log, people: LivePeople, editor: Editor
) -> None:
    write(log, people, editor.forget(person_called(people.registry, "sergei lavrov").id))
    assert speaker(people, naming("a1", MINISTER)) is None
    assert speaker(people, saying("a5", "the Russian foreign minister")) is None
    people.catch_up()
    assert people.registry.person_of_key("sergei lavrov")
    assert [name.key for name in people.registry.names()] == ["kirill lavrov"]
