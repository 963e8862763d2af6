"""What the machine has too little of when SQLite cannot open or write a file."""

import errno
import os
import shutil
from pathlib import Path

DISK_IS_FULL = "the disk is full: free some space and start again, nothing is damaged"
TOO_MANY_FILES = (
    "this process may open no more files: raise its limit (`ulimit -n`, LimitNOFILE= of systemd)"
)
_LEAST_FREE_BYTES = 65_536


def has_no_room(folder: Path) -> bool:
    """Whether next to nothing can be written to this folder's disk."""
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE_BYTES
    except OSError:
        return False


def may_open_no_more() -> bool:
    """Whether this process, or the machine, has as many files open as it may."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in {errno.EMFILE, errno.ENFILE}
    return False
