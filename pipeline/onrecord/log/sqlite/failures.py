"""What an error of SQLite says about the file, the disk and the process."""

import sqlite3
from pathlib import Path

from onrecord.log.sqlite.shortages import (
    DISK_IS_FULL,
    TOO_MANY_FILES,
    has_no_room,
    may_open_no_more,
)


def is_of_held_file(error: sqlite3.Error) -> bool:
    """Whether another process holds the file."""
    return _kind(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_of_full_disk(error: sqlite3.Error, folder: Path) -> bool:
    """Whether an error in writing to this folder is for want of room."""
    code = _kind(error)
    could_be = code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
    return code == sqlite3.SQLITE_FULL or (could_be and has_no_room(folder))


def is_of_useless_file(error: Exception) -> bool:
    """Whether an error, explained by `Database`, is for what the file holds.

    The file is damaged, or it is not a database, or it does not have the tables of the statements.
    A disk that fails, a quota that is used up or a missing right says nothing about what it holds.
    """
    return isinstance(error.__cause__, sqlite3.Error) and _kind(error.__cause__) in {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_ERROR,
    }


def what_to_do(error: sqlite3.Error, folder: Path, *, damaged: str) -> str:
    """The failure and its remedy, in words; `damaged` is the remedy for a damaged file."""
    code = _kind(error)
    if is_of_full_disk(error, folder):
        return DISK_IS_FULL
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return f"the file is damaged: {damaged}"
    if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN} and may_open_no_more():
        return TOO_MANY_FILES
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}:
        return f"cannot be written: check the rights to the file and its folder ({error})"
    if code == sqlite3.SQLITE_IOERR:
        return (
            "the disk failed, or a quota or a limit of file sizes was reached: look at the "
            f"system's log ({error})"
        )
    return f"the database refused a statement: {error}"


def _kind(error: sqlite3.Error) -> int:
    # The low byte is the kind of error, the rest its details.
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF
