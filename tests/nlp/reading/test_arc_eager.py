"""Our transition system against spaCy's."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from spacy.attrs import SENT_START
from spacy.tokens import Doc

from onrecord.nlp.reading.arc_eager import Actions, ParseRange, Search
from tests.nlp.parsed import model

Arcs = dict[int, tuple[int, int]]
MOST_STEPS = 500


def parser() -> Any:
    return model().nlp.get_pipe("parser")


def names() -> list[str]:
    moves = parser().moves
    return [moves.get_class_name(n) for n in range(moves.n_moves)]


def arcs_by_spacy(starts: np.ndarray, scores: np.ndarray) -> Arcs:
    """The head of each token, numbered from 1, and the action; `scores` are those of each step."""
    doc = Doc(parser().vocab, words=["-"] * len(starts))
    doc.from_array([SENT_START], starts.astype(np.int64).view(np.uint64)[:, None])  # type: ignore[arg-type]
    (state,) = states = parser().moves.init_batch([doc])
    for step in scores:
        if not states:
            break
        states = parser().transition_states(states, step[None].copy())
    places = {name: n for n, name in enumerate(names())}
    strings = parser().vocab.strings
    found = {}
    for arc in state.arcs:
        head, child = arc["head"], arc["child"]
        kind = "L" if head > child else "R"
        found[child + 1] = (head + 1, places[f"{kind}-{strings[arc['label']]}"])
    return found


def arcs_found(starts: np.ndarray, scores: np.ndarray) -> Arcs:
    length = len(starts)
    preset = np.concatenate([[0], starts])
    whole = [ParseRange(1, 1 + length, 1 + length)]
    search = Search(Actions.of(names()), whole, starts=preset == 1, inside=preset == -1)
    for step in scores:
        if not search.tokens.size:
            break
        search.step(step[None].copy())
    found = zip(search.heads.tolist(), search.actions.tolist(), strict=True)
    return {token: arc for token, arc in enumerate(found) if arc[0]}


@pytest.mark.model
@pytest.mark.parametrize("length", [1, 2, 3, 5, 9, 30])
def test_whatever_the_scores_the_arcs_are_those_of_spacy(length: int) -> None:
    random = np.random.default_rng(length)
    kinds = np.array([name[0] for name in names()])
    for preset in ([0], [0, 1], [0, 0, -1], [0, 0, 0, 1, -1]):
        for _ in range(10):
            starts = random.choice(preset, length)
            starts[0] = 0
            scores = random.random((MOST_STEPS, len(kinds)), np.float32)
            # There are many more arcs of each kind to choose from than other actions.
            scores[:, ~np.isin(kinds, ["L", "R"])] += random.choice([0.3, 0.5])
            assert arcs_found(starts, scores) == arcs_by_spacy(starts, scores)


@pytest.mark.model
def test_stretches_side_by_side_are_parsed_as_if_alone() -> None:
    random = np.random.default_rng(1)
    count, lengths = len(names()), [3, 1, 7, 4]
    bounds = np.cumsum([1, *lengths]).tolist()
    starts = np.zeros(bounds[-1], np.bool_)
    starts[bounds[:-1]] = True
    scores = random.random((MOST_STEPS, count), np.float32)

    def heads(stretches: list[ParseRange]) -> np.ndarray:
        search = Search(Actions.of(names()), stretches, starts=starts, inside=np.zeros_like(starts))
        for step in scores:
            if search.tokens.size:
                search.step(np.repeat(step[None], search.tokens.shape[1], axis=0))
        return search.heads

    stretches = [
        ParseRange(start, end, min(end + 2, bounds[-1])) for start, end in pairwise(bounds)
    ]
    together = heads(stretches)
    assert together.any()
    for one in stretches:
        np.testing.assert_array_equal(
            heads([one])[one.start : one.end], together[one.start : one.end]
        )
