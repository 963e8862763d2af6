"""Hits of a query in OpenSearch: pages of them, their number, their facets, their course."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from onrecord.archive.cursors import from_cursor, to_cursor
from onrecord.archive.marking import marked_words
from onrecord.archive.opensearch.client import Json, SearchCluster
from onrecord.archive.opensearch.compiling import ClusterQuery
from onrecord.archive.opensearch.indexes import Indexes
from onrecord.archive.opensearch.names import load_names
from onrecord.archive.opensearch.quotes import archived_quote, names_in
from onrecord.archive.query import Node, quoted
from onrecord.archive.results import (
    ArchivedQuote,
    FacetCounts,
    FacetField,
    FacetValue,
    Hit,
    HitCount,
    HitPage,
    Interval,
    NamedPerson,
    Order,
    Timeline,
    TimelinePoint,
)
from onrecord.archive.timelines import intervals_between
from onrecord.errors import QueryError

NEWEST = [{"minute": "desc"}, {"article": "desc"}, {"n": "asc"}]
# OpenSearch gives no hit beyond this rank.
_RANKED = 10_000
_PLACE = re.compile(r"n(-?[0-9]{1,12})\.([0-9]{1,9})\.(.+)", re.DOTALL)
_BY_TIME = {
    Order.NEWEST: NEWEST,
    Order.OLDEST: [{"minute": "asc"}, {"article": "asc"}, {"n": "desc"}],
}
_NAMES = (FacetField.SPEAKER, FacetField.ABOUT)


class ClusterSearch:
    """Answers questions from the indexes."""

    def __init__(self, cluster: SearchCluster, indexes: Indexes) -> None:
        self._cluster = cluster
        self._indexes = indexes

    def page(self, query: Node, *, order: Order, cursor: str | None, limit: int) -> HitPage:
        """A page of hits."""
        compiled = ClusterQuery(self._cluster, self._indexes, query)
        by_time = _BY_TIME.get(order)
        skip = 0 if by_time or cursor is None else max(0, from_cursor("relevance", cursor))
        most = limit + 1 if by_time else max(0, min(limit + 1, _RANKED - skip))
        body: dict[str, Any] = {"query": compiled.body, "size": most, "track_total_hits": False}
        if by_time:
            body["sort"] = by_time
            if cursor is not None:
                body["search_after"] = _from_place(cursor)
        else:
            body |= {"sort": ["_score", *NEWEST], "from": skip}
        hits = self._cluster.search(self._indexes.quotes, body)["hits"]["hits"]
        following = None
        if len(hits) > limit:
            last = hits[limit - 1]["sort"]
            following = _to_place(last) if by_time else to_cursor("relevance", skip + limit)
        found = self.quotes(hit["_source"] for hit in hits[:limit])
        return HitPage(
            hits=tuple(Hit(quote=one, marks=marked_words(one.quote, query)) for one in found),
            cursor=following,
            is_bounded=compiled.is_bounded or skip + most == _RANKED,
        )

    def quotes(self, documents: Iterable[Json]) -> list[ArchivedQuote]:
        """The quotes of documents, with the names they refer to."""
        documents = list(documents)
        wanted = {name for document in documents for name in names_in(document)}
        names = load_names(self._cluster, self._indexes, wanted)
        return [archived_quote(document, names) for document in documents]

    def find(self, query: Json, sort: Sequence[Json], size: int) -> list[ArchivedQuote]:
        """The quotes that a query in OpenSearch's language finds."""
        body = {"query": query, "size": size, "sort": sort, "track_total_hits": False}
        hits = self._cluster.search(self._indexes.quotes, body)["hits"]["hits"]
        return self.quotes(hit["_source"] for hit in hits)

    def count(self, query: Node) -> HitCount:
        """The number of hits, which is exact."""
        compiled = ClusterQuery(self._cluster, self._indexes, query)
        path = f"/{self._indexes.quotes}/_count"
        found = self._cluster.request("POST", path, {"query": compiled.body})
        return HitCount(count=found["count"], is_bounded=compiled.is_bounded)

    # ── facets ───────────────────────────────────────────────────────────────────────────────

    def facets(self, query: Node, fields: Collection[FacetField], *, limit: int) -> FacetCounts:
        """The most frequent values among all hits."""
        compiled = ClusterQuery(self._cluster, self._indexes, query)
        counts, total = self.counted(compiled.body, fields, limit)
        return FacetCounts(
            values={
                field: self.values(field, counts[field], limit)
                for field in FacetField
                if field in fields
            },
            counted=total,
            is_bounded=compiled.is_bounded,
        )

    def counted(
        self, query: Json, fields: Collection[FacetField], limit: int
    ) -> tuple[dict[FacetField, list[tuple[str, int]]], int]:
        """The most frequent terms of fields among the hits of a query, and the number of hits."""
        answer = self._cluster.search(self._indexes.quotes, counting(query, fields, limit))
        return counts_in(answer, fields), answer["hits"]["total"]["value"]

    def values(
        self,
        field: FacetField,
        counts: Sequence[tuple[str, int]],
        limit: int,
        names: Mapping[str, NamedPerson] | None = None,
    ) -> tuple[FacetValue, ...]:
        """The values of a facet, most frequent first; names of one person counted together.

        `names` are those of the counts, where they are known already.
        """
        if field not in _NAMES:
            return tuple(
                FacetValue(value=value, count=n, query=_written(field, value))
                for value, n in counts[:limit]
            )
        if names is None:
            names = load_names(self._cluster, self._indexes, (name for name, _ in counts))
        by_person: dict[tuple[str | None, str], Counter[str]] = {}
        for name_id, n in counts:
            by_person.setdefault(_identity(names[name_id]), Counter())[names[name_id].name] += n
        ranked = sorted(by_person.items(), key=lambda item: -item[1].total())[:limit]
        return tuple(
            FacetValue(
                value=each.most_common(1)[0][0],
                count=each.total(),
                person=person,
                query=_written(field, person or name),
            )
            for (person, name), each in ranked
        )

    # ── over time ────────────────────────────────────────────────────────────────────────────

    def timeline(self, query: Node, *, interval: Interval | None) -> Timeline:
        """Hits over time."""
        compiled = ClusterQuery(self._cluster, self._indexes, query)
        ends = self.ends(compiled.body)
        if ends is None:
            return Timeline(interval=interval or "day", points=())
        fitting, starts, is_cut = intervals_between(*ends, interval)
        return Timeline(
            interval=fitting,
            points=self.points(compiled.body, fitting, starts),
            is_bounded=is_cut or compiled.is_bounded,
        )

    def ends(self, query: Json) -> tuple[datetime, datetime] | None:
        """The minutes of the first and the last hit."""
        body = {"query": query, "size": 0, "aggs": ENDS}
        return ends_in(self._cluster.search(self._indexes.quotes, body))

    def points(
        self, query: Json, interval: Interval, starts: Sequence[datetime]
    ) -> tuple[TimelinePoint, ...]:
        """Hits, and all quotes, from each of these starts on."""
        if not starts:
            return ()
        body = counting_times([query], interval, starts)
        return points_in(self._cluster.search(self._indexes.quotes, body), 0, starts)


# ── questions and their answers, which can also be asked for several at once ─────────────────

ENDS = {"first": {"min": {"field": "minute"}}, "last": {"max": {"field": "minute"}}}


def counting(query: Json, fields: Collection[FacetField], limit: int) -> Json:
    """A search that counts the hits, and the most frequent terms of fields among them."""
    # Names of one person can each be rare: look at more than are wanted.
    terms = {
        field.value: {"field": field.value, "size": limit * (10 if field in _NAMES else 1)}
        for field in fields
    }
    aggregations = {name: {"terms": each} for name, each in terms.items()}
    return {"query": query, "size": 0, "track_total_hits": True, "aggs": aggregations}


def counts_in(
    answer: Json, fields: Collection[FacetField]
) -> dict[FacetField, list[tuple[str, int]]]:
    """The most frequent terms of these fields."""
    return {
        field: [
            (bucket["key"], bucket["doc_count"])
            for bucket in answer["aggregations"][field.value]["buckets"]
        ]
        for field in fields
    }


def ends_in(answer: Json) -> tuple[datetime, datetime] | None:
    """The minutes of the first and the last hit of a search with `ENDS`."""
    found = answer["aggregations"]
    first, last = found["first"]["value"], found["last"]["value"]
    return None if first is None else (at_minute(int(first)), at_minute(int(last)))


def counting_times(queries: Sequence[Json], interval: Interval, starts: Sequence[datetime]) -> Json:
    """A search that counts the hits of each query over time, and all quotes."""
    since = {"range": {"at": {"gte": starts[0].isoformat()}}}
    counted = {"field": "at", "calendar_interval": interval, "min_doc_count": 1}
    histogram = {"date_histogram": counted}
    hits = {
        f"hits-{n}": {"filter": query, "aggs": {"times": histogram}}
        for n, query in enumerate(queries)
    }
    return {
        "query": {"bool": {"filter": [since, {"term": {"is_rejected": False}}]}},
        "size": 0,
        "aggs": {"all": histogram, **hits},
    }


def points_in(answer: Json, number: int, starts: Sequence[datetime]) -> tuple[TimelinePoint, ...]:
    """The hits of a query, by its number, and all quotes, from each of these starts on."""
    found = answer["aggregations"]
    hits, of = _by_start(found[f"hits-{number}"]["times"]), _by_start(found["all"])
    return tuple(
        TimelinePoint(start=start, count=hits.get(start, 0), of=of.get(start, 0))
        for start in starts
    )


def at_minute(minute: int) -> datetime:
    """The instant at which a minute begins."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)


def _by_start(histogram: Json) -> dict[datetime, int]:
    return {
        at_minute(bucket["key"] // 60_000): bucket["doc_count"] for bucket in histogram["buckets"]
    }


def _identity(name: NamedPerson) -> tuple[str | None, str]:
    return (name.person, "") if name.person else (None, name.name)


def _written(field: FacetField, value: str) -> str:
    """A value as a query names it."""
    return f"{field.value}:{value if field is FacetField.TYPE else quoted(value)}"


def _to_place(sort: Sequence[Any]) -> str:
    minute, article, n = sort
    return f"n{minute}.{n}.{article}"


def _from_place(cursor: str) -> list[Any]:
    """Where to continue. Raises QueryError for a cursor of another order or no cursor at all."""
    found = _PLACE.fullmatch(cursor)
    if found is None:
        raise QueryError(f"{cursor[:40]!r} is no cursor of a page ordered by newest", at=1)
    return [int(found[1]), found[3], int(found[2])]
