"""Opening the archive that a URL names."""

from pathlib import Path
from urllib.parse import unquote

from onrecord.archive.interface import Archive
from onrecord.archive.opensearch.policy import SCHEME, OpenSearchPolicy
from onrecord.archive.rebuilding import Rebuild
from onrecord.archive.sqlite.archive import SqliteArchive
from onrecord.archive.sqlite.rebuild import SqliteRebuild
from onrecord.errors import ArchiveRefused
from onrecord.log.shown_url import shown_url

_RIGHT = "say sqlite:///data/archive.db, sqlite:////absolute/path.db, or opensearch://host:9200"


def open_archive(
    url: str, *, make: bool = True, opensearch: OpenSearchPolicy | None = None
) -> Archive:
    """The archive at `url`; a missing one is created, or refused without `make`.

    Raises ArchiveRefused; for a cluster also ArchiveUnavailable and ConfigError.
    """
    if url.startswith(SCHEME):
        # urllib3 is imported for a cluster alone.
        from onrecord.archive.opensearch.archive import OpenSearchArchive

        return OpenSearchArchive(url, opensearch or OpenSearchPolicy(), make=make)
    return SqliteArchive(_file_of(url), make=make)


def open_rebuild(url: str, *, opensearch: OpenSearchPolicy | None = None) -> Rebuild:
    """A rebuild of the archive at `url`, begun or continued. Raises as `open_archive`."""
    if url.startswith(SCHEME):
        from onrecord.archive.opensearch.rebuild import OpenSearchRebuild

        return OpenSearchRebuild(url, opensearch or OpenSearchPolicy())
    return SqliteRebuild(_file_of(url))


def _file_of(url: str) -> Path:
    rest = url.removeprefix("sqlite:///")
    path = unquote(rest)
    if rest == url or "?" in rest or "#" in rest:
        raise ArchiveRefused(f"{shown_url(url)} is not the URL of an archive: {_RIGHT}")
    if path in {"", ":memory:"} or path.endswith("/") or "\0" in path:
        raise ArchiveRefused(f"{shown_url(url)} names no file: {_RIGHT}")
    return Path(path)
