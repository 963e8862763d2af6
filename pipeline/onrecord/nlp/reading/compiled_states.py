"""The parser's greedy search by spaCy's own states, compiled and held one by one.

A step takes little time whatever the number of states, but more for each state than one of
`arc_eager.Search`. It is for few stretches at once: a single paragraph, or the longest ones of a
batch; both ways find the same arcs.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import SENT_START
from spacy.pipeline import DependencyParser
from spacy.tokens import Doc

from onrecord.nlp.reading.arc_eager import Floats, Ints, ParseRange


class CompiledStates:
    """spaCy's transition system, as a parser has it."""

    def __init__(self, component: DependencyParser) -> None:
        self._component: Any = component
        # spaCy's way to a state's tokens belongs to a model at work on documents; here on none.
        self._tokens_of = self._component.model.predict([Doc(component.vocab)]).get_token_ids

    def search(
        self, stretches: Sequence[ParseRange], starts: Ints, score: Callable[[Ints], Floats]
    ) -> tuple[Ints, Ints, NDArray[np.uint64]]:
        """Tokens, numbered as in the stretches, their heads and their relations.

        `starts` has 1 for each token, from 0, where a sentence begins and -1 where none can;
        `score` gives the scores of actions for the tokens that each state looks at, numbered as
        in `tokens_of`: (places, states).
        """
        states = self._component.moves.init_batch([self._part(one, starts) for one in stretches])
        going_on = states
        while going_on:
            scores = score(self._tokens_of(going_on).T)
            going_on = self._component.transition_states(going_on, scores)
        arcs = [
            (start + arc["child"], start + arc["head"], arc["label"])
            for (start, end, _), state in zip(stretches, states, strict=True)
            for arc in state.arcs
            if start + arc["child"] < end
        ]
        table = np.array(arcs, np.uint64).reshape(-1, 3)
        return table[:, 0].astype(np.intp), table[:, 1].astype(np.intp), table[:, 2]

    def _part(self, stretch: ParseRange, starts: Ints) -> Doc:
        """A stand-in for the tokens that are looked at, with nothing but sentence starts.

        The transition system reads no more.
        """
        words = ["-"] * (stretch.seen - stretch.start)
        part = Doc(self._component.vocab, words=words, spaces=[False] * len(words))
        column: Any = starts[stretch.start : stretch.seen, None].view(np.uint64)
        part.from_array([SENT_START], column)
        return part


def tokens_of(stretches: Sequence[ParseRange]) -> Ints:
    """The tokens that the states of some stretches can look at; the last one, 0, is no token.

    The states number them from 0 through all stretches, and -1 for no token.
    """
    numbers = [n for start, _, seen in stretches for n in range(start, seen)]
    return np.array([*numbers, 0], np.intp)
