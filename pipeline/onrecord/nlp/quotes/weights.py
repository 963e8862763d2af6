"""Readable linear models: one name and one number per line.

A feature has a name, as in "dobj words 5". Most are present or absent, and many of them depend on
the same few values: they form a group, the function that names them with those values. The sum of
a group's weights is computed once; names are only built for a group that is new, and for whoever
fits or explains a model.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

Features = dict[str, float]
# A function that names features, and its arguments. They are hashed, and equal ones name the same.
Group = tuple[Callable[..., Iterable[str]], *tuple[Hashable, ...]]
# The groups of a case, each with the value of all its features. No feature is in two of them.
Groups = Sequence[tuple[Group, float]]

# A few megabytes: news brings the same groups again, noise must not fill the memory.
MOST_GROUPS = 16_384


class Weights(dict[str, float]):
    """The weights of a linear model by feature; they must not change after the first score."""

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        super().__init__(weights or {})
        self._sums = _Sums(self)

    def of(self, groups: Groups) -> float:
        """The score of a case."""
        total = 0.0
        sums = self._sums
        for group, value in groups:
            total += sums[group] * value
        return total


class _Sums(dict[Group, float]):
    """The sum of the weights of each group, computed when it is first asked for."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights

    def __missing__(self, group: Group) -> float:
        if len(self) >= MOST_GROUPS:
            self.clear()
        total = score(dict.fromkeys(_names_of(group), 1.0), self._weights)
        self[group] = total
        return total


def features_of(groups: Groups) -> Features:
    """The features of a case by name."""
    return {name: value for group, value in groups for name in _names_of(group)}


def _names_of(group: Group) -> Iterable[str]:
    name, *values = group
    return name(*values)


def alone(name: str) -> Group:
    """The group of one feature."""
    return _itself, name


def _itself(name: str) -> tuple[str]:
    return (name,)


def parse_weights(text: str) -> Weights:
    """Weights by feature from lines of `feature weight`; `#` begins a comment line."""
    weights: dict[str, float] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            weights[name.strip()] = float(value)
    return Weights(weights)


def score(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The sum of the weights of the features that are present."""
    return sum(weights[name] * value for name, value in features.items() if name in weights)


def shares(scores: Sequence[float]) -> list[float]:
    """The softmax of the scores: probabilities of mutually exclusive alternatives."""
    top = max(scores)
    odds = [math.exp(value - top) for value in scores]
    total = sum(odds)
    return [value / total for value in odds]
