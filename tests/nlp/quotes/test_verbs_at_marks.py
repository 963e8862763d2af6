"""Verbs at closing marks, whatever the tagger says of them, and passages between single marks."""

import pytest

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.find import find_quotes
from tests.nlp.parsed import read
from tests.nlp.said import speakers_of

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Lena Iodice met the judge. “She never asked me,” Iodice remembers.", "Lena Iodice"),
        ("Ana Petro will play. “I hope it rains,” the 24-year-old joked.", "Ana Petro"),
        ("The roof is new. “It never rains here,” deadpans Ola Novak.", "Ola Novak"),
        ("The road is long. “We walked at night,” Lena Iodice recollects.", "Lena Iodice"),
    ],
)
def test_the_word_beside_the_mark_reports(text: str, speaker: str) -> None:
    begins = text[text.index("“") + 1 :].split(",", maxsplit=1)[0]
    assert speakers_of(text, [begins]) == {begins: [speaker]}


@pytest.mark.parametrize(
    "text",
    [
        "“We will rise again,” Ukraine officials",
        "“Euphoria,” HBO series",
        "“Yesterday,” Paul McCartney classics",
        "“Faces of War,” Ada Stone paintings",
        "“It Takes Two,” Ada Stone paintings.",
        "Top singles: “Hello,” Adele; “Skyfall,” Adele sales: 3m.",
        "“Les Miserables,” London previews from Friday.",
    ],
)
def test_a_noun_beside_the_mark_does_not_report(text: str) -> None:
    begins = text[text.index("“") + 1 :].split(",", maxsplit=1)[0]
    assert speakers_of(text, [begins])[begins] in ([], [None])


@pytest.mark.parametrize(
    ("text", "begins", "speaker"),
    [
        (
            "‘They were older than any of us,’ said Dilys Prosser. ‘It is a crime.’",
            "It is",
            "Dilys Prosser",
        ),
        (
            "‘I hate hearing them,’ admitted Perpetua Nwosu. ‘Children chew the vowels.’",
            "Children",
            "Perpetua Nwosu",
        ),
        ("‘We waited,’ said Tom Alder. ‘Nobody came.’", "Nobody", "Tom Alder"),
        ("‘It was dark,’ Rosa Lemm said. ‘We had no lamp.’", "We had", "Rosa Lemm"),
        ("‘I sold the boat,’ said Idris Kamara. ‘It leaked.’", "It leaked", "Idris Kamara"),
    ],
)
def test_a_sentence_in_single_marks_is_no_term(text: str, begins: str, speaker: str) -> None:
    assert speakers_of(text, [begins]) == {begins: [speaker]}


@pytest.mark.parametrize(
    "text",
    [
        "Ana Brack was quoted by the Tarn Herald as saying that the dam was “safe for a century”.",
        "Ana Brack was cited by the Evening Post as saying the tunnel was “a century late”.",
    ],
)
def test_an_outlet_hands_on_its_subjects_words(text: str) -> None:
    begins = "safe for" if "safe" in text else "a century late"
    assert speakers_of(text, [begins]) == {begins: ["Ana Brack"]}


def test_a_name_before_a_comma_is_the_subject_of_the_verb_after_it() -> None:
    text = (
        "In a letter to staff, seen by the Evening Argus, the university’s vice-chancellor, "
        "Hamish Dunbar, admitted the pension scheme was “in a bad way”."
    )
    assert speakers_of(text, ["in a bad"]) == {"in a bad": ["Hamish Dunbar"]}


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("The landlord, Okafor Homes, said that the roof was new.", "Okafor Homes"),
        ("The judge, Leeds Crown Court, heard that he lied.", "The judge"),
    ],
)
def test_only_a_role_that_firms_have_is_a_firm_beside_it(text: str, speaker: str) -> None:
    begins = "that the" if "that the" in text else "that he"
    assert speakers_of(text, [begins]) == {begins: [speaker]}


@pytest.mark.parametrize("words", ["Enough!", "Enough of this!"])
def test_few_words_in_single_marks_between_sentences_have_no_cue(words: str) -> None:
    text = f"Voters think prices are too high. ‘{words}’ Then they marched."
    at = text.index(words)
    found = [quote for quote in find_quotes(read(text), ruleset()) if quote.content[0][0] == at]
    assert all(quote.cue is None and quote.confidence < 0.5 for quote in found)


@pytest.mark.parametrize("cue", ["he said", "Rees said", "said Rees"])
def test_few_words_in_single_marks_beside_a_cue_are_a_quote(cue: str) -> None:
    (found,) = speakers_of(f"Owen Rees met the crowd. ‘Enough!’ {cue}.", ["Enough"]).values()
    assert len(found) == 1
