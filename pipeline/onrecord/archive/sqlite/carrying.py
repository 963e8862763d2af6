"""Carries over from an old file what a rebuilt one lacks, because the log no longer has it."""

from collections.abc import Callable, Iterator

from onrecord.archive.interface import ArticleRead, Change, ExtractionRead
from onrecord.archive.past import extraction_of
from onrecord.archive.results import ArchivedArticle
from onrecord.archive.sqlite.pages import article
from onrecord.log.sqlite.database import Database

_ARTICLES = 200  # a transaction


def carry_over(
    old: Database,
    new: Database,
    write: Callable[[list[Change]], None],
    carried: Callable[[int], None],
) -> None:
    """Articles, texts and replaced quotes of the old file that the new one has not.

    What a tombstone in the log removed is not brought back.
    """
    changes: list[Change] = []
    count = 0
    for missing in _missing(old, new):
        changes += missing
        count += bool(missing)
        if len(changes) >= _ARTICLES:
            write(changes)
            carried(count)
            changes, count = [], 0
    write(changes)
    carried(count)
    _carry_replaced(old, new)


def _missing(old: Database, new: Database) -> Iterator[list[Change]]:
    for n, article_id, revisions, is_extracted in old.stream(
        "SELECT n, id, (SELECT group_concat(revision) FROM revision WHERE article = n), "
        "extracted_at IS NOT NULL FROM article ORDER BY at, n"
    ):
        gone = new.row("SELECT is_whole FROM gone WHERE article = ?", (article_id,))
        if gone is not None and gone[0]:
            continue
        there = new.row(
            "SELECT (SELECT group_concat(revision) FROM revision WHERE article = n), "
            "extracted_at IS NOT NULL FROM article WHERE id = ?",
            (article_id,),
        )
        texts, has_extraction = there or (None, False)
        lacking = _numbers(revisions) - _numbers(texts)
        needs_extraction = is_extracted and not has_extraction and gone is None
        if lacking or needs_extraction:
            found = article(old, article_id)
            assert found is not None, n  # noqa: S101 - it was just listed
            yield _changes(found, lacking, with_extraction=bool(needs_extraction))


def _numbers(listed: str | None) -> set[int]:
    return set() if listed is None else {int(number) for number in listed.split(",")}


def _changes(found: ArchivedArticle, lacking: set[int], *, with_extraction: bool) -> list[Change]:
    changes: list[Change] = [
        ArticleRead(article=revision.article)
        for revision in found.revisions
        if revision.article is not None and revision.revision in lacking
    ]
    extraction = extraction_of(found) if with_extraction else None
    if extraction is not None:
        changes.append(ExtractionRead(extraction=extraction))
    return changes


def _carry_replaced(old: Database, new: Database) -> None:
    """What became of quotes whose extractions the log no longer has."""
    with new.write():
        for article_id, *row in old.stream(
            "SELECT article.id, replaced.id, replaced.revision, words, speaker, became "
            "FROM replaced JOIN article ON article.n = replaced.article"
        ):
            new.execute(
                "INSERT OR IGNORE INTO replaced (article, id, revision, words, speaker, became) "
                "SELECT n, ?, ?, ?, ?, ? FROM article WHERE id = ? AND NOT EXISTS "
                "(SELECT 1 FROM gone WHERE gone.article = article.id)",
                (*row, article_id),
            )
