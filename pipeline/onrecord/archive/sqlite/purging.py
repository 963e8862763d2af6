"""Leaves no byte of what was removed in an archive's file.

SQLite keeps removed records in free pages, and FTS5 keeps removed words until parts of its index
are merged. So the file is written anew after a tombstone removed something. That it is due is
stored with the removal: a writer that is killed before leaves it to the next.
"""

import logging
import shutil
import threading
from collections.abc import Callable
from functools import partial

from onrecord.beside import beside
from onrecord.errors import OnrecordError
from onrecord.log.sqlite.database import Database

logger = logging.getLogger(__name__)

_DUE = "unpurged"
_LIFE_S = 5.0  # between two signs of life


def note_removal(db: Database) -> None:
    """Remember that something was removed. Call in the transaction of the removal."""
    db.execute("INSERT OR REPLACE INTO counter (name, n) VALUES (?, 1)", (_DUE,))


def purge_if_due(db: Database, alive: Callable[[], object] = lambda: None) -> str | None:
    """Write the file anew if something was removed from it; readers go on meanwhile.

    `alive` is called every few seconds, from a thread. Returns None, or why it was not done: then
    it stays due.
    """
    if db.row("SELECT 1 FROM counter WHERE name = ?", (_DUE,)) is None:
        return None
    if (lack := _lack_of_space(db)) is not None:
        return lack
    try:
        with beside("purging", partial(_show_life, alive)):
            _purge(db)
    except OnrecordError as error:
        return str(error)
    return None


def _purge(db: Database) -> None:
    with db.write():
        db.execute("INSERT INTO search (search) VALUES ('optimize')")
    db.execute("VACUUM")
    db.checkpoint()
    with db.write():
        db.execute("DELETE FROM counter WHERE name = ?", (_DUE,))


def _lack_of_space(db: Database) -> str | None:
    """Why the file cannot be written anew: the copy goes through the WAL, so it is there twice."""
    size = db.number("PRAGMA page_count") * db.number("PRAGMA page_size")
    try:
        free = shutil.disk_usage(db.path.parent).free
    except OSError as error:
        return str(error)
    if free >= 2 * size:
        return None
    return f"that takes {2 * size:,} bytes of free space, and {free:,} are free"


def _show_life(alive: Callable[[], object], over: threading.Event) -> None:
    """SQLite does not return before the end, which for a large file is minutes away."""
    while not over.wait(_LIFE_S):
        alive()


class Purge:
    """What one writer does about it: an attempt when it begins, and after each removal."""

    def __init__(self, db: Database, alive: Callable[[], object]) -> None:
        self._db = db
        self._alive = alive
        self._is_told = False

    def attempt(self) -> None:
        """Write the file anew if that is due; where it cannot be, a warning says so once."""
        why_not = purge_if_due(self._db, self._alive)
        if why_not is not None and not self._is_told:
            logger.warning(
                "%s still has bytes of what was removed, as it cannot be written anew: %s; it is "
                "tried again at the next start or removal",
                self._db.path,
                why_not,
            )
        self._is_told = why_not is not None
