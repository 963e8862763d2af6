"""Mentions, their types, and which of them name one thing."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.nlp.entities.mentions import find_mentions
from onrecord.nlp.entities.merging import FoundEntity, find_entities
from onrecord.nlp.entities.roles import RoleReader
from onrecord.nlp.entities.word_index import WordIndex
from tests.nlp.parsed import built, read
from tests.steps import growth

pytestmark = pytest.mark.model


def entities(text: str) -> list[FoundEntity]:
    return find_entities(read(text), article_id="an article")


def named(text: str) -> dict[str, str]:
    return {one.entity.name: one.entity.type for one in entities(text)}


def mentions_of(text: str) -> dict[str, list[str]]:
    return {one.entity.name: [m.text for m in one.entity.mentions] for one in entities(text)}


TYPES = [
    # places, whatever the model says
    (
        "Kiev does not seek peace, he said. Shells fell on Kursk and on Belgorod.",
        {"Kiev": "place", "Kursk": "place", "Belgorod": "place"},
    ),
    ("Troops went deep into RUSSIA.", {"RUSSIA": "place"}),
    ("The U.S. and the UK agreed.", {"U.S.": "place", "UK": "place"}),
    ("They told us who won.", {}),
    # groups
    (
        "The Ukrainian army met Danish Republicans.",
        {"Ukrainian": "group", "Danish": "group", "Republicans": "group"},
    ),
    # organisations
    (
        "The Kremlin answered NATO and the UN.",
        {"Kremlin": "organisation", "NATO": "organisation", "UN": "organisation"},
    ),
    (
        "Sky News reported it, and the Ruritanian Defense Ministry agreed.",
        {"Sky News": "organisation", "Ruritanian Defense Ministry": "organisation"},
    ),
    # trimmed and parted
    (
        "It was discussed by the representative to the UN Dmitry Orlov.",
        {"UN": "organisation", "Dmitry Orlov": "person"},
    ),
    ("Mr. Varga spoke to Mrs. Holloway.", {"Varga": "person", "Holloway": "person"}),
    ("President Anna Weiss left.", {"Anna Weiss": "person"}),
    ("They asked Secretary of State John Holloway.", {"John Holloway": "person"}),
    ("They met Kim Jong-un.", {"Kim Jong-un": "person"}),
    ("Then FEMA Administrator Anna Weiss left.", {"FEMA": "organisation", "Anna Weiss": "person"}),
    ("They saw Erik ten Holloway.", {"Erik ten Holloway": "person"}),
    ("WALLACE: Let me ask Anna Weiss.", {"WALLACE": "person", "Anna Weiss": "person"}),
    (
        "Eswar Holloway, an economist at Tarn University, agreed.",
        {"Eswar Holloway": "person", "Tarn University": "organisation"},
    ),
    # places, by where they stand
    (
        "HOLMWICK, Nov 12 (KNA) - Trains ran. Holmwick was quiet.",
        {"Holmwick": "place", "KNA": "organisation"},
    ),
    ("They met the mayor of Tarnby in Skelm.", {"Tarnby": "place", "Skelm": "place"}),
    # people, by an age, a clause or a surname that stands alone
    ("Zorvan Melk, 47, and two others baked. Melk said so.", {"Zorvan Melk": "person"}),
    ("Pascal Orme, who directs the choir, agreed.", {"Pascal Orme": "person"}),
    ("Diarmuid O’Neill agreed, said Mr O’Neill.", {"Diarmuid O’Neill": "person"}),
    ("Lula left the palace.", {"Lula": "person"}),
    ("Lavrov said the talks had failed.", {"Sergei Lavrov": "person"}),
    ("Save Lagos, a charity, left.", {"Save Lagos": "organisation"}),
    ("Age UK, the charity, warned of cold.", {"Age UK": "organisation"}),
    # firms
    ("Tolland & Wray closed.", {"Tolland & Wray": "organisation"}),
    # what only looks like a name
    ("HEAD of the office resigned.", {}),
    ("In 2015, two of them left on Monday.", {}),
    ("Meanwhile, nothing happened.", {}),
]


@pytest.mark.parametrize(("text", "expected"), TYPES)
def test_types(text: str, expected: dict[str, str]) -> None:
    assert named(text) == expected


REPAIRS = [
    # words, what the model takes them for, what they are
    ("in Kiev today", "- PERSON -", {"Kiev": "place"}),
    ("the RM-70 Vampire", "- GPE GPE", {"RM-70 Vampire": "product"}),
    (
        "to the UN Dmitry Orlov",
        "- ORG ORG ORG ORG",
        {"UN": "organisation", "Dmitry Orlov": "person"},
    ),
    ("Okafor Says", "PERSON PERSON", {"Okafor": "person"}),
    (
        "Tarnbet 's Google fell",
        "ORG ORG ORG -",
        {"Tarnbet": "organisation", "Google": "organisation"},
    ),
    (
        "at Lehigh , Bruce Varga",
        "- ORG ORG ORG ORG",
        {"Lehigh": "organisation", "Bruce Varga": "person"},
    ),
    ("the Tarn Ministry", "- PERSON PERSON", {"Tarn Ministry": "organisation"}),
    ("the Foundation for Tarn", "- PERSON PERSON PERSON", {"Foundation for Tarn": "organisation"}),
    ("Tarn 2 - 1", "ORG ORG ORG ORG", {"Tarn": "organisation"}),
    (
        "Carla Fiorentini left . Fiorentini laughed",
        "ORG ORG - - ORG -",
        {"Carla Fiorentini": "person"},
    ),
    (
        "Morgan Stanley fell . Tarn rose",
        "ORG ORG - - ORG -",
        {"Morgan Stanley": "organisation", "Tarn": "organisation"},
    ),
    ("Mr. Tarn left", "- ORG -", {"Tarn": "person"}),
    ("the HEAD of it", "- ORG - -", {}),
    ("on Monday 2015", "- DATE DATE", {}),
]


@pytest.mark.parametrize(("words", "labels", "expected"), REPAIRS)
def test_repairs_of_the_model(words: str, labels: str, expected: dict[str, str]) -> None:
    found = find_entities(built(words, ents=labels), article_id="x")
    assert {one.entity.name: one.entity.type for one in found} == expected


ONE = [
    ("a surname", "Sergei Varga spoke. Varga then left.", ["Sergei Varga", "Varga"]),
    ("a possessive", "Sergei Varga spoke. It was Varga's last speech.", ["Sergei Varga", "Varga"]),
    ("a title", "Sergei Varga spoke. Then Mr. Varga left.", ["Sergei Varga", "Varga"]),
    ("a given name", "Anna Weiss spoke. Then Anna left.", ["Anna Weiss", "Anna"]),
    ("capitals", "Sergei Varga spoke. Then VARGA left.", ["Sergei Varga", "VARGA"]),
    ("an initial", "Sergei Varga spoke. Then S. Varga left.", ["Sergei Varga", "S. Varga"]),
    (
        "a middle initial",
        "Sergei B. Varga spoke. Then Sergei Varga left.",
        ["Sergei B. Varga", "Sergei Varga"],
    ),
    (
        "diacritics",
        "Zoë Lindqvist spoke. Then Zoe Lindqvist left.",
        ["Zoë Lindqvist", "Zoe Lindqvist"],
    ),
    (
        "a short form",
        "Robert Holloway spoke. Then Bob Holloway left.",
        ["Robert Holloway", "Bob Holloway"],
    ),
    (
        "a transliteration",
        "Volodymyr Zelenskyy spoke. Then Zelensky left.",
        ["Volodymyr Zelenskyy", "Zelensky"],
    ),
    (
        "the surname first",
        "Zelensky arrived. Then President Volodymyr Zelensky left.",
        ["Zelensky", "Volodymyr Zelensky"],
    ),
]


@pytest.mark.parametrize(("text", "texts"), [row[1:] for row in ONE], ids=[row[0] for row in ONE])
def test_one_person(text: str, texts: list[str]) -> None:
    (person,) = (one for one in entities(text) if one.entity.type == "person")
    assert [mention.text for mention in person.entity.mentions] == texts
    assert person.entity.name == max(texts, key=len)


def test_a_nickname_in_marks() -> None:
    text = 'Robert "Bob" Holloway spoke on Monday. Then Bob laughed. Holloway left.'
    assert mentions_of(text) == {"Robert Holloway": ['Robert "Bob" Holloway', "Bob", "Holloway"]}


def test_a_nickname_of_two_words() -> None:
    text = "Ruben “The Wall” Castor saved it. Castor laughed."
    assert mentions_of(text) == {"Ruben Castor": ["Ruben “The Wall” Castor", "Castor"]}


def test_a_bare_surname_is_nobody_who_comes_up_later() -> None:
    text = "Lucas Holloway was jailed. Holloway wept. Simon Holloway laughed. Simon Holloway left."
    assert mentions_of(text)["Lucas Holloway"] == ["Lucas Holloway", "Holloway"]


def test_the_younger_of_a_family() -> None:
    text = (
        "Ada Holloway died. Holloway was 94. Her niece, Dora Holloway, wept. "
        "The younger Holloway left."
    )
    assert mentions_of(text)["Dora Holloway"] == ["Dora Holloway", "Holloway"]


def test_a_firm_called_after_somebody_is_not_them() -> None:
    text = "The Varga Foundation met. Then Varga spoke, and Mr. Varga left."
    assert mentions_of(text)["Varga Foundation"] == ["Varga Foundation"]


def test_an_epithet_is_no_part_of_a_name() -> None:
    doc = built(
        "Crooked Anna Weiss left . Anna Weiss sat .",
        ents="PERSON PERSON PERSON - - PERSON PERSON - -",
    )
    assert [one.entity.name for one in find_entities(doc, article_id="x")] == ["Anna Weiss"]


def test_two_people_of_one_surname_stay_two() -> None:
    text = "John Holloway spoke. Mary Holloway, his wife, disagreed. John Holloway left."
    assert mentions_of(text) == {
        "John Holloway": ["John Holloway", "John Holloway"],
        "Mary Holloway": ["Mary Holloway"],
    }


def test_a_bare_surname_means_who_is_named_most() -> None:
    text = "John Holloway spoke. John Holloway sat. Mary Holloway sat. Holloway left."
    assert mentions_of(text)["John Holloway"][-1] == "Holloway"


def test_a_form_of_address_tells_two_of_one_surname_apart() -> None:
    text = "John Holloway spoke. John Holloway sat. Mary Holloway sat. Mrs. Holloway left."
    assert mentions_of(text)["Mary Holloway"] == ["Mary Holloway", "Holloway"]


@pytest.mark.parametrize(
    ("text", "name", "texts"),
    [
        (
            "The International Maritime Fund (IMF) met. The IMF left.",  # known by heart as another
            "International Maritime Fund",
            ["International Maritime Fund"],
        ),
        (
            "The Tarn Rescue Service (TRS) came. Later the TRS left.",
            "Tarn Rescue Service",
            ["Tarn Rescue Service", "TRS", "TRS"],
        ),
        (
            "He took money from Deepwell Dredging. Later Deepwell, which was not charged, left.",
            "Deepwell Dredging",
            ["Deepwell Dredging", "Deepwell"],
        ),
        ("The United States agreed. The U.S. signed.", "United States", ["United States", "U.S."]),
        ("Kyiv was quiet. In Kiev, people slept.", "Kyiv", ["Kyiv", "Kiev"]),
        ("Russia spoke. Deep into RUSSIA they went.", "Russia", ["Russia", "RUSSIA"]),
    ],
)
def test_one_thing(text: str, name: str, texts: list[str]) -> None:
    assert mentions_of(text)[name] == texts


def test_one_wrong_label_among_many_is_outvoted() -> None:
    doc = built(
        "Sergei Varga left . Varga sat . Varga ate . Varga spoke .",
        ents="PERSON PERSON - - ORG - - PERSON - - GPE - -",
        tags="NNP NNP VBD . NNP VBD . NNP VBD . NNP VBD .",
    )
    (person,) = find_entities(doc, article_id="x")
    assert (person.entity.type, len(person.entity.mentions)) == ("person", 4)


def test_the_fullest_statement_of_a_role_is_kept() -> None:
    text = "Sen. Anna Weiss left. They saw Vermont Sen. Anna Weiss, a democrat, in Boston."
    (person,) = (one for one in entities(text) if one.entity.type == "person")
    assert person.entity.role == "Vermont Sen."


def test_ids_tell_articles_and_entities_apart() -> None:
    doc = read("Anna Weiss met John Holloway in Paris.")
    one, other = (find_entities(doc, article_id=name) for name in ("a", "b"))
    ids = [found.entity.id for found in [*one, *other]]
    assert len(set(ids)) == 6
    assert one == find_entities(doc, article_id="a")


def test_work_is_linear_in_the_number_of_people() -> None:
    def work(people: int) -> None:
        words = " ".join(f"Ana Weiss{i} said ." for i in range(people))
        found = find_entities(built(words, ents="PERSON PERSON - - " * people), article_id="x")
        assert len(found) == people

    # A logarithm's worth more, for sorting; squared work would be 8.
    assert growth(work, 100, 800) < 1.3


WORDS = st.sampled_from(
    [
        "Anna",
        "Weiss",
        "Mr.",
        "Sen.",
        "Kiev",
        "the",
        "said",
        "“",
        "”",
        "he",
        ",",
        ".",
        "\n\n",
        "US",
        "of",
        "minister",
        "'s",
        "-",
        "Jong",
        "(",
        ")",
        "UN",
        "O’Brien",
        "\xa0",
        "🙂",
        "é",
        "State",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=25).map(" ".join)))
def test_any_text_gives_mentions_that_stand_where_they_say(text: str) -> None:
    doc = read(text)
    spans = find_mentions(WordIndex(doc), RoleReader(doc))
    assert all(one.end <= two.start for one, two in pairwise(spans))
    found = find_entities(doc, article_id="x")
    assert len({one.entity.id for one in found}) == len(found)
    for one in found:
        starts = [mention.start for mention in one.entity.mentions]
        assert starts == sorted(starts)
        assert one.entity.name
        for mention in one.entity.mentions:
            assert text[mention.start : mention.end] == mention.text
    assert found == find_entities(doc, article_id="x")
