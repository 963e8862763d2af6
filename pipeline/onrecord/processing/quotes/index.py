"""The ids of the quotes published last for each article.

They stand on a compacted topic of their own, keyed by article id and written in the transaction
of the quotes themselves. A publisher follows that topic and keeps it in memory: about 150 bytes
for an article and 16 for each of its quotes. A look-up is one of a dictionary, after reading
what others have published since, which is nothing while this process owns the partition.
"""

from collections.abc import Iterable
from typing import NamedTuple

from onrecord.errors import RecordError
from onrecord.log.interface import Log
from onrecord.log.read_to_end import read_to_end
from onrecord.records import QuoteIds, from_json


class PublishedQuotes(NamedTuple):
    """The quotes of an article on the topic of quotes: the revision they are of, and their ids."""

    revision: int = 0
    ids: tuple[str, ...] = ()


_NOTHING = PublishedQuotes()


class QuoteIndex:
    """What is on the topic of quotes, by article."""

    def __init__(self, log: Log, topic: str) -> None:
        self._log = log
        self._known: dict[bytes, bytes] = {}
        self._reader = log.reader([topic])
        self.catch_up()

    def catch_up(self) -> None:
        """Read what was committed since the last call, by any process."""
        for message in read_to_end(self._log, self._reader):
            if message.key is None:
                continue
            if message.value is None:
                self._known.pop(message.key, None)
            else:
                self._known[message.key] = message.value

    def get(self, article_id: str) -> PublishedQuotes:
        """The quotes published for an article; revision 0 for an article without any."""
        value = self._known.get(article_id.encode())
        if value is None:
            return _NOTHING
        try:
            found = from_json(value, QuoteIds)
        except RecordError:
            return _NOTHING  # written by another program
        return PublishedQuotes(found.revision, found.quotes)

    def note(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        """Remember records of the topic that were committed just now."""
        self._known.update(records)

    def close(self) -> None:
        self._reader.close()
