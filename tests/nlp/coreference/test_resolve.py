"""Who the source of a quote turns out to be. The source stands in {braces}."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from onrecord.nlp.coreference.resolve import resolve_speakers, weigh_speakers
from onrecord.nlp.entities.merging import find_entities
from onrecord.records import Speaker
from tests.nlp.parsed import quote, read, read_marked

pytestmark = pytest.mark.model


def speakers(text: str) -> list[Speaker | None]:
    doc, quotes = read_marked(text)
    return resolve_speakers(doc, quotes, find_entities(doc, article_id="x"))


NAMES = [
    ("a full name", "“Yes,” {Sergei Varga} said.", "Sergei Varga"),
    ("a surname", "Sergei Varga came. “Yes,” {Varga} said.", "Sergei Varga"),
    ("a name with its role", "“Yes,” {Foreign Minister Sergei Varga} said.", "Sergei Varga"),
    ("a title", "Sergei Varga came. “Yes,” {Mr. Varga} said.", "Sergei Varga"),
    ("a name and an apposition", "“Yes,” said {Anna Weiss, a lawyer in Tarn}.", "Anna Weiss"),
    ("an apposition and a name", "“Yes,” said {the king's lawyer, Anna Weiss}.", "Anna Weiss"),
    ("of somewhere", "“Yes,” said {Anna Weiss of the Tarn Institute}.", "Anna Weiss"),
    ("a relative clause", "“Yes,” said {Anna Weiss, who owns the shop}.", "Anna Weiss"),
    ("a place in the title", "“Yes,” said {Texas Lt. Gov. Peter Holloway}.", "Peter Holloway"),
    (
        "another's name in the apposition",
        "Peter Holloway ran. “Yes,” said {Anna Weiss, Holloway's lawyer}.",
        "Anna Weiss",
    ),
    ("an organisation", "“Yes,” {the Kremlin} said.", "Kremlin"),
    ("a nationality as written", "“Yes,” {Republicans} said.", "Republicans"),
    # not the person named
    ("somebody's lawyer", "Anna Weiss came. “Yes,” {Weiss's lawyer} said.", "Weiss's lawyer"),
    ("a campaign", "Anna Weiss came. “Yes,” {the Weiss campaign} said.", "the Weiss campaign"),
    (
        "a spokesman for",
        "Anna Weiss came. “Yes,” said {a spokesman for Weiss}.",
        "a spokesman for Weiss",
    ),
    ("two people", "“Yes,” said {Anna Weiss and Peter Holloway}.", "Anna Weiss and Peter Holloway"),
    ("unnamed officials", "“Yes,” said {two officials}.", "two officials"),
    ("somebody new", "Minister Anna Weiss came. “Yes,” said {a minister}.", "a minister"),
    ("blanks folded", "“Yes,” said {two\nofficials}.", "two officials"),
    ("the first person", "“Yes,” {I} said.", "I"),
    ("police", "“Yes,” {police} said.", "police"),
]
PRONOUNS = [
    ("he", "Sergei Varga came. “Yes,” {he} said.", "Sergei Varga"),
    (
        "she, though he was named last",
        "Anna Weiss met Sergei Varga. “Yes,” {she} said.",
        "Anna Weiss",
    ),
    (
        "the subject before the object",
        "Sergei Varga met Peter Holloway. “Yes,” {he} said.",
        "Sergei Varga",
    ),
    (
        "who spoke last",
        "“No,” said Peter Holloway of Sergei Varga. “Yes,” {he} added.",
        "Peter Holloway",
    ),
    ("a new subject", "Sergei Varga came. Peter Holloway sat. “Yes,” {he} said.", "Peter Holloway"),
    (
        "a name inside the quote",
        "Anna Weiss came. “Maria Lund is right,” {she} said.",
        "Anna Weiss",
    ),
    ("gender by title", "Mrs. Varga met Mr. Holloway. “Yes,” {he} said.", "Holloway"),
    ("gender by role", "Spokeswoman Xan Varga met Peter Holloway. “Yes,” {she} said.", "Xan Varga"),
    (
        "gender by another pronoun",
        "Xan Varga came. “Yes,” she said. Peter Holloway sat with Varga. “No,” {she} said.",
        "Xan Varga",
    ),
    ("the topic", "Peter Holloway left. As for Sergei Varga, {he} said “yes”.", "Sergei Varga"),
    ("named after it", "Before {he} said “yes”, Sergei Varga sat.", "Sergei Varga"),
    ("who", "Sergei Varga, {who} said “yes”, sat.", "Sergei Varga"),
    ("nobody of that gender", "Sergei Varga came. “Yes,” {she} said.", "she"),
    ("they", "Sergei Varga and Anna Weiss came. “Yes,” {they} said.", "they"),
    (
        "after a divider",
        (
            "Sergei Varga sat. Varga ate. Varga ran.\n\n___\n\nPeter Holloway was quiet in "
            "Boston. “Yes,” {he} said."
        ),
        "Peter Holloway",
    ),
]
DESCRIPTIONS = [
    (
        "the minister",
        "Foreign Minister Sergei Varga came. “Yes,” {the minister} said.",
        "Sergei Varga",
    ),
    ("an abbreviated title", "Sen. Anna Weiss came. “Yes,” {the senator} said.", "Anna Weiss"),
    ("a wider noun", "Sen. Anna Weiss came. “Yes,” {the lawmaker} said.", "Anna Weiss"),
    (
        "leader",
        (
            "Russian President Sergei Varga met German Chancellor Anna Weiss. “Yes,” {the "
            "Russian leader} said."
        ),
        "Sergei Varga",
    ),
    (
        "two with one role",
        (
            "French President Sergei Varga met Polish President Anna Weiss. “Yes,” {the "
            "Polish president} said."
        ),
        "Anna Weiss",
    ),
    (
        "the one present",
        (
            "Sen. Anna Weiss came. Weiss sat. Sen. Peter Holloway came. Holloway sat. "
            "“Yes,” {the senator} said."
        ),
        "Peter Holloway",
    ),
    (
        "gender",
        "Chairman Peter Holloway met spokeswoman Anna Weiss. “Yes,” {the spokeswoman} said.",
        "Anna Weiss",
    ),
    (
        "a party and a state",
        (
            "Sen. Anna Weiss (R-Texas) met Sen. Peter Holloway (D-Ohio). “Yes,” {the Ohio "
            "Democrat} said."
        ),
        "Peter Holloway",
    ),
    (
        "stated later",
        "“Yes,” {the minister} said. Foreign Minister Sergei Varga left.",
        "Sergei Varga",
    ),
    (
        "by apposition",
        "Anna Weiss, the mayor of Tarn, came. “Yes,” {the mayor} said.",
        "Anna Weiss",
    ),
    (
        "a name for a change",
        "Peter Holloway came. Holloway sat. “Yes,” {the billionaire} said.",
        "Peter Holloway",
    ),
    # nobody
    (
        "another nationality",
        "French President Sergei Varga came. “Yes,” {the Polish president} said.",
        "the Polish president",
    ),
    ("nobody of that role", "Sen. Anna Weiss came. “Yes,” {the referee} said.", "the referee"),
    ("several", "Sen. Anna Weiss came. “Yes,” {the senators} said.", "the senators"),
    (
        "somebody introduced without a name",
        "Defense official Peter Holloway left. A senior official sat. “Yes,” {the official} said.",
        "A senior official",
    ),
    ("a thing", "Peter Holloway came. “Yes,” {the report} said.", "the report"),
]
ORGANISATIONS = [
    ("it", "“Yes,” {Sky News} said. “No,” {it} added.", "Sky News"),
    ("the company", "“Yes,” {Sky News} said. “No,” {the company} added.", "Sky News"),
    (
        "the ministry",
        "The Ruritanian Defense Ministry was busy. Anna Weiss came. “No,” {the ministry} said.",
        "Ruritanian Defense Ministry",
    ),
    ("another spoke since", "“Yes,” {Sky News} said. “No,” said {a man}. {It} fell.", "It"),
    (
        "the only group",
        "The Tarn Rescue Group left. “No,” said {the group}.",
        "Tarn Rescue Group",
    ),
    (
        "the carmaker, of two bodies present",
        "Okafor Motors fell after the Ministry of Works met. “No,” {the carmaker} said.",
        "Okafor Motors",
    ),
    (
        "a paper is no company",
        "The Harbour Post wrote of Okafor Motors. “No,” {the newspaper} wrote.",
        "Harbour Post",
    ),
    (
        "two firms as present as each other",
        "Okafor Motors and Weiss Motors met. “No,” {the company} said.",
        "the company",
    ),
    (
        "the force",
        "Greater Manchester Police came. “No,” {the force} said.",
        "Greater Manchester Police",
    ),
    (
        "a name after the noun",
        "Okafor Motors left. “No,” {the activist group} Moon Eye said.",
        "Moon Eye",
    ),
    (
        "it, a report",
        "“Yes,” {the report} said. “No,” {it} added.",
        "the report",
    ),
]
RELATIVES = [
    ("a description", "They met {a young woman}, {who} said “no”.", "a young woman"),
    (
        "a description of somebody named",
        "Ana Weiss is the mayor of Tarn. They met the mayor, {who} said “no”.",
        "Ana Weiss",
    ),
    ("a thing", "She wore a shirt {that} read “no”.", "a shirt"),
    ("an apposition", "Ana Weiss, a graduate of Tarn {who} said “no”, left.", "Ana Weiss"),
]
UNNAMED = [
    (
        "the official again",
        "“No,” said {a senior Tarn official}. “Yes,” {the official} said.",
        "a senior Tarn official",
    ),
    (
        "he, after a spokesman",
        "Anna Weiss came. “No,” {a spokesman for Weiss} said. “Yes,” {he} added.",
        "a spokesman for Weiss",
    ),
    ("a stranger and a pronoun", "“No,” said {one woman}. “Yes,” {she} said.", "one woman"),
    ("the baker, who is alone", "Anna Weiss came. “Yes,” {the baker} said.", "Anna Weiss"),
    (
        "the mayor of elsewhere",
        "Shift leader Anna Weiss came. “Yes,” {the mayor of Brack} said.",
        "the mayor of Brack",
    ),
    ("the judge is another", "Anna Weiss came. “Yes,” {the judge} said.", "the judge"),
    (
        "the Spaniard",
        "“No,” said {Peter Holloway}. Coach Javier Soler was calm. “Yes,” {the Spaniard} said.",
        "Javier Soler",
    ),
    (
        "letters after a name",
        "“Yes,” {Judge Anna Weiss KC} said.",
        "Anna Weiss",
    ),
    (
        "one of two",
        "“Yes,” {one of the two}, Anna Weiss, said.",
        "Anna Weiss",
    ),
]
WRITINGS = [
    ("their letter", "{Anna Weiss's letter} said “yes”.", "Anna Weiss"),
    (
        "the letter again",
        "Anna Weiss sent a letter. Then it rained. “Yes,” {the letter} said.",
        "Anna Weiss",
    ),
    ("it", "Anna Weiss's letter was read. {It} said: “Yes.”", "Anna Weiss"),
    ("a message that", "Anna Weiss sent a message {that} called it “odd”.", "Anna Weiss"),
    ("whose is not said", "Anna Weiss came. “Yes,” {the memo} said.", "the memo"),
    (
        "of somebody unknown",
        "Peter Holloway released a letter from his doctor {that} said “yes”.",
        "a letter",
    ),
]
REASONS = [
    ("Sergei Varga came. “Yes,” {Varga} said.", "surname of Sergei Varga"),
    ("“Yes,” {Sergei Varga} said.", "named here"),
    ("“No,” said {Anna Weiss}. “Yes,” {she} said.", "pronoun: the last speaker who is a woman"),
    ("Minister Anna Weiss came. “Yes,” {the minister} said.", "the only minister named"),
    ("“Yes,” {two officials} said.", "as the text puts it"),
    ("Anna Weiss's letter was read. {It} said: “Yes.”", "whose letter it is"),
]
CASES = NAMES + PRONOUNS + DESCRIPTIONS + ORGANISATIONS + RELATIVES + UNNAMED + WRITINGS


@pytest.mark.parametrize(
    ("text", "name"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_the_speaker(text: str, name: str) -> None:
    speaker = speakers(text)[-1]
    assert speaker is not None
    assert speaker.name == name


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_the_reason_of_a_speaker(text: str, reason: str) -> None:
    speaker = speakers(text)[-1]
    assert speaker is not None
    assert speaker.reason == reason


def test_the_role_and_the_entity_travel_with_the_name() -> None:
    doc, quotes = read_marked("Foreign Minister Sergei Varga came. “Yes,” {he} said.")
    (person,) = (one.entity for one in find_entities(doc, article_id="x"))
    (speaker,) = resolve_speakers(doc, quotes, find_entities(doc, article_id="x"))
    assert speaker == Speaker(
        entity=person.id,
        name="Sergei Varga",
        role="Foreign Minister",
        reason="pronoun: the likeliest person before who is a man",
    )


def test_a_quote_without_a_source_has_no_speaker() -> None:
    doc = read("“Yes.” Anna Weiss left.")
    assert resolve_speakers(doc, [quote(None, ((1, 5),), doc.text)], []) == [None]


def test_each_quote_of_a_text_finds_its_own() -> None:
    text = (
        "Sergei Varga met Anna Weiss, the mayor of Tarn. “Yes,” {he} said. "
        "“No,” {the mayor} said. “Why not?” {Varga} asked. “Because,” {she} said."
    )
    found = [speaker.name for speaker in speakers(text) if speaker]
    assert found == ["Sergei Varga", "Anna Weiss", "Sergei Varga", "Anna Weiss"]


WORDS = st.sampled_from(
    [
        "Anna",
        "Weiss",
        "Mr.",
        "Sen.",
        "the",
        "said",
        "“",
        "”",
        "he",
        "she",
        "who",
        ",",
        ".",
        "\n\n",
        "of",
        "minister",
        "'s",
        "a",
        "\xa0",
        "🙂",
        "and",
        "Russian",
        "president",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS, min_size=1, max_size=25).map(" ".join), st.data())
def test_any_source_of_any_text_is_somebody(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assume(text[start:end].strip())
    doc = read(text)
    entities = find_entities(doc, article_id="x")
    quotes = [quote((start, end), ((0, start),), text), quote(None, ((0, 1),), text)]
    one, none = resolve_speakers(doc, quotes, entities)
    assert one is not None
    assert none is None
    assert one.entity is None or one.entity in {found.entity.id for found in entities}
    assert resolve_speakers(doc, quotes, entities) == [one, none]


def test_who_came_second_is_told() -> None:
    doc, quotes = read_marked(
        "Oleg Varga met Peter Holloway. Then Anna Weiss came. “Yes,” {he} said. “No,” {Weiss} said."
    )
    he, named = weigh_speakers(doc, quotes, find_entities(doc, article_id="x"))
    assert he.speaker is not None
    assert {he.speaker.name, he.second} == {"Oleg Varga", "Peter Holloway"}
    assert named.second is None
