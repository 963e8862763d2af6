"""The entity recognizer's greedy search, for all tokens at once.

spaCy's recognizer reads a document action by action. Its scores depend on three tokens: the one
to be labelled and, inside an entity, the entity's first token and the previous one. So outside of
entities every token can be scored at once, and what begins an entity can be followed to its end
independently of the rest. The results are spaCy's, found in a few large matrix products. Documents
with entities set before, by an entity ruler for instance, are left to the component, which builds
its own around them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ENT_IOB, IS_SPACE, SENT_START
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc, Span

from onrecord.nlp.reading.token_vectors import Floats, TokenVectors, transposed

Ints = NDArray[np.int64]
Booleans = NDArray[np.bool_]
# Start and end in a batch's tokens, and the label.
Found = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class _Moves:
    """The numbers of the recognizer's actions.

    `outside` are those possible while no entity is open; the rest is parallel to it: the action's
    kind and label, and the actions that continue and that end an entity of this label.
    """

    outside: Ints
    begins: Booleans
    units: Booleans
    label_of: list[str]
    inside: Ints
    last: Ints

    @classmethod
    def of(cls, names: Sequence[str]) -> Self:
        outside = [n for n, name in enumerate(names) if name[:1] in "BUO" and name != "U-"]
        places = {name: n for n, name in enumerate(names)}
        kinds = np.array([names[n][0] for n in outside])
        label_of = [names[n][2:] for n in outside]
        return cls(
            np.array(outside),
            kinds == "B",
            kinds == "U",
            label_of,
            np.array([places.get(f"I-{label}", 0) for label in label_of]),
            np.array([places.get(f"L-{label}", 0) for label in label_of]),
        )


@dataclass(frozen=True, slots=True)
class NamedEntities:
    """An entity recognizer and its layers."""

    component: EntityRecognizer
    vectors: TokenVectors
    reduce: tuple[Floats, Floats]
    """Weights and bias of the linear layer after the vectors."""
    lower: Floats
    """Weights of each of the three tokens: (3, width, pieces · hidden), piece after piece."""
    missing: Floats
    """The values of the three tokens where there is none."""
    bias: Floats
    upper: tuple[Floats, Floats]
    moves: _Moves

    @classmethod
    def known(cls, component: EntityRecognizer) -> Self | None:
        """The layers of a component; None if it is of another architecture."""
        model: Any = component.model
        if component.cfg["beam_width"] != 1 or not model.attrs["has_upper"]:
            return None
        if model.attrs["unseen_classes"] or model.get_ref("lower").get_dim("nF") != 3:
            return None
        tok2vec = model.get_ref("tok2vec")
        if [layer.name for layer in tok2vec.layers][1:] != ["list2array", "linear"]:
            return None
        vectors = TokenVectors.known(tok2vec.layers[0])
        if vectors is None:
            return None
        names = [component.moves.get_class_name(n) for n in range(component.moves.n_moves)]
        lower, upper, linear = model.get_ref("lower"), model.get_ref("upper"), tok2vec.layers[2]
        weights = lower.get_param("W")  # tokens, hidden, pieces, width
        count, hidden, pieces, width = weights.shape
        return cls(
            component,
            vectors,
            transposed(linear),
            np.ascontiguousarray(
                weights.transpose(0, 3, 2, 1).reshape(count, width, pieces * hidden)
            ),
            lower.get_param("pad")[0].transpose(0, 2, 1).reshape(count, -1),
            lower.get_param("b").T.reshape(-1),
            transposed(upper),
            _Moves.of(names),
        )

    def __call__(self, docs: Sequence[Doc]) -> None:
        """Set the entities of the documents."""
        free: list[Doc] = []
        preset: list[Doc] = []
        for doc in docs:
            (preset if _has_entities(doc) else free).append(doc)
        if free:
            self._set(free)
        if preset:
            self.component.set_annotations(preset, self.component.predict(preset))

    def _set(self, docs: Sequence[Doc]) -> None:
        weights, bias = self.reduce
        tokens = self.vectors.of(docs) @ weights + bias
        ends = np.cumsum([len(doc) for doc in docs])
        flags = np.concatenate([doc.to_array([SENT_START, IS_SPACE]) for doc in docs])
        # The tokens that the next token cannot continue: of a sentence's or a document's end.
        closing = np.append(flags[1:, 0] == 1, True)
        closing[ends - 1] = True
        found = list(self._entities(tokens, closing, flags[:, 1] == 1))
        at = start = 0
        for doc, end in zip(docs, ends.tolist(), strict=True):
            spans = []
            while at < len(found) and found[at][0] < end:
                first, after, label = found[at]
                spans.append(Span(doc, first - start, after - start, label=label))
                at += 1
            doc.set_ents(spans)
            start = end

    def _entities(self, tokens: Floats, closing: Booleans, space: Booleans) -> Iterator[Found]:
        """The entities, in order."""
        moves = self.moves
        chosen = self._outside(tokens, closing, space)
        begins = np.flatnonzero(moves.begins[chosen])
        end_of = dict(
            zip(begins.tolist(), self._ends(tokens, begins, chosen, closing), strict=True)
        )
        free = 0
        for start in np.flatnonzero(moves.begins[chosen] | moves.units[chosen]).tolist():
            if start >= free:
                free = end_of.get(start, start + 1)
                yield start, free, moves.label_of[chosen[start]]

    def _outside(self, tokens: Floats, closing: Booleans, space: Booleans) -> Ints:
        """The action at each token if no entity is open, as a place in `moves.outside`."""
        weights, bias = self.upper
        hidden = self._hidden(tokens @ self.lower[0] + self.missing[1] + self.missing[2])
        scores = hidden @ weights[:, self.moves.outside] + bias[self.moves.outside]
        scores[np.ix_(closing | space, self.moves.begins)] = -np.inf
        scores[np.ix_(space, self.moves.units)] = -np.inf
        chosen: Ints = scores.argmax(axis=1)
        return chosen

    def _ends(self, tokens: Floats, begins: Ints, chosen: Ints, closing: Booleans) -> Ints:
        """The end of the entity that begins at each of the tokens."""
        weights, bias = self.upper
        ends: Ints = begins + 1
        opened = tokens[begins] @ self.lower[1]
        inside, last = (moves[chosen[begins]] for moves in (self.moves.inside, self.moves.last))
        going = np.arange(len(begins))
        while len(going):
            at = ends[going]
            state = tokens[at] @ self.lower[0] + opened[going] + tokens[at - 1] @ self.lower[2]
            scores = self._hidden(state) @ weights + bias
            row = np.arange(len(going))
            on, off = scores[row, inside[going]], scores[row, last[going]]
            # Of equal scores spaCy takes the first of its actions: "I" stands before "L".
            ends[going] += 1
            going = going[(on >= off) & ~closing[at]]
        return ends

    def _hidden(self, state: Floats) -> Floats:
        state = state + self.bias
        width = self.upper[0].shape[0]
        best = state[:, :width]
        for at in range(width, state.shape[1], width):
            best = np.maximum(best, state[:, at : at + width])
        return best


def _has_entities(doc: Doc) -> bool:
    """Whether a token is in an entity, or blocked from being in one.

    Tokens marked as outside of entities are to the recognizer like those with no mark.
    """
    return bool(np.isin(doc.to_array([ENT_IOB]), (1, 3)).any())
