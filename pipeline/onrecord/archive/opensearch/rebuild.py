"""An archive in OpenSearch made anew in indexes beside the old ones, and put in their place.

The new indexes have a name of their own, with a 1 or a 2. In the end they get the names of the old
ones as aliases, in one step with the removal of these.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Self

from onrecord.archive.interface import Archive, ArchiveWriter
from onrecord.archive.opensearch.archive import OpenSearchArchive
from onrecord.archive.opensearch.articles import KeptArticle, kept_in
from onrecord.archive.opensearch.client import SearchCluster
from onrecord.archive.opensearch.indexes import (
    Indexes,
    concrete,
    put_in_place,
    remove,
)
from onrecord.archive.opensearch.policy import OpenSearchPolicy
from onrecord.archive.opensearch.waiting import open_writer
from onrecord.archive.opensearch.writing import OpenSearchWriter, read_state
from onrecord.archive.rebuilding import Carried, Rebuild
from onrecord.errors import ArchiveBroken, ArchiveRefused
from onrecord.log.interface import Partition

# How long to wait for the process that writes the old archive to give way.
_PATIENCE_S = 120.0
_OTHER_LOG = "it is of another log"
_ARTICLES = 200  # a step of carrying over
_KEPT = "5m"  # the time that the cluster keeps a listing for its next step


class OpenSearchRebuild(Rebuild):
    """A rebuild in indexes of another name, which is continued under the same name."""

    def __init__(self, url: str, policy: OpenSearchPolicy) -> None:
        self._cluster = SearchCluster(url, policy)
        self._names = Indexes.under(policy.index)
        places = (f"{policy.index}-1", f"{policy.index}-2")
        in_use = concrete(self._cluster, self._names)
        free = [place for place in places if Indexes.under(place).quotes not in in_use]
        self._new = Indexes.under(free[0])
        self._url, self._policy = url, replace(policy, index=free[0])
        try:
            self._archive = self._open()
        except (ArchiveRefused, ArchiveBroken):
            remove(self._cluster, self._new)
            self._archive = self._open()

    def _open(self) -> OpenSearchArchive:
        return OpenSearchArchive(self._url, self._policy)

    @property
    def archive(self) -> Archive:
        return self._archive

    def old_positions(self) -> Mapping[Partition, int]:
        return read_state(self._cluster, self._names)[0]

    def start_over(self) -> None:
        remove(self._cluster, self._new)
        self._archive = self._open()

    def finish(
        self, catch_up: Callable[[ArchiveWriter], None], carried: Carried, *, is_of_this_log: bool
    ) -> str | None:
        old = self._writer_of_old()
        try:
            with self._archive.writer() as writer:
                catch_up(writer)
                if old is not None and is_of_this_log:
                    self._carry_over(writer, carried)
            put_in_place(self._cluster, self._new, self._names)
        except BaseException:
            if old is not None:
                old.close()
            raise
        if old is not None:
            old.close(is_replaced=True)
        return None if old is None or is_of_this_log else _OTHER_LOG

    def _writer_of_old(self) -> OpenSearchWriter | None:
        """The right to write the old archive, so that nobody else does; None if there is none."""
        if not concrete(self._cluster, self._names):
            return None
        return open_writer(self._cluster, self._names, wait_s=_PATIENCE_S)

    def _carry_over(self, writer: OpenSearchWriter, carried: Carried) -> None:
        articles = self._old_articles()
        while step := list(islice(articles, _ARTICLES)):
            carried(writer.carry_over(step))
        self._cluster.request("POST", f"/{self._new.all}/_refresh")

    def _old_articles(self) -> Iterator[KeptArticle]:
        """All articles of the old archive, whatever its format."""
        body: dict[str, Any] = {"size": _ARTICLES, "sort": ["_doc"]}
        path = f"/{self._names.articles}/_search?scroll={_KEPT}"
        found = self._cluster.request("POST", path, body)
        while hits := found["hits"]["hits"]:
            yield from map(kept_in, hits)
            following = {"scroll": _KEPT, "scroll_id": found["_scroll_id"]}
            found = self._cluster.request("POST", "/_search/scroll", following)
        self._cluster.request("DELETE", "/_search/scroll", {"scroll_id": found["_scroll_id"]})

    def close(self) -> None:
        self._archive.close()
        self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
