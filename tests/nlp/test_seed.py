"""One article with everything a wire report does, and what a careful reader notes of it.

The constructions are those of a real article (roles as sources, a second-hand quote, words in
capitals, a stray blank before a full stop, names glued to a title); the matter is invented.
"""

from functools import cache

import pytest

from onrecord.nlp.coreference.resolve import resolve_speakers
from onrecord.nlp.entities.merging import FoundEntity, find_entities
from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.find import FoundQuote, find_quotes
from onrecord.records import Speaker
from tests.nlp.parsed import read

pytestmark = pytest.mark.model

ARTICLE = """\
Any treaty about fishing in the Baltic must name the fish, and not just the boats, Estonian \
Foreign Minister Jaak Tammik said in a conversation with Herring Weekly magazine.
“Estonia is ready for an honest treaty that would deal with the reasons for the quarrel,” the \
minister said.
He noted that Helsinki does not wish to count herring with Tallinn. This is shown by the fact that \
Finnish President Eino Salmela has not yet withdrawn the order forbidding joint counts.
According to Tammik, the quarrel is kept alive by Sweden and the EU, which give Helsinki "nets, \
maps and money." In particular, this concerns plans to let the Finnish Coast Guard trawl deep into \
ESTONIA with borrowed boats. The minister called such plans "fishing in a bathtub" and stressed \
that this promises "wet feet."
Onni Laakso, HEAD of the Fisheries Directorate of Finland, admitted in late spring that Finland is \
already trawling in Estonia with borrowed boats. Estonian Foreign Minister Jaak Tammik said in \
April that the boats had been seen off Narva. According to Estonian President Kalju Rebane, \
Finland's visits with Swedish boats are "not far from a picnic."
During the storms, the Finnish fleet used Swedish oil tankers, Sky News reported. The visit was \
also discussed by the Deputy Permanent Representative of Estonia to the UN Andres Soosaar. The \
Estonian Defense Ministry has repeatedly reported attempts to fish near Tallinn.
In the autumn, Finland approved a decision to refuse talks as long as Kalju Rebane remains \
president of Estonia . After that, the Kremlin announced that it had two hopes: either wait for \
Salmela to grow hungry, or wait for the herring. “To quarrel, two boats are needed,” said then the \
press secretary of the Estonian president, Priit Lepik .
"""

PEOPLE = {
    "Jaak Tammik": ("Estonian Foreign Minister", ["Jaak Tammik", "Tammik", "Jaak Tammik"]),
    "Eino Salmela": ("Finnish President", ["Eino Salmela", "Salmela"]),
    "Onni Laakso": ("HEAD of the Fisheries Directorate of Finland", ["Onni Laakso"]),
    "Kalju Rebane": ("Estonian President", ["Kalju Rebane", "Kalju Rebane"]),
    "Andres Soosaar": ("Deputy Permanent Representative of Estonia to the UN", ["Andres Soosaar"]),
    "Priit Lepik": ("press secretary of the Estonian president", ["Priit Lepik"]),
}
# The beginning of each passage in quotation marks, and who spoke.
QUOTED = [
    ("Estonia is ready", "Jaak Tammik"),
    ("nets, maps", "Jaak Tammik"),
    ("fishing in a bathtub", "Jaak Tammik"),
    ("wet feet", "Jaak Tammik"),
    ("not far from", "Kalju Rebane"),
    ("To quarrel", "Priit Lepik"),
]
REPORTED = [
    ("Any treaty", "Jaak Tammik"),
    ("Helsinki does not wish", "Jaak Tammik"),
    ("Finland is", "Onni Laakso"),
    ("the boats had been seen", "Jaak Tammik"),
    ("the Finnish fleet", "Sky News"),
    ("attempts to fish", "Estonian Defense Ministry"),
    ("it had two hopes", "Kremlin"),
]


@cache
def results() -> tuple[list[FoundEntity], list[FoundQuote], list[Speaker | None]]:
    doc = read(ARTICLE)
    entities, quotes = find_entities(doc, article_id="x"), find_quotes(doc, ruleset())
    return entities, quotes, resolve_speakers(doc, quotes, entities)


@pytest.mark.parametrize("name", PEOPLE)
def test_each_person_is_one_with_a_role(name: str) -> None:
    (person,) = (one.entity for one in results()[0] if one.entity.name == name)
    assert (person.role, [mention.text for mention in person.mentions]) == PEOPLE[name]


def test_nobody_else_is_a_person() -> None:
    assert {e.entity.name for e in results()[0] if e.entity.type == "person"} == set(PEOPLE)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("Estonia", ["Estonia", "ESTONIA", "Estonia", "Estonia", "Estonia"]),
        ("Helsinki", ["Helsinki", "Helsinki"]),
        ("Tallinn", ["Tallinn", "Tallinn"]),
    ],
)
def test_places_merge_whatever_their_letters(name: str, texts: list[str]) -> None:
    (place,) = (one.entity for one in results()[0] if one.entity.name == name)
    assert (place.type, [mention.text for mention in place.mentions]) == ("place", texts)


@pytest.mark.parametrize(("start", "name"), QUOTED + REPORTED)
def test_each_statement_has_its_speaker(start: str, name: str) -> None:
    at = ARTICLE.index(start)
    _, quotes, speakers = results()
    said_by = {
        speaker.name if speaker else None
        for quote, speaker in zip(quotes, speakers, strict=True)
        if any(begin <= at < end for begin, end in quote.content)
    }
    assert said_by == {name}


def test_what_nobody_says_is_no_quote() -> None:
    contents = [ARTICLE[start:end] for quote in results()[1] for start, end in quote.content]
    assert not any(content.startswith(("This", "a decision")) for content in contents)


def test_the_minister_is_known_by_the_role() -> None:
    reasons = {speaker.reason for speaker in results()[2] if speaker}
    assert {"the only minister named", "surname of Jaak Tammik"} <= reasons
