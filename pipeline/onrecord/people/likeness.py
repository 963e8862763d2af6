"""What two full names say of being one person's: one person surely, perhaps, or nothing.

A wrong merge puts words into somebody's mouth, a missed one costs a second page: a rule says *same*
only where names of two people could hardly agree so. All rules read name keys alone, so that they
give the same answer for ever; the registry adds what it knows of offices.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Literal, NamedTuple

from onrecord.people.spelling import Words, is_full, spelling_of, to_latin, without_suffix
from onrecord.people.word_tables import table, words

# Below this, two names are not shown to anybody as perhaps one person's.
LEAST_SCORE = 0.6


class Likeness(NamedTuple):
    """A verdict on two names: its `rule`, the words for people, and how sure it is.

    *same* needs nothing else; *office* is the same where both are known by one office; *perhaps*
    is a suggestion.
    """

    verdict: Literal["same", "office", "perhaps", "no"]
    score: float
    rule: str
    why: str = ""


_NO = Likeness("no", 0.0, "none")


def compare_names(left: str, right: str) -> Likeness:
    """The likeness of two name keys."""
    if left == right:
        return Likeness("same", 1.0, "equal", "the same name")
    if not (is_full(left) and is_full(right)):
        return _NO  # a surname alone says nothing
    one, one_suffix = without_suffix(spelling_of(left))
    other, other_suffix = without_suffix(spelling_of(right))
    if one_suffix != other_suffix:
        return _suffixes_differ(one, other, one_suffix and other_suffix)
    if one == other:
        return Likeness("same", 0.99, "spelling", "two spellings of one name")
    return _compare(one, other)


def contradict(left: str, right: str) -> bool:
    """Whether the middle names of two names of one given and family name contradict each other."""
    one, _ = without_suffix(spelling_of(left))
    other, _ = without_suffix(spelling_of(right))
    few, many = sorted((one[1:-1], other[1:-1]), key=len)
    return _left_over(few, many) is None or (bool(few) and len(few) < len(many))


def short_forms_of(given: str) -> frozenset[int]:
    """The numbers of the groups of short forms to which a given name belongs."""
    return _short_forms().get(given, frozenset())


def _suffixes_differ(one: Words, other: Words, both: str) -> Likeness:
    found = _compare(one, other) if one != other else Likeness("same", 1.0, "equal")
    if both or found.verdict in {"no", "perhaps"}:
        return _NO
    return Likeness("perhaps", 0.65, "suffix", "one of them is Jr., Sr. or numbered")


def _compare(one: Words, other: Words) -> Likeness:
    if _joined_asian(one, other):
        return Likeness("same", 0.97, "joined", "one given name, in one word or two")
    if _ends(one, other):
        return Likeness("perhaps", 0.65, "ends", "one may be the family names of the other")
    if one[-1] == other[-1]:
        return _with_one_family(one, other)
    if sorted(one) == sorted(other):
        return Likeness("perhaps", 0.85, "order", "the same words in another order")
    if len(one) != len(other) and _begins(one, other):
        return Likeness("perhaps", 0.7, "more", "one has another family name as well")
    return _nearly_spelled(one, other)


def _with_one_family(one: Words, other: Words) -> Likeness:
    """Names that end alike: what the given and middle names say."""
    few, many = sorted((one[:-1], other[:-1]), key=len)
    if few[0] != many[0]:
        return _given_differ(few, many)
    left = _left_over(few[1:], many[1:])
    if left is None:
        return _NO
    if not all(len(word) == 1 for word in left):
        return Likeness("perhaps", 0.75, "middle", "one has a middle name as well")
    if len(few[0]) == 1 or (left and len(few) > 1):
        return Likeness("perhaps", 0.7, "initials", "initials that fit")
    if left and one[-1] in words("common_names"):
        return Likeness("office", 0.8, "initials", "a frequent name, and initials that fit")
    return Likeness("same", 0.95, "initials", "the same given and family names, initials that fit")


def _given_differ(few: Words, many: Words) -> Likeness:
    """Two given names before one family name: an initial, a short form, another spelling."""
    if _left_over(few[1:], many[1:]) is None:
        return _NO
    one, other = few[0], many[0]
    if len(one) == 1 or len(other) == 1:
        return (
            Likeness("perhaps", 0.7, "initials", "initials that fit")
            if (one[0] == other[0])
            else _NO
        )
    if short_forms_of(one) & short_forms_of(other):
        return Likeness("office", 0.85, "short form", "a given name and a form of it")
    return _written_alike(one, other, "given name")


def _left_over(few: Sequence[str], many: Sequence[str]) -> list[str] | None:
    """The words of `many` that `few` does not have, in order; None where they contradict."""
    left = list(many)
    for word in few:
        match = next((at for at, other in enumerate(left) if _can_be(word, other)), None)
        if match is None:
            return None
        del left[match]
    return left


def _can_be(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])


def _joined_asian(one: Words, other: Words) -> bool:
    """Whether they are as "Kim Jong Un" and "Kim Jongun": the family name is in front."""
    if one[0] != other[0] or one[0] not in _families_first():
        return False
    return "".join(one[1:]) == "".join(other[1:]) and min(len(one), len(other)) == 2


def _begins(one: Words, other: Words) -> bool:
    few, many = sorted((one, other), key=len)
    return len(few) > 1 and few[0] == many[0] and few[1:] == many[1 : len(few)]


def _ends(one: Words, other: Words) -> bool:
    """Whether one is the other without its given name: "Peña Nieto"."""
    few, many = sorted((one, other), key=len)
    return 1 < len(few) < len(many) and few == many[-len(few) :] and len(few[0]) > 1


def _nearly_spelled(one: Words, other: Words) -> Likeness:
    if len(one) != len(other):
        return _NO
    differing = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(differing) != 1:
        return _NO
    at = differing[0]
    return _written_alike(one[at], other[at], "family name" if at == len(one) - 1 else "name")


def _written_alike(one: str, other: str, what: str) -> Likeness:
    """Two words with few letters of difference, as a typing error or a transliteration makes."""
    one, other = to_latin(one), to_latin(other)
    if min(len(one), len(other)) < 4 or one[0] != other[0]:
        return _NO
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    if ratio < 0.75:
        return _NO
    return Likeness(
        "perhaps", round(0.3 + ratio / 2, 2), "letters", f"a {what} of few other letters"
    )


@cache
def _short_forms() -> dict[str, frozenset[int]]:
    """The lines of the table that have a given name."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(table("nicknames")):
        for word in line:
            found.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


@cache
def _families_first() -> frozenset[str]:
    return words("families_first")
