"""Whether another process published a key between a writer's look-up and its commit.

A member locks the file for its whole transaction, so nobody can. A writer locks it only while it
writes: under that lock it looks at the records that were added since its look-up.
"""

from collections.abc import Iterable, Mapping, Sequence

from onrecord.errors import Overtaken
from onrecord.log.interface import Lookup
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.lookup import SqliteLookup
from onrecord.log.sqlite.records import partitions_of_topic
from onrecord.log.transaction import Outgoing


def refuse_overtaken(
    db: Database, records: Sequence[Outgoing], lookups: Iterable[Lookup], *, name: str
) -> None:
    """Raise Overtaken if others published a key of these records since a lookup's `catch_up`."""
    for lookup in lookups:
        if not isinstance(lookup, SqliteLookup):
            raise TypeError("a lookup of another log")
        ours = {record.key for record in records if record.topic == lookup.topic}
        if not ours.isdisjoint(_keys_since(db, lookup.topic, lookup.seen())):
            raise Overtaken(f"others published to {lookup.topic} what {name} was about to")


def _keys_since(db: Database, topic: str, seen: Mapping[int, int]) -> Iterable[bytes | None]:
    for row in partitions_of_topic(db, topic):
        # A topic that was deleted and made again has partitions of other ids.
        if (start := seen.get(row.id, row.begins)) < row.ends:
            ids = row.row_id(start), row.row_id(row.ends)
            for (key,) in db.rows("SELECT key FROM records WHERE id >= ? AND id < ?", ids):
                yield key
