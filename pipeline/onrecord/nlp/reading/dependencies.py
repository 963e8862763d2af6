"""The parser's greedy search, over the paragraphs of a batch side by side.

spaCy's parser takes one action for each document at a time, and releases and takes Python's global
lock for each feature of each state. A paragraph is parsed apart from the others here: many states
make one larger matrix product, and calls from Python already hold the lock. The two tokens after a
paragraph are part of what the parser sees at its end, so they are read with it and left out of the
result. One thing differs from spaCy: at the end of a paragraph, its parser can part the first word
of the next one from the rest, as a sentence of its own (once in 6,000 tokens of news); here not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import DEP, HEAD, SENT_START
from spacy.pipeline import DependencyParser
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc

from onrecord.nlp.reading.token_vectors import Floats, transposed

# How far the parser sees beyond the token it is at.
LOOKAHEAD = 2
# Paragraphs are parsed together up to this number of tokens: 4 kB each are precomputed.
TOKENS = 8_000


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A stretch of a document's tokens.

    `starts` are the document's sentence starts set before: 1, -1 where none can be, or 0. `parsed`
    are the paragraph's rows (HEAD, DEP) of the document's table, filled by the parser.
    """

    doc: Doc
    start: int
    end: int
    starts: NDArray[np.uint64]
    parsed: NDArray[np.uint64]

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def end_seen(self) -> int:
        """The end of the tokens that the parser sees."""
        return min(self.end + LOOKAHEAD, len(self.doc))

    @property
    def vectors(self) -> Floats:
        """The vectors of the paragraph and the tokens after it."""
        return np.asarray(self.doc.tensor[self.start : self.end_seen], np.float32)

    def part(self) -> Doc:
        """A stand-in for the paragraph and the tokens after it, with nothing but sentence starts.

        The transition system reads no more.
        """
        words = ["-"] * (self.end_seen - self.start)
        part = Doc(self.doc.vocab, words=words, spaces=[False] * len(words))
        starts: Any = self.starts[self.start : self.end_seen, None]
        part.from_array([SENT_START], starts)
        return part


@dataclass(frozen=True, slots=True)
class _Scorer:
    """The parser's layers: from the tokens that a state looks at to a score for each action.

    A state looks at `places` tokens: the next two, three on the stack and the nearest dependents of
    the first of both. Each place has weights of its own, so that a token's part in a state is
    computed once for each place, and the hidden layer of a state is the sum of its tokens' parts.
    """

    reduce: tuple[Floats, Floats]
    """Weights and bias of the linear layer after the vectors."""
    lower: Floats
    """(width, places · pieces · hidden), piece after piece."""
    missing: Floats
    """The parts of a token that does not exist: (places, pieces · hidden)."""
    bias: Floats
    upper: tuple[Floats, Floats]

    @classmethod
    def of(cls, model: Any) -> Self:
        lower = model.get_ref("lower")
        weights = lower.get_param("W")  # places, hidden, pieces, width
        by_piece = weights.transpose(3, 0, 2, 1).reshape(weights.shape[3], -1)
        return cls(
            transposed(model.get_ref("tok2vec").layers[2]),
            np.ascontiguousarray(by_piece),
            lower.get_param("pad")[0].transpose(0, 2, 1).reshape(len(weights), -1),
            lower.get_param("b").T.reshape(-1),
            transposed(model.get_ref("upper")),
        )

    def parts(self, vectors: Floats) -> Floats:
        """The parts of each token, place by place, after those of a token that does not exist."""
        weights, bias = self.reduce
        places, columns = self.missing.shape
        parts = np.empty((1 + len(vectors), places * columns), np.float32)
        parts[0] = self.missing.reshape(-1)
        np.matmul(vectors @ weights + bias, self.lower, out=parts[1:])
        return parts.reshape(-1, columns)

    def scores(self, parts: Floats, tokens: NDArray[np.int32]) -> Floats:
        """The scores of states' actions; `tokens` are those each looks at, -1 if there is none."""
        weights, bias = self.upper
        places, width = tokens.shape[1], len(weights)
        rows = (tokens.T + 1) * places + np.arange(places)[:, None]
        state = parts.take(rows, axis=0).sum(axis=0)
        state += self.bias
        hidden = state[:, :width]
        for at in range(width, state.shape[1], width):
            hidden = np.maximum(hidden, state[:, at : at + width])
        scores: Floats = hidden @ weights
        scores += bias
        return scores


class Dependencies:
    """The parser of a pipeline, paragraph by paragraph; see the module."""

    def __init__(self, component: DependencyParser) -> None:
        self._component: Any = component
        self._scorer = _Scorer.of(component.model)
        # spaCy's way to a state's tokens belongs to a model at work on documents; here on none.
        self._tokens_of = self._component.model.predict([Doc(component.vocab)]).get_token_ids

    @staticmethod
    def knows(component: DependencyParser) -> bool:
        """Whether the parser is of a known architecture and searches greedily.

        It must take its vectors from `Doc.tensor`: one with token vectors of its own reads words,
        which the stand-ins do not have.
        """
        model: Any = component.model
        layers = model.get_ref("tok2vec").layers
        return (
            component.cfg["beam_width"] == 1
            and bool(model.attrs["has_upper"])
            and not model.attrs["unseen_classes"]
            and model.get_ref("lower").get_dim("nP") > 1
            and isinstance(layers[0], Tok2VecListener)
            and [layer.name for layer in layers[1:]] == ["list2array", "linear"]
        )

    def __call__(self, docs: Sequence[Doc]) -> None:
        """Set heads, relations and sentence starts; the paragraphs' starts are set already."""
        tables = [np.empty((len(doc), 2), np.uint64) for doc in docs]
        paragraphs = [
            one for doc, table in zip(docs, tables, strict=True) for one in _paragraphs(doc, table)
        ]
        for group in _groups(paragraphs):
            self._parse(group)
        for doc, table in zip(docs, tables, strict=True):
            rows: Any = table
            doc.from_array([HEAD, DEP], rows)

    def _parse(self, paragraphs: Sequence[_Paragraph]) -> None:
        parts = [paragraph.part() for paragraph in paragraphs]
        vectors = self._scorer.parts(np.concatenate([one.vectors for one in paragraphs]))
        states = self._component.moves.init_batch(parts)
        going_on = states
        while going_on:
            scores = self._scorer.scores(vectors, self._tokens_of(going_on))
            going_on = self._component.transition_states(going_on, scores)
        self._component.set_annotations(parts, states)
        for paragraph, part in zip(paragraphs, parts, strict=True):
            paragraph.parsed[:] = part.to_array([HEAD, DEP])[: len(paragraph)]


def _paragraphs(doc: Doc, table: NDArray[np.uint64]) -> Iterator[_Paragraph]:
    """The stretches between the sentence starts that are set before parsing."""
    starts: Any = doc.to_array([SENT_START])  # spaCy's stubs declare floats
    bounds = [0, *(start for start in np.flatnonzero(starts == 1).tolist() if start), len(doc)]
    return (_Paragraph(doc, *ends, starts, table[slice(*ends)]) for ends in pairwise(bounds))


def _groups(paragraphs: Sequence[_Paragraph]) -> Iterator[list[_Paragraph]]:
    """The paragraphs, those of similar length together, so that they end at about the same step."""
    group: list[_Paragraph] = []
    tokens = 0
    for paragraph in sorted(paragraphs, key=len):
        if group and tokens + len(paragraph) > TOKENS:
            yield group
            group, tokens = [], 0
        group.append(paragraph)
        tokens += len(paragraph)
    if group:
        yield group
