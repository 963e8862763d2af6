"""What this process may do with a log's file, and how the file is opened for it."""

import os
from enum import Enum
from pathlib import Path


class FileAccess(Enum):
    """How a file is opened, as in the URI of SQLite."""

    WRITE = "mode=rwc"
    # Beside a process that writes: its shared memory and write-ahead log are read too.
    READ = "mode=ro"
    # Nobody writes, and nothing may be created beside the file: SQLite reads the file alone.
    FROZEN = "mode=ro&immutable=1"


def access_to(path: Path) -> FileAccess:
    """How this process can open a log.

    Only what belongs to others is left alone: shared memory that a reader creates for a file it
    may not write could not be used by those who may.
    """
    if not path.exists():  # the first to write reports it
        return FileAccess.WRITE
    if all(os.access(needed, os.W_OK) for needed in (path, path.parent)):
        return FileAccess.WRITE
    shared = path.with_name(path.name + "-shm")
    return FileAccess.READ if shared.exists() else FileAccess.FROZEN
