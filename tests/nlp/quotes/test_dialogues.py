"""Who speaks where the turns show it: answers of interviews, exchanges without cues."""

import pytest

from tests.nlp.said import speakers_of

pytestmark = pytest.mark.model

INTERVIEWS = {
    "questions in paragraphs of their own": (
        (
            "Olive Tamsin has tuned bells in Brackley for years. We met her in the tower.\n\n"
            "How did you begin?\n\n"
            "“My aunt lent me a fork. I never gave it back.”\n\n"
            "Is there still work?\n\n"
            "“More than I can do.”"
        ),
        ("My aunt", "More than"),
        "Olive Tamsin",
    ),
    "a pronoun in the introduction": (
        (
            "Dr Amina Bello is the first woman to lead the Kano Weather Office. She spoke to the "
            "Post about dust.\n\n"
            "What worries you most?\n\n"
            "“The lake. Nobody measures it.”\n\n"
            "And the ministers?\n\n"
            "“They come, they take photographs, they go.”"
        ),
        ("The lake", "They come"),
        "Amina Bello",
    ),
    "question and answer in one paragraph": (
        (
            "Mateus Pires, 34, guides walkers over the Serra do Cabo.\n\n"
            "What is the hardest part of your work? “Telling people to turn back.”\n\n"
            "What do you carry that others do not? “A spoon. You would be surprised.”"
        ),
        ("Telling people", "A spoon"),
        "Mateus Pires",
    ),
    "another person quoted in the introduction": (
        (
            "Jonas Weller paints ships that have sunk. “He is patient,” says his dealer, Ruth "
            "Okoro.\n\n"
            "Why ships?\n\n"
            "“Because they hold still once they are down.”\n\n"
            "And what will you paint next?\n\n"
            "“A harbour. An empty one.”"
        ),
        ("Because they", "A harbour"),
        "Jonas Weller",
    ),
    "an answer of two paragraphs": (
        (
            "Li Wenna runs a night school in Brisbane. She has 300 pupils.\n\n"
            "Who comes to you?\n\n"
            "“Drivers and nurses, mostly.”\n\n"
            "“Some of them sleep in the last row.”\n\n"
            "Do you wake them?\n\n"
            "“Never before nine.”"
        ),
        ("Drivers", "Some of them", "Never before"),
        "Li Wenna",
    ),
}


@pytest.mark.parametrize("case", INTERVIEWS.values(), ids=INTERVIEWS)
def test_the_person_introduced_gives_the_answers(case: tuple[str, tuple[str, ...], str]) -> None:
    text, begins, name = case
    assert speakers_of(text, begins) == {start: [name] for start in begins}


def test_a_question_without_a_cue_is_put_by_whoever_asked_before() -> None:
    text = (
        "Senator Ruth Kalani questioned the owner of the mine, Brent Odegaard, on Monday.\n\n"
        "“When did you know it was leaking?” she asked.\n\n"
        "“I do not recall a date,” Odegaard replied.\n\n"
        "“Was it before March?”\n\n"
        "“It may have been.”"
    )
    assert speakers_of(text, ("Was it", "It may")) == {
        "Was it": ["Ruth Kalani"],
        "It may": ["Brent Odegaard"],
    }


def test_one_question_does_not_make_an_interview() -> None:
    text = (
        "Ines Roca won the race on Sunday. “I am tired,” she said.\n\n"
        "Her coach, Piet Blom, was calm. “She will run again,” he said. Will she win? “Of "
        "course she will.”"
    )
    assert speakers_of(text, ("Of course",)) == {"Of course": ["Piet Blom"]}
