"""Names as strings."""

import pytest

from onrecord.nlp.entities.english import name_words
from onrecord.nlp.entities.names import (
    fold,
    name_key,
    spelling,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kirill Vasnetsov", "Kirill Vasnetsov"),  # the same
        ("Zoë Lindqvist", "Zoe Lindqvist"),  # diacritics
        ("KIRILL VASNETSOV", "Kirill Vasnetsov"),  # capitals
        ("K. Vasnetsov", "Kirill Vasnetsov"),  # an initial
        ("J.R. Halloran", "John Robert Halloran"),  # two initials in one word
        ("Kirill A. Vasnetsov", "Kirill Vasnetsov"),  # a middle initial that is missing
        ("Anna Maria Ortiz", "Anna Ortiz"),  # a middle name that is missing
        ("Bob Okafor", "Robert Okafor"),  # a short form
        ("Bill Okafor", "Will Okafor"),  # two short forms of one name
        ("Martin Okafor Jr.", "Martin Okafor"),  # a generation suffix
        ("Luis Pérez Arana", "Pérez Arana"),  # a compound surname alone
        ("Volodymyr Zelenskyy", "Volodymyr Zelensky"),  # transliteration of the ending
        ("Dmitri Sokolov", "Dmitry Sokolov"),  # and of the given name
        ("Aleksei Petrov", "Alexey Petrov"),  # ks and x
        ("Liam O’Hara", "Liam O'Hara"),  # a curly apostrophe
        ("Jean–Luc Picot", "Jean-Luc Picot"),  # a dash for a hyphen
        ('Robert "Bob" Weiss', "Bob Weiss"),  # the nickname that stood in marks
    ],
)
def test_two_spellings_of_one_person(one: str, other: str) -> None:
    assert name_words.same_person(name_key(one.split()), name_key(other.split()))
    assert name_words.same_person(name_key(other.split()), name_key(one.split()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John Miller", "Mary Miller"),  # another given name
        ("George W. Bush", "George H. Bush"),  # another middle initial
        ("Ana Weiss", "Ana Weber"),  # another surname
        ("John Miller", "Jack Mills"),
        ("Miller", "Miller"),  # one word is no full name
        ("Marta Kelly", "Marta Kells"),  # a short surname differs by its end
    ],
)
def test_two_people(one: str, other: str) -> None:
    assert not name_words.same_person(name_key(one.split()), name_key(other.split()))


@pytest.mark.parametrize(
    ("word", "folded"),
    [("Łódź", "lodz"), ("Søren", "soren"), ("O’Brien", "o'brien"), ("ÉLYSÉE", "elysee")],
)
def test_fold(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_short_words_keep_their_spelling() -> None:
    assert spelling("kei") != spelling("key")


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("Sergei", "masculine"),
        ("Hillary", "feminine"),
        ("Jean-Zorp", None),  # "Jean" is borne by both
        ("Mary-Kate", "feminine"),
        ("Taylor", None),
        ("Xqwz", None),
    ],
)
def test_gender_of_a_given_name(name: str, gender: str | None) -> None:
    assert name_words.gender_of(name) == gender
