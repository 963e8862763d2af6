"""Linear models as text."""

import pytest

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.weights import parse_weights, score, shares


def test_a_feature_may_have_spaces_in_its_name() -> None:
    assert parse_weights("# comment\nleft gap 0 1.5\ncue -0.25\n\n") == {
        "left gap 0": 1.5,
        "cue": -0.25,
    }


def test_the_score_is_the_sum_over_what_is_there() -> None:
    assert score({"a": 1.0, "b": 2.0, "unknown": 9.0}, {"a": 0.5, "b": -1.0, "c": 7.0}) == -1.5


def test_shares_sum_to_one_however_large_the_scores() -> None:
    assert shares([0.0, 0.0]) == [0.5, 0.5]
    assert shares([1000.0, 0.0]) == [1.0, 0.0]
    assert sum(shares([-3.0, 2.0, 0.5])) == pytest.approx(1)


@pytest.mark.parametrize("name", ["attribution", "reported", "endings"])
def test_the_weights_of_english_are_there(name: str) -> None:
    weights = getattr(ruleset(), name)
    assert len(weights) > 100
    assert all(abs(weight) < 10 for weight in weights.values())


def test_a_cue_speaks_for_a_source() -> None:
    assert ruleset().attribution["cue"] > 0
    assert ruleset().reported["frame"] > 0
