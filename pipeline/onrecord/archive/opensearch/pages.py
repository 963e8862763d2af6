"""Single things in OpenSearch: a quote, the same words elsewhere, an article, a story."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from onrecord.archive.cuts import is_cut_of, phrases_of
from onrecord.archive.documents import words_said
from onrecord.archive.opensearch.articles import KeptArticle, PastQuote, kept_in
from onrecord.archive.opensearch.client import Json, SearchCluster
from onrecord.archive.opensearch.indexes import Indexes
from onrecord.archive.opensearch.quotes import minute_of, words_key_of
from onrecord.archive.opensearch.searching import NEWEST, ClusterSearch
from onrecord.archive.results import (
    ArchivedArticle,
    ArchivedQuote,
    ArchivedStory,
    ArticleRevision,
    ReplacedQuote,
    SameWords,
)
from onrecord.naming import name_key
from onrecord.records.statements import WINDOW

_ARTICLES_A_PAGE = 200
_QUOTES_A_PAGE = 500
_MOST_CANDIDATES = 200
_OLDEST = [{"minute": "asc"}, {"article": "asc"}, {"n": "asc"}]
_IS_SHOWN = {"term": {"is_rejected": False}}


class ClusterPages:
    """Answers for single things."""

    def __init__(self, cluster: SearchCluster, indexes: Indexes, search: ClusterSearch) -> None:
        self._cluster = cluster
        self._indexes = indexes
        self._search = search

    def quote(self, quote_id: str) -> ArchivedQuote | ReplacedQuote | None:
        """The quote of this id, or what became of it."""
        for found in self._search.find({"ids": {"values": [quote_id]}}, NEWEST, 1):
            return found
        for kept in self._articles({"term": {"replaced": quote_id}}, 1):
            return next(_replaced(kept, past) for past in kept.replaced if past.id == quote_id)
        return None

    def same_words(self, quote_id: str, *, limit: int) -> SameWords:
        """All quotes of the same words, and longer and shorter cuts of them, oldest first."""
        found = self.quote(quote_id)
        if not isinstance(found, ArchivedQuote):
            return SameWords(quotes=())
        same = {"term": {"words_key": words_key_of(found.quote)}}
        quotes = self._search.find({"bool": {"filter": [same, _IS_SHOWN]}}, _OLDEST, limit + 1)
        ids = {one.id for one in quotes}
        quotes += [one for one in self._near(found) if one.id not in ids and is_cut_of(found, one)]
        quotes.sort(key=lambda one: minute_of(one.at))
        return SameWords(quotes=tuple(quotes[:limit]), is_bounded=len(quotes) > limit)

    def _near(self, quote: ArchivedQuote) -> list[ArchivedQuote]:
        """Quotes of the days before and after that have a phrase of this one."""
        phrases = phrases_of(words_said(quote.quote))
        if not phrases:
            return []
        first, last = minute_of(quote.at - WINDOW), minute_of(quote.at + WINDOW)
        query = {
            "bool": {
                "filter": [{"range": {"minute": {"gte": first, "lt": last}}}, _IS_SHOWN],
                "should": [{"match_phrase": {"said": " ".join(phrase)}} for phrase in phrases],
                "minimum_should_match": 1,
            }
        }
        return self._search.find(query, _OLDEST, _MOST_CANDIDATES)

    def article(self, article_id: str) -> ArchivedArticle | None:
        """An article with its revisions and quotes."""
        found = self._articles({"ids": {"values": [article_id]}}, 1)
        return self._shown(found)[0] if found else None

    def articles(
        self, after: datetime | None, before: datetime | None
    ) -> Iterator[ArchivedArticle]:
        """Articles by time of publication, oldest first."""
        bounds = {"gte": after, "lt": before}
        times = {name: at.isoformat() for name, at in bounds.items() if at is not None}
        body: dict[str, Any] = {
            "query": {"range": {"at": times}},
            "size": _ARTICLES_A_PAGE,
            "sort": [{"at": "asc"}, {"id": "asc"}],
        }
        while hits := self._cluster.search(self._indexes.articles, body)["hits"]["hits"]:
            yield from self._shown([kept_in(hit) for hit in hits])
            body["search_after"] = hits[-1]["sort"]

    def story(self, story_id: str, *, limit: int) -> ArchivedStory | None:
        """The copies of one story, oldest first."""
        found = self._articles({"term": {"story": story_id}}, limit + 1)
        if not found:
            return None
        articles = tuple(self._shown(found[:limit]))
        return ArchivedStory(id=story_id, articles=articles, is_bounded=len(found) > limit)

    def _articles(self, query: Json, most: int) -> list[KeptArticle]:
        body = {"query": query, "size": most, "sort": [{"at": "asc"}]}
        hits = self._cluster.search(self._indexes.articles, body)["hits"]["hits"]
        return [kept_in(hit) for hit in hits]

    def _shown(self, articles: Sequence[KeptArticle]) -> list[ArchivedArticle]:
        quotes = {quote.id: quote for quote in self._quotes_of(articles)}
        keys = {
            name_key(entity.name)
            for kept in articles
            for entity in kept.entities
            if entity.type == "person"
        }
        found = self._cluster.many(self._indexes.people, sorted(keys - {""}))
        people = {key: doc["_source"]["person"] for key, doc in found.items()}
        return [
            _article(kept, [quotes[one.id] for one in kept.quotes if one.id in quotes], people)
            for kept in articles
        ]

    def _quotes_of(self, articles: Sequence[KeptArticle]) -> Iterator[ArchivedQuote]:
        ids = [quote.id for kept in articles for quote in kept.quotes]
        for begin in range(0, len(ids), _QUOTES_A_PAGE):
            found = self._cluster.many(self._indexes.quotes, ids[begin : begin + _QUOTES_A_PAGE])
            yield from self._search.quotes(document["_source"] for document in found.values())


def _replaced(kept: KeptArticle, past: PastQuote) -> ReplacedQuote:
    return ReplacedQuote(
        id=past.id,
        article=kept.ref.id,
        revision=past.revision,
        words=past.words,
        speaker=past.speaker,
        became=past.became,
    )


def _article(
    kept: KeptArticle, quotes: Sequence[ArchivedQuote], people: dict[str, str]
) -> ArchivedArticle:
    texts = {article.revision: article for article in kept.revisions}
    replaced = [_replaced(kept, past) for past in kept.replaced]
    ordered = sorted(quotes, key=lambda found: found.quote.content[0].start)
    numbers = {kept.ref.revision, *texts, *(past.revision for past in replaced)}
    return ArchivedArticle(
        ref=kept.ref,
        at=kept.at,
        revisions=tuple(
            ArticleRevision(
                revision=number,
                article=texts.get(number),
                quotes=tuple(ordered) if number == kept.ref.revision else (),
                replaced=tuple(past for past in replaced if past.revision == number),
            )
            for number in sorted(numbers)
        ),
        entities=kept.entities,
        people={
            entity.id: people[key]
            for entity in kept.entities
            if entity.type == "person" and (key := name_key(entity.name)) in people
        },
        story=kept.story,
        extractor=kept.extractor,
        extracted_at=kept.extracted_at,
        notes=kept.notes,
    )
