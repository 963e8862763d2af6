"""The hard pairs: what the rules make of them, beside string distance and, if it is there, rigour.

    .venv/bin/python -m tests.benchmarks.people_pairs

rigour needs PyICU, which is built from source; without it its row is left out. It is scored as
nomenklatura scores it: the parts of both names aligned by its symbols, the rest by its distance.
"""

from collections.abc import Callable
from contextlib import suppress
from difflib import SequenceMatcher
from typing import Any

from onrecord.naming import name_key
from onrecord.people.known import KnownList, built_in
from onrecord.people.likeness import compare_names
from onrecord.people.spelling import to_latin
from tests.people.hard_pairs import HardPair, are_joined, hard_pairs

Score = Callable[[str, str], float]


def main() -> None:
    pairs, known = hard_pairs(), KnownList(built_in())
    same = sum(pair.is_same for pair in pairs)
    print(f"{len(pairs)} pairs, {same} of one person")
    joined = [pair for pair in pairs if are_joined(pair, known)]
    wrong = [pair for pair in joined if not pair.is_same]
    right = len(joined) - len(wrong)
    print("| | recall with no wrong merge | best F1 | wrong there |")
    print("|---|---|---|---|")
    print(f"| rules | {right / same:.2f} ({len(wrong)} wrong) | | |")
    scores: dict[str, Score] = {
        "letters in common (difflib)": letters,
        "the same, words in order of the alphabet": sorted_letters,
        "the scores of the rules, suggestions too": rules,
    }
    with suppress(ImportError):
        scores["rigour"] = rigour()
    for name, score in scores.items():
        print(f"| {name} | {row(pairs, score)} |")
    for kind in sorted({pair.kind for pair in pairs if pair.is_same}):
        of_kind = [pair for pair in pairs if pair.is_same and pair.kind == kind]
        found = sum(pair in joined for pair in of_kind)
        print(f"  {kind}: {found} of {len(of_kind)} joined")


def row(pairs: list[HardPair], score: Score) -> str:
    ranked = sorted(((score(it.left, it.right), it.is_same) for it in pairs), reverse=True)
    same = sum(is_same for _, is_same in ranked)
    best, right, wrong_at_best = 0.0, 0, 0
    highest_wrong = max(value for value, is_same in ranked if not is_same)
    clean = sum(is_same and value > highest_wrong for value, is_same in ranked)
    for count, (value, is_same) in enumerate(ranked, 1):
        right += is_same
        is_tied = count < len(ranked) and ranked[count][0] == value
        f1 = 2 * right / (count + same)
        if not is_tied and f1 > best:
            best, wrong_at_best = f1, count - right
    return f"{clean / same:.2f} | {best:.2f} | {wrong_at_best}"


def letters(left: str, right: str) -> float:
    one, other = (" ".join(map(to_latin, name_key(it).split())) for it in (left, right))
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def sorted_letters(left: str, right: str) -> float:
    return letters(*(" ".join(sorted(name_key(it).split())) for it in (left, right)))


def rules(left: str, right: str) -> float:
    return compare_names(name_key(left), name_key(right)).score


def rigour() -> Score:
    from rigour.names import NameTypeTag, analyze_names, compare_parts, pair_symbols

    def analysed(name: str) -> Any:
        return next(iter(analyze_names(NameTypeTag.PER, [name], infer_initials=True)))

    def score(left: str, right: str) -> float:
        one, other = analysed(left), analysed(right)
        return max((weighed(one, other, it) for it in pair_symbols(one, other)), default=0.0)

    def weighed(one: Any, other: Any, aligned: Any) -> float:
        found = list(aligned)
        used = [part for edge in found for part in (*edge.qps, *edge.rps)]
        rest = ([part for part in name.parts if part not in used] for name in (one, other))
        found += compare_parts(*rest)
        total = sum(length(edge) for edge in found)
        return sum(edge.score * length(edge) for edge in found) / total if total else 0.0

    def length(edge: Any) -> float:
        return float(max(len(edge.qstr), len(edge.rstr)))

    return score


if __name__ == "__main__":
    main()
