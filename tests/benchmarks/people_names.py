"""Names of real articles, labelled by reading: B-cubed of the registry beside string distance.

    .venv/bin/onrecord annotate --input jsonl --format json articles.jsonl > extractions.jsonl
    .venv/bin/python -m tests.benchmarks.people_names --list extractions.jsonl > gold.csv
    .venv/bin/python -m tests.benchmarks.people_names extractions.jsonl gold.csv [--errors]

`--list` writes every name of two words or more that the extractions have, with itself for a label:
edit the column `person` so that names of one person have one label, and empty it for what is
nobody's name. Texts of publishers' articles, and the names in them, stay outside the repository.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from onrecord.errors import RecordError
from onrecord.log.interface import Message
from onrecord.naming import name_key
from onrecord.people.clusters import Clusters
from onrecord.people.deriving import Deriver
from onrecord.people.known import KnownList, built_in
from onrecord.people.names_seen import id_of_name
from onrecord.people.registry import Registry
from onrecord.people.resolving import PeopleResolver
from onrecord.records import Extraction, from_json
from tests.builders import NOON

Labels = Mapping[str, str]
_THRESHOLDS = (0.98, 0.95, 0.92, 0.9, 0.88, 0.85, 0.8)


def main(words: list[str]) -> None:
    if words[0] == "--list":
        names = {name for extraction in read(Path(words[1])) for name in names_of(extraction)}
        rows = csv.writer(sys.stdout)
        rows.writerows([("name", "person"), *((name, name) for name in sorted(names))])
        return
    gold = labels_of(Path(words[1]))
    found = registered(Path(words[0]), gold)
    print(f"{len(gold)} names of {len(set(gold.values()))} people")
    print("| | precision | recall | F1 | wrong merges | missed merges |")
    print("|---|---|---|---|---|---|")
    print(f"| the registry | {row(found, gold)} |")
    print(f"| equal after folding | {row({name: name_key(name) for name in gold}, gold)} |")
    alike = pairs_alike(gold)
    for threshold in _THRESHOLDS:
        joined = by_distance(gold, alike, threshold)
        print(f"| letters in common, {threshold} | {row(joined, gold)} |")
    if "--errors" in words:
        print_errors(found, gold)


def read(path: Path) -> Iterator[Extraction]:
    for line in path.read_bytes().splitlines():
        try:
            yield from_json(line, Extraction)
        except RecordError:
            continue  # the last line of a run that was stopped


def names_of(extraction: Extraction) -> Iterator[str]:
    for entity in extraction.entities:
        if entity.type == "person":
            yield from (it for it in (entity.name, *entity.aliases) if len(it.split()) > 1)


def labels_of(path: Path) -> Labels:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["person"] for row in csv.DictReader(file) if row["person"]}


def registered(path: Path, gold: Labels) -> Labels:
    """The person of each name, after a registry has seen all of the extractions."""
    registry = Registry()
    lines = path.read_bytes().splitlines()
    messages = [Message("t", 0, n, NOON, b"a", line) for n, line in enumerate(lines)]
    Deriver(PeopleResolver(registry, KnownList(built_in()))).take(messages)
    return {name: registry.person_id(id_of_name(name_key(name))) for name in gold}


def pairs_alike(gold: Labels) -> list[tuple[float, str, str]]:
    names = sorted(gold)
    found = []
    for at, one in enumerate(names):
        matcher = SequenceMatcher(None, "", name_key(one), autojunk=False)
        for other in names[at + 1 :]:
            matcher.set_seq1(name_key(other))
            if matcher.quick_ratio() >= _THRESHOLDS[-1]:
                found.append((matcher.ratio(), one, other))
    return found


def by_distance(gold: Labels, alike: list[tuple[float, str, str]], threshold: float) -> Labels:
    clusters = Clusters()
    for score, one, other in alike:
        if score >= threshold:
            clusters.join(one, other)
    return {name: clusters.root(name) for name in gold}


def row(found: Labels, gold: Labels) -> str:
    precision, recall = b_cubed(found, gold), b_cubed(gold, found)
    f1 = 2 * precision * recall / (precision + recall)
    wrong, missed = pairs(found, gold), pairs(gold, found)
    return f"{precision:.3f} | {recall:.3f} | {f1:.3f} | {len(wrong)} | {len(missed)}"


def b_cubed(found: Labels, gold: Labels) -> float:
    """The mean, over names, of the share of a name's cluster that is of the same person."""
    together = clustered(found)
    shares = (
        sum(gold[other] == gold[name] for other in together[found[name]])
        / len(together[found[name]])
        for name in gold
    )
    return sum(shares) / len(gold)


def pairs(joined: Labels, apart: Labels) -> list[tuple[str, str]]:
    """The pairs of names that are one in the first and two in the second."""
    return [
        (one, other)
        for names in clustered(joined).values()
        for at, one in enumerate(names)
        for other in names[at + 1 :]
        if apart[one] != apart[other]
    ]


def clustered(labels: Labels) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(labels):
        found[labels[name]].append(name)
    return found


def print_errors(found: Labels, gold: Labels) -> None:
    kinds: dict[str, Callable[[], list[tuple[str, str]]]] = {
        "wrong": lambda: pairs(found, gold),
        "missed": lambda: pairs(gold, found),
    }
    for kind, errors in kinds.items():
        for one, other in errors():
            print(f"{kind}: {one} | {other}")


if __name__ == "__main__":
    main(sys.argv[1:])
