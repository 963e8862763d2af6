"""The people that judgements make of names: *same* is transitive, *different* blocks.

People come before rules, and earlier judgements before later ones of the same kind; of two
judgements of one pair, the later counts, unless a rule's would overrule a person's. The result is
a function of the judgements and their order, so every reader of the topic has the same people.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from onrecord.records import Judgement

RULE = "rule "
"""What the author of a judgement begins with when no person made it."""

_PAIRS = frozenset({"same", "different", "unsure"})


def is_by_rule(judgement: Judgement) -> bool:
    """Whether a rule made the judgement."""
    return judgement.by.startswith(RULE)


def standing(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The judgements that hold: each once, without those undone and without the undoings.

    An undoing can be undone as well, which restores what it undid.
    """
    undone: set[str] = set()
    held: list[Judgement] = []
    once = list({one.id: one for one in judgements}.values())
    for judgement in reversed(once):
        if judgement.id in undone:
            continue
        if judgement.kind == "undo":
            undone.add(judgement.undoes or "")
        else:
            held.append(judgement)
    return held[::-1]


def pair_of(judgement: Judgement) -> tuple[str, str] | None:
    """The names of a judgement about two names, in order; None for another."""
    left, right = judgement.left, judgement.right
    if judgement.kind not in _PAIRS or left is None or right is None or left == right:
        return None
    return (left, right) if left < right else (right, left)


def latest_of_pairs(held: Iterable[Judgement]) -> dict[tuple[str, str], Judgement]:
    """The judgement of each pair that counts."""
    found: dict[tuple[str, str], Judgement] = {}
    for judgement in held:
        pair = pair_of(judgement)
        if pair is None:
            continue
        before = found.get(pair)
        if before is not None and is_by_rule(judgement) and not is_by_rule(before):
            continue
        found.pop(pair, None)
        found[pair] = judgement
    return found


class Clusters:
    """Names joined to people. A name that no judgement speaks of is a person alone."""

    def __init__(self, held: Iterable[Judgement] = ()) -> None:
        self._above: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._apart: dict[str, set[str]] = defaultdict(set)
        self.refused: list[Judgement] = []
        self._pairs = pairs = latest_of_pairs(held)
        for (left, right), judgement in pairs.items():
            if judgement.kind == "different":
                self._apart[left].add(right)
                self._apart[right].add(left)
        same = [(pair, one) for pair, one in pairs.items() if one.kind == "same"]
        for (left, right), judgement in sorted(same, key=lambda found: is_by_rule(found[1])):
            if not self.join(left, right):
                self.refused.append(judgement)

    def takes(self, judgement: Judgement) -> bool:
        """Add one more judgement, if that gives what making the clusters anew would give."""
        pair = pair_of(judgement)
        if judgement.kind == "unsure":
            return pair is not None and self._pairs.setdefault(pair, judgement) is judgement
        if judgement.kind != "same" or pair is None or pair in self._pairs or self.refused:
            return False
        self._pairs[pair] = judgement
        return self.join(*pair)

    def join(self, left: str, right: str) -> bool:
        """Make one person of two; False where a judgement says that some of their names differ."""
        one, other = self.root(left), self.root(right)
        if one == other:
            return True
        if self.is_apart(one, other):
            return False
        few, many = sorted((one, other), key=lambda root: len(self._members.get(root, (root,))))
        members = self._members.setdefault(many, [many])
        members.extend(self._members.pop(few, [few]))
        self._above[few] = many
        self._above.setdefault(many, many)
        return True

    def root(self, name: str) -> str:
        """The name that stands for all names of a person."""
        above = self._above
        at = name
        while (up := above.get(at, at)) != at:
            above[at] = above.get(up, up)
            at = up
        return at

    def members(self, name: str) -> list[str]:
        """All names of the person of a name."""
        root = self.root(name)
        return self._members.get(root, [root])

    def is_apart(self, left: str, right: str) -> bool:
        """Whether a judgement says that a name of the one and a name of the other differ."""
        if not self._apart:
            return False
        others = {
            self.root(name) for one in self.members(left) for name in self._apart.get(one, ())
        }
        return self.root(right) in others

    @property
    def names(self) -> set[str]:
        """The names that share a person with another."""
        return set(self._above)
