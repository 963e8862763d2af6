"""The archive in OpenSearch: any number of readers, one writer."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Self

from onrecord.archive.interface import MOST_HITS, Archive
from onrecord.archive.opensearch.client import SearchCluster
from onrecord.archive.opensearch.indexes import Indexes, check_format, make_indexes
from onrecord.archive.opensearch.pages import ClusterPages
from onrecord.archive.opensearch.people import ClusterPeople
from onrecord.archive.opensearch.policy import OpenSearchPolicy
from onrecord.archive.opensearch.searching import ClusterSearch
from onrecord.archive.opensearch.waiting import open_writer
from onrecord.archive.opensearch.writing import OpenSearchWriter, read_state
from onrecord.archive.query import EVERYTHING, Node
from onrecord.archive.results import (
    ArchivedArticle,
    ArchivedQuote,
    ArchivedStory,
    ArchiveStatus,
    FacetCounts,
    FacetField,
    HitCount,
    HitPage,
    Interval,
    Order,
    PersonSummary,
    ReplacedQuote,
    SameWords,
    Timeline,
)


class OpenSearchArchive(Archive):
    """An archive in a cluster. Threads may share it."""

    def __init__(
        self,
        url: str,
        policy: OpenSearchPolicy,
        *,
        make: bool = True,
    ) -> None:
        """Raises ArchiveRefused, ArchiveUnavailable; without `make` where there is none yet."""
        self._cluster = SearchCluster(url, policy)
        self._indexes = Indexes.under(policy.index)
        if make:
            make_indexes(self._cluster, self._indexes, policy)
        else:
            check_format(self._cluster, self._indexes)
        self._search = ClusterSearch(self._cluster, self._indexes)
        self._pages = ClusterPages(self._cluster, self._indexes, self._search)
        self._people = ClusterPeople(self._cluster, self._indexes, self._search)

    def search(
        self,
        query: Node,
        *,
        order: Order = Order.NEWEST,
        cursor: str | None = None,
        limit: int = 20,
    ) -> HitPage:
        most = max(1, min(limit, MOST_HITS))
        return self._search.page(query, order=order, cursor=cursor, limit=most)

    def count(self, query: Node) -> HitCount:
        return self._search.count(query)

    def facets(
        self,
        query: Node,
        fields: Collection[FacetField] = tuple(FacetField),
        *,
        limit: int = 10,
    ) -> FacetCounts:
        return self._search.facets(query, fields, limit=limit)

    def timeline(self, query: Node, *, interval: Interval | None = None) -> Timeline:
        return self._search.timeline(query, interval=interval)

    def quote(self, quote_id: str) -> ArchivedQuote | ReplacedQuote | None:
        return self._pages.quote(quote_id)

    def same_words(self, quote_id: str, *, limit: int = 100) -> SameWords:
        return self._pages.same_words(quote_id, limit=limit)

    def article(self, article_id: str) -> ArchivedArticle | None:
        return self._pages.article(article_id)

    def story(self, story_id: str, *, limit: int = 100) -> ArchivedStory | None:
        return self._pages.story(story_id, limit=limit)

    def person(self, who: str, *, limit: int = 20) -> PersonSummary | None:
        return self._people.person(who, limit=limit)

    def status(self) -> ArchiveStatus:
        positions, skipped = read_state(self._cluster, self._indexes)
        stats = self._cluster.request("GET", f"/{self._indexes.all}/_stats/store")
        articles = self._cluster.request("GET", f"/{self._indexes.articles}/_count")
        ends = self._search.ends({"match_all": {}})
        return ArchiveStatus(
            url=self._cluster.url,
            quotes=self._search.count(EVERYTHING).count,
            articles=articles["count"],
            size_bytes=stats["_all"]["total"]["store"]["size_in_bytes"],
            newest=None if ends is None else ends[1],
            positions=positions,
            skipped=skipped,
        )

    def articles(
        self, *, after: datetime | None = None, before: datetime | None = None
    ) -> Iterator[ArchivedArticle]:
        return self._pages.articles(after, before)

    def writer(
        self,
        *,
        wait_s: float = 0.0,
        alive: Callable[[], object] = lambda: None,  # noqa: ARG002 - no call takes that long
    ) -> OpenSearchWriter:
        return open_writer(self._cluster, self._indexes, wait_s=wait_s)

    def close(self) -> None:
        self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
