"""The archive in a SQLite file."""

from onrecord.archive.interface import Archive, ArticleGone, ExtractionRead
from onrecord.archive.query import parse_query
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


def test_a_name_that_very_many_have_is_found_beside_a_time(archive: Archive) -> None:
    names = [f"Lind{n} Harbour" for n in range(1_000)]
    fill(archive, report("a", *(Said(name, PIER, about=(name,)) for name in names)))
    for field in ("about", "speaker"):
        found = archive.count(parse_query(f"{field}:harbour OR before:2000-01-01"))
        assert (found.count, found.is_bounded) == (1_000, False), field
    # Many such terms would take long: names are left out, and that is told.
    many = " OR ".join(["about:harbour"] * 40)
    assert archive.count(parse_query(many)).is_bounded


def test_a_name_of_more_words_than_a_statement_takes_is_nobodys(archive: Archive) -> None:
    fill(archive, report("a", Said("Mara Lind", PIER)))
    # Each of these characters is a word.
    assert words_found(archive, "speaker:" + "".join(map(chr, range(0x4E00, 0x4E00 + 600)))) == []
