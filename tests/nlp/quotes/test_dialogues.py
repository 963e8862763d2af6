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


def test_a_single_question_does_not_make_an_interview() -> None:
    text = (
        "Olive Tamsin has tuned bells in Brackley for years. She won a prize on Sunday.\n\n"
        "“I am glad,” said the mayor, who knows her well.\n\n"
        "Will you stop?\n\n"
        "“Never, of course.”"
    )
    two = text + "\n\nAre you tired?\n\n“A little, at night.”"
    assert "Olive Tamsin" not in speakers_of(text, ("Never",))["Never"]
    assert speakers_of(two, ("Never",)) == {"Never": ["Olive Tamsin"]}


def test_the_first_passage_of_a_text_may_follow_a_sentence() -> None:
    text = (
        "Olive Tamsin has tuned bells in Brackley for years. “It all began with a fork.”\n\n"
        "How did you begin?\n\n"
        "“With a broken one.”\n\n"
        "What came next?\n\n"
        "“Another one.”"
    )
    begins = ("With a", "Another")
    assert speakers_of(text, begins) == {start: ["Olive Tamsin"] for start in begins}


# Each with the answers, and the person whom the text introduces, who does not give them.
QUESTIONS_IN_NEWS = {
    "the answer's speaker is named after it": (
        (
            "Police officer Jon Smith was hurt on Monday in the fire in Brack.\n\n"
            "What can you do?\n\n"
            "“I saw smoke from the roof and ran.” A neighbour, Ada Stone, called the brigade.\n\n"
            "Was anyone hurt?\n\n"
            "“My dog died in the fire.” She had owned it for ten years."
        ),
        ("I saw", "My dog"),
        "Jon Smith",
    ),
    "each answer's speaker is named after it": (
        (
            "Bank governor Andrew Bailey warned that rates would rise.\n\n"
            "What does it mean for you?\n\n"
            "“Your bills will go up by about a tenth.” Jane Roe, an economist, has studied this."
            "\n\nWill your mortgage rise?\n\n"
            "“Not at once for most people.” Tom Reed, a broker, sees many of them."
        ),
        ("Your bills", "Not at"),
        "Andrew Bailey",
    ),
    "the questions are put to readers": (
        (
            "Coach Tom Reed has left Brack United. Readers have sent in their views. What do you "
            "think?\n\n"
            "“He should have gone years ago.”\n\n"
            "“A great man.”\n\n"
            "Who should replace him?\n\n"
            "“Anybody but his brother.”"
        ),
        ("He should", "A great", "Anybody"),
        "Tom Reed",
    ),
    "a second person is introduced": (
        (
            "Mayor Tom Reed opened the museum on Monday. Ada Stone, a clockmaker, was there.\n\n"
            "How did you begin?\n\n"
            "“With a broken one.”\n\n"
            "What came next?\n\n"
            "“Another one, I think.”"
        ),
        ("With a", "Another"),
        "Tom Reed",
    ),
    "another person is named between the turns": (
        (
            "Mayor Tom Reed opened the museum on Monday. He made a speech.\n\n"
            "Will you pay?\n\n"
            "The museum was built by Ada Stone last year.\n\n"
            "How did you begin?\n\n"
            "“With a broken one.”"
        ),
        ("With a",),
        "Tom Reed",
    ),
}


@pytest.mark.parametrize("case", QUESTIONS_IN_NEWS.values(), ids=QUESTIONS_IN_NEWS)
def test_questions_in_news_do_not_give_the_answers_to_whoever_it_names_first(
    case: tuple[str, tuple[str, ...], str],
) -> None:
    text, begins, name = case
    assert all(name not in found for found in speakers_of(text, begins).values())


def test_two_people_introduced_together_do_not_both_give_an_answer() -> None:
    text = (
        "Ada Stone and Ben Marsh run a bakery. We met them at work.\n\n"
        "How did you begin, Ada?\n\n"
        "“With a broken oven.”\n\n"
        "And you, Ben?\n\n"
        "“With a bag of flour.”"
    )
    found = speakers_of(text, ("With a broken", "With a bag"))
    assert not [name for names in found.values() for name in names if name]


def test_a_speaker_with_a_cue_between_the_turns_ends_the_interview() -> None:
    text = (
        "Olive Tamsin has tuned bells in Brackley for years. We met her in the tower.\n\n"
        "How did you begin?\n\n"
        "“With a broken one.”\n\n"
        "“I saw it too,” says a neighbour.\n\n"
        "What came next?\n\n"
        "“Another one, I think.”"
    )
    assert "Olive Tamsin" not in speakers_of(text, ("Another",))["Another"]


def test_a_turn_does_not_lose_the_quote_after_it() -> None:
    text = (
        "“Taxes must fall,” Prime Minister Ana Reyes said.\n\n"
        "“Who will pay?” opposition leader Tom Reed asked.\n\n"
        "“The rich will pay more,” Reyes said.\n\n"
        "“What about pensions?”\n\n"
        "“Nurses need a rise.” Union boss Kim Lee said staff were tired."
    )
    found = speakers_of(text, ("What about", "Nurses"))
    assert found["What about"] == ["Tom Reed"]
    assert len(found["Nurses"]) == 1
