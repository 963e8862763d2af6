"""Quoted sentences without a cue belong to the person whom the text before brings up."""

import pytest

from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.policy import ExtractPolicy
from tests.builders import article

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def extract() -> Extract:
    return load_extractor(ExtractPolicy(), explained=True)


def speakers(extract: Extract, text: str) -> list[str | None]:
    (found,) = extract([article(text=text, language="en")])
    marked = [quote for quote in found.quotes if quote.type == "direct"]
    return [quote.speaker.name if quote.speaker else None for quote in marked]


ALONE = [
    ("Jon Brekke was out when the wave came. “It was high. I held on.” His boat sank.", "Brekke"),
    ("Mara Lind won the race in Tarn on Sunday.\n\n“I never thought I would hold on.”", "Lind"),
    ("Mara Lind won in Tarn.\n\n“I never thought I would.\n\n“But the crowd helped me.”", "Lind"),
]


@pytest.mark.parametrize(("text", "surname"), ALONE)
def test_a_sentence_that_stands_alone_is_by_the_person_before(
    extract: Extract, text: str, surname: str
) -> None:
    assert all(name is not None and name.endswith(surname) for name in speakers(extract, text))


def test_an_answer_is_by_the_speaker_of_the_answer_before(extract: Extract) -> None:
    text = (
        "Jon Brekke runs the ferry.\n\nDo you ever rest?\n\n“Every winter,” Brekke says.\n\n"
        "And what comes next?\n\n“I will retire in May, and sleep.”"
    )
    assert speakers(extract, text) == ["Jon Brekke", "Jon Brekke"]


def test_a_cue_counts_for_more_than_the_sentence_before(extract: Extract) -> None:
    text = "Mara Lind won on Sunday. “I never thought she would hold on,” Ana Weiss said."
    assert speakers(extract, text) == ["Ana Weiss"]


def test_a_title_is_by_nobody(extract: Extract) -> None:
    assert speakers(extract, "Mara Lind wrote a book. “The Long Way Home” sold well.") in (
        [],
        [None],
    )


def test_the_explanation_names_the_person_and_no_cue(extract: Extract) -> None:
    (found,) = extract([article(text=ALONE[0][0], language="en")])
    decisions = found.quotes[0].explanation
    assert decisions
    assert decisions[0].chosen is not None
    assert decisions[0].chosen.what == "Jon Brekke"
    assert found.quotes[0].cue is None
