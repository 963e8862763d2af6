"""Quoted words have no speaker where it is unsure who said them."""

from typing import Literal

import pytest

from onrecord.nlp.coreference.resolve import AS_WRITTEN, WeighedSpeaker
from onrecord.nlp.coreference.sureness import sure_speaker
from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.languages.table import language_of
from onrecord.nlp.quotes.confidence import Attribution
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.ruleset import Ruleset
from onrecord.records import Speaker

VARGA = Speaker(entity="varga", name="Oleg Varga", reason="pronoun: the likeliest person before")
SURE = Attribution(0.99, "he", "", cued=True, cue_evidence=0.5)
UNSURE = Attribution(0.3, "he", "", cued=True, cue_evidence=-5.0)


def quote(attribution: Attribution, kind: Literal["direct", "indirect"] = "direct") -> FoundQuote:
    return FoundQuote(
        content=((1, 9),),
        cue=(11, 15),
        source=(16, 18),
        type=kind,
        confidence=0.9,
        context=(0, 19),
        attribution=attribution,
    )


def confidence(attribution: Attribution, margin: float) -> float:
    weighed = WeighedSpeaker(VARGA, "Ana Weiss", margin)
    speaker = sure_speaker(quote(attribution, "indirect"), weighed, ruleset())
    assert speaker is not None
    assert isinstance(speaker.confidence, float)
    return speaker.confidence


def test_a_sure_speaker_is_named() -> None:
    speaker = sure_speaker(quote(SURE), WeighedSpeaker(VARGA, None, 0.95), ruleset())
    assert speaker is not None
    assert speaker.name == "Oleg Varga"


def test_an_unsure_speaker_of_quoted_words_is_left_open() -> None:
    unsure = WeighedSpeaker(VARGA, "Ana Weiss", 0.4)
    assert sure_speaker(quote(UNSURE), unsure, ruleset()) is None


def test_a_thing_beside_a_verb_that_reports_nothing_is_no_speaker() -> None:
    thing = Attribution(0.6, "noun", "", cued=True, cue_evidence=-5.0, noun_evidence=-3.0)
    speaker = Speaker(name="The pier", reason=AS_WRITTEN)
    assert sure_speaker(quote(thing), WeighedSpeaker(speaker, confidence=0.4), ruleset()) is None


def test_words_without_marks_keep_their_unsure_speaker() -> None:
    unsure = WeighedSpeaker(VARGA, "Ana Weiss", 0.4)
    assert sure_speaker(quote(UNSURE, "indirect"), unsure, ruleset()) is not None


def test_a_language_without_fitted_figures_keeps_its_speakers() -> None:
    french = language_of("fr").ruleset
    assert isinstance(french, Ruleset)
    assert sure_speaker(quote(UNSURE), WeighedSpeaker(VARGA, "Ana", 0.4), french) is not None


@pytest.mark.parametrize("attribution", [SURE, UNSURE])
def test_the_clearer_the_choice_between_two_the_surer_the_speaker(
    attribution: Attribution,
) -> None:
    assert confidence(attribution, 0.9) > confidence(attribution, 0.5)
