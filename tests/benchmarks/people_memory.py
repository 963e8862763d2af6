"""Memory and time of a registry of many names, and of a search among them.

    .venv/bin/python -m tests.benchmarks.people_memory [1000000]

The names are composed of syllables, a tenth of them with a role. They are read as from
`onrecord.people`: one record a person, decoded and added.
"""

import random
import resource
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import process_time

from onrecord.log.interface import Message
from onrecord.people.deriving import Deriver
from onrecord.people.finding import find_people
from onrecord.people.known import KnownList, built_in
from onrecord.people.names_seen import id_of_name
from onrecord.people.registry import Registry
from onrecord.people.resolving import PeopleResolver
from onrecord.records import NameSeen, Person, Tenure, WrittenForm, from_json, to_json
from tests.builders import NOON
from tests.people.seeing import naming

_ONSETS = ("b", "br", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ou")
_ENDS = ("n", "r", "l", "m", "nd", "rt", "x", "th", "")
_ROLES = ("mayor of Tarn", "Estonian transport minister", "spokesman", "head of the harbour board")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    resolver = PeopleResolver(Registry(), KnownList(built_in()))
    before, start = rss(), process_time()
    made = decoded = 0.0
    for record in records(count):
        made += process_time() - start
        start = process_time()
        for name in from_json(record, Person).names:
            resolver.see(name)
        decoded += process_time() - start
        start = process_time()
    print(f"{count:,} names: {rss() - before:,.0f} MB, filled in {decoded:.1f} s of CPU time")
    for asked in ("mara staind", "lavrov", "nobody so called"):
        start = process_time()
        found = find_people(resolver.registry, resolver.known, asked)
        print(f"search {asked!r}: {process_time() - start:.2f} s, {len(found)} found")
    before, start = rss(), process_time()
    value = to_json(naming("a1", "Mara Lind"))
    Deriver(resolver).take([Message("t", 0, 0, NOON, b"a1", value)])
    took = process_time() - start
    print(f"first extraction derived: {rss() - before:,.0f} MB more, {took:.1f} s")


def records(count: int) -> Iterator[bytes]:
    chance = random.Random(11)
    for n in range(count):
        text = f"{word(chance)} {word(chance)}{word(chance).lower()}"
        key, at = text.lower(), NOON + timedelta(seconds=n)
        roles = (Tenure(role=_ROLES[n % 4], first=at, last=at),) if n % 10 == 0 else ()
        forms = (WrittenForm(text=text),)
        name = NameSeen(id=id_of_name(key), key=key, forms=forms, first=at, last=at, roles=roles)
        yield to_json(Person(id=name.id, name=text, names=(name,)))


def word(chance: random.Random) -> str:
    syllables = (chance.choice(_ONSETS) + chance.choice(_VOWELS) for _ in range(2))
    return ("".join(syllables) + chance.choice(_ENDS)).capitalize()


def rss() -> float:
    """Megabytes in use now, or the most in use where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
