"""Linear models as text."""

import pytest

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes import weights as models
from onrecord.nlp.quotes.weights import (
    Weights,
    alone,
    features_of,
    parse_weights,
    score,
    shares,
)


def test_a_feature_may_have_spaces_in_its_name() -> None:
    assert parse_weights("# comment\nleft gap 0 1.5\ncue -0.25\n\n") == {
        "left gap 0": 1.5,
        "cue": -0.25,
    }


def test_the_score_is_the_sum_over_what_is_there() -> None:
    assert score({"a": 1.0, "b": 2.0, "unknown": 9.0}, {"a": 0.5, "b": -1.0, "c": 7.0}) == -1.5


def _names_of_size(kind: str, size: int) -> tuple[str, ...]:
    return kind, f"{kind} of {size}", kind


def test_groups_score_as_the_features_they_name() -> None:
    weights = Weights({"clause": 0.5, "clause of 3": -2.0, "cue": 4.0})
    groups = [((_names_of_size, "clause", 3), 1.0), (alone("cue"), 0.25), (alone("new"), 9.0)]
    assert features_of(groups) == {"clause": 1.0, "clause of 3": 1.0, "cue": 0.25, "new": 9.0}
    assert weights.of(groups) == weights.of(groups) == score(features_of(groups), weights) == -0.5


def test_the_sums_of_ever_new_groups_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(models, "MOST_GROUPS", 10)
    weights = Weights({"clause of 3": 1.0})
    sums = [weights.of([((_names_of_size, "clause", size), 1.0)]) for size in range(100)]
    assert sums == [float(size == 3) for size in range(100)]
    assert len(weights._sums) <= 10


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
