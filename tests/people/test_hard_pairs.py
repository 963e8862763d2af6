"""Names that are hard to tell apart: none is given another's words."""

import pytest

from onrecord.naming import name_key
from onrecord.people.known import KnownList, built_in
from onrecord.people.likeness import LEAST_SCORE, compare_names
from tests.people.hard_pairs import HardPair, are_joined, hard_pairs

# What no rule may join is suggested instead; these kinds are left to people.
FOR_PEOPLE = {"short form", "family name first or last", "public figures"}


@pytest.fixture(scope="module")
def joined() -> set[HardPair]:
    """The pairs that the rules join."""
    known = KnownList(built_in())
    return {pair for pair in hard_pairs() if are_joined(pair, known)}


def test_no_two_people_are_made_one_and_most_who_are_one_are(
    joined: set[HardPair],
) -> None:
    pairs = hard_pairs()
    assert len(pairs) >= 2_000
    assert [pair for pair in joined if not pair.is_same] == []
    same = [pair for pair in pairs if pair.is_same]
    assert sum(pair in joined for pair in same) / len(same) > 0.9
    clear = [pair for pair in same if pair.kind not in FOR_PEOPLE]
    assert sum(pair in joined for pair in clear) / len(clear) > 0.98


def test_what_is_missed_is_mostly_suggested(joined: set[HardPair]) -> None:
    missed = [pair for pair in hard_pairs() if pair.is_same and pair not in joined]
    shown = [
        pair
        for pair in missed
        if compare_names(name_key(pair.left), name_key(pair.right)).score >= LEAST_SCORE
    ]
    assert len(shown) / len(missed) > 0.8


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("Lavrov", "Lavrov", "same"),  # one key: but a surname alone is nobody, see resolving
        ("Lavrov", "Sergei Lavrov", "no"),
        ("Sergei Lavrov", "Sergej Lavrov", "same"),
        ("Donald Trump", "Donald J. Trump", "same"),
        ("John Smith", "John A. Smith", "office"),
        ("Joe Marlow", "Joseph Marlow", "office"),
        ("John A. Marlow", "John B. Marlow", "no"),
        ("Robert Marlow Sr.", "Robert Marlow Jr.", "no"),
        ("Robert Marlow", "Robert Marlow Jr.", "perhaps"),
        ("Ivana Marlow", "Ivanka Marlow", "perhaps"),
        ("Kim Jong Un", "Kim Jong Il", "no"),
    ],
)
def test_what_two_names_say_of_being_one_persons(left: str, right: str, verdict: str) -> None:
    assert compare_names(name_key(left), name_key(right)).verdict == verdict
    assert compare_names(name_key(right), name_key(left)).verdict == verdict
