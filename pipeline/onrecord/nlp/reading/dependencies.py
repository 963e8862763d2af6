"""The parser's greedy search, over the paragraphs of a batch side by side.

spaCy's parser takes one action for each document at a time, and releases and takes Python's global
lock for each feature of each state. A paragraph is parsed apart from the others here: many states
make one larger matrix product, and their next actions are found over arrays (`arc_eager`). Where
few states would be side by side, because a batch has few paragraphs or some are far longer than the
others, these few are left to spaCy's states (`compiled_states`). The two tokens after a paragraph
are part of what the parser sees at its end. One thing differs from spaCy: at the end of a
paragraph, its parser can part the first word of the next one from the rest, as a sentence of its
own (once in 6,000 tokens of news); here not.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import DEP, HEAD, SENT_START
from spacy.pipeline import DependencyParser
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc

from onrecord.nlp.reading.arc_eager import PLACES, Actions, Booleans, Ints, ParseRange, Search
from onrecord.nlp.reading.compiled_states import CompiledStates, tokens_of
from onrecord.nlp.reading.token_vectors import Floats, transposed

# How far the parser sees beyond the token it is at.
LOOKAHEAD = 2
# States scored at once: 2 kB each stay in the second-level cache.
STATES = 512
# The cost of a step whatever the number of states, estimated from the figures in docs/speed.md. The
# unit is what a compiled state costs more than one in arrays, in each step.
STEP_OVER_ARRAYS = 90
STEP_COMPILED = 8
# So many tokens can have what each adds to a hidden layer held at once: 4 kB each.
TOKENS_AHEAD = 4_096
Relations = NDArray[np.uint64]
# In the name of a relation whose head is one too high, so that no arcs cross.
_LIFTED = "||"


@dataclass(frozen=True, slots=True)
class _Scorer:
    """The parser's layers: from the tokens that a state looks at to a score for each action.

    Each of a state's places has weights of its own. A token that does not exist has no vector but a
    number in one column more, which every other token has zero in.
    """

    reduce: tuple[Floats, Floats]
    """Weights and bias of the linear layer after the vectors."""
    lower: Floats
    """(places · (width + 1), pieces · hidden), piece after piece."""
    lower_by_token: Floats
    """The same as (width + 1, places · pieces · hidden)."""
    bias: Floats
    upper: tuple[Floats, Floats]

    @classmethod
    def of(cls, model: Any) -> Self:
        lower = model.get_ref("lower")
        weights = lower.get_param("W").transpose(0, 3, 2, 1)  # places, width, pieces, hidden
        missing = lower.get_param("pad").transpose(1, 0, 3, 2)
        by_place = np.concatenate([weights, missing], axis=1)
        return cls(
            transposed(model.get_ref("tok2vec").layers[2]),
            by_place.reshape(by_place.shape[0] * by_place.shape[1], -1),
            by_place.transpose(1, 0, 2, 3).reshape(by_place.shape[1], -1),
            lower.get_param("b").T.reshape(-1),
            transposed(model.get_ref("upper")),
        )

    def rows(self, docs: Sequence[Doc]) -> Floats:
        """The row of each token of some documents, after that of a token that does not exist."""
        weights, bias = self.reduce
        rows = np.zeros((1 + sum(map(len, docs)), len(bias) + 1), np.float32)
        rows[0, -1] = 1
        vectors: Any = [doc.tensor for doc in docs]
        rows[1:, :-1] = np.concatenate(vectors, dtype=np.float32) @ weights + bias
        return rows

    def ahead(self, rows: Floats) -> Callable[[Ints], Floats]:
        """The scores of states' actions, by the tokens that each looks at: numbers of these rows.

        What each token adds to a hidden layer, at each place, is computed beforehand where there
        are not too many: for few states at once, to add it up takes less time than their product.
        """
        if len(rows) > TOKENS_AHEAD:
            return partial(self.scores, rows)
        added = (rows @ self.lower_by_token).reshape(len(rows) * PLACES, -1)
        places = np.arange(PLACES)[:, None]

        def scores(tokens: Ints) -> Floats:
            return self._of_pieces(added.take(tokens * PLACES + places, axis=0).sum(axis=0))

        return scores

    def scores(self, rows: Floats, tokens: NDArray[np.intp]) -> Floats:
        """The scores of states' actions, of the tokens that each looks at: (places, states)."""
        if tokens.shape[1] <= STATES:
            return self._scores(rows, tokens)
        blocks = range(0, tokens.shape[1], STATES)
        return np.concatenate([self._scores(rows, tokens[:, at : at + STATES]) for at in blocks])

    def _scores(self, rows: Floats, tokens: NDArray[np.intp]) -> Floats:
        vectors = rows.take(tokens.T, axis=0).reshape(tokens.shape[1], -1)
        return self._of_pieces(vectors @ self.lower)

    def _of_pieces(self, pieces: Floats) -> Floats:
        """The scores of actions, of the pieces of states' hidden layers, which are changed."""
        weights, bias = self.upper
        width = len(weights)
        pieces += self.bias
        hidden: Floats = pieces[:, :width]
        for at in range(width, pieces.shape[1], width):
            hidden = np.maximum(hidden, pieces[:, at : at + width])
        scores: Floats = hidden @ weights + bias
        return scores


class Dependencies:
    """The parser of a pipeline, paragraph by paragraph; see the module."""

    def __init__(self, component: DependencyParser) -> None:
        moves: Any = component.moves
        names = [moves.get_class_name(n) for n in range(moves.n_moves)]
        self._scorer = _Scorer.of(component.model)
        self._actions = Actions.of(names)
        self._compiled = CompiledStates(component)
        labels = [name[2:] for name in names]
        strings = component.vocab.strings
        self._relations = np.array([strings.add(label) for label in labels], np.uint64)
        self._root = strings.add("ROOT")
        self._lifted = frozenset(strings[label] for label in labels if _LIFTED in label)
        self._restorers = component.postprocesses

    @staticmethod
    def knows(component: DependencyParser) -> bool:
        """Whether the parser is of a known architecture and searches greedily.

        It must take its vectors from `Doc.tensor`.
        """
        model: Any = component.model
        layers = model.get_ref("tok2vec").layers
        return (
            component.cfg["beam_width"] == 1
            and not component.cfg["learn_tokens"]
            and bool(model.attrs["has_upper"])
            and not model.attrs["unseen_classes"]
            and model.get_ref("lower").get_dim("nF") == PLACES
            and model.get_ref("lower").get_dim("nP") > 1
            and isinstance(layers[0], Tok2VecListener)
            and [layer.name for layer in layers[1:]] == ["list2array", "linear"]
        )

    def __call__(self, docs: Sequence[Doc]) -> None:
        """Set heads, relations and sentence starts; the paragraphs' starts are set already."""
        rows = self._scorer.rows(docs)
        lengths = [len(doc) for doc in docs]
        preset: Any = [doc.to_array([SENT_START]) for doc in docs]  # 1, 0 or -1 as unsigned
        starts = np.concatenate([np.zeros(1, np.uint64), *preset]).view(np.int64)
        many, few = shared_out(_paragraphs(lengths, starts == 1))
        search = Search(self._actions, many, starts=starts == 1, inside=starts == -1)
        while search.tokens.size:
            search.step(self._scorer.scores(rows, search.tokens))
        heads, relations = search.heads, self._relations[search.actions]
        if few:
            score = self._scorer.ahead(rows.take(tokens_of(few), axis=0))
            found = self._compiled.search(few, starts, score)
            tokens, heads[tokens], relations[tokens] = found
        self._annotate(docs, heads, relations)

    def _annotate(self, docs: Sequence[Doc], heads: Ints, relations: Relations) -> None:
        """Set the head of each token, numbered from 1 through all documents, and its relation."""
        table: Any = np.zeros((len(heads), 2), np.uint64)
        found = heads > 0
        table[:, 0] = np.where(found, heads - np.arange(len(heads)), 0).view(np.uint64)
        table[:, 1] = np.where(found, relations, self._root)
        for doc, (start, end) in zip(docs, _bounds(map(len, docs)), strict=True):
            doc.from_array([HEAD, DEP], table[start:end])
            if not self._lifted.isdisjoint(table[start:end, 1].tolist()):
                for restore in self._restorers:
                    restore(doc)


def shared_out(stretches: list[ParseRange]) -> tuple[list[ParseRange], list[ParseRange]]:
    """The stretches to be parsed over arrays, and the longest, to be parsed by compiled states.

    Each way takes as many steps as its longest stretch needs. One state more costs more where it is
    compiled, but a step there costs less.
    """
    longest_first = sorted(stretches, key=_length, reverse=True)
    lengths = np.array([*map(_length, longest_first), 0])
    costs = STEP_OVER_ARRAYS * lengths
    costs[1:] += STEP_COMPILED * lengths[0] + np.cumsum(lengths[:-1])
    few = int(costs.argmin())
    return longest_first[few:], longest_first[:few]


def _length(stretch: ParseRange) -> int:
    return stretch.end - stretch.start


def _paragraphs(lengths: Sequence[int], starts: Booleans) -> list[ParseRange]:
    """The stretches between the sentence starts that are set before parsing."""
    stretches: list[ParseRange] = []
    for first, end in _bounds(lengths):
        bounds = [first, *(first + 1 + np.flatnonzero(starts[first + 1 : end])).tolist(), end]
        stretches += [
            ParseRange(start, after, min(after + LOOKAHEAD, end))
            for start, after in pairwise(bounds)
        ]
    return stretches


def _bounds(lengths: Iterable[int]) -> Iterable[tuple[int, int]]:
    """The first token of each document, numbered from 1 through all, and that after its last."""
    return pairwise(accumulate(lengths, initial=1))
