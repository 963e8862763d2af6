"""Compares two topics of extractions of the same articles.

Each topic is read twice: first to find the last record of each article revision, then to read the
records that both topics have. Those of the first topic wait in a temporary file, so memory grows
by some hundred bytes for each article, whatever its length.
"""

import heapq
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import IO

import msgspec

from onrecord.errors import Mistake, RecordError
from onrecord.log.interface import Log, Message
from onrecord.log.read_to_end import everything
from onrecord.records import Article, Extraction, Quote, Span, from_json, shown_content
from onrecord.sink.differences import KINDS, Difference, Kind, Same, differences
from onrecord.sink.filters import EVERYTHING, Floor

_AROUND = 140
_MENTIONS_SHOWN = 3
_SPEAKERS_SHOWN = 15

Skipped = Callable[[Message, RecordError], None]


class ExtractorCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the compared extractions a version of the extractor made."""

    name: str
    version: str
    model: str
    model_version: str
    articles: int


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the topics. `articles` are all in it; the rest is counted where both have them."""

    topic: str
    articles: int
    quotes: int
    with_speaker: int
    entities: int
    extractors: list[ExtractorCount]


class SpeakerCount(msgspec.Struct, frozen=True, kw_only=True):
    """Quotes that are given to a name, before and after."""

    name: str
    before: int
    after: int


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    """Words of an article, and where in them (half-open) what is spoken of stands."""

    text: str
    marks: tuple[tuple[int, int], ...]


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A difference with the words around it. No snippets where the article is not kept."""

    difference: Difference
    snippets: tuple[Snippet, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one topic to another, over the `articles` that both have.

    `changed` counts those of them in which anything changed, `counts` each kind of change.
    `same` is what did not change. `speakers` are those whose number of quotes changed most.
    """

    before: Side
    after: Side
    articles: int
    changed: int
    counts: dict[Kind, int]
    same: Same
    speakers: list[SpeakerCount]
    examples: dict[Kind, list[Example]]


def compare(
    log: Log,
    before: str,
    after: str,
    *,
    articles: str,
    examples: int = 5,
    floor: Floor = EVERYTHING,
    found: Callable[[Difference], None] = lambda difference: None,
    skipped: Skipped = lambda message, error: None,
    compared: Callable[[int, int], None] = lambda done, total: None,
) -> Comparison:
    """Compare one topic with another. `articles` is the topic that has the texts.

    Quotes below the `floor` count as absent. `found` is called with every difference, `compared`
    with the number of articles done and their total, `skipped` with each record that is not an
    extraction. Raises UnknownTopic, and Mistake for a topic without any extraction.
    """
    there, here = _index(log, before, skipped), _index(log, after, skipped)
    both = {key for key in here if key in there}
    tally = _Tally(examples)
    with TemporaryFile(prefix="onrecord-compare-") as file:
        spool = _Spool(file)
        for key, extraction in _last_records(log, before, there, both):
            spool.put(key, extraction)
        for done, (key, extraction) in enumerate(_last_records(log, after, here, both), 1):
            old = floor.kept(from_json(spool.get(key), Extraction))
            new = floor.kept(from_json(extraction, Extraction))
            changes, same = differences(old, new)
            tally.add(old, new, changes, same)
            for change in changes:
                found(change)
            compared(done, len(both))
    shown = tally.chosen()
    texts = _texts(log, articles, shown)
    return Comparison(
        before=tally.before.side(before, len(there)),
        after=tally.after.side(after, len(here)),
        articles=len(both),
        changed=tally.changed,
        counts={kind: tally.counts[kind] for kind in KINDS},
        same=tally.same,
        speakers=_speakers(tally.before.speakers, tally.after.speakers),
        examples={
            kind: [Example(difference=one, snippets=_snippets(one, texts)) for one in found_ones]
            for kind, found_ones in shown.items()
        },
    )


# ── reading both ─────────────────────────────────────────────────────────────────────────────

_Key = bytes


def _key(article_id: str, revision: int) -> _Key:
    return blake2b(f"{article_id} {revision}".encode(), digest_size=16).digest()


def _index(log: Log, topic: str, skipped: Skipped) -> dict[_Key, tuple[int, int]]:
    """The position of each article revision's last record: partition and offset."""
    index: dict[_Key, tuple[int, int]] = {}
    foreign = 0
    for message in everything(log, topic):
        if message.value is None:
            continue
        try:
            # Decode the whole record, not only its head: an indexed record must be readable later.
            extraction = from_json(message.value, Extraction)
        except RecordError as error:
            foreign += 1
            skipped(message, error)
            continue
        key = _key(extraction.article.id, extraction.article.revision)
        index[key] = (message.partition, message.offset)
    if foreign and not index:
        raise Mistake(f"{topic} holds something else than extractions")
    return index


def _last_records(
    log: Log, topic: str, index: Mapping[_Key, tuple[int, int]], wanted: set[_Key]
) -> Iterator[tuple[_Key, bytes]]:
    places = {index[key]: key for key in wanted}
    for message in everything(log, topic):
        key = places.get((message.partition, message.offset))
        if key is not None and message.value is not None:
            yield key, message.value


class _Spool:
    """Values by key, in a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places: dict[_Key, tuple[int, int]] = {}

    def put(self, key: _Key, value: bytes) -> None:
        packed = zlib.compress(value, 1)
        self._places[key] = (self._file.seek(0, 2), len(packed))
        self._file.write(packed)

    def get(self, key: _Key) -> bytes:
        place, size = self._places[key]
        self._file.seek(place)
        return zlib.decompress(self._file.read(size))


# ── counting ─────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _SideTally:
    quotes: int = 0
    entities: int = 0
    speakers: Counter[str] = field(default_factory=Counter)
    extractors: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def add(self, extraction: Extraction) -> None:
        made_by = extraction.extractor
        self.quotes += len(extraction.quotes)
        self.entities += len(extraction.entities)
        self.speakers.update(quote.speaker.name for quote in extraction.quotes if quote.speaker)
        self.extractors[made_by.name, made_by.version, made_by.model, made_by.model_version] += 1

    def side(self, topic: str, articles: int) -> Side:
        return Side(
            topic=topic,
            articles=articles,
            quotes=self.quotes,
            with_speaker=self.speakers.total(),
            entities=self.entities,
            extractors=[
                ExtractorCount(
                    name=name, version=version, model=model, model_version=number, articles=count
                )
                for (name, version, model, number), count in self.extractors.most_common()
            ],
        )


class _Tally:
    """The counts of differences, and a sample of each kind from the whole topic."""

    def __init__(self, examples: int) -> None:
        self.before = _SideTally()
        self.after = _SideTally()
        self.counts: Counter[Kind] = Counter()
        self.same = Same()
        self.changed = 0
        self._kept = examples
        self._examples: dict[Kind, list[tuple[int, int, Difference]]] = {k: [] for k in KINDS}
        self._seen = 0

    def add(
        self, before: Extraction, after: Extraction, changes: list[Difference], same: Same
    ) -> None:
        self.before.add(before)
        self.after.add(after)
        self.changed += bool(changes)
        self.same.quotes += same.quotes
        self.same.speakers += same.speakers
        self.same.entities += same.entities
        for change in changes:
            self.counts[change.kind] += 1
            self._offer(change)

    def _offer(self, change: Difference) -> None:
        """Keep the differences with the smallest hashes: an even, repeatable sample."""
        self._seen += 1
        kept = self._examples[change.kind]
        # heapq keeps the smallest first: the largest is at the top of the negatives.
        heapq.heappush(kept, (-_hash(change), self._seen, change))
        if len(kept) > self._kept:
            heapq.heappop(kept)

    def chosen(self) -> dict[Kind, list[Difference]]:
        return {
            kind: [change for *_, change in sorted(kept, reverse=True)]
            for kind, kept in self._examples.items()
        }


def _hash(change: Difference) -> int:
    quote = change.quote_after or change.quote_before
    names = [entity.name for entity in (*change.entities_before, *change.entities_after)]
    what = f"{change.article.id} {change.article.revision} {quote and quote.id} {names}"
    return int.from_bytes(blake2b(what.encode("utf-8", "replace"), digest_size=7).digest(), "big")


def _speakers(before: Counter[str], after: Counter[str]) -> list[SpeakerCount]:
    """The speakers whose number of quotes changed most."""
    moved = sorted(
        (name for name in before.keys() | after.keys() if before[name] != after[name]),
        key=lambda name: (-abs(after[name] - before[name]), name),
    )
    return [
        SpeakerCount(name=name, before=before[name], after=after[name])
        for name in moved[:_SPEAKERS_SHOWN]
    ]


# ── words around ─────────────────────────────────────────────────────────────────────────────


def _texts(
    log: Log, topic: str, shown: Mapping[Kind, list[Difference]]
) -> dict[tuple[str, int], str]:
    """The available texts of the articles whose entities are shown."""
    wanted = {
        (change.article.id, change.article.revision)
        for kind, changes in shown.items()
        for change in changes
        if kind.startswith("entity")
    }
    keys = {article_id.encode() for article_id, _ in wanted}
    texts: dict[tuple[str, int], str] = {}
    if not wanted:
        return texts
    for message in everything(log, topic):
        if message.key not in keys or message.value is None:
            continue
        try:
            article = from_json(message.value, Article)
        except RecordError:
            continue  # what is no article has no text
        if (article.id, article.revision) in wanted:
            texts[article.id, article.revision] = article.text
    return texts


def _snippets(change: Difference, texts: Mapping[tuple[str, int], str]) -> tuple[Snippet, ...]:
    if change.kind.startswith("entity"):
        text = texts.get((change.article.id, change.article.revision))
        return () if text is None else tuple(_around_entities(change, text))
    quotes = [quote for quote in (change.quote_before, change.quote_after) if quote is not None]
    if len(quotes) == 2 and quotes[0].content == quotes[1].content:
        quotes = quotes[1:]
    return tuple(_around_quote(quote) for quote in quotes)


def _around_quote(quote: Quote) -> Snippet:
    context = quote.context
    return Snippet(
        text=context.text,
        marks=tuple((s.start - context.start, s.end - context.start) for s in shown_content(quote)),
    )


def _around_entities(change: Difference, text: str) -> Iterator[Snippet]:
    """The first occurrence of each name; of several, the names that were merged or split."""
    several = max(change.entities_before, change.entities_after, key=len)
    for entity in several[:_MENTIONS_SHOWN]:
        yield _around_mention(entity.mentions[0], text)


def _around_mention(mention: Span, text: str) -> Snippet:
    start = _word_start(text, max(0, mention.start - _AROUND))
    end = _word_end(text, min(len(text), mention.end + _AROUND))
    return Snippet(text=text[start:end], marks=((mention.start - start, mention.end - start),))


def _word_start(text: str, at: int) -> int:
    return at if at == 0 else text.find(" ", at) + 1 or at


def _word_end(text: str, at: int) -> int:
    return at if at == len(text) else max(text.rfind(" ", 0, at), 0) or at
