"""The archive, as configured: where it is, and what it is made of."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import PurePath
from time import monotonic

from onrecord.archive.indexing.changes import ArchiveSources, of_articles
from onrecord.archive.indexing.indexer import Indexed, Skipped
from onrecord.archive.indexing.keeping import ArchiveKeeper
from onrecord.archive.indexing.people import ArchivePeople
from onrecord.archive.indexing.rebuild import Rebuilding
from onrecord.archive.interface import Archive
from onrecord.archive.opening import open_archive as open_archive_at
from onrecord.archive.opening import open_rebuild
from onrecord.archive.past import article_of, extraction_of, messages_of
from onrecord.archive.policy import ArchivePolicy
from onrecord.archive.rebuilding import Carried, Rebuild
from onrecord.config import Config
from onrecord.errors import ArchiveRefused, Mistake, OnrecordError
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log, Message, Partition, Start
from onrecord.sink.selection import What
from onrecord.sink.subscribe import Stretch
from onrecord.wiring.opening import topics_of
from onrecord.wiring.people import live_people


def keeps_archive(config: Config) -> bool:
    """Whether an archive is kept."""
    return bool(config.archive.url)


def archive_url(config: Config) -> str:
    """The URL of the archive: unless it is configured, in the folder of the log's file.

    A log of another name than onrecord.db has an archive of another name: two logs in one folder
    have two archives.
    """
    url = config.archive.url
    if not url:
        raise ArchiveRefused("archive.url is empty: no archive is kept")
    log = config.log.url
    if url != ArchivePolicy.url or not log.startswith("sqlite:///"):
        return url
    path = PurePath(log.removeprefix("sqlite:///"))
    name = "archive.db" if path.name == "onrecord.db" else f"{path.stem}-archive.db"
    return f"sqlite:///{path.with_name(name)}"


def archive_group(config: Config) -> str:
    """The name under which the archive's positions stand in the log, for `status` and metrics.

    Nobody joins this group: whoever writes the archive keeps its positions with it.
    """
    return f"{config.log.prefix}.archive"


def open_archive(config: Config, *, make: bool = False) -> Archive:
    """The configured archive; only read, unless it is to be made. Raises ArchiveRefused."""
    return open_archive_at(archive_url(config), make=make, opensearch=config.opensearch)


def archive_sources(config: Config, log: Log, archive: Archive) -> ArchiveSources:
    """Articles and extractions, with the people whom they name."""
    topics = topics_of(config)
    people = ArchivePeople(live_people(config, log), archive, monotonic=monotonic)
    return ArchiveSources(
        topics={topics.articles: of_articles, topics.extractions: people.of_extractions},
        news=people.news,
        again=people.again,
    )


def archive_keeper(
    config: Config,
    log: Log,
    archive: Archive,
    *,
    backoff: Backoff,
    skipped: Skipped,
    report: Callable[[Indexed], None],
    broken: Callable[[str | None], None],
) -> ArchiveKeeper:
    """Keeps the archive level with the log."""
    return ArchiveKeeper(
        log,
        archive,
        archive_sources(config, log, archive),
        backoff=backoff,
        skipped=skipped,
        report=report,
        broken=broken,
        shown=_shown_in(log, archive_group(config)),
    )


@contextmanager
def level_archive(
    config: Config,
    log: Log,
    *,
    backoff: Backoff,
    skipped: Skipped,
    report: Callable[[Indexed], None],
    broken: Callable[[str | None], None],
    stopped: Callable[[], bool],
) -> Iterator[Archive]:
    """The archive, brought level with the log unless another process does that."""
    with open_archive(config, make=True) as archive:
        archive_keeper(
            config,
            log,
            archive,
            backoff=backoff,
            skipped=skipped,
            report=report,
            broken=broken,
        ).catch_up(stopped)
        yield archive


def published_in(
    config: Config,
    log: Log,
    what: What,
    stretch: Stretch,
    *,
    backoff: Backoff,
    skipped: Skipped,
    report: Callable[[Indexed], None] = lambda done: None,
    stopped: Callable[[], bool],
) -> Generator[Message, None, None]:
    """What was published in a stretch of time, from the archive; close it to stop early.

    Messages are articles, or extractions. Raises Mistake for a stretch that begins with now.
    """
    if stretch.start is Start.LATEST:
        raise Mistake("by published: say since when, as a date or `earliest`")
    after = stretch.start if isinstance(stretch.start, datetime) else None
    before = stretch.until if isinstance(stretch.until, datetime) else None
    record_of = article_of if what is What.ARTICLES else extraction_of
    with level_archive(
        config,
        log,
        backoff=backoff,
        skipped=skipped,
        report=report,
        broken=lambda why: None,
        stopped=stopped,
    ) as archive:
        for message in messages_of(archive, record_of, after=after, before=before):
            if stopped():
                return
            yield message


def archive_rebuild(config: Config) -> Rebuild:
    """A rebuild of the archive, begun or continued. Raises ArchiveRefused."""
    return open_rebuild(archive_url(config), opensearch=config.opensearch)


def rebuilding(
    config: Config,
    log: Log,
    rebuild: Rebuild,
    *,
    skipped: Skipped,
    report: Callable[[Indexed], None],
    carried: Carried,
    stopped: Callable[[], bool],
) -> Rebuilding:
    """Makes the archive anew from the log."""
    return Rebuilding(
        log,
        archive_sources(config, log, rebuild.archive),
        rebuild,
        skipped=skipped,
        report=report,
        carried=carried,
        stopped=stopped,
    )


def _shown_in(log: Log, group: str) -> Callable[[Mapping[Partition, int]], None]:
    """Sets the positions of a group that has no members, where they changed.

    The archive keeps its own; these are for people. A log that refuses them has no lag to show.
    """
    before: dict[Partition, int] = {}

    def show(positions: Mapping[Partition, int]) -> None:
        if positions != before:
            with suppress(OnrecordError):
                log.reset(group, positions)
            before.update(positions)

    return show
