"""Finds an article on its topic by its id: where it is known to be, else by a search."""

from onrecord.errors import RecordError
from onrecord.log.interface import Log, Message, Partition
from onrecord.log.partitioner import Partitioner
from onrecord.log.read_to_end import read_to_end, read_up_to
from onrecord.records import Article, from_json
from onrecord.topics import Topics

# A partition of the topic, and an offset in it.
Place = tuple[int, int]


def find_article(log: Log, topics: Topics, article_id: str, place: Place | None) -> Article | None:
    """The newest revision of an article; None when it is not found.

    Without its place, the keys of a partition are read, which may take seconds.
    """
    key = article_id.encode()
    if place is None:
        return _searched(log, topics, key)
    partition = Partition(topics.articles, place[0])
    with log.reader([topics.articles], start={partition: place[1]}) as reader:
        found = [each for each in read_up_to(reader, {partition: place[1] + 1}) if each.key == key]
    return _decoded(found[-1]) if found else _searched(log, topics, key)


def _searched(log: Log, topics: Topics, key: bytes) -> Article | None:
    bounds = log.bounds(topics.articles)
    chosen = Partition(topics.articles, Partitioner().choose(key, len(bounds)))
    newest: Message | None = None
    with log.reader([topics.articles], start={chosen: bounds[chosen][0]}) as reader:
        for message in read_to_end(log, reader):
            newest = message if message.key == key else newest
    return None if newest is None else _decoded(newest)


def _decoded(message: Message) -> Article | None:
    try:
        return from_json(message.value or b"", Article)
    except RecordError:
        return None
