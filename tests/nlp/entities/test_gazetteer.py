"""The word lists: what they know, and that they are what their readers take them for."""

import pytest

from onrecord.nlp.entities.english import gazetteer, lists, titles

LISTS = ("given_names", "titles", "places", "organisations")


@pytest.mark.parametrize(
    ("phrase", "kind", "name"),
    [
        ("Kiev", "place", "kiev"),
        ("Kyiv", "place", "kiev"),
        ("U.S.", "place", "united states"),
        ("São Paulo", "place", "sao paulo"),
        ("Fla.", "place", "florida"),
        ("Ukrainians", "group", "ukrainian"),
        ("African - American", "group", "african-american"),
        ("al - Qaeda", "organisation", "al-qaeda"),
        ("DNC", "organisation", "democratic national committee"),
    ],
)
def test_a_known_phrase(phrase: str, kind: str, name: str) -> None:
    found = gazetteer.known(phrase.split())
    assert found is not None
    assert (found.type, found.name) == (kind, name)


def test_the_longest_phrase_wins() -> None:
    words = ["in", "New", "York", "City", "today"]
    found = gazetteer.known_at(words, 1)
    assert found is not None
    assert (found[0], found[1].name) == (4, "new york city")
    assert gazetteer.known_at(words, 0) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Tarn Defense Ministry", "organisation"),
        ("Tarn Region", "place"),
        ("Hurricane Tarn", "event"),
        ("Tarn Cup", "event"),
        ("Anna Weiss", None),
        ("Ministry", None),  # one word says too little
    ],
)
def test_what_the_words_of_a_name_show(name: str, kind: str | None) -> None:
    assert gazetteer.type_by_words(name.split()) == kind


@pytest.mark.parametrize(
    ("word", "noun"),
    [("Sen.", "senator"), ("MINISTER", "minister"), ("wife", "wife"), ("table", None)],
)
def test_the_noun_of_a_role(word: str, noun: str | None) -> None:
    assert titles.role_noun(word) == noun


@pytest.mark.parametrize(
    ("word", "announces"),
    [("Mr", True), ("Mrs.", True), ("Sen.", True), ("King", False), ("PM", False), ("Gen", False)],
)
def test_what_only_a_name_follows(word: str, announces: bool) -> None:
    assert titles.announces_person(word) is announces


def test_a_role_has_one_gender() -> None:
    of = [
        lists.words("titles", section) for section in ("roles", "roles masculine", "roles feminine")
    ]
    assert not of[0] & of[1]
    assert not of[0] & of[2]
    assert not of[1] & of[2]


def test_a_given_name_has_one_gender() -> None:
    sections = [
        lists.words("given_names", section) for section in ("masculine", "feminine", "either")
    ]
    assert sum(map(len, sections)) == len(frozenset().union(*sections))


@pytest.mark.parametrize("name", LISTS)
def test_word_lists_are_in_lower_case(name: str) -> None:
    lines = [line for found in lists.sections(name).values() for line in found]
    assert lines
    assert [line for line in lines if line != line.lower()] == []


def test_what_a_role_may_be_called_is_a_role() -> None:
    kinds = lists.mapping("titles", "kinds")
    assert [noun for noun in kinds if titles.role_noun(noun) is None] == []
    implied = frozenset().union(*kinds.values())
    assert [noun for noun in implied if titles.role_noun(noun) is None] == []
