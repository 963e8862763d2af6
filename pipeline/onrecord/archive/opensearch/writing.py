"""Applies changes to the indexes, in the order in which the log has them.

A batch is written in steps that can all be repeated: names, then quotes, then their articles, then
positions. Killed in between, the writer reads the batch again and writes the same. Quotes have
their article's generation as external version: what a writer sends late, after another took over,
is refused (409), which is a success, for a newer document is there. An article is only replaced as
it was read.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Self

import msgspec
from msgspec.structs import replace

from onrecord.archive.interface import (
    ArchiveWriter,
    ArticleGone,
    ArticleRead,
    Change,
    ExtractionGone,
    ExtractionRead,
    NamesResolved,
    QuotesRejected,
    SpeakersCorrected,
)
from onrecord.archive.opensearch.articles import (
    KeptArticle,
    kept_in,
    merged,
    with_article,
    with_extraction,
    without_quotes,
)
from onrecord.archive.opensearch.client import Json, SearchCluster
from onrecord.archive.opensearch.gone import OfArticle, RemovedArticles, article_of
from onrecord.archive.opensearch.indexes import Indexes
from onrecord.archive.opensearch.lease import ClusterLease
from onrecord.archive.opensearch.names import NameWriter
from onrecord.archive.opensearch.quotes import Correction, about_of, quote_document, speaker_of
from onrecord.errors import ArchiveUnavailable
from onrecord.log.interface import Partition


class _Loaded(msgspec.Struct):
    """An article as it was read, and as it is now. `version` is None where there was none.

    It is written when it changed, or `is_due`: then something beside it changed.
    """

    before: KeptArticle | None
    now: KeptArticle | None
    version: tuple[int, int] | None
    is_due: bool = False
    generation: int = 0

    @property
    def is_changed(self) -> bool:
        return self.is_due or self.now != self.before


class OpenSearchWriter(ArchiveWriter):
    """The writer of an archive in OpenSearch."""

    def __init__(
        self,
        cluster: SearchCluster,
        indexes: Indexes,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises ArchiveUnavailable while another writer is at work."""
        self._cluster = cluster
        self._indexes = indexes
        self._clock = clock
        self._lease = ClusterLease(cluster, indexes)
        self._names = NameWriter(cluster, indexes)

    def positions(self) -> Mapping[Partition, int]:
        return read_state(self._cluster, self._indexes)[0]

    def write(
        self,
        changes: Sequence[Change],
        positions: Mapping[Partition, int],
        *,
        skipped: int = 0,
    ) -> None:
        self._lease.check()
        for is_of_article, group in groupby(changes, lambda one: isinstance(one, OfArticle)):
            if is_of_article:
                self._apply_to_articles([one for one in group if isinstance(one, OfArticle)])
            else:
                for change in group:
                    self._apply(change)
        self._lease.check()
        self._cluster.request("POST", f"/{self._indexes.all}/_refresh")
        if positions or skipped:
            self._move(positions, skipped)

    def carry_over(self, old: Sequence[KeptArticle]) -> int:
        """Add what only an old archive has of these articles; how many had something to add."""
        ids = [kept.ref.id for kept in old]
        loaded, gone = self._load(ids), RemovedArticles(self._cluster, self._indexes, ids)
        for kept in old:
            article = loaded[kept.ref.id]
            if not gone.has_whole(kept.ref.id):
                keeps_quotes = not gone.has(kept.ref.id)
                found = merged(kept, article.now, keeps_quotes=keeps_quotes)
                article.now = found
        carried = sum(one.is_changed for one in loaded.values())
        self._write(loaded)
        return carried

    def is_wanted(self) -> bool:
        return self._lease.is_wanted()

    def _apply(self, change: Change) -> None:
        match change:
            case NamesResolved(people=people):
                self._names.resolve(people)
            case SpeakersCorrected(people=people):
                self._correct({quote: {"person": person} for quote, person in people.items()})
            case QuotesRejected(rejected=rejected):
                self._correct({quote: {"is_rejected": no} for quote, no in rejected.items()})

    # ── articles ─────────────────────────────────────────────────────────────────────────────

    def _apply_to_articles(self, changes: Sequence[OfArticle]) -> None:
        ids = list(dict.fromkeys(map(article_of, changes)))
        loaded, gone = self._load(ids), RemovedArticles(self._cluster, self._indexes, ids)
        for change in changes:
            article = loaded[article_of(change)]
            if not gone.passes_over(change):
                article.now = _after(article.now, change)
        # First: an extraction that comes after a tombstone must not bring anything back.
        gone.write()
        self._write(loaded)

    def _load(self, ids: Iterable[str]) -> dict[str, _Loaded]:
        ids = list(ids)
        found = self._cluster.many(self._indexes.articles, ids)
        loaded = {}
        for article_id in ids:
            document = found.get(article_id)
            if document is None:
                loaded[article_id] = _Loaded(None, None, None)
            else:
                kept = kept_in(document)
                version = (document["_seq_no"], document["_primary_term"])
                loaded[article_id] = _Loaded(kept, kept, version)
        return loaded

    def _write(self, loaded: Mapping[str, _Loaded]) -> None:
        """Write articles that changed, with their quotes."""
        changed_ones = {key: one for key, one in loaded.items() if one.is_changed}
        for one in changed_ones.values():
            self._date(one)
        corrections = self._corrections(
            quote.id for one in changed_ones.values() if one.now for quote in one.now.quotes
        )
        self._make_names(changed_ones.values(), corrections)
        self._cluster.bulk(
            [
                action
                for one in changed_ones.values()
                for action in self._quote_actions(one, corrections)
            ]
        )
        conflicts = self._cluster.bulk(
            [
                action
                for article_id, one in changed_ones.items()
                for action in self._article_actions(article_id, one)
            ]
        )
        if conflicts:
            raise ArchiveUnavailable(
                f"{self._cluster.url}: another process wrote article {conflicts[0]} meanwhile"
            )

    def _date(self, one: _Loaded) -> None:
        """Give an article its next generation."""
        before = one.before.generation if one.before else 0
        one.generation = max(before + 1, int(self._clock() * 1000))
        if one.now is not None:
            one.now = replace(one.now, generation=one.generation)

    def _make_names(
        self, articles: Iterable[_Loaded], corrections: Mapping[str, Correction]
    ) -> None:
        names = set()
        for one in articles:
            for quote in one.now.quotes if one.now else ():
                names.update(about_of(quote))
                speaker = speaker_of(quote, corrections.get(quote.id, Correction()))
                names.update([speaker] if speaker else [])
        self._names.make(names)

    def _quote_actions(self, one: _Loaded, corrections: Mapping[str, Correction]) -> list[Json]:
        before = one.before.quotes if one.before else ()
        now = one.now.quotes if one.now else ()
        kept_ids = {quote.id for quote in now}
        versioned = {
            "_index": self._indexes.quotes,
            "version": one.generation,
            "version_type": "external",
        }
        actions: list[Json] = [
            {"delete": {**versioned, "_id": quote.id}}
            for quote in before
            if quote.id not in kept_ids
        ]
        for n, quote in enumerate(now):
            corrected = corrections.get(quote.id, Correction())
            actions.append({"index": {**versioned, "_id": quote.id}})
            actions.append(quote_document(one.now, n, corrected) if one.now else {})
        return actions

    def _article_actions(self, article_id: str, one: _Loaded) -> list[Json]:
        place: dict[str, object] = {"_index": self._indexes.articles, "_id": article_id}
        if one.version is not None:
            place |= {"if_seq_no": one.version[0], "if_primary_term": one.version[1]}
        if one.now is None:
            return [{"delete": place}] if one.version is not None else []
        document = {
            "id": article_id,
            "at": one.now.at,
            "story": one.now.story,
            "replaced": [past.id for past in one.now.replaced],
            "record": msgspec.to_builtins(one.now),
        }
        return [{"create" if one.version is None else "index": place}, document]

    # ── corrections ──────────────────────────────────────────────────────────────────────────

    def _corrections(self, quote_ids: Iterable[str]) -> dict[str, Correction]:
        found = self._cluster.many(self._indexes.corrections, sorted(set(quote_ids)))
        return {key: msgspec.convert(doc["_source"], Correction) for key, doc in found.items()}

    def _correct(self, corrected: Mapping[str, Json]) -> None:
        """Keep corrections, and write the articles of their quotes again."""
        known = self._corrections(corrected)
        actions: list[Json] = []
        for quote_id, more in corrected.items():
            document = {**msgspec.to_builtins(known.get(quote_id, Correction())), **more}
            actions += [
                {"index": {"_index": self._indexes.corrections, "_id": quote_id}},
                document,
            ]
        self._cluster.bulk(actions)
        quotes = self._cluster.many(self._indexes.quotes, list(corrected))
        loaded = self._load({quote["_source"]["article"] for quote in quotes.values()})
        for one in loaded.values():
            one.is_due = one.now is not None
        self._write(loaded)

    # ── positions ────────────────────────────────────────────────────────────────────────────

    def _move(self, positions: Mapping[Partition, int], skipped: int) -> None:
        known, count = read_state(self._cluster, self._indexes)
        moved = [[*place, offset] for place, offset in {**known, **positions}.items()]
        body = {"record": {"positions": moved, "skipped": count + skipped}}
        self._cluster.request("PUT", f"/{self._indexes.state}/_doc/positions?refresh=true", body)

    def close(self, *, is_replaced: bool = False) -> None:
        """Give the right to write back, unless the indexes are not there any more."""
        self._lease.close(is_replaced=is_replaced)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def read_state(cluster: SearchCluster, indexes: Indexes) -> tuple[dict[Partition, int], int]:
    """The positions of the last batch, and the number of records that were left out."""
    found = cluster.request("GET", f"/{indexes.state}/_doc/positions", missing={})
    record = found.get("_source", {}).get("record", {})
    positions = {
        Partition(topic, number): offset for topic, number, offset in record.get("positions", ())
    }
    return positions, record.get("skipped", 0)


def _after(kept: KeptArticle | None, change: OfArticle) -> KeptArticle | None:
    """What a change makes of an article."""
    match change:
        case ArticleRead(article=article):
            return with_article(kept, article)
        case ExtractionRead(extraction=extraction):
            return with_extraction(kept, extraction)
        case ExtractionGone():
            return None if kept is None else without_quotes(kept)
        case ArticleGone():
            return None
