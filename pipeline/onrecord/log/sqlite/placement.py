"""The files allowed to hold a log, and their preparation."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from onrecord.errors import LogBroken, LogRefused, LogUnavailable
from onrecord.log.sqlite.access import FileAccess, access_to
from onrecord.log.sqlite.database import Database, FileId
from onrecord.log.sqlite.schema import check_or_create

T = TypeVar("T")

# SQLite's write-ahead log needs shared memory between processes and reliable locks; file systems
# on another machine, or in another process, guarantee neither.
_NETWORK = {
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gpfs", "lustre", "ncpfs",
    "nfs", "nfs4", "ocfs2", "pvfs2", "smb3", "smbfs", "vboxsf", "vmhgfs",
}  # fmt: skip
_NETWORK_FUSE = {
    "ceph", "davfs", "davfs2", "gcsfuse", "glusterfs", "juicefs", "rclone", "s3fs", "smbnetfs",
    "sshfs", "vmhgfs-fuse",
}  # fmt: skip
_MOUNTS = Path("/proc/self/mounts")


def prepare(path: Path, *, busy_s: float, make: bool = True) -> FileId | None:
    """Create the log file and its folder, or check that the existing file is a log.

    Returns its device and inode.

    Raises LogRefused, in one line, for a path that cannot be a log: a directory, a file of
    another program or version, a network file system. Such a file is left unchanged. Without
    `make`, raises it for a missing file too, and creates nothing; the right to read is enough.
    """
    try:
        if not make:
            _refuse_missing(path)
        _check_place(path, is_written=make)
    except (FileExistsError, NotADirectoryError) as error:
        raise LogRefused(f"{path}: {error.filename} is not a folder") from error
    except PermissionError as error:
        raise LogRefused(f"{path}: permission denied ({error.filename})") from error
    except OSError as error:
        raise LogRefused(f"{path}: {error.strerror or error}") from error
    if make:
        _make_for_us_alone(path)
    try:
        return _patiently(lambda: _open_once(path, busy_s), time.monotonic() + busy_s)
    except LogBroken as error:
        # Only SQLite may open the file. Closing a descriptor that we opened ourselves would
        # release the locks of every connection of this process, and another process would then
        # delete the write-ahead log that is still in use here.
        if getattr(error.__cause__, "sqlite_errorname", None) == "SQLITE_NOTADB":
            raise LogRefused(
                f"{path} is not a log of onrecord: choose another file for the log"
            ) from error
        raise


def _refuse_missing(path: Path) -> None:
    if not path.exists():
        raise LogRefused(
            f"{path}: there is no log yet: `onrecord run`, `poll`, `extract` and `import` create "
            "it, or name another with --log or log.url"
        )


def _check_place(path: Path, *, is_written: bool) -> None:
    if path.is_dir():
        raise LogRefused(f"{path} is a directory: a log is one file, say {path / 'onrecord.db'}")
    _refuse_network(path)
    if not is_written:
        if not os.access(path, os.R_OK):
            raise LogRefused(f"{path} cannot be read: check its rights")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for needed in (path.parent, path):
        if needed.exists() and not os.access(needed, os.W_OK):
            raise LogRefused(f"{path}: {needed} cannot be written: check its rights")


def _make_for_us_alone(path: Path) -> None:
    """Create an empty file readable only by its owner: it reveals what a newsroom follows.

    SQLite gives the files beside it the same permissions. An existing file keeps its own.
    """
    with suppress(OSError):  # it exists, or SQLite will report the reason
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _refuse_network(path: Path) -> None:
    mounts = _MOUNTS.read_text(errors="replace") if _MOUNTS.exists() else ""
    file_system = file_system_of(path.resolve(), mounts)
    if is_network(file_system):
        raise LogRefused(
            f"{path} is on a network file system ({file_system}), where SQLite can lose data: "
            "put the log on a local disk, or use Kafka (kafka://host:9092)"
        )


def is_network(file_system: str) -> bool:
    """Whether a file system of this type is remote, or served by another process."""
    kind, _, sub = file_system.partition(".")
    return sub in _NETWORK_FUSE if kind == "fuse" else kind in _NETWORK


def file_system_of(path: Path, mounts: str) -> str:
    """The type of the file system of an absolute path; "" when unknown.

    `mounts` is /proc/self/mounts: device, mount point, type, … of each, later ones on top.
    """
    best, found = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        # The kernel writes spaces in names as \040, and backslashes as \134.
        point = Path(fields[1].replace("\\040", " ").replace("\\134", "\\"))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), fields[2]
    return found


def _open_once(path: Path, busy_s: float) -> FileId | None:
    access = access_to(path)
    database = Database(path, busy_s=busy_s, access=access)
    try:
        check_or_create(database, upgrade=access is FileAccess.WRITE)
    finally:
        database.close()
    return database.file


def _patiently(attempt: Callable[[], T], give_up_at: float) -> T:
    """Retry `attempt`: SQLite does not wait while another process switches a new file to WAL."""
    while True:
        try:
            return attempt()
        except LogUnavailable:
            if time.monotonic() >= give_up_at:
                raise
        time.sleep(0.02)
