"""The archive in a SQLite file."""

from tests.archive.contract import ArchiveContract


class TestSqliteArchive(ArchiveContract):
    pass
