"""Latest quotes of people, as read from the end of the extractions."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from onrecord.errors import RecordError, UnknownTopic
from onrecord.log.interface import Log, Message, Partition
from onrecord.log.read_to_end import read_up_to
from onrecord.people.resolving import PeopleResolver
from onrecord.records import Extraction, QuoteOnRecord, from_json, on_record

# Messages read at a time, and at most, of each partition.
_STEP = 500
_MOST = 20_000


def latest_quotes(
    log: Log, topic: str, resolver: PeopleResolver, people: Collection[str], *, each: int
) -> dict[str, list[QuoteOnRecord]]:
    """The latest quotes of each person, the newest first, from the newest extractions."""
    found: dict[str, list[QuoteOnRecord]] = defaultdict(list)
    for message in _backwards(log, topic):
        for quote in _quotes(message, resolver, people):
            person = quote.quote.speaker and quote.quote.speaker.person
            if person and len(found[person.id]) < each:
                found[person.id].append(quote)
        if all(len(found[person]) >= each for person in people):
            break
    return dict(found)


def quote_by_id(log: Log, topic: str, quote_id: str) -> QuoteOnRecord | None:
    """The newest quote whose id begins so; None where the newest extractions have none."""
    wanted = quote_id.encode()
    for message in _backwards(log, topic):
        # Most messages need not be decoded to see that they do not have it.
        if message.value is not None and wanted in message.value:
            extraction = _extraction_of(message)
            for quote in extraction.quotes if extraction else ():
                if extraction is not None and quote.id.startswith(quote_id):
                    return on_record(extraction, quote)
    return None


def _quotes(
    message: Message, resolver: PeopleResolver, people: Collection[str]
) -> Iterator[QuoteOnRecord]:
    extraction = _extraction_of(message)
    if extraction is None:
        return
    for quote in extraction.quotes:
        person = resolver.speaker_of(extraction, quote)
        if person is not None and person.id in people:
            yield on_record(extraction, resolver.quote_with_person(extraction, quote))


def _extraction_of(message: Message) -> Extraction | None:
    if message.value is None:
        return None
    try:
        return from_json(message.value, Extraction)
    except RecordError:
        return None


def _backwards(log: Log, topic: str) -> Iterator[Message]:
    """The messages of all partitions, the latest stretch of each first."""
    try:
        bounds = log.bounds(topic)
    except UnknownTopic:
        return
    ends = {partition: end for partition, (_, end) in bounds.items()}
    for _ in range(_MOST // _STEP):
        starts = {p: max(bounds[p][0], end - _STEP) for p, end in ends.items()}
        messages = list(_between(log, topic, starts, ends))
        yield from sorted(messages, key=lambda message: message.timestamp, reverse=True)
        ends = {p: start for p, start in starts.items() if start > bounds[p][0]}
        if not ends:
            return


def _between(
    log: Log, topic: str, starts: Mapping[Partition, int], ends: Mapping[Partition, int]
) -> Iterator[Message]:
    with log.reader([topic], start={p: starts[p] for p in ends}) as reader:
        for message in read_up_to(reader, ends):
            if message.offset < ends[message.source]:
                yield message
