"""The newest quotes of the log itself: not one second behind, and without an archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from onrecord.archive.results import ArchivedQuote, NamedPerson
from onrecord.errors import RecordError
from onrecord.log.backoff import Backoff
from onrecord.log.following import Follower
from onrecord.log.interface import Log, Message, Partition
from onrecord.records import QuoteOnRecord, Speaker, on_record
from onrecord.sink.filters import Filter
from onrecord.sink.selection import Opened, What
from onrecord.sink.subscribe import in_order_of_time
from onrecord.web.cursor import Place, to_text
from onrecord.web.problems import Problem

# So many of the newest messages are read, then so many more when they hold too few quotes.
_DEPTHS = (200, 3_000)
# A page does not wait longer for a log that does not answer.
_LONGEST_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestQuotes:
    """Quotes, the newest first. `cursor` continues live; `is_all` where older ones cannot match."""

    quotes: list[ArchivedQuote]
    cursor: str
    is_all: bool


def newest_quotes(
    log: Log, topic: str, wanted: Filter, *, limit: int, backoff: Backoff
) -> NewestQuotes:
    """The wanted quotes among the newest messages of a topic. Raises UnknownTopic."""
    bounds = log.bounds(topic)
    ends = {partition: end for partition, (_, end) in bounds.items()}
    quotes: list[ArchivedQuote] = []
    is_all = False
    for depth in _DEPTHS:
        each = depth // max(1, len(bounds)) + 1
        starts = {part: max(begin, end - each) for part, (begin, end) in bounds.items()}
        is_all = all(starts[part] == begin for part, (begin, _) in bounds.items())
        quotes = _read(log, topic, starts, ends, wanted, backoff)
        if is_all or len(quotes) >= limit:
            break
    place = Place({partition.number: end for partition, end in ends.items()})
    return NewestQuotes(quotes=quotes[:limit], cursor=to_text(place, topic), is_all=is_all)


def _read(
    log: Log,
    topic: str,
    starts: Mapping[Partition, int],
    ends: Mapping[Partition, int],
    wanted: Filter,
    backoff: Backoff,
) -> list[ArchivedQuote]:
    newest: dict[bytes | None, list[ArchivedQuote]] = {}
    until = monotonic() + _LONGEST_S

    def stopped() -> bool:
        return monotonic() >= until

    with log.reader([topic], start=starts) as reader:
        follower = Follower(reader, backoff=backoff, stopped=stopped)
        for message in in_order_of_time(follower, ends, stopped):
            # A later extraction of an article takes the place of the one before.
            newest.pop(message.key, None)
            newest[message.key] = _quotes_of(message, wanted)
    if follower.is_away:
        raise Problem(503, "the log does not answer: come back later")
    return [quote for quotes in reversed(newest.values()) for quote in quotes]


def _quotes_of(message: Message, wanted: Filter) -> list[ArchivedQuote]:
    people = wanted.people
    opened = Opened(message.value, people)
    try:
        numbers = opened.numbers(What.QUOTES, wanted)
        extraction = opened.extraction() if numbers else None
    except RecordError:
        return []  # told where it is a problem: by the archive and by subscriptions
    if extraction is None:
        return []
    quotes = [extraction.quotes[number] for number in numbers]
    if people is not None:
        quotes = [people.quote_with_person(extraction, quote) for quote in quotes]
    return [from_record(on_record(extraction, quote), message.timestamp) for quote in quotes]


def from_record(record: QuoteOnRecord, at: datetime) -> ArchivedQuote:
    """A quote of the log as the archive gives them."""
    published, speaker = record.article.published_at, record.quote.speaker
    return ArchivedQuote(
        article=record.article,
        quote=record.quote,
        at=min(published, at) if published else at,
        extracted_at=record.extracted_at,
        notes=record.notes or (),
        speaker=_speaker_of(speaker),
        is_by_hand=bool(speaker and speaker.person and speaker.person.by == "correction"),
    )


def _speaker_of(speaker: Speaker | None) -> NamedPerson | None:
    if speaker is None:
        return None
    if speaker.person:
        return NamedPerson(name=speaker.person.name, person=speaker.person.id)
    return NamedPerson(name=speaker.name)
