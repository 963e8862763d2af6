"""Constructions of news from many places: who speaks, and what is named, in a sentence or two.

Every row has the name of its construction. The texts are invented.
"""

import pytest

from onrecord.nlp.coreference.resolve import resolve_speakers
from onrecord.nlp.entities.english import known_people
from onrecord.nlp.entities.merging import find_entities
from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.find import find_quotes
from onrecord.nlp.reading.datelines import find_datelines
from tests.nlp.parsed import read

pytestmark = pytest.mark.model

# What is said begins with "X" in curly marks; the speaker is that of the last such passage.
SPEAKERS = [
    ("a name after a dash", "“The port is ours.” — Anna Weiss", "Anna Weiss"),
    ("a dash that touches the mark", "“The port is ours.”—Anna Weiss", "Anna Weiss"),
    ("a name and a place after a dash", '"The port is ours."-- Anna Weiss, Leeds', "Anna Weiss"),
    (
        "names after dashes, one below another",
        "“The port is ours.” — Anna Weiss\n\n“They do not listen.”— Luc Moreau",
        "Luc Moreau",
    ),
    (
        "whose report it is after who spoke",
        "“The port is ours,” Anna Weiss said, according to the Tarn Herald.",
        "Anna Weiss",
    ),
    (
        "an agency after who spoke",
        "“The port is ours,” Luc Moreau told reporters, according to state news agency KCNA.",
        "Luc Moreau",
    ),
    (
        "an agency and nobody else",
        "“The port is ours and always was,” according to state news agency KCNA.",
        "KCNA",
    ),
    (
        "a paper by the last word of its name",
        "The Harbour Times told it first. “The port was sold,” the Times wrote.",
        "Harbour Times",
    ),
    (
        "a dateline is nobody",
        "TARN CITY — Ruritania’s president, Amara Diallo, said Thursday that “the port is ours”.",
        "Amara Diallo",
    ),
    (
        "a dateline with an agency and a date",
        "TARN, Sept 4 (KNA) - Harbour Minister Anna Weiss said “the port is ours”.",
        "Anna Weiss",
    ),
    (
        "kin and a trade before the name",
        "His daughter, the actress Emma Halloway, said it was “over”.",
        "Emma Halloway",
    ),
    (
        "a hyphen in the noun",
        "Anna Weiss left. Her co-author, Professor Kenji Tanabe, said it was “over”.",
        "Kenji Tanabe",
    ),
    (
        "the judge, of a justice",
        "Justice John Okello ruled on Friday. “The public must be told,” the judge said.",
        "John Okello",
    ),
    (
        "a president by the country's possessive",
        (
            "Anna Weiss is Harbour Oil’s president of sales. France’s Luc Moreau agreed. “It must "
            "not be naive,” the French president said."
        ),
        "Luc Moreau",
    ),
    (
        "a surname that comes first, and is a word",
        "“We have been patient,” said Son Woo-mok. “They do not listen,” Mr Son said.",
        "Son Woo-mok",
    ),
    (
        "a surname that is an office's word",
        "Tim Cook came. “They do not listen,” Mr Cook said.",
        "Tim Cook",
    ),
    (
        "ranks of the police, each cut short",
        "Det Ch Insp Joanne Whitaker of the police said: “We ask for privacy.”",
        "Joanne Whitaker",
    ),
    (
        "whom the words name is not who says them",
        (
            "Ben Osei spoke to Karl Weiss. Weiss was tired. “Weiss should stay until he gets "
            "what he wants,” he said."
        ),
        "Ben Osei",
    ),
    (
        "a carmaker after its name",
        "Shares of Kavach Motors fell after the carmaker said it would recall “every hatchback”.",
        "Kavach Motors",
    ),
    (
        "a description before a relative",
        "They listened to a retired nurse, who said “it is over”.",
        "a retired nurse",
    ),
    (
        "its own vice president, not one brought up before",
        "A vice president left. Uber met its senior vice president, who said “it is over”.",
        "its senior vice president",
    ),
    (
        "two people of one surname, by their forms of address",
        "Daniel Oyelaran apologized to his wife, Grace Oyelaran. Mrs. Oyelaran said he “loved it”.",
        "Grace Oyelaran",
    ),
    (
        "the younger of a family",
        "Bill Weiss came with Chelsea Weiss, his daughter. “They argue,” the younger Weiss said.",
        "Chelsea Weiss",
    ),
    (
        "an office without a name, twice",
        "A senior official at the ministry spoke. “No,” the official said. She said it was “over”.",
        "A senior official at the ministry",
    ),
]

ENTITIES = [
    (
        "particles where the model breaks off",
        "Commission President Ursula von der Heyden declined to say.",
        {"Ursula von der Heyden": "person"},
    ),
    (
        "a ministry of two fields",
        "It had informed the Ministry of Road Transport and Highways.",
        {"Ministry of Road Transport and Highways": "organisation"},
    ),
    (
        "a society of a country",
        "A petition by the Law Society of Kenya was heard.",
        {"Law Society of Kenya": "organisation"},
    ),
    (
        "a body with the country last",
        "Later, Cricket Australia said it had no update.",
        {"Cricket Australia": "organisation"},
    ),
    (
        "a firm by its last word",
        "“It is a number,” said Gene Monroe of Deepwater Asset Management.",
        {"Gene Monroe": "person", "Deepwater Asset Management": "organisation"},
    ),
    (
        "a tank with a number",
        "The army used British Challenger 2 tanks, they reported.",
        {"British": "group", "Challenger 2": "product"},
    ),
    (
        "a car by the noun after it",
        "It said it would recall 42,000 of its Vayu hatchbacks.",
        {"Vayu": "product"},
    ),
    (
        "a people's drones are no product",
        "They shot down Ukrainian drones.",
        {"Ukrainian": "group"},
    ),
    (
        "a glacier",
        "Warm water reaches far under the Thwaites glacier now.",
        {"Thwaites": "place"},
    ),
    (
        "a headline in title case",
        "Voters Hear Bad News From Unhappy Campaign.",
        {},
    ),
    (
        "a place that begins a body's name",
        "They called the Greater Manchester Police on Friday.",
        {"Greater Manchester Police": "organisation"},
    ),
]

ROLES = [
    (
        "an office of a field, in small letters",
        "They asked former secretary of state Hillary Weiss.",
        "Hillary Weiss",
        "former secretary of state",
    ),
    (
        "an office after a dateline",
        "TARN, Sept 4 - Israeli Prime Minister Benjamin Weiss said on Wednesday that it rained.",
        "Benjamin Weiss",
        "Israeli Prime Minister",
    ),
    (
        "whose somebody is, is no role",
        "France’s Luc Moreau agreed.",
        "Luc Moreau",
        None,
    ),
]


@pytest.mark.parametrize(
    ("text", "name"), [row[1:] for row in SPEAKERS], ids=[row[0] for row in SPEAKERS]
)
def test_who_speaks(text: str, name: str) -> None:
    doc = read(text)
    quotes = find_quotes(doc, ruleset())
    speakers = resolve_speakers(doc, quotes, find_entities(doc, article_id="x"))
    passages = [
        speaker for quote, speaker in zip(quotes, speakers, strict=True) if quote.type != "indirect"
    ]
    assert passages, "no passage is a quote"
    assert passages[-1] is not None
    assert passages[-1].name == name


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in ENTITIES], ids=[row[0] for row in ENTITIES]
)
def test_what_is_named(text: str, expected: dict[str, str]) -> None:
    found = {one.entity.name: one.entity.type for one in find_entities(read(text), article_id="x")}
    assert found == expected


@pytest.mark.parametrize(
    ("text", "name", "role"), [row[1:] for row in ROLES], ids=[row[0] for row in ROLES]
)
def test_what_somebody_is(text: str, name: str, role: str | None) -> None:
    roles = {one.entity.name: one.entity.role for one in find_entities(read(text), article_id="x")}
    assert roles.get(name, "not found") == role


@pytest.mark.parametrize(
    ("surname", "offices", "gender", "name"),
    [
        ("Obama", {"president"}, None, "Barack Obama"),
        ("Obama", (), None, "Barack Obama"),
        ("Obama", (), "feminine", None),
        ("Obama", {"player"}, None, None),
        ("Trudeau", (), None, None),
        ("Trudeau", {"minister"}, None, "Justin Trudeau"),
        ("Zelenskyy", (), None, "Volodymyr Zelensky"),
        ("Holloway", {"president"}, None, None),
    ],
)
def test_a_surname_alone_is_known_where_the_text_agrees(
    surname: str, offices: set[str], gender: str | None, name: str | None
) -> None:
    assert known_people.full_name(surname, offices, gender) == name  # type: ignore[arg-type]


def test_who_is_named_in_full_is_nobody_else() -> None:
    text = "Malik Obama came. “It is over,” Obama said."
    assert [one.entity.name for one in find_entities(read(text), article_id="x")] == ["Malik Obama"]


@pytest.mark.parametrize(
    ("text", "place", "rest"),
    [
        ("TARN, Nov 12 (KNA) - It rained.", "TARN", "It rained."),
        ("TARN CITY — It rained.", "TARN CITY", "It rained."),
        ("Tarn (KNA) — It rained.", "Tarn", "It rained."),
    ],
)
def test_a_dateline_ends_with_its_dash(text: str, place: str, rest: str) -> None:
    (found,) = find_datelines(text)
    assert (found.place, text[found.start : found.end], text[found.text_start :]) == (
        place,
        place,
        rest,
    )
