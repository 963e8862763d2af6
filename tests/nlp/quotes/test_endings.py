"""Where reported content ends, on sentences parsed by hand."""

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.endings import endings_of, places, with_ending
from onrecord.nlp.quotes.indirect import complements
from onrecord.nlp.quotes.runs import Complement
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.weights import Weights
from tests.nlp.trees import at, parse, words

LEFT = parse(
    "She/PRP/nsubj/2 said/VBD/ROOT/2 taxes/NNS/nsubj/4 fall/VBP/ccomp/2 and/CC/cc/4"
    " left/VBD/conj/4 ././punct/2"
)
LEVY = parse(
    "She/PRP/nsubj/2 criticized/VBD/ROOT/2 the/DT/det/4 levy/NN/dobj/2 ,/,/punct/4"
    " which/WDT/dobj/8 she/PRP/nsubj/8 supported/VBD/relcl/4 ././punct/2"
)
SHORT = parse(
    "She/PRP/nsubj/2 said/VBD/ROOT/2 taxes/NNS/nsubj/4 fall/VBP/ccomp/2 ,/,/punct/2"
    " but/CC/cc/2 not/RB/neg/8 now/RB/conj/2 ././punct/2"
)
QUOTED = parse(
    "She/PRP/nsubj/2 said/VBD/ROOT/2 taxes/NNS/nsubj/4 fall/VBP/ccomp/2 “/``/punct/6"
    " today/NN/npadvmod/4 ”/''/punct/6 and/CC/cc/4 rise/VB/conj/4 ././punct/2"
)


def complement_of(sentence: Parse, cue: str, relation: str) -> Complement:
    return next(
        c for c in complements(sentence, at(sentence, cue)) if c.relation.startswith(relation)
    )


def contents(sentence: Parse, cue: str, relation: str) -> list[str]:
    complement = complement_of(sentence, cue, relation)
    first = complement.pieces[-1][0]
    return [words(sentence, first, last) for last in places(sentence, complement)]


def test_it_may_end_before_whatever_reaches_to_the_end() -> None:
    assert contents(LEFT, "said", "ccomp") == ["taxes fall", "taxes fall and left"]


def test_it_may_end_before_a_comma() -> None:
    assert "the levy" in contents(LEVY, "criticized", "dobj")


def test_it_may_go_on_behind_a_comma_up_to_the_end_of_the_sentence() -> None:
    assert contents(SHORT, "said", "ccomp")[-1] == "taxes fall, but not now"


def test_with_quoted_words_in_it_it_stays_as_it_is() -> None:
    assert len(contents(QUOTED, "said", "ccomp")) == 1


def test_each_place_says_what_speaks_for_it() -> None:
    complement = complement_of(LEVY, "criticized", "dobj")
    found = {one.token: one.features for one in endings_of(LEVY, complement)}
    assert "keep" in found[at(LEVY, "supported")]
    assert "cut , which" in found[at(LEVY, "levy")]


def test_a_relative_clause_behind_a_comma_is_cut_off() -> None:
    complement = complement_of(LEVY, "criticized", "dobj")
    ended, likely = with_ending(LEVY, complement, ruleset().endings)
    assert [words(LEVY, *piece) for piece in ended.pieces] == ["the levy"]
    assert 0.5 < likely <= 1


def test_without_weights_every_place_is_as_likely() -> None:
    complement = complement_of(LEFT, "said", "ccomp")
    assert with_ending(LEFT, complement, Weights())[1] == 0.5


def test_noise_has_no_more_places_than_are_worth_weighing() -> None:
    tokens = "She/PRP/nsubj/2 said/VBD/ROOT/2 taxes/NNS/nsubj/4 fall/VBP/ccomp/2 " + " ".join(
        f",/,/punct/4 now/RB/advmod/4 {end}".strip() for end in [""] * 150
    )
    noise = parse(tokens)
    found = places(noise, complement_of(noise, "said", "ccomp"))
    assert len(found) == 40
    assert found[-1] == len(noise) - 1
