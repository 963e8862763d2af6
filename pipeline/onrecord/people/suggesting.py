"""Suggestions: pairs of people who may be one, and single names that may be two people's.

No rule joins these: they wait for somebody's judgement. A pair of which somebody said anything is
not suggested again, "nobody can tell" included.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from onrecord.people.clusters import is_by_rule, pair_of, standing
from onrecord.people.likeness import LEAST_SCORE, compare_names, short_forms_of
from onrecord.people.offices import is_telling, office_of
from onrecord.people.registry import PersonKnown, Registry
from onrecord.people.spelling import spelling_of, without_suffix
from onrecord.people.tenures import offices_of
from onrecord.records import NameSeen

# Names of a block that are compared with one another: a bound for names borne by thousands.
_PEERS = 40
_SAME_OFFICE = 0.12
_OTHER_COUNTRY = 0.15


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two people who may be one, how likely that is, and why; by one name of each."""

    left: PersonKnown
    right: PersonKnown
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class NamesakeSuggestion:
    """A person whose roles are of several countries at once: perhaps two people of one name."""

    person: PersonKnown
    roles: tuple[str, ...]


def suggest_pairs(registry: Registry, only: PersonKnown | None = None) -> list[Suggestion]:
    """Pairs of people who may be one, the likeliest first; `only` one person's."""
    judged = _judged(registry)
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for one, other in _pairs(registry.names(), None if only is None else _ids(only)):
        people = registry.person_id(one.id), registry.person_id(other.id)
        left, right = sorted(people)
        if left == right or judged.intersection({(left, right), _ordered(one.id, other.id)}):
            continue
        score, why = _scored(one, other)
        if score >= max(LEAST_SCORE, best.get((left, right), (0.0, ""))[0]):
            best[left, right] = score, why
    found = []
    for (left, right), (score, why) in best.items():
        known = registry.person(left), registry.person(right)
        if known[0] and known[1] and not registry.are_apart(left, right):
            found.append(Suggestion(known[0], known[1], score, why))
    return sorted(found, key=_rank)


def suggest_namesakes(registry: Registry) -> list[NamesakeSuggestion]:
    """People whose roles are offices of several countries, in overlapping times."""
    found = []
    for person in registry.people():
        roles = {tenure.role: tenure for tenure in person.roles}
        offices = {role: office_of(role) for role in roles}
        telling = {role: it for role, it in offices.items() if it.country and is_telling(it)}
        several = [
            role
            for role, office in telling.items()
            if any(
                other.country != office.country
                and roles[role].first <= roles[name].last
                and roles[name].first <= roles[role].last
                for name, other in telling.items()
            )
        ]
        if several:
            found.append(NamesakeSuggestion(person, tuple(several)))
    return sorted(found, key=lambda it: (-it.person.articles, it.person.id))


def _rank(found: Suggestion) -> tuple[float, int, str]:
    return -found.score, -min(found.left.articles, found.right.articles), found.left.id


def _scored(one: NameSeen, other: NameSeen) -> tuple[float, str]:
    found = compare_names(one.key, other.key)
    if found.verdict == "no":
        return 0.0, ""
    left, right = offices_of(one), offices_of(other)
    if left & right:
        office = next(iter(left & right))
        return min(1.0, found.score + _SAME_OFFICE), f"{found.why}, both {' '.join(office.words)}"
    countries = ({it.country for it in left} - {""}, {it.country for it in right} - {""})
    if all(countries) and not countries[0] & countries[1]:
        return found.score - _OTHER_COUNTRY, f"{found.why}, of other countries"
    return found.score, found.why


def _judged(registry: Registry) -> set[tuple[str, str]]:
    """The pairs of names, and of people, of which somebody said anything."""
    found = set()
    for judgement in standing(registry.judgements):
        pair = pair_of(judgement)
        if pair is not None and not is_by_rule(judgement):
            found |= {pair, _ordered(*map(registry.person_id, pair))}
    return found


def _pairs(
    names: Iterable[NameSeen], only: frozenset[str] | None
) -> Iterator[tuple[NameSeen, NameSeen]]:
    blocks: dict[tuple[str, ...], list[NameSeen]] = defaultdict(list)
    for name in names:
        for block in _blocks(name.key):
            blocks[block].append(name)
    seen: set[tuple[str, str]] = set()
    for members in blocks.values():
        members.sort(key=lambda name: (-name.forms[0].articles, name.id))
        kept = members if only is not None else members[:_PEERS]
        for at, one in enumerate(kept):
            for other in kept[at + 1 :]:
                pair = _ordered(one.id, other.id)
                if pair not in seen and (only is None or only.intersection(pair)):
                    seen.add(pair)
                    yield one, other


def _blocks(key: str) -> Iterator[tuple[str, ...]]:
    words, _ = without_suffix(spelling_of(key))
    yield "family", words[-1], words[0][:1]
    yield "given", words[0], words[-1][:2]
    yield "words", *sorted(words)
    yield "first two", *words[:2]
    yield "last two", *words[-2:]
    for form in short_forms_of(words[0]):
        yield "short form", str(form), words[-1]


def _ids(person: PersonKnown) -> frozenset[str]:
    return frozenset(name.id for name in person.names)


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
