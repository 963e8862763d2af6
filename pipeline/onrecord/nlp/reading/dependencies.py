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
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import DEP, HEAD, SENT_START
from spacy.pipeline import DependencyParser
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc

# How far the parser sees beyond the token it is at.
LOOKAHEAD = 2
# Paragraphs are parsed together up to this number of tokens: 4 kB each are precomputed.
TOKENS = 4_000


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A stretch of a document's tokens.

    `starts` are the document's sentence starts set before: 1, -1 where none can be, or 0.
    """

    doc: Doc
    start: int
    end: int
    starts: NDArray[np.uint64]

    def __len__(self) -> int:
        return self.end - self.start

    def part(self) -> Doc:
        """A stand-in for the paragraph and the tokens after it.

        A parser that takes its vectors from `Doc.tensor` reads nothing but these and sentence
        starts.
        """
        end = min(self.end + LOOKAHEAD, len(self.doc))
        words = ["-"] * (end - self.start)
        part = Doc(self.doc.vocab, words=words, spaces=[False] * len(words))
        starts: Any = self.starts[self.start : end, None]
        part.from_array([SENT_START], starts)
        part.tensor = self.doc.tensor[self.start : end]
        return part


class Dependencies:
    """The parser of a pipeline, paragraph by paragraph; see the module."""

    def __init__(self, component: DependencyParser) -> None:
        self._component: Any = component
        upper = self._component.model.get_ref("upper")
        self._weights = np.ascontiguousarray(upper.get_param("W").T)
        self._bias = upper.get_param("b")

    @staticmethod
    def knows(component: DependencyParser) -> bool:
        """Whether the parser is of a known architecture and searches greedily.

        It must take its vectors from `Doc.tensor`: one with token vectors of its own reads words,
        which the stand-ins do not have.
        """
        model: Any = component.model
        return (
            component.cfg["beam_width"] == 1
            and bool(model.attrs["has_upper"])
            and not model.attrs["unseen_classes"]
            and isinstance(model.get_ref("tok2vec").layers[0], Tok2VecListener)
        )

    def __call__(self, docs: Sequence[Doc]) -> None:
        """Set heads, relations and sentence starts; the paragraphs' starts are set already."""
        paragraphs = [one for doc in docs for one in _paragraphs(doc)]
        parsed = (rows for group in _groups(paragraphs) for rows in self._parsed(group))
        for doc in docs:
            columns = [next(parsed)]
            read = len(columns[0])
            while read < len(doc):
                columns.append(next(parsed))
                read += len(columns[-1])
            rows: Any = np.concatenate(columns)
            doc.from_array([HEAD, DEP], rows)

    def _parsed(self, paragraphs: Sequence[_Paragraph]) -> list[NDArray[Any]]:
        """A row (HEAD, DEP) for each token of each paragraph."""
        parts = [paragraph.part() for paragraph in paragraphs]
        states = self._component.moves.init_batch(parts)
        model = self._component.model.predict(parts)
        going_on = states
        while going_on:
            hidden, _ = model.state2vec(model.get_token_ids(going_on), False)
            scores = hidden @ self._weights
            scores += self._bias
            going_on = self._component.transition_states(going_on, scores)
        model.clear_memory()
        self._component.set_annotations(parts, states)
        return [
            part.to_array([HEAD, DEP])[: len(paragraph)]
            for part, paragraph in zip(parts, paragraphs, strict=True)
        ]


def _paragraphs(doc: Doc) -> Iterator[_Paragraph]:
    """The stretches between the sentence starts that are set before parsing."""
    starts: Any = doc.to_array([SENT_START])  # spaCy's stubs declare floats
    bounds = [0, *(start for start in np.flatnonzero(starts == 1).tolist() if start), len(doc)]
    return (_Paragraph(doc, start, end, starts) for start, end in pairwise(bounds))


def _groups(paragraphs: Sequence[_Paragraph]) -> Iterator[list[_Paragraph]]:
    group: list[_Paragraph] = []
    tokens = 0
    for paragraph in paragraphs:
        if group and tokens + len(paragraph) > TOKENS:
            yield group
            group, tokens = [], 0
        group.append(paragraph)
        tokens += len(paragraph)
    if group:
        yield group
