"""Opening the archive that a URL names."""

from pathlib import Path
from urllib.parse import unquote

from onrecord.archive.interface import Archive
from onrecord.archive.sqlite.archive import SqliteArchive
from onrecord.errors import ArchiveRefused
from onrecord.log.shown_url import shown_url

_RIGHT = "say sqlite:///data/archive.db or sqlite:////absolute/path.db"


def open_archive(url: str, *, make: bool = True) -> Archive:
    """The archive at `url`; a missing file is created, or refused without `make`.

    Raises ArchiveRefused.
    """
    rest = url.removeprefix("sqlite:///")
    path = unquote(rest)
    if rest == url or "?" in rest or "#" in rest:
        raise ArchiveRefused(f"{shown_url(url)} is not the URL of an archive: {_RIGHT}")
    if path in {"", ":memory:"} or path.endswith("/") or "\0" in path:
        raise ArchiveRefused(f"{shown_url(url)} names no file: {_RIGHT}")
    return SqliteArchive(Path(path), make=make)
