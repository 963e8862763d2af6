"""The archive in a SQLite file."""

import shutil
from contextlib import closing
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from onrecord.archive.interface import Archive, ArticleGone, ExtractionGone
from onrecord.archive.opening import open_archive
from onrecord.archive.query import Named, NameField, parse_query
from onrecord.archive.sqlite import purging
from onrecord.archive.sqlite.archive import open_to_read
from tests.archive.contract import PIER, TAX, ArchiveContract, fill
from tests.archive.reports import Said, report
from tests.patience import PATIENCE_S


class TestSqliteArchive(ArchiveContract):
    pass


def test_a_name_that_very_many_have_is_found_beside_a_time(archive: Archive) -> None:
    names = [f"Lind{n} Harbour" for n in range(1_000)]
    fill(archive, report("a", *(Said(name, PIER, about=(name,)) for name in names)))
    for field in ("about", "speaker"):
        found = archive.count(parse_query(f"{field}:harbour OR before:2000-01-01"))
        assert (found.count, found.is_bounded) == (1_000, False), field
    # Many such terms would take long: names are left out, and that is told.
    many = " OR ".join(f"about:{name}" for name in ("harbour", "Harbour", "HARBOUR", "harbouR"))
    assert archive.count(parse_query(many)).is_bounded


def test_a_name_of_more_words_than_a_statement_takes_is_nobodys(archive: Archive) -> None:
    fill(archive, report("a", Said("Mara Lind", PIER)))
    words = tuple(f"w{n}" for n in range(600))  # no query has so many
    assert archive.count(Named(NameField.SPEAKER, " ".join(words), words)).count == 0


# ── the WAL ──────────────────────────────────────────────────────────────────────────────────


def _wal_bytes(folder: Path) -> int:
    wal = folder / "archive.db-wal"
    return wal.stat().st_size if wal.exists() else 0


def test_a_writer_that_ends_leaves_no_wal_though_readers_close_last(
    archive: Archive, tmp_path: Path
) -> None:
    with archive.writer() as writer:
        writer.write(report("a", Said("Mara Lind", PIER)).changes(), {})
        assert archive.status().articles == 1
        assert _wal_bytes(tmp_path)
    assert _wal_bytes(tmp_path) == 0
    writer.close()  # again, as after an error
    archive.close()
    assert _wal_bytes(tmp_path) == 0


def test_the_size_of_an_archive_has_what_is_in_the_wal(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / "archive.db"
    with archive.writer() as writer:
        writer.write([one for n in range(99) for one in report(f"a{n}").changes()], {})
        assert archive.status().size_bytes > file.stat().st_size
        told = archive.status().size_bytes
    assert told == file.stat().st_size == archive.status().size_bytes


def test_a_reader_goes_on_with_its_snapshot_while_a_writer_ends(
    archive: Archive, tmp_path: Path
) -> None:
    articles = "SELECT count(*) FROM article"
    with closing(open_to_read(tmp_path / "archive.db")) as reader:
        with reader.snapshot():
            assert reader.number(articles) == 0
            fill(archive, report("a", Said("Mara Lind", PIER)))
            assert reader.number(articles) == 0
        assert reader.number(articles) == 1
        fill(archive)
        assert _wal_bytes(tmp_path) == 0


# ── no byte is left ──────────────────────────────────────────────────────────────────────────


SECRET = report("a", Said("Mara Lind", "The zanzibar affidavit."), title="Zanzibar")


def _has_secret(folder: Path) -> bool:
    """Whether any file has the word, also as FTS5 abbreviates it after one with its beginning."""
    files = b"".join(path.read_bytes() for path in folder.glob("archive.db*")).lower()
    return b"anzibar" in files


@pytest.mark.parametrize("kind", [ArticleGone, ExtractionGone])
def test_no_byte_of_what_was_removed_stays_in_the_file(
    archive: Archive, tmp_path: Path, kind: type[ArticleGone | ExtractionGone]
) -> None:
    others = [report(f"b{n}", Said("Ola Berg", f"{TAX} {n}")) for n in range(50)]
    fill(archive, *others[:25], SECRET, *others[25:])
    assert _has_secret(tmp_path)
    fill(archive, kind(article="a"), ArticleGone(article="a"))
    assert not _has_secret(tmp_path)
    assert archive.count(parse_query("tax")).count == 50


def test_a_writer_killed_before_it_overwrote_what_was_removed_leaves_it_to_the_next(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive, SECRET, report("b", Said("Ola Berg", TAX)))
    with monkeypatch.context() as killed:
        killed.setattr(purging, "purge_if_due", lambda *_: None)
        fill(archive, ArticleGone(article="a"))
    assert _has_secret(tmp_path)
    with open_archive(f"sqlite:///{tmp_path / 'archive.db'}") as again:
        fill(again)
    assert not _has_secret(tmp_path)


def test_a_file_is_not_written_anew_where_the_disk_has_no_room(
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    looks: list[Path] = []

    def look(folder: Path) -> SimpleNamespace:
        looks.append(folder)
        return SimpleNamespace(free=4096)

    fill(archive, SECRET, report("b", Said("Ola Berg", TAX)))
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", look)
        with archive.writer() as writer:
            writer.write([ArticleGone(article="a")], {})
            writer.write(report("c", Said("Ola Berg", PIER)).changes(), {})
            writer.write([ArticleGone(article="c")], {})
    assert len(looks) == 2  # after a removal, not after each batch
    (said,) = caplog.messages  # once
    assert "4,096 are free" in said
    assert _has_secret(tmp_path)
    archive.writer().close()  # a start is enough
    assert not _has_secret(tmp_path)


def test_a_writer_shows_life_while_the_file_is_written_anew(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_alive = Event()
    monkeypatch.setattr(purging, "_LIFE_S", 0.001)
    monkeypatch.setattr(purging, "_purge", lambda db: is_alive.wait(PATIENCE_S))
    fill(archive, SECRET)
    with archive.writer(alive=is_alive.set) as writer:
        writer.write([ArticleGone(article="a")], {})
    assert is_alive.is_set()
