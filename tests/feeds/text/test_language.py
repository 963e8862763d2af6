"""Plain English is told by its function words; the model of languages is asked for the rest."""

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from onrecord.feeds.text.function_words import is_surely_english
from onrecord.feeds.text.language import detect_language

ENGLISH = (
    "The harbour will open to the public in May, and the council said that it had paid for all of "
    "the work on the pier before the end of the year. Nobody was hurt when a part of the old wall "
    "fell into the water, but some of the boats that were there had to be moved to the other side "
    "of the river, where they will stay until the repairs are over."
)
GERMAN = (
    "Der Hafen wird im Mai wieder geöffnet, und der Rat sagte, er habe alle Arbeiten am Pier vor "
    "dem Ende des Jahres bezahlt. Niemand wurde verletzt, als ein Teil der alten Mauer fiel."
)
DUTCH = (
    "De haven gaat in mei weer open, en de raad zei dat hij al het werk aan de pier voor het einde "
    "van het jaar had betaald. Niemand raakte gewond toen een deel van de oude muur in zee viel."
)
NAMES = (
    "Ada Lund, Mara Lind, Jon Berg (Harbour FC); Otto Weld, Ines Falk, Rosa Thorn (Pier Utd); " * 4
)


@pytest.fixture(scope="module")
def model() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def test_plain_english_is_told_without_the_model() -> None:
    assert is_surely_english(ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH[:150],  # too short
        GERMAN,
        DUTCH,
        NAMES,
        ENGLISH[:200] + " " + DUTCH,  # ends in another language
        DUTCH + " " + ENGLISH,
        ENGLISH[:160] + " Niemand raakte gewond toen een deel van de oude muur in zee viel en "
        "er boten verplaatst moesten worden." + ENGLISH[160:],
        ENGLISH + " Київ і Львів.",
        ENGLISH.replace("harbour", "Łódź"),
        "",
    ],
)
def test_other_texts_are_left_to_the_model(text: str) -> None:
    assert not is_surely_english(text)


@pytest.mark.parametrize("text", [ENGLISH, ENGLISH[:300], GERMAN, DUTCH, ENGLISH[:40]])
def test_the_answer_is_that_of_the_model(text: str, model: LanguageIdentifier) -> None:
    language, probability = model.classify(text)
    assert detect_language(text) == (language if probability >= 0.9 else None)


def test_a_headline_has_no_language() -> None:
    assert detect_language("Pier 4 to open in May") is None
