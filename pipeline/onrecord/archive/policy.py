"""Where the archive is, and how it is kept."""

from dataclasses import dataclass

from onrecord.settings import key


@dataclass(frozen=True, kw_only=True)
class ArchivePolicy:
    """Where the searchable archive of quotes is kept."""

    url: str = key(
        "sqlite:///data/archive.db",
        "The searchable archive of articles and quotes: sqlite:///data/archive.db (relative to the "
        "working folder; four slashes for an absolute path), or where one machine is not enough, "
        "opensearch://host:9200,host2:9200 (see opensearch.*). Unless another is named here, the "
        "archive of a log in a file is beside that file. `onrecord run` and `serve` keep it level "
        "with the log; `onrecord archive rebuild` makes it anew. Empty keeps none.",
    )
