"""Topics and their settings, as rows."""

from onrecord.errors import UnknownTopic
from onrecord.log.interface import TopicSettings
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.records import partitions_of
from onrecord.log.topic_rules import check_growth


def create(db: Database, name: str, settings: TopicSettings) -> None:
    """Add a topic unless it exists. Call in a write transaction."""
    if db.row("SELECT 1 FROM topics WHERE name = ?", (name,)):
        return
    _save(db, name, settings)
    _add_partitions(db, name, range(settings.partitions))


def alter(db: Database, name: str, settings: TopicSettings) -> None:
    """Change a topic. In a write transaction. Raises UnknownTopic; Mistake for fewer partitions."""
    present = len(partitions_of(db, [name]))
    if not present:
        raise UnknownTopic(name)
    check_growth(name, present, settings.partitions)
    _save(db, name, settings)
    _add_partitions(db, name, range(present, settings.partitions))


def settings_of(db: Database, name: str) -> TopicSettings:
    """The settings of a topic. Raises UnknownTopic."""
    row = db.row(
        "SELECT retention_s, retention_bytes, compacted, max_record_bytes,"
        " (SELECT count(*) FROM partitions WHERE topic = name) FROM topics WHERE name = ?",
        (name,),
    )
    if row is None:
        raise UnknownTopic(name)
    retention_s, retention_bytes, compacted, max_record_bytes, partitions = row
    return TopicSettings(
        partitions=partitions,
        retention_s=retention_s,
        retention_bytes=retention_bytes,
        compacted=bool(compacted),
        max_record_bytes=max_record_bytes,
    )


def names(db: Database) -> list[str]:
    """Every topic, by name."""
    return [row[0] for row in db.rows("SELECT name FROM topics ORDER BY name")]


def discard(db: Database, name: str) -> None:
    """Delete a topic, with every group's positions in it. Call in a write transaction.

    Its records are only marked: deleting a million of them would block all other writers.
    """
    partitions = [(row.id,) for row in partitions_of(db, [name])]
    if not partitions:
        raise UnknownTopic(name)
    db.execute("DELETE FROM topics WHERE name = ?", (name,))
    db.execute("DELETE FROM partitions WHERE topic = ?", (name,))
    db.execute_many("DELETE FROM positions WHERE partition = ?", partitions)
    db.execute_many("DELETE FROM owners WHERE partition = ?", partitions)
    db.execute_many("INSERT INTO discarded (partition) VALUES (?)", partitions)


def _save(db: Database, name: str, settings: TopicSettings) -> None:
    db.execute(
        "INSERT INTO topics VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " retention_s = excluded.retention_s, retention_bytes = excluded.retention_bytes,"
        " compacted = excluded.compacted, max_record_bytes = excluded.max_record_bytes",
        (
            name,
            settings.retention_s,
            settings.retention_bytes,
            settings.compacted,
            settings.max_record_bytes,
        ),
    )


def _add_partitions(db: Database, name: str, numbers: range) -> None:
    db.execute_many(
        "INSERT INTO partitions (topic, number) VALUES (?, ?)", [(name, n) for n in numbers]
    )
