"""The cue lexicon: forms, evidence, and the file itself."""

import pytest

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.cues import NOUN, VERB, Lexicon, parse_lexicon

LINES = """
# a comment
rate: verb:cued 0.25
rate: verb:quoted 0.1
rate: noun:cued 0.05
rate: verb:ccomp 0.5
rate: speaker 0.1
say verb speech 100 95 60 forms=said ccomp=40/50
run verb other 90 1 0
deny verb speech 10 9 1
plan verb intention 10 9 0
claim noun speech 20 10 2
speaker: spokesman 9 10
"""


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return parse_lexicon(LINES)


@pytest.mark.parametrize(
    ("form", "part", "lemma"),
    [
        ("say", VERB, "say"),
        ("says", VERB, "say"),
        ("saying", VERB, "say"),
        ("said", VERB, "say"),  # irregular: listed
        ("denies", VERB, "deny"),
        ("denied", VERB, "deny"),
        ("planning", VERB, "plan"),  # doubled
        ("planned", VERB, "plan"),
        ("claims", NOUN, "claim"),
        ("claims", VERB, None),  # another part of speech
        ("sing", VERB, None),
        ("s", VERB, None),
    ],
)
def test_a_form_finds_its_lemma(lexicon: Lexicon, form: str, part: str, lemma: str | None) -> None:
    cue = lexicon.find(form, part)
    assert (cue.lemma if cue else None) == lemma


def test_evidence_grows_with_what_was_counted(lexicon: Lexicon) -> None:
    say, run = lexicon.find("say", VERB), lexicon.find("run", VERB)
    unknown = lexicon.quoted_evidence(None, VERB)
    assert lexicon.quoted_evidence(say, VERB) > unknown > lexicon.quoted_evidence(run, VERB)
    assert lexicon.cue_evidence(say, VERB) > 2
    assert lexicon.frame_evidence(say, VERB, "ccomp") > lexicon.frame_evidence(run, VERB, "ccomp")


def test_a_noun_of_people_who_speak_counts_for_more(lexicon: Lexicon) -> None:
    assert lexicon.speaker_evidence("spokesman") > lexicon.speaker_evidence("table")


def test_a_class_travels_with_the_cue(lexicon: Lexicon) -> None:
    plan, say = lexicon.find("plans", VERB), lexicon.find("says", VERB)
    assert (plan and plan.manner, say and say.manner) == ("intention", "speech")


@pytest.mark.parametrize(
    ("form", "manner"),
    [("said", "speech"), ("told", "speech"), ("hoped", "belief"), ("vows", "intention")],
)
def test_the_english_lexicon_knows_common_cues(form: str, manner: str) -> None:
    cue = ruleset().lexicon.find(form, VERB)
    assert cue is not None
    assert cue.manner == manner
