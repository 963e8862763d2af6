"""What is parsed over arrays and what by compiled states, and that both find the same arcs."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import pytest

from onrecord.nlp.reading import dependencies
from onrecord.nlp.reading.arc_eager import ParseRange
from onrecord.nlp.reading.dependencies import shared_out
from onrecord.nlp.reading.model import Model, load_model
from tests.nlp.parsed import model

LONG = "Mayor Anna Berg of Oslo told Reuters on Monday that $3 million was gone. " * 9
TEXTS = [
    "“We will not pay,” said Ms. Stone.\n\nBERLIN, March 4 — “Nor we,” the European Union said.",
    "\n\n".join(["Port", LONG, *("The port is open.", "Who knows?", LONG[:200]) * 40]),
    LONG.strip(),
    "  \n\n The Bank of England\n\nLondon was quiet.\n",
]


@pytest.fixture(scope="module", params=["en", "fr"])
def loaded(request: pytest.FixtureRequest) -> Model:
    return model() if request.param == "en" else load_model("fr_core_news_sm")


@pytest.mark.model
def test_both_ways_find_the_same_arcs(loaded: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = parsed(loaded)
    monkeypatch.setattr(dependencies, "STEP_OVER_ARRAYS", 0)
    assert parsed(loaded) == chosen
    monkeypatch.setattr(dependencies, "STEP_OVER_ARRAYS", 10**9)
    for most_tokens in (0, 10**9):
        monkeypatch.setattr(dependencies, "TOKENS_AHEAD", most_tokens)
        assert parsed(loaded) == chosen


def parsed(loaded: Model) -> list[list[tuple[int, str, bool | None]]]:
    return [
        [(token.head.i, token.dep_, token.is_sent_start) for token in doc]
        for doc in loaded.read(TEXTS)
    ]


def lengths_of_the_few(*lengths: int) -> list[int]:
    many, few = shared_out(stretches(lengths))
    assert sorted(many + few) == stretches(lengths)
    return [one.end - one.start for one in few]


def stretches(lengths: Sequence[int]) -> list[ParseRange]:
    return [ParseRange(a, b, b) for a, b in pairwise(accumulate(lengths, initial=1))]


def test_few_paragraphs_are_left_to_compiled_states() -> None:
    assert lengths_of_the_few(30) == [30]
    assert lengths_of_the_few(*[20] * 30, 25) == [25, *[20] * 30]


def test_many_paragraphs_alike_are_parsed_over_arrays() -> None:
    assert lengths_of_the_few(*range(30, 40), *[40] * 200) == []


def test_only_those_far_longer_than_many_others_are_left_to_compiled_states() -> None:
    assert lengths_of_the_few(*[40] * 200, 4_000, 700) == [4_000, 700]


def test_nothing_is_shared_out_of_nothing() -> None:
    assert lengths_of_the_few() == []
