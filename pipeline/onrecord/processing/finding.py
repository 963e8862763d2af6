"""Reads an article from its topic, where it is known to be."""

from onrecord.errors import RecordError
from onrecord.log.interface import Log, Message, Partition
from onrecord.log.read_to_end import read_up_to
from onrecord.records import Article, from_json
from onrecord.topics import Topics

# A partition of the topic, and an offset in it.
Place = tuple[int, int]


def find_article(log: Log, topics: Topics, article_id: str, place: Place | None) -> Article | None:
    """The revision of an article at a place; None when it is not there any more, or without one."""
    if place is None:
        return None
    key, partition = article_id.encode(), Partition(topics.articles, place[0])
    with log.reader([topics.articles], start={partition: place[1]}) as reader:
        found = [each for each in read_up_to(reader, {partition: place[1] + 1}) if each.key == key]
    return _decoded(found[0]) if found else None


def _decoded(message: Message) -> Article | None:
    try:
        return from_json(message.value or b"", Article)
    except RecordError:
        return None
