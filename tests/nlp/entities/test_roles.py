"""Roles as the text states them."""

import pytest
from spacy.tokens import Doc

from onrecord.nlp.entities.mentions import find_mentions
from onrecord.nlp.entities.roles import RoleReader, find_roles
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.entities.word_index import WordIndex
from tests.nlp.parsed import built, read

BEFORE = [
    ("Ruritanian Foreign Minister Sergei Varga spoke.", "Ruritanian Foreign Minister"),
    ("We met former CEO Jane Holloway.", "former CEO"),
    ("The report by climate scientist Maria Lund was clear.", "climate scientist"),
    ("They asked Sen. Thomas Okafor about it.", "Sen."),
    ("They asked Ohio Gov. Thomas Okafor about it.", "Ohio Gov."),
    ("They asked President Anna Weiss about it.", "President"),
    ("He called his lawyer Peter Lindqvist.", "lawyer"),
    ("She thanked her husband Peter Lindqvist.", "her husband"),
    ("The city's police chief Peter Lindqvist resigned.", "city's police chief"),
    ("The 55-year-old salesman Peter Lindqvist voted.", "55-year-old salesman"),
    ("On Monday Secretary of State John Holloway left.", "Secretary of State"),
    (
        "It was discussed by the Deputy Permanent Representative of Russia to the UN Dmitry Orlov.",
        "Deputy Permanent Representative of Russia to the UN",
    ),
]
BESIDE = [
    (
        "Kirill Varga, HEAD of the Main Directorate of Ruritania, agreed.",
        "HEAD of the Main Directorate of Ruritania",
    ),
    ("Peter Holloway, the Kremlin spokesman, declined to comment.", "Kremlin spokesman"),
    (
        "Anna Weiss, a professor of economics at Tarn University, agreed.",
        "professor of economics at Tarn University",
    ),
    ("Anna Weiss, a senior adviser who left last year, agreed.", "senior adviser"),
    ("Anna Weiss, a professor and a former minister, agreed.", "professor"),
    (
        "The press secretary of the Ruritanian president, Peter Holloway, agreed.",
        "press secretary of the Ruritanian president",
    ),
    ("His campaign chairman, John Holloway, agreed.", "campaign chairman"),
    ("The group's founder, Dr. Maria Lund, agreed.", "group's founder"),
    (
        "Peter Holloway, general secretary of the Dockworkers’ Union, agreed.",
        "general secretary of the Dockworkers’ Union",
    ),
    ("Anna Weiss is the mayor of Boston.", "mayor of Boston"),
    ("Anna Weiss was an astronaut before the war.", "astronaut"),
]
# Nouns that no list holds: the ending of the word, or the parse, shows that they are for people.
UNLISTED = [
    ("“Stop,” said Maria Lund, the harbour master.", "harbour master"),
    ("“Stop,” said harbour master Maria Lund.", "harbour master"),
    (
        "They met Winifred Lowe, a retired signalwoman from Boston.",
        "retired signalwoman from Boston",
    ),
    ("They met Peter Lindqvist, a seismologist.", "seismologist"),
    ("Peter Lindqvist, the regatta's timekeeper, agreed.", "regatta's timekeeper"),
    ("The council's surveyor, Peter Lindqvist, agreed.", "council's surveyor"),
    ("His apprentice Anna Weiss agreed.", "apprentice"),
    ("The bus driver Peter Lindqvist voted.", "bus driver"),
    ("The study was by one of the firm's analysts, Anna Weiss.", "firm's analyst"),
    ("It is signed by both senior partners, John Holloway and Anna Weiss.", "senior partner"),
    ("Anna Weiss was named artistic director of the theatre.", "artistic director of the theatre"),
    ("Lt. Gen. Peter Holloway, the commander of the fleet, agreed.", "Gen."),
]
CLAUSES = [
    (
        "Anna Weiss, who studies ice at Tarn University, agreed.",
        "who studies ice at Tarn University",
    ),
    (
        "Peter Holloway, who skippers the trawler and speaks for its crew, agreed.",
        "who skippers the trawler",
    ),
    ("Anna Weiss, who leads the inquiry, asked for calm.", "who leads the inquiry"),
]
NONE = [
    "Peter Lindqvist, the same day, left early.",
    "After dinner Peter Lindqvist left early.",
    "At the corner Peter Lindqvist left early.",
    "Anna Weiss, who laughed, left early.",
    "As he welcomed several guests, Anna Weiss laughed.",
    "Anna Weiss and the minister left.",
    "Anna Weiss, 45, left early.",
    "On Monday, Anna Weiss left early.",
    "The doctors, nurses and Anna Weiss left.",
    "“I am a doctor,” Anna Weiss said.",
    "Anna Weiss is happy.",
    "Anna Weiss, President Peter Holloway said, is happy.",
]


def people_in(doc: Doc) -> list[NamedSpan]:
    found = find_mentions(WordIndex(doc), RoleReader(doc))
    return [one for one in found if one.type == "person"]


def roles_of_the_person(text: str) -> list[str]:
    doc = read(text)
    return [role.text(doc) for role in find_roles(doc, people_in(doc)[0])]


@pytest.mark.model
@pytest.mark.parametrize(("text", "role"), BEFORE + BESIDE + UNLISTED + CLAUSES)
def test_a_role_is_read(text: str, role: str) -> None:
    assert roles_of_the_person(text)[:1] == [role]


@pytest.mark.model
@pytest.mark.parametrize("text", NONE)
def test_no_role_is_invented(text: str) -> None:
    assert roles_of_the_person(text) == []


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "noun", "implied"),
    [
        ("Sen. Anna Weiss (R-Texas) agreed.", "republican", {"republican", "texas"}),
        ("Rep. Anna Weiss (D-Mass.) agreed.", "democrat", {"democratic", "massachusetts"}),
    ],
)
def test_a_party_in_brackets(text: str, noun: str, implied: set[str]) -> None:
    doc = read(text)
    (name,) = people_in(doc)
    party = find_roles(doc, name)[-1]
    assert party.noun == noun
    assert party.implies == implied


def test_the_noun_of_an_abbreviation() -> None:
    doc = built("Sen. Anna Weiss left", ents="- PERSON PERSON -", tags="NNP NNP NNP VBD")
    (name,) = people_in(doc)
    (role,) = find_roles(doc, name)
    assert (role.noun, role.construction, role.text(doc)) == ("senator", "before", "Sen.")
