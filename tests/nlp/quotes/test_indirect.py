"""What a cue can govern, on sentences parsed by hand."""

import pytest

from onrecord.nlp.quotes.indirect import complements
from tests.nlp.trees import at, parse, words

SHE_SAID = "She/PRP/nsubj/2 said/VBD/ROOT/2 "
CASES = [
    (
        "a clause with its complementiser",
        SHE_SAID + "that/IN/mark/5 taxes/NNS/nsubj/5 fall/VBP/ccomp/2 ././punct/2",
        "said",
        {"ccomp_that": ["that taxes fall"]},
    ),
    (
        "a clause without one",
        SHE_SAID + "taxes/NNS/nsubj/4 fall/VBP/ccomp/2 ././punct/2",
        "said",
        {"ccomp": ["taxes fall"]},
    ),
    (
        "a clause before the cue",
        ("Taxes/NNS/nsubj/2 fall/VBP/ccomp/5 ,/,/punct/5 she/PRP/nsubj/5 said/VBD/ROOT/5"
        " ././punct/5"),
        "said",
        {"ccomp_before": ["Taxes fall"], "aside_at_the_end": ["Taxes fall"]},
    ),
    (
        "an infinitive",
        "She/PRP/nsubj/2 vowed/VBD/ROOT/2 to/TO/aux/4 resign/VB/xcomp/2 ././punct/2",
        "vowed",
        {"xcomp": ["to resign"]},
    ),
    (
        "an object",
        "She/PRP/nsubj/2 criticized/VBD/ROOT/2 the/DT/det/4 levy/NN/dobj/2 ././punct/2",
        "criticized",
        {"dobj": ["the levy"]},
    ),
    (
        "an object and what follows it",
        ("She/PRP/nsubj/2 urged/VBD/ROOT/2 voters/NNS/dobj/2 to/TO/aux/5 wait/VB/xcomp/2"
        " ././punct/2"),
        "urged",
        {"dobj": ["voters"], "xcomp": ["to wait"], "run_dobj+xcomp": ["voters to wait"]},
    ),
    (
        "the object of a preposition",
        "She/PRP/nsubj/2 spoke/VBD/ROOT/2 about/IN/prep/2 taxes/NNS/pobj/3 ././punct/2",
        "spoke",
        {"pobj_about": ["taxes"]},
    ),
    (
        "what a passive was done to",
        ("The/DT/det/2 levy/NN/nsubjpass/4 was/VBD/auxpass/4 criticized/VBN/ROOT/4 by/IN/agent/4"
        " her/PRP/pobj/5 ././punct/4"),
        "criticized",
        {"passive": ["The levy"]},
    ),
    (
        "a passive whose subject is that of what is said",
        ("She/PRP/nsubjpass/3 is/VBZ/auxpass/3 expected/VBN/ROOT/3 to/TO/aux/5 resign/VB/xcomp/3"
        " ././punct/3"),
        "expected",
        {"xcomp": ["to resign"], "raised_xcomp": ["She", "to resign"]},
    ),
    (
        "a passive with a preposition",
        ("She/PRP/nsubjpass/3 was/VBD/auxpass/3 seen/VBN/ROOT/3 as/IN/prep/3 weak/JJ/pobj/4"
        " ././punct/3"),
        "seen",
        {"pobj_as": ["weak"], "raised_as": ["She", "as weak"]},
    ),
    (
        "seems",
        "She/PRP/nsubj/2 seems/VBZ/ROOT/2 to/TO/aux/4 hesitate/VB/xcomp/2 ././punct/2",
        "seems",
        {"xcomp": ["to hesitate"], "raised_xcomp": ["She", "to hesitate"]},
    ),
    (
        "a noun's clause",
        ("her/PRP$/poss/2 claim/NN/nsubj/6 that/IN/mark/5 taxes/NNS/nsubj/5 fall/VBP/acl/2"
        " failed/VBD/ROOT/6"),
        "claim",
        {"acl_that": ["that taxes fall"]},
    ),
    (
        "a noun's infinitive",
        "her/PRP$/poss/2 vow/NN/nsubj/5 to/TO/aux/4 resign/VB/acl/2 failed/VBD/ROOT/5",
        "vow",
        {"acl": ["to resign"]},
    ),
    (
        "a noun's preposition",
        ("her/PRP$/poss/2 call/NN/nsubj/6 for/IN/prep/2 a/DT/det/5 levy/NN/pobj/3"
        " failed/VBD/ROOT/6"),
        "call",
        {"pobj_for": ["a levy"]},
    ),
    (
        "an adjective's clause",
        "She/PRP/nsubj/2 is/VBZ/ROOT/2 sure/JJ/acomp/2 taxes/NNS/nsubj/5 fall/VBP/ccomp/3",
        "sure",
        {"ccomp": ["taxes fall"]},
    ),
    (
        "an adverb's clause",
        "He/PRP/nsubj/3 reportedly/RB/advmod/3 left/VBD/ROOT/3 Tarn/NNP/dobj/3 ././punct/3",
        "reportedly",
        {"clause": ["He", "left Tarn"]},
    ),
    (
        "the sentence around a parenthesis",
        ("Taxes/NNS/nsubj/6 ,/,/punct/6 she/PRP/nsubj/4 said/VBD/parataxis/6 ,/,/punct/6"
        " fall/VBP/ROOT/6 ././punct/6"),
        "said",
        {"aside_inside": ["Taxes", "fall"]},
    ),
    (
        "according to, at the end",
        ("Taxes/NNS/nsubj/2 fall/VBP/ROOT/2 ,/,/punct/2 according/VBG/prep/2 to/IN/prep/4"
        " her/PRP/pobj/5 ././punct/2"),
        "according",
        {"according_at_the_end": ["Taxes fall"]},
    ),
    (
        "according to, at the beginning",
        ("According/VBG/prep/6 to/IN/prep/1 her/PRP/pobj/2 ,/,/punct/6 taxes/NNS/nsubj/6"
        " fall/VBP/ROOT/6 ././punct/6"),
        "According",
        {"according_first": ["taxes fall"]},
    ),
    (
        "according to a name that the parser lets run on",
        ("According/VBG/prep/9 to/IN/prep/1 Varga/NNP/pobj/2 ,/,/punct/3 Tarn/NNP/poss/7"
        " 's/POS/case/5 taxes/NNS/appos/3 will/MD/aux/9 fall/VB/ROOT/9 ././punct/9"),
        "According",
        {"according_first": ["Tarn's taxes will fall"]},
    ),
    (
        "what follows a label",
        "VARGA/NNP/ROOT/1 :/:/punct/1 Taxes/NNS/nsubj/4 fall/VBP/appos/1 ././punct/4",
        ":",
        {"label": ["Taxes fall"]},
    ),
    ("nothing", "She/PRP/nsubj/2 spoke/VBD/ROOT/2 ././punct/2", "spoke", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tokens", "cue", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_complements(tokens: str, cue: str, expected: dict[str, list[str]]) -> None:
    sentence = parse(tokens)
    found = complements(sentence, at(sentence, cue))
    assert {c.relation: [words(sentence, *piece) for piece in c.pieces] for c in found} == expected
