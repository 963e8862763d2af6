"""A person's summary from OpenSearch."""

from collections.abc import Sequence

from onrecord.archive.opensearch.client import Json, SearchCluster
from onrecord.archive.opensearch.indexes import Indexes
from onrecord.archive.opensearch.names import load_names, names_of_person
from onrecord.archive.opensearch.quotes import archived_quote, names_in
from onrecord.archive.opensearch.searching import (
    ENDS,
    NEWEST,
    ClusterSearch,
    at_minute,
    counting,
    counting_times,
    counts_in,
    ends_in,
    points_in,
)
from onrecord.archive.results import FacetField, PersonSummary, SeenRole, TimelinePoint
from onrecord.archive.timelines import intervals_between

_MOST_ROLES = 100
_MOST_VALUES = 10
_FIELDS = (FacetField.SPEAKER, FacetField.ABOUT, FacetField.PUBLISHER)


class ClusterPeople:
    """Summaries of people: each takes two rounds of searches, and two to find names."""

    def __init__(self, cluster: SearchCluster, indexes: Indexes, search: ClusterSearch) -> None:
        self._cluster = cluster
        self._indexes = indexes
        self._search = search

    def person(self, who: str, *, limit: int) -> PersonSummary | None:
        """A summary of the person of this id, or of this name."""
        called = names_of_person(self._cluster, self._indexes, who)
        if not called:
            return None
        spoken = _all_of({"terms": {"speaker": sorted(called)}})
        about_them = _all_of({"terms": {"about": sorted(called)}})
        newest = {"query": spoken, "size": limit, "sort": NEWEST, "track_total_hits": False}
        said, told, found = self._cluster.searches(
            self._indexes.quotes, [_summary_of(spoken), _summary_of(about_them), newest]
        )
        counts, others = counts_in(said, _FIELDS), counts_in(told, _FIELDS)
        documents = [hit["_source"] for hit in found["hits"]["hits"]]
        counted = [*counts[FacetField.ABOUT], *others[FacetField.SPEAKER]]
        wanted = {name for name, _ in counted}.union(*map(names_in, documents))
        names = load_names(self._cluster, self._indexes, wanted)
        by_month, mentions = self._by_month([(spoken, said), (about_them, told)])
        used = [called[name]["name"] for name, _ in counts[FacetField.SPEAKER] if name in called]
        shown = sorted({name["name"] for name in called.values() if name["name"]})
        values = self._search.values
        return PersonSummary(
            name=next(filter(None, used), shown[0] if shown else who),
            person=next(iter(called.values()))["person"],
            names=tuple(shown),
            quotes=said["hits"]["total"]["value"],
            by_month=by_month,
            mentions_by_month=mentions,
            about=values(FacetField.ABOUT, counts[FacetField.ABOUT], _MOST_VALUES, names),
            quoted_by=values(FacetField.PUBLISHER, counts[FacetField.PUBLISHER], _MOST_VALUES),
            spoken_of_by=values(
                FacetField.SPEAKER, others[FacetField.SPEAKER], _MOST_VALUES, names
            ),
            roles=_roles(said),
            newest=tuple(archived_quote(document, names) for document in documents),
        )

    def _by_month(self, found: Sequence[tuple[Json, Json]]) -> list[tuple[TimelinePoint, ...]]:
        """The hits of each query by month. Each comes with an answer that has its ends."""
        spans = [(query, ends) for query, answer in found if (ends := ends_in(answer))]
        if not spans:
            return [() for _ in found]
        starts = [intervals_between(*ends, "month")[1] for _, ends in spans]
        body = counting_times([query for query, _ in spans], "month", min(starts))
        answer = self._cluster.search(self._indexes.quotes, body)
        points = [points_in(answer, n, each) for n, each in enumerate(starts)]
        return [points.pop(0) if ends_in(each) else () for _, each in found]


def _all_of(query: Json) -> Json:
    return {"bool": {"filter": [query, {"term": {"is_rejected": False}}]}}


def _summary_of(query: Json) -> Json:
    body = counting(query, _FIELDS, _MOST_VALUES)
    roles = {"terms": {"field": "role", "size": _MOST_ROLES}, "aggs": ENDS}
    return {**body, "aggs": {**body["aggs"], **ENDS, "roles": roles}}


def _roles(answer: Json) -> tuple[SeenRole, ...]:
    """The roles that articles gave, the most frequent first."""
    return tuple(
        SeenRole(
            role=found["key"],
            first_seen=at_minute(int(found["first"]["value"])),
            last_seen=at_minute(int(found["last"]["value"])),
            quotes=found["doc_count"],
        )
        for found in answer["aggregations"]["roles"]["buckets"]
    )
