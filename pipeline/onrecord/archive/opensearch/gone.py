"""Which articles were removed by a tombstone.

Topics are read in any order, so an extraction can come after the tombstone of its article; and a
rebuild must not bring back from the old archive what the log removed.
"""

from collections.abc import Sequence

from onrecord.archive.interface import ArticleGone, ArticleRead, ExtractionGone, ExtractionRead
from onrecord.archive.opensearch.client import Json, SearchCluster
from onrecord.archive.opensearch.indexes import Indexes

OfArticle = ArticleRead | ExtractionRead | ArticleGone | ExtractionGone


class RemovedArticles:
    """What was removed of these articles: all of one (True), or its extraction."""

    def __init__(self, cluster: SearchCluster, indexes: Indexes, ids: Sequence[str]) -> None:
        self._cluster = cluster
        self._index = indexes.gone
        found = cluster.many(indexes.gone, ids)
        self._before = {key: bool(doc["_source"]["is_whole"]) for key, doc in found.items()}
        self._now = dict(self._before)

    def has(self, article: str) -> bool:
        """Whether an article, or its extraction, was removed."""
        return article in self._now

    def has_whole(self, article: str) -> bool:
        """Whether all of an article was removed."""
        return self._now.get(article, False)

    def passes_over(self, change: OfArticle) -> bool:
        """Take note of a change; whether it is of an article that was removed."""
        article = article_of(change)
        match change:
            case ArticleRead():
                self._now.pop(article, None)
            case ArticleGone():
                self._now[article] = True
            case ExtractionGone():
                self._now.setdefault(article, False)
            case ExtractionRead():
                return self.has_whole(article)
        return False

    def write(self) -> None:
        """Write what changed."""
        actions: list[Json] = [
            {"delete": {"_index": self._index, "_id": article}}
            for article in self._before.keys() - self._now.keys()
        ]
        for article, is_whole in self._now.items():
            if self._before.get(article) is not is_whole:
                actions.append({"index": {"_index": self._index, "_id": article}})
                actions.append({"is_whole": is_whole})
        self._cluster.bulk(actions)


def article_of(change: OfArticle) -> str:
    """The id of the article that a change is of."""
    match change:
        case ArticleRead(article=article):
            return article.id
        case ExtractionRead(extraction=extraction):
            return extraction.article.id
        case ArticleGone(article=article_id) | ExtractionGone(article=article_id):
            return article_id
