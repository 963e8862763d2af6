"""The arc-eager transition system, for many stretches of tokens side by side, over arrays.

It is for many stretches at once: a step takes long whatever the number of states, but little more
for each state. `compiled_states` is for few; both ways find the same arcs.

A state has a stack and a buffer of tokens; its actions are to shift the buffer's first token to the
stack, to reduce the stack, to make the stack's first token a dependent of the buffer's ("left") or
the reverse ("right"), and to break: a sentence begins at the buffer's second token (Nivre 2008,
"Algorithms for deterministic incremental dependency parsing"). As in spaCy, the search can take
back what it did: a reduced token without a head returns to the buffer, and a left arc replaces the
head that its token had (Honnibal and Johnson 2015, "An improved non-monotonic transition system for
dependency parsing").

Tokens are numbered from 1 through all stretches; 0 is no token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]
Floats = NDArray[np.float32]
Booleans = NDArray[np.bool_]

# The tokens that a state looks at: the next two, three on the stack, the last left dependent of
# the first in the buffer, and the last dependents, left and right, of the first on the stack.
PLACES = 8
_SHIFT, _REDUCE, _LEFT, _RIGHT, _BREAK = range(5)
_KINDS = "SDLRB"
# The change of the stack's height and of the buffer's beginning, by kind of action.
_CHANGES = np.array([[1, -1, -1, 1, 0], [1, 0, 0, 1, 0]])
# Places kept empty under a stack and after a buffer: as many as a state looks at.
_UNDER = 3
_AFTER = 2
# What is known of a token, as bits: it does not exist, a sentence begins at it, none can, and it
# was on the stack and is to stay in the buffer.
_ABSENT, _BEGINS, _INSIDE, _RETURNED = 1, 2, 4, 8
# What is known of a state beside its first token in the buffer: whether there is a second one, a
# first and a second one on the stack, and whether a sentence can begin at the second in the buffer.
_SECOND, _TOP, _BELOW, _BREAKABLE = 16, 32, 64, 128
_SITUATIONS = 256


class ParseRange(NamedTuple):
    """Tokens `start` to `end` to be parsed; those up to `seen` are looked at as well."""

    start: int
    end: int
    seen: int


@dataclass(frozen=True, slots=True)
class Actions:
    """The numbers of a parser's actions.

    `kind_of`: the kind of each action. `penalties`: added to the actions' scores in a situation, 0
    for the actions that are possible and -inf for the others: (situations, actions).
    """

    kind_of: Ints
    penalties: Floats

    @classmethod
    def of(cls, names: Sequence[str]) -> Self:
        """The actions by spaCy's names: "S", "D", "L-nsubj", "R-dobj", "B-ROOT"."""
        kind_of = np.array([_KINDS.index(name[0]) for name in names])
        possible = np.array([_possible(situation) for situation in range(_SITUATIONS)])
        return cls(kind_of, np.where(possible, 0, -np.inf).astype(np.float32)[:, kind_of])


def _possible(situation: int) -> list[bool]:
    """Which kinds of action are possible in a situation."""
    top = bool(situation & _TOP)
    shift = not top or (not situation & (_BEGINS | _RETURNED) and bool(situation & _SECOND))
    reduce = top and bool(situation & _BELOW or not situation & _INSIDE)
    arc = top and not situation & (_ABSENT | _BEGINS)
    return [shift, reduce, arc, arc, bool(situation & _BREAKABLE)]


class Search:
    """The states of some stretches and the arcs found.

    `heads`: the head of each token, 0 if there is none. `actions`: the action that set it.
    `tokens`: those that each state that goes on looks at: (`PLACES`, states).
    """

    def __init__(
        self,
        actions: Actions,
        stretches: Sequence[ParseRange],
        *,
        starts: Booleans,
        inside: Booleans,
    ) -> None:
        """`starts` tells of each token, from 0, if a sentence begins, `inside` if none can."""
        self._kinds = actions
        self._known: Ints = starts * _BEGINS + inside * _INSIDE
        self._known[0] = _ABSENT
        self.heads, self.actions, self._last_left, self._last_right, self._right_before = np.zeros(
            (5, len(starts)), np.intp
        )
        self._ends = np.array([stretch.end for stretch in stretches], np.intp)
        seen = np.array([stretch.seen - stretch.start for stretch in stretches], np.intp)
        tops, self._stacks = _places(seen, before=_UNDER, after=1)
        fronts, self._buffers = _places(seen, before=0, after=_AFTER)
        for front, (start, _, end) in zip(fronts.tolist(), stretches, strict=True):
            self._buffers[front : front + end - start] = range(start, end)
        # The places of the first token on each stack and in each buffer.
        self._firsts = np.array([tops - 1, fronts])
        self.tokens = self._seen()

    def step(self, scores: Floats) -> None:
        """Take the best possible action in each state, by its scores, which are changed."""
        scores += self._kinds.penalties.take(self._situations(), axis=0)
        chosen = scores.argmax(axis=1)
        self._take(chosen, self._kinds.kind_of[chosen])
        self.tokens = self._seen()
        first, below = self.tokens[0], self.tokens[3]
        # The others can give no token of their stretch another head.
        going_on = (below > 0) | ((first > 0) & (first < self._ends))
        if not going_on.all():
            self._firsts, self._ends = self._firsts[:, going_on], self._ends[going_on]
            self.tokens = self.tokens[:, going_on]

    def _seen(self) -> Ints:
        tops, fronts = self._firsts
        tokens = np.empty((PLACES, len(tops)), np.intp)
        tokens[0] = first = self._buffers[fronts]
        tokens[1] = self._buffers[fronts + 1]
        tokens[2] = top = self._stacks[tops]
        tokens[3] = self._stacks[tops - 1]
        tokens[4] = self._stacks[tops - 2]
        tokens[5] = self._last_left[first]
        tokens[6] = self._last_left[top]
        tokens[7] = self._last_right[top]
        return tokens

    def _situations(self) -> Ints:
        """What decides in each state which kinds of action are possible."""
        first, second = self.tokens[:2]
        exist = self.tokens[1:4] > 0
        breakable = (second == first + 1) & (self._known[second] & ~_RETURNED == 0)
        breakable &= first < self._ends
        situations: Ints = np.array([_SECOND, _TOP, _BELOW]) @ exist
        situations += self._known[first]
        situations += _BREAKABLE * breakable
        return situations

    def _take(self, chosen: Ints, kinds: Ints) -> None:
        first, second, top, below = self.tokens[:4]
        # Above the stack of states that do not push, this is never read.
        self._stacks[self._firsts[0] + 1] = first
        self._firsts += _CHANGES[:, kinds]
        self._return(((kinds == _REDUCE) & (below > 0) & (self.heads[top] == 0)).nonzero()[0])
        states = (kinds == _LEFT).nonzero()[0]
        self._attach_left(top[states], first[states], chosen[states])
        states = (kinds == _RIGHT).nonzero()[0]
        self._attach_right(first[states], top[states], chosen[states])
        states = (kinds == _BREAK).nonzero()[0]
        self._known[second[states]] |= _BEGINS

    def _return(self, states: Ints) -> None:
        """Put the first token on the stack back into the buffer, where it is to stay."""
        tokens = self.tokens[2, states]
        self._firsts[1, states] -= 1
        self._buffers[self._firsts[1, states]] = tokens
        self._known[tokens] |= _RETURNED

    def _attach_left(self, tokens: Ints, heads: Ints, actions: Ints) -> None:
        # A token that had a head is the last right dependent of that; others have none before.
        self._last_right[self.heads[tokens]] = self._right_before[tokens]
        self._last_left[heads] = tokens
        self._known[heads] &= ~_RETURNED
        self.heads[tokens], self.actions[tokens] = heads, actions

    def _attach_right(self, tokens: Ints, heads: Ints, actions: Ints) -> None:
        self._right_before[tokens] = self._last_right[heads]
        self._last_right[heads] = tokens
        self.heads[tokens], self.actions[tokens] = heads, actions


def _places(lengths: Ints, *, before: int, after: int) -> tuple[Ints, Ints]:
    """Where each of some lists begins in an array of zeros that holds all, and the array."""
    sizes = lengths + before + after
    return np.cumsum(sizes) - sizes + before, np.zeros(sizes.sum(), np.intp)
