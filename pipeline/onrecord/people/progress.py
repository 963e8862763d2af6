"""How far the people have been derived, as the log tells it."""

from onrecord.errors import RecordError, UnknownTopic
from onrecord.log.interface import Log
from onrecord.log.read_to_end import read_up_to
from onrecord.people.live import POSITION_KEY
from onrecord.records import PeoplePosition, from_json
from onrecord.topics import Topics

# The position stands last in each transaction of the keeper. A killed keeper leaves records
# behind it that do not count: then more is read.
_FIRST_REACH = 8
_FURTHER = 16


def extractions_left(log: Log, topics: Topics) -> int | None:
    """How many extractions no people were derived from yet; None before there is any."""
    try:
        ends = log.bounds(topics.extractions)
    except UnknownTopic:
        return None
    position = derived_position(log, topics)
    derived = position.extractions if position is not None else {}
    return sum(
        max(0, end - max(begin, derived.get(partition.number, 0)))
        for partition, (begin, end) in ends.items()
    )


def derived_position(log: Log, topics: Topics) -> PeoplePosition | None:
    """The latest position that a keeper wrote; None where none did."""
    try:
        ((partition, (begin, end)),) = log.bounds(topics.people).items()
    except UnknownTopic:
        return None
    reach, found = _FIRST_REACH, None
    while found is None:
        start = max(begin, end - reach)
        with log.reader([topics.people], start={partition: start}) as reader:
            for message in read_up_to(reader, {partition: end}):
                if message.key == POSITION_KEY and message.value is not None:
                    found = _position(message.value) or found
        if start == begin:
            break
        reach *= _FURTHER
    return found


def _position(value: bytes) -> PeoplePosition | None:
    try:
        return from_json(value, PeoplePosition)
    except RecordError:
        return None
