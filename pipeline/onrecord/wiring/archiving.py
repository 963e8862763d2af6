"""The archive, as configured."""

from onrecord.archive.interface import Archive
from onrecord.archive.opening import open_archive as open_archive_at
from onrecord.config import Config
from onrecord.errors import ArchiveRefused


def open_archive(config: Config, *, make: bool = False) -> Archive:
    """The configured archive; only read, unless it is to be made. Raises ArchiveRefused."""
    if not config.archive.url:
        raise ArchiveRefused("archive.url is empty: no archive is kept")
    return open_archive_at(config.archive.url, make=make, opensearch=config.opensearch)
