"""Finding people by what they are called, in whatever spelling."""

from collections.abc import Iterator

from onrecord.naming import name_key
from onrecord.people.known import KnownList
from onrecord.people.names_seen import id_of_name
from onrecord.people.registry import PersonKnown, Registry
from onrecord.people.spelling import spelling_of

_SHORTEST_ID = 6
_HEX = frozenset("0123456789abcdef")


def find_people(registry: Registry, known: KnownList, asked: str) -> list[PersonKnown]:
    """The people of whom every word asked is in one of their names, most often seen first.

    An id, or at least its first six digits, finds its person.
    """
    by_id = _HEX.issuperset(asked) and len(asked) >= _SHORTEST_ID
    wanted = frozenset(spelling_of(name_key(asked)))
    found = (
        {registry.person_id(name_id) for name_id in _named(registry, wanted)} if wanted else set()
    )
    listed = known.main_key(name_key(asked))
    if listed is not None:
        found.add(registry.person_id(id_of_name(listed)))
    if by_id:
        begun = [name_id for name_id in registry.ids() if name_id.startswith(asked)]
        found |= set(map(registry.person_id, begun))
    people = [person for one in found if (person := registry.person(one)) is not None]
    return sorted(people, key=lambda person: (-person.articles, person.id))


def _named(registry: Registry, wanted: frozenset[str]) -> Iterator[str]:
    for name in registry.names(max(wanted, key=len)):
        if wanted.issubset(spelling_of(name.key)):
            yield name.id
    for person_id, shown in registry.renamed():
        if wanted.issubset(spelling_of(name_key(shown))):
            yield person_id
