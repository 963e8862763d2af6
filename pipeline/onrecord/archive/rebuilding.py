"""A new archive made beside the old one, which it then replaces."""

from collections.abc import Callable, Mapping
from typing import Protocol, Self

from onrecord.archive.interface import Archive, ArchiveWriter
from onrecord.log.interface import Partition

Carried = Callable[[int], None]


class Rebuild(Protocol):
    """A rebuild, continued where it was interrupted.

    `archive` is the new one. Readers have the old one until `finish` puts the new in its place.
    """

    @property
    def archive(self) -> Archive: ...

    def old_positions(self) -> Mapping[Partition, int]:
        """The positions of the old archive; empty where there is none that can be read."""

    def start_over(self) -> None:
        """Empty the new archive."""

    def finish(
        self, catch_up: Callable[[ArchiveWriter], None], carried: Carried, *, is_of_this_log: bool
    ) -> str | None:
        """Replace the old archive, as its one writer.

        `catch_up` indexes what came meanwhile. What only the old archive has, because the log
        dropped it, is carried over: articles with their quotes, texts of revisions, and what
        became of quotes; `carried` is told how many articles. Nothing is, unless the old archive
        `is_of_this_log`. Returns why nothing could be carried over, None where it was.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...
