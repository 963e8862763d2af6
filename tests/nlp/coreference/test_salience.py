"""How present people are: what mentions add and sentences take away."""

from onrecord.nlp.coreference.salience import (
    Salience,
    antecedent_of_relative,
    sentence_numbers,
    weight_of,
)
from tests.nlp.coreference.built import built


def test_a_weight_is_halved_by_each_sentence() -> None:
    salience = Salience([None])
    salience.add(0, 4.0, 0)
    assert [salience.weight(0, sentence) for sentence in (0, 1, 2)] == [4.0, 2.0, 1.0]


def test_the_most_present_person_of_a_gender_is_likeliest() -> None:
    salience = Salience(["feminine", "masculine", "feminine"])
    for person, weight in enumerate((1.0, 4.0, 2.0)):
        salience.add(person, weight, 0)
    assert salience.likeliest("feminine", 0) == 2
    assert salience.likeliest("feminine", 0, without=(2,)) == 0
    assert salience.likeliest(None, 0) == 1
    assert salience.likeliest("feminine", 0, at_least=3.0) is None


def test_somebody_of_unknown_gender_counts_for_less() -> None:
    salience = Salience([None, "feminine"])
    salience.add(0, 2.0, 0)
    salience.add(1, 1.9, 0)
    assert salience.likeliest("feminine", 0) == 1


def test_a_crowd_is_forgotten_but_for_the_most_present() -> None:
    salience = Salience([None] * 1000)
    for person in range(1000):
        salience.add(person, 1.0 + person, 0)
        salience.present(0)
    assert len(list(salience.present(0))) <= 65


def test_the_share_of_two_people_is_that_of_their_weights() -> None:
    salience = Salience([None, None])
    salience.add(0, 3.0, 0)
    salience.add(1, 1.0, 0)
    assert salience.share(0, 1, 0) == 0.75
    assert salience.share(0, None, 0) == 1.0


def test_a_subject_weighs_more_than_an_object_and_a_quoted_name_little() -> None:
    doc = built("Weiss/NNP/nsubj/2 met/VBD/ROOT/2 Okafor/NNP/dobj/2")
    subject, _, other = (weight_of(token, quoted=False) for token in doc)
    assert subject > other > weight_of(doc[2], quoted=True)


def test_whom_a_cleft_sentence_names_weighs_more_than_a_subject() -> None:
    doc = built("It/PRP/nsubj/2 was/VBD/ROOT/2 Weiss/NNP/attr/2 who/WP/nsubj/5 won/VBD/relcl/3")
    plain = built("Weiss/NNP/nsubj/2 won/VBD/ROOT/2")
    assert weight_of(doc[2], quoted=False) > weight_of(plain[0], quoted=False)


def test_sentences_inside_quotes_are_not_counted() -> None:
    sentence = "We/PRP/nsubj/2 won/VBD/ROOT/2"
    doc = built(sentence, sentence, sentence)
    assert sentence_numbers(doc, bytearray(6)) == [0, 0, 1, 1, 2, 2]
    assert sentence_numbers(doc, bytearray([0, 0, 1, 1, 0, 0])) == [0, 0, 1, 1, 1, 1]


def test_the_antecedent_of_who_is_the_noun_its_clause_modifies() -> None:
    doc = built(
        "The/DT/det/2 mayor/NN/nsubj/7 of/IN/prep/2 Tarn/NNP/pobj/3 "
        "who/WP/nsubj/6 spoke/VBD/relcl/2 left/VBD/ROOT/7"
    )
    found = antecedent_of_relative(doc[4])
    assert found is not None
    assert found.text == "mayor"
