"""The ids of the quotes published last for each article.

They stand on a compacted topic of their own, keyed by article id and written in the transaction
of the quotes themselves, and are looked up there (`Log.newest`): nothing is read again at a
start, and nothing is kept in memory but what this process published last.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from onrecord.errors import RecordError
from onrecord.log.interface import Log, Message
from onrecord.records import QuoteIds, from_json

# Of what was published here and is not looked up yet.
_REMEMBERED = 20_000


class PublishedQuotes(NamedTuple):
    """The quotes of an article on the topic of quotes: the revision they are of, and their ids."""

    revision: int = 0
    ids: tuple[str, ...] = ()


_NOTHING = PublishedQuotes()


def value_of(message: Message) -> bytes | None:
    """What is looked up of a record: all of it."""
    return message.value


class QuoteIndex:
    """What is on the topic of quotes, by article."""

    def __init__(self, log: Log, topic: str) -> None:
        self._lookup = log.newest(topic, value_of)
        self._own: OrderedDict[str, PublishedQuotes] = OrderedDict()

    def catch_up(self) -> None:
        """See what was committed until now, by any process."""
        self._lookup.catch_up()

    def get(self, article_id: str) -> PublishedQuotes:
        """The quotes published for an article; revision 0 for an article without any."""
        own = self._own.get(article_id, _NOTHING)
        value = self._lookup.get(article_id.encode())
        try:
            found = from_json(value or b"", QuoteIds)
        except RecordError:
            return own  # none, or written by another program
        if own.revision > found.revision:
            return own
        return PublishedQuotes(found.revision, found.quotes)

    def note(self, published: Mapping[str, PublishedQuotes]) -> None:
        """Remember what this process committed just now, by article."""
        for article_id, one in published.items():
            self._own[article_id] = one
            self._own.move_to_end(article_id)
        while len(self._own) > _REMEMBERED:
            self._own.popitem(last=False)

    def close(self) -> None:
        self._lookup.close()
