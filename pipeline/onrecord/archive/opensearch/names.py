"""Names in OpenSearch: each has a document, which says to which person it belongs.

Quotes refer to names, so that a person who is merged or split changes a few documents only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from onrecord.archive.opensearch.client import Json, SearchCluster
from onrecord.archive.opensearch.indexes import Indexes
from onrecord.archive.query import words_of
from onrecord.archive.results import NamedPerson
from onrecord.naming import name_key
from onrecord.records import id_of

# Names that a query stands for: more make a question that takes longer than its answer is worth.
MOST_NAMES = 1_000
_MOST_KEPT = 200_000
_MOST_FOUND = 10_000


class NameRef(NamedTuple):
    """A name, perhaps fixed to a person: then the same name elsewhere is another."""

    name: str
    fixed: str = ""

    @property
    def id(self) -> str:
        return id_of("name", self.name, self.fixed)


class NameWriter:
    """Makes the documents of names that are new."""

    def __init__(self, cluster: SearchCluster, indexes: Indexes) -> None:
        self._cluster = cluster
        self._indexes = indexes
        self._known: set[str] = set()

    def make(self, names: Iterable[NameRef]) -> None:
        """Make the names that are not there yet."""
        wanted = {name.id: name for name in names if name.id not in self._known}
        there = self._cluster.many(self._indexes.names, list(wanted))
        new = [name for name_id, name in wanted.items() if name_id not in there]
        keys = sorted({name_key(name.name) for name in new if not name.fixed} - {""})
        people = self._cluster.many(self._indexes.people, keys)
        actions: list[Json] = []
        for name in new:
            key = name_key(name.name)
            known = people[key]["_source"]["person"] if key in people else None
            document = {
                "name": name.name,
                "fixed": name.fixed,
                "key": key,
                "person": name.fixed or known,
                "words": sorted(set(words_of(name.name))),
            }
            actions += [{"index": {"_index": self._indexes.names, "_id": name.id}}, document]
        self._cluster.bulk(actions)
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        self._known |= wanted.keys()

    def resolve(self, people: Mapping[str, str | None]) -> None:
        """Give names to persons: folded name → id of a person, None for nobody."""
        index = self._indexes.people
        actions: list[Json] = []
        for key, person in people.items():
            if not key:
                continue
            if person is None:
                actions.append({"delete": {"_index": index, "_id": key}})
            else:
                actions += [{"index": {"_index": index, "_id": key}}, {"person": person}]
        # Only what was shown can be searched for.
        self._cluster.request("POST", f"/{self._indexes.names}/_refresh")
        keys = [key for key in people if key]
        for begin in range(0, len(keys), MOST_NAMES):
            chosen = keys[begin : begin + MOST_NAMES]
            query = {"bool": {"filter": [{"terms": {"key": chosen}}, {"term": {"fixed": ""}}]}}
            for name_id, found in _find(self._cluster, self._indexes, query, _MOST_FOUND).items():
                document = {**found, "person": people[found["key"]]}
                actions += [{"index": {"_index": self._indexes.names, "_id": name_id}}, document]
        self._cluster.bulk(actions)


def names_called(
    cluster: SearchCluster, indexes: Indexes, value: str, words: Sequence[str]
) -> tuple[list[str], bool]:
    """The ids of names with all these words, or of the person of this id; whether there are more.

    A person is found under all names as soon as one of them has the words.
    """
    called = [{"term": {"words": word}} for word in dict.fromkeys(words)]
    either = [{"bool": {"filter": called}}, {"term": {"person": value}}]
    query = {"bool": {"should": either, "minimum_should_match": 1}}
    found = _find(cluster, indexes, query, MOST_NAMES + 1)
    persons = sorted({name["person"] for name in found.values() if name["person"]})
    if persons:
        found |= _find(cluster, indexes, {"terms": {"person": persons}}, MOST_NAMES + 1)
    ids = sorted(found)
    return ids[:MOST_NAMES], len(ids) > MOST_NAMES


def names_of_person(cluster: SearchCluster, indexes: Indexes, who: str) -> dict[str, Json]:
    """The names of the person of this id, or of this whole name."""
    key = name_key(who)
    alone = {"bool": {"filter": [{"term": {"key": key}}], "must_not": [_OF_A_PERSON]}}
    query = {"bool": {"should": [{"term": {"person": who}}, alone], "minimum_should_match": 1}}
    if found := _find(cluster, indexes, query, MOST_NAMES):
        return found
    whole = {"bool": {"filter": [{"term": {"key": key}}, {"term": {"fixed": ""}}]}}
    persons = [name["person"] for name in _find(cluster, indexes, whole, 1).values()]
    query = {"terms": {"person": [person for person in persons if person]}}
    return _find(cluster, indexes, query, MOST_NAMES)


def load_names(
    cluster: SearchCluster, indexes: Indexes, ids: Iterable[str]
) -> dict[str, NamedPerson]:
    """Names with their persons, by id."""
    found = {
        name_id: doc["_source"]
        for name_id, doc in cluster.many(indexes.names, sorted(set(ids))).items()
    }
    # A speaker who was given by hand has no name here, but a person who has.
    nameless = {name["person"] for name in found.values() if not name["name"]}
    called = _names_of(cluster, indexes, nameless) if nameless else {}
    return {
        name_id: NamedPerson(
            name=name["name"] or called.get(name["person"], name["person"]), person=name["person"]
        )
        for name_id, name in found.items()
    }


def _names_of(cluster: SearchCluster, indexes: Indexes, people: Iterable[str]) -> dict[str, str]:
    """A name of each of these people who has one."""
    query = {
        "bool": {
            "filter": [{"terms": {"person": sorted(people)}}],
            "must_not": [{"term": {"name": ""}}],
        }
    }
    found = _find(cluster, indexes, query, _MOST_FOUND)
    return {name["person"]: name["name"] for _, name in sorted(found.items(), reverse=True)}


_OF_A_PERSON = {"exists": {"field": "person"}}


def _find(cluster: SearchCluster, indexes: Indexes, query: Json, most: int) -> dict[str, Json]:
    body = {"size": most, "query": query, "sort": ["_doc"], "track_total_hits": False}
    hits = cluster.search(indexes.names, body)["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in hits}
