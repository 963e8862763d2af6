"""Who can be the source of a cue: subjects within reach, on sentences parsed by hand."""

import pytest

from onrecord.nlp.quotes.sources import (
    kind_of_source,
    source_according_to,
    source_span,
    sources_of_noun,
    sources_of_verb,
)
from tests.nlp.trees import at, parse, words

VERBS = [
    (
        "its own subject",
        "Varga/NNP/nsubj/2 said/VBD/ROOT/2 yes/UH/dobj/2",
        "said",
        [("Varga", "subject")],
    ),
    (
        "a subject after it",
        "yes/UH/ccomp/3 ,/,/punct/3 said/VBD/ROOT/3 Varga/NNP/nsubj/3",
        "said",
        [("Varga", "subject")],
    ),
    (
        "the agent of a passive before what was said",
        "It/PRP/nsubjpass/3 was/VBD/auxpass/3 said/VBN/ROOT/3 by/IN/agent/3 Varga/NNP/pobj/4",
        "said",
        [("Varga", "agent"), ("It", "passive")],
    ),
    (
        "the passive subject of being quoted",
        "Varga/NNP/nsubjpass/3 was/VBD/auxpass/3 quoted/VBN/ROOT/3",
        "quoted",
        [("Varga", "passive")],
    ),
    (
        "a conjunct takes the first verb's",
        "Varga/NNP/nsubj/2 rose/VBD/ROOT/2 and/CC/cc/2 said/VBD/conj/2 yes/UH/dobj/4",
        "said",
        [("Varga", "conj>subject")],
    ),
    (
        "a participle takes the main verb's",
        "Varga/NNP/nsubj/2 left/VBD/ROOT/2 ,/,/punct/2 saying/VBG/advcl/2 no/UH/dobj/4",
        "saying",
        [("Varga", "advcl>subject")],
    ),
    (
        "an infinitive takes its governor's",
        "Varga/NNP/nsubj/2 went/VBD/ROOT/2 on/RP/prt/2 to/TO/aux/5 say/VB/xcomp/2",
        "say",
        [("Varga", "xcomp>subject")],
    ),
    (
        "an infinitive may have an object do it",
        "She/PRP/nsubj/2 urged/VBD/ROOT/2 Varga/NNP/dobj/2 to/TO/aux/5 say/VB/xcomp/2",
        "say",
        [("She", "xcomp>subject"), ("Varga", "xcomp>object")],
    ),
    (
        "a participle of a noun: the noun, and who issued it",
        "She/PRP/nsubj/2 issued/VBD/ROOT/2 a/DT/det/4 statement/NN/dobj/2 saying/VBG/acl/4",
        "saying",
        [("statement", "acl"), ("She", "acl>subject")],
    ),
    (
        "a relative clause: the pronoun, and what it stands for",
        "Varga/NNP/nsubj/4 who/WP/nsubj/3 spoke/VBD/relcl/1 left/VBD/ROOT/4",
        "spoke",
        [("who", "subject"), ("Varga", "relcl")],
    ),
    (
        "what follows an inverted verb that the parser left alone",
        (
            "yes/UH/ROOT/1 ,/,/punct/1 said/VBD/dep/1 then/RB/advmod/3 Mayor/NNP/compound/6"
            " Varga/NNP/dep/1"
        ),
        "said",
        [("Varga", "next")],
    ),
    (
        "what stands before a verb that the parser left alone",
        "yes/UH/ROOT/1 ,/,/punct/1 Varga/NNP/dep/1 later/RB/advmod/5 said/VBD/dep/1",
        "said",
        [("Varga", "before")],
    ),
    ("nobody", "Say/VB/ROOT/1 yes/UH/dobj/1", "Say", []),
]

NOUNS = [
    (
        "whose it is, or it does the saying itself",
        "Varga/NNP/poss/3 's/POS/case/1 claim/NN/nsubj/4 failed/VBD/ROOT/4",
        "claim",
        [("Varga", "noun:poss"), ("claim", "noun:nsubj>subject")],
    ),
    (
        "a possessive pronoun",
        "His/PRP$/poss/2 claim/NN/nsubj/3 failed/VBD/ROOT/3",
        "claim",
        [("His", "noun:poss"), ("claim", "noun:nsubj>subject")],
    ),
    (
        "from whom it comes",
        "a/DT/det/2 statement/NN/nsubj/5 from/IN/prep/2 Varga/NNP/pobj/3 followed/VBD/ROOT/5",
        "statement",
        [("Varga", "noun:from"), ("statement", "noun:nsubj>subject")],
    ),
    (
        "who issues it",
        "Varga/NNP/nsubj/2 repeated/VBD/ROOT/2 the/DT/det/4 claim/NN/dobj/2",
        "claim",
        [("Varga", "noun:dobj>subject")],
    ),
]

PHRASES = [
    ("a name with its titles", ("the/DT/det/4 Tarn/NNP/compound/4 Mayor/NNP/compound/4"
     " Varga/NNP/nsubj/5 said/VBD/ROOT/5"), "Varga", "the Tarn Mayor Varga"),
    ("over an of-phrase", ("the/DT/det/2 mayor/NN/nsubj/5 of/IN/prep/2 Tarn/NNP/pobj/3"
     " said/VBD/ROOT/5"), "mayor", "the mayor of Tarn"),
    ("over a coordination", "Varga/NNP/nsubj/4 and/CC/cc/1 Lind/NNP/conj/1 said/VBD/ROOT/4",
     "Varga", "Varga and Lind"),
    ("not over a relative clause", ("the/DT/det/2 man/NN/nsubj/5 who/WP/nsubj/4 left/VBD/relcl/2"
     " said/VBD/ROOT/5"), "man", "the man"),
    ("not over an apposition", ("Varga/NNP/nsubj/5 ,/,/punct/1 a/DT/det/4 lawyer/NN/appos/1"
     " said/VBD/ROOT/5"), "Varga", "Varga"),
    ("its head and what is before it where quoted words follow", ("said/VBD/ROOT/1"
     " the/DT/det/4 Tarn/NNP/compound/4 Council/NNP/nsubj/1 with/IN/prep/4 “/``/punct/7"
     " all/DT/pobj/5 power/NN/dep/7 now/RB/dep/7 ”/''/punct/7"), "Council", "the Tarn Council"),
    ("a pronoun alone", "She/PRP/nsubj/2 said/VBD/ROOT/2", "She", "She"),
]  # fmt: skip


def rows(table: list[tuple]) -> list:
    return [pytest.param(*row[1:], id=row[0]) for row in table]


@pytest.mark.parametrize(("tokens", "verb", "expected"), rows(VERBS))
def test_the_sources_of_a_verb(tokens: str, verb: str, expected: list[tuple[str, str]]) -> None:
    sentence = parse(tokens)
    found = sources_of_verb(sentence, at(sentence, verb))
    assert [(sentence.words[c.source], c.path) for c in found] == expected


@pytest.mark.parametrize(("tokens", "noun", "expected"), rows(NOUNS))
def test_the_sources_of_a_noun(tokens: str, noun: str, expected: list[tuple[str, str]]) -> None:
    sentence = parse(tokens)
    found = sources_of_noun(sentence, at(sentence, noun))
    assert [(sentence.words[c.source], c.path) for c in found] == expected


@pytest.mark.parametrize(("tokens", "head", "expected"), rows(PHRASES))
def test_a_source_is_its_noun_phrase(tokens: str, head: str, expected: str) -> None:
    sentence = parse(tokens)
    first, end = source_span(sentence, at(sentence, head))
    assert words(sentence, first, end - 1) == expected


def test_what_stands_between_marks_is_no_source() -> None:
    sentence = parse("“/``/punct/2 Varga/NNP/nsubj/4 ”/''/punct/2 said/VBD/ROOT/4")
    assert sources_of_verb(sentence, at(sentence, "said")) == ()


def test_according_to_has_what_follows_it() -> None:
    sentence = parse(
        "Taxes/NNS/nsubj/2 fall/VBP/ROOT/2 according/VBG/prep/2 to/IN/prep/3"
        " the/DT/det/6 mayor/NN/pobj/4"
    )
    candidate = source_according_to(sentence, at(sentence, "according"))
    assert candidate is not None
    assert sentence.words[candidate.source] == "mayor"


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("She/PRP/nsubj/1", "he"),
        ("We/PRP/nsubj/1", "we"),
        ("this/DT/nsubj/1", "DT"),
        ("Varga/NNP/nsubj/1", "name"),
        ("officials/NNS/nsubj/1", "noun"),
    ],
)
def test_kinds_of_source(token: str, kind: str) -> None:
    assert kind_of_source(parse(token), 0) == kind
