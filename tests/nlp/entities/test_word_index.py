"""The places of the words that can show a name."""

import pytest

from onrecord.nlp.entities.roles import RoleReader
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.entities.word_index import WordClass, WordIndex
from tests.nlp.parsed import built

TEXT = "The novelist , Ana Weiss KC , of Okafor & Sons met Mr. Holm and his wife Olga"


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ("role noun", ["novelist", "wife"]),
        ("given name", ["Ana", "Olga"]),
        ("suffix", ["KC"]),
        ("ampersand", ["&"]),
        ("form of address", ["Mr."]),
        ("relative", ["wife"]),
        ("comma", [",", ","]),
    ],
)
def test_the_words_of_a_class_are_found_in_order(of: WordClass, words: list[str]) -> None:
    text = WordIndex(built(TEXT))
    assert [text.words[i] for i in text.places(of)] == words


def test_places_near_the_ends_can_be_left_out() -> None:
    text = WordIndex(built(TEXT))
    assert text.places("comma", start=3) == [6]
    assert text.places("given name", before_end=1) == [3]


def test_the_roles_of_a_mention_are_read_once() -> None:
    roles = RoleReader(built("Mayor Ana Weiss spoke", tags="NNP NNP NNP VBD"))
    name = NamedSpan(start=1, end=3, type="person")
    assert [role.noun for role in roles.of(name)] == ["mayor"]
    assert roles.of(name) is roles.of(NamedSpan(start=1, end=3, type="place"))
