"""Whom and what the words of a quote speak of."""

from datetime import UTC, datetime

import pytest

from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article, Extraction

pytestmark = pytest.mark.model

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def extract() -> Extract:
    return load_extractor(ExtractPolicy(), now=lambda: NOON)


def read(extract: Extract, text: str) -> Extraction:
    article = Article(
        id="a1", fetched_at=NOON, content_hash="x", language="en", text=text, story="s1"
    )
    (found,) = extract([article])
    return found


def spoken_of(extract: Extract, text: str) -> list[list[tuple[str, str, str]]]:
    """For each quote the names of what it speaks of, how, and the first words that do."""
    return [
        [(one.name, one.by, one.mentions[0].text) for one in quote.about]
        for quote in read(extract, text).quotes
    ]


NAMES = [
    (
        "“Ove Holm and the Deepwell Company knew it,” said Mara Lind, the mayor of Oslo.",
        [("Ove Holm", "name", "Ove Holm"), ("Deepwell Company", "name", "Deepwell Company")],
    ),
    ("Mara Lind said that Norway needs Ove Holm.", [("Norway", "name", "Norway"),
     ("Ove Holm", "name", "Ove Holm")]),
    ("“I will not resign,” said Mara Lind.", []),
    ("Mara Lind said Ove Holm is late. Holm is ill.", [("Ove Holm", "name", "Ove Holm")]),
    ("Mara Lind, who lives in Oslo, told Ove Holm that it was late.", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "about"), NAMES)
def test_the_names_inside_the_words_are_spoken_of(
    extract: Extract, text: str, about: list[tuple[str, str, str]]
) -> None:
    assert spoken_of(extract, text)[0] == about


REFERENCES = [
    (
        "Belcourt met Petrak. “He has never paid,” said Lise Belcourt. “I asked Ivo Petrak twice.”",
        [("Ivo Petrak", "name", "He")],
    ),
    (
        "Ivo Petrak spoke on Monday. “He is late again,” said Mara Lind.",
        [("Ivo Petrak", "pronoun", "He")],
    ),
    (
        "Mayor Ove Holm spoke on Monday. Mara Lind said the mayor had lied to her.",
        [("Ove Holm", "description", "the mayor")],
    ),
    (
        "The Deepwell Company cut 40 jobs. “The company never called me,” said Mara Lind.",
        [("Deepwell Company", "description", "The company")],
    ),
    (
        "Ivo Petrak and Mara Lind met on Monday. She said that he would have to pay her.",
        [("Ivo Petrak", "pronoun", "he")],
    ),
]


@pytest.mark.parametrize(("text", "about"), REFERENCES)
def test_pronouns_and_descriptions_inside_the_words_are_resolved(
    extract: Extract, text: str, about: list[tuple[str, str, str]]
) -> None:
    assert spoken_of(extract, text)[0] == about


NOT_THE_SPEAKER = [
    "Mara Lind said that she would resign and that nobody had asked her.",
    "“I will go, and my brother says he will come too,” said Ivo Petrak.",
    "“She told me she was ill,” said Mara Lind, a clerk.",
    "Ivo Petrak spoke on Monday. “A man came in, and he shot at us,” said Mara Lind.",
    "Mayor Ove Holm spoke first. He said the mayor would never resign.",
]


@pytest.mark.parametrize("text", NOT_THE_SPEAKER)
def test_neither_the_speaker_nor_somebody_else_is_put_for_a_pronoun(
    extract: Extract, text: str
) -> None:
    (quote,) = [one for one in read(extract, text).quotes if one.confidence >= 0.3]
    assert quote.about == ()


def test_what_is_spoken_of_is_an_entity_and_stands_in_the_content(extract: Extract) -> None:
    text = "“Ove\u200b Holm lied. Holm always\xa0lies,” Mara Lind said in Oslo."
    found = read(extract, text)
    ids = {entity.id: entity for entity in found.entities}
    quote = found.quotes[0]
    (about,) = quote.about
    assert (about.name, about.type) == (ids[about.entity].name, "person")
    assert [text[m.start : m.end] for m in about.mentions] == [m.text for m in about.mentions]
    (content,) = quote.content
    assert all(content.start <= m.start < m.end <= content.end for m in about.mentions)
    assert len(about.mentions) == 2


def test_the_same_words_have_one_key_and_the_story_travels(extract: Extract) -> None:
    one = read(extract, "“We won't wait for Oslo,” said Mara Lind.")
    other = read(extract, "Mara Lind said: “We won’t wait – for Oslo”.")
    assert one.quotes[0].words_key == other.quotes[0].words_key is not None
    assert (one.article.story, one.article.fetched_at) == ("s1", NOON)


def test_abbreviations_and_laws_are_no_organisations(extract: Extract) -> None:
    text = "“We saw it on CCTV, and the Ferry Workers Act says nothing of AI,” said Mara Lind."
    assert read(extract, text).quotes[0].about == ()
