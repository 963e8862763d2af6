"""A log with reports, and an archive that follows it."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from onrecord.archive.indexing.changes import ArchiveSources, extraction_in, of_articles
from onrecord.archive.indexing.indexer import Indexed
from onrecord.archive.indexing.keeping import ArchiveKeeper
from onrecord.archive.indexing.rebuild import Rebuilding
from onrecord.archive.interface import Archive
from onrecord.archive.opening import open_archive, open_rebuild
from onrecord.archive.rebuilding import Rebuild
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, TopicSettings
from onrecord.records import to_json
from onrecord.topics import Topics
from tests.archive.reports import Report, Said, report
from tests.builders import NOON

TOPICS = Topics()
# Without people.
SOURCES = ArchiveSources(
    topics={
        TOPICS.articles: of_articles,
        TOPICS.extractions: lambda message: [extraction_in(message)],
    }
)
SPEAKERS = ("Mara Lind", "Ola Berg", "Zoë Lindqvist", "Goran Petrak")
WORDS = ("the", "pier", "ferry", "tax", "boats", "will", "open", "in", "May", "no", "guest")


def make_topics(log: Log, partitions: int = 3) -> None:
    for topic in (TOPICS.articles, TOPICS.extractions):
        log.create_topic(topic, TopicSettings(partitions=partitions))


def publish(log: Log, *reports: Report) -> None:
    with log.writer("test") as writer, writer.transaction() as tx:
        for one in reports:
            key = one.article.id.encode()
            tx.publish(TOPICS.articles, key=key, value=to_json(one.article))
            tx.publish(TOPICS.extractions, key=key, value=to_json(one.extraction))


def raw(log: Log, topic: str, key: bytes | None, value: bytes | None) -> None:
    with log.writer("test") as writer, writer.transaction() as tx:
        tx.publish(topic, key=key, value=value)


def some_reports(count: int, seed: int) -> list[Report]:
    """Reports of which some are revisions, some have the same words or no words at all."""
    chance = random.Random(seed)
    found = []
    for n in range(count):
        said = [
            Said(
                chance.choice(SPEAKERS),
                f"{' '.join(chance.choices(WORDS, k=chance.randint(1, 9)))} {n} {i}.",
                type=chance.choice(["direct", "mixed", "indirect"]),
                confidence=chance.randint(0, 1000) / 1000,
            )
            for i in range(chance.randint(0, 5))
        ]
        article = chance.randint(0, count // 2)
        at = NOON + timedelta(minutes=chance.randint(0, 90 * 24 * 60))
        found.append(
            report(
                f"r{article}",
                *said,
                at=at,
                revision=chance.randint(1, 3),
                publisher=chance.choice(["Harbour Post", "Coast Gazette", None]),
            )
        )
    return found


def keeper(log: Log, archive: Archive, skipped: Callable[..., None] | None = None) -> ArchiveKeeper:
    def fail(message: object, error: Exception) -> None:
        raise error

    return ArchiveKeeper(
        log,
        archive,
        SOURCES,
        backoff=Backoff(Outage(lambda line: None), "archive"),
        skipped=skipped or fail,
        report=lambda done: None,
        broken=lambda why: None,
        shown=lambda positions: None,
    )


def caught_up(log: Log, path: Path) -> Archive:
    archive = open_archive(f"sqlite:///{path}")
    assert keeper(log, archive).catch_up(lambda: False)
    return archive


def rebuild(log: Log, path: Path, *, batches: int | None = None) -> bool:
    """Rebuild a file; stopped after so many batches. Whether it was finished."""
    with open_rebuild(f"sqlite:///{path}") as new:
        return run_rebuild(log, new, batches=batches)


def run_rebuild(log: Log, new: Rebuild, *, batches: int | None = None) -> bool:
    """Run a rebuild; stopped after so many batches. Whether it was finished."""
    left = batches

    def report_batch(done: Indexed) -> None:
        nonlocal left
        left = None if left is None else left - 1

    return Rebuilding(
        log,
        SOURCES,
        new,
        skipped=lambda message, error: None,
        report=report_batch,
        carried=lambda articles: None,
        stopped=lambda: left is not None and left <= 0,
    ).run()
