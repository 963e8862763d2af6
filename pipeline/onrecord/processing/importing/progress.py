"""The progress of each source, kept in a compacted topic of the log."""

import msgspec

from onrecord.log.interface import Log, TopicSettings, Transaction
from onrecord.log.read_to_end import everything
from onrecord.processing.importing.rejects import RejectFile
from onrecord.processing.importing.sources import Mark, Source

_SETTINGS = TopicSettings(partitions=1, compacted=True)


class ImportTally(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the pieces. `known` counts articles that the topic had already."""

    imported: int = 0
    known: int = 0
    rejected: int = 0


class ImportProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a source was read, all attempts taken together.

    `file_version` tells whether the file at the mark is still the same; `rejects` is the length
    of the file of that name when this was written.
    """

    mark: Mark
    file_version: str
    tally: ImportTally
    rejects_file: str
    rejects: int


class ProgressTable:
    """The progress of every source whose import is under way, or was killed."""

    def __init__(self, log: Log, topic: str) -> None:
        self._log = log
        self._topic = topic
        log.create_topic(topic, _SETTINGS)

    def of(self, source: Source) -> ImportProgress | None:
        """The progress of a source; None when no import of it is under way."""
        if source.key is None:
            return None
        found = None
        for message in everything(self._log, self._topic):
            if message.key == _key(source.key):
                found = message.value
        return msgspec.json.decode(found, type=ImportProgress) if found else None

    def publish(
        self,
        tx: Transaction,
        source: Source,
        after: Mark | None,
        tally: ImportTally,
        rejects: RejectFile,
    ) -> None:
        """Publish the progress in a transaction; None when the source was read to its end."""
        if source.key is None:
            return
        value = None
        if after is not None:
            progress = ImportProgress(
                mark=after,
                file_version=source.version_of(after.file),
                tally=tally,
                rejects_file=str(rejects.path.absolute()),
                rejects=rejects.size(),
            )
            value = msgspec.json.encode(progress)
        tx.publish(self._topic, key=_key(source.key), value=value)


def _key(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
