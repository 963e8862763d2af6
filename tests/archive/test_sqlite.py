"""The archive in a SQLite file."""

from onrecord.archive.interface import Archive, ArticleGone, ExtractionRead
from tests.archive.contract import PIER, ArchiveContract, fill, words_found
from tests.archive.reports import Said, report


class TestSqliteArchive(ArchiveContract):
    pass


def test_an_extraction_of_a_removed_article_is_passed_over_until_it_is_published_again(
    archive: Archive,
) -> None:
    one = report("a", Said("Mara Lind", PIER))
    # Topics are read in any order: the tombstone can come before the extraction.
    fill(archive, one, ArticleGone(article="a"), ExtractionRead(extraction=one.extraction))
    assert archive.article("a") is None
    fill(archive, one)
    assert words_found(archive, "pier") == [PIER]
