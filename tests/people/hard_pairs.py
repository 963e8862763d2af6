"""The hard pairs: pairs of names, with the answer, and what the rules make of them."""

import csv
from pathlib import Path
from typing import NamedTuple

from onrecord.log.interface import Message
from onrecord.naming import name_key
from onrecord.people.deriving import Deriver
from onrecord.people.known import KnownList, built_in
from onrecord.people.registry import Registry
from onrecord.people.resolving import PeopleResolver
from onrecord.records import to_json
from tests.builders import NOON
from tests.people.seeing import naming

FILE = Path(__file__).parents[1] / "data" / "people" / "hard_pairs.csv"


class HardPair(NamedTuple):
    left: str
    right: str
    is_same: bool
    kind: str
    left_role: str | None
    right_role: str | None


def hard_pairs() -> list[HardPair]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            HardPair(
                row["left"],
                row["right"],
                row["answer"] == "same",
                row["kind"],
                row["left_role"] or None,
                row["right_role"] or None,
            )
            for row in csv.DictReader(file)
        ]


def are_joined(pair: HardPair, known: KnownList | None = None) -> bool:
    """Whether a registry that sees the two names in two articles makes one person of them."""
    registry = Registry()
    deriver = Deriver(PeopleResolver(registry, known or KnownList(built_in())))
    for n, (name, role) in enumerate(((pair.left, pair.left_role), (pair.right, pair.right_role))):
        value = to_json(naming(f"a{n}", (name, role)))
        deriver.take([Message("t", 0, n, NOON, b"a", value)])
    return registry.person_of_key(name_key(pair.left)) == registry.person_of_key(
        name_key(pair.right)
    )
