"""Selects the wanted records from messages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum

import msgspec

from onrecord.errors import RecordError
from onrecord.log.interface import Message
from onrecord.people.readers import PeopleReader
from onrecord.records import (
    Article,
    Extraction,
    KnownAs,
    QuoteOnRecord,
    from_json,
    is_flat_quote,
    on_record,
    read_flat_quote,
    to_json,
    unflattened,
)
from onrecord.sink.filters import EVERYTHING, Filter, Floor
from onrecord.sink.glances import NOT_READ, Glance, Voices, head_of, read_glance, voices_of
from onrecord.sink.single_quotes import SingleQuotes
from onrecord.sink.splicing import spliced

Wanted = Article | Extraction | QuoteOnRecord


class What(Enum):
    """The kinds of records for subscriptions."""

    ARTICLES = "articles"
    EXTRACTIONS = "extractions"
    QUOTES = "quotes"


class Selection:
    """Finds the wanted records of one kind in messages.

    `skipped` is called for a message without a record of that kind. A tombstone holds nothing.
    `left_out` counts the quotes that only the filter's floor excluded.
    """

    def __init__(
        self, what: What, wanted: Filter, *, skipped: Callable[[Message, RecordError], None]
    ) -> None:
        self.what = what
        self._wanted = wanted
        self._skipped = skipped
        self.left_out = 0

    def use_people(self, people: PeopleReader, speaker_id: str | None = None) -> None:
        """Ask the registry for names, and give records with the people in them.

        `speaker_id` is whose quotes are wanted.
        """
        self._wanted = replace(
            self._wanted, people=people, speaker_id=speaker_id or self._wanted.speaker_id
        )

    def records(self, message: Message) -> list[Wanted]:
        """The wanted records of a message, in text order."""
        opened, floor = Opened(message.value, self._wanted.people), self._wanted.floor
        try:
            numbers = opened.numbers(self.what, self._wanted)
            self.left_out += opened.left_out(self.what, self._wanted)
            return [opened.record(self.what, number, floor) for number in numbers]
        except RecordError as error:
            self._skipped(message, error)
            return []

    def lines(self, message: Message) -> list[bytes]:
        """The wanted records, each as JSON on one line."""
        opened, floor = Opened(message.value, self._wanted.people), self._wanted.floor
        try:
            numbers = opened.numbers(self.what, self._wanted)
            return [opened.line(self.what, number, floor) for number in numbers]
        except RecordError as error:
            self._skipped(message, error)
            return []


class Opened:
    """The content of a message, decoded once, and only as far as requested.

    Each quote of a message has a number, from 0 in text order, independent of any filter; an
    article or an extraction has the number 0. Every method can raise RecordError.
    """

    __slots__ = (
        "_article",
        "_extraction",
        "_glance",
        "_lines",
        "_people",
        "_single",
        "_value",
        "_voices",
    )

    def __init__(self, value: bytes | None, people: PeopleReader | None = None) -> None:
        self._value = value
        self._people = people
        self._article: Article | None = None
        self._extraction: Extraction | None = None
        self._glance: Glance | None = None
        self._voices: Voices | None = None
        self._single: SingleQuotes | None = None
        self._lines: dict[int, bytes] = {}

    def numbers(self, what: What, wanted: Filter) -> list[int]:
        """The numbers of the wanted records."""
        if self._value is None:
            return []
        if what is What.ARTICLES:
            return [0] if wanted.wants_article(self.article()) else []
        possible = self._first_look(wanted)
        if possible == []:
            return []
        if possible is not None and what is What.QUOTES and wanted.asks_only_for_speaker:
            return possible
        seen = self._look(what, wanted)
        if what is What.EXTRACTIONS:
            return [0] if wanted.wants_extraction(seen) else []
        return wanted.wanted_quotes(seen)

    def left_out(self, what: What, wanted: Filter) -> int:
        """The number of quotes that only the floor excludes."""
        if self._value is None or what is What.ARTICLES or wanted.floor == EVERYTHING:
            return 0
        if self._first_look(wanted) == []:
            return 0
        return wanted.left_out(self._look(what, wanted))

    def record(self, what: What, number: int, floor: Floor = EVERYTHING) -> Wanted:
        """The record of this number; an extraction without the quotes below the floor."""
        if what is What.ARTICLES:
            return self.article()
        if what is What.QUOTES:
            return self._quote(number)
        kept = floor.kept(self.extraction())
        return kept if self._people is None else self._people.without_rejected(kept)

    def line(self, what: What, number: int, floor: Floor = EVERYTHING) -> bytes:
        """The record as JSON on one line; an article as published on its topic.

        So is an extraction, unless people are added or quotes below the floor left out.
        """
        if what is What.EXTRACTIONS and floor != EVERYTHING:
            return to_json(self.record(what, number, floor))
        if what is What.EXTRACTIONS and self._people is not None:
            return self._line_with_people(self._people)
        if what is not What.QUOTES:
            return on_one_line(self._value or b"")
        line = self._lines.get(number)
        if line is None:
            line = self._lines[number] = to_json(self._quote(number))
        return line

    def _quote(self, number: int) -> QuoteOnRecord:
        if self._single is None and self._extraction is None:
            self._single = self._single_quotes()
        if self._single is not None:
            try:
                return self._single.quote(number)
            except NOT_READ:  # decoding all of it says in our words what is wrong
                self._single = None
        extraction = self.extraction()
        return on_record(extraction, extraction.quotes[number])

    def _single_quotes(self) -> SingleQuotes | None:
        """What decodes quotes one by one, if a filter has read enough to find their people."""
        seen, people = self._glance or self._voices, self._people
        if seen is None or (people is not None and people.has_corrected(seen.article.id)):
            return None
        try:
            return SingleQuotes(self._value or b"", seen, people)
        except NOT_READ:
            return None

    def _line_with_people(self, people: PeopleReader) -> bytes:
        """The extraction with its people: with fields that a newer version may have, too."""
        value = self._value or b""
        if is_flat_quote(value):
            return on_one_line(value)
        seen = self._glance or read_glance(value)
        entities, speakers, rejected, nobodys = people.people_of(seen, seen.quotes)
        quick = None if rejected or nobodys else _spliced(value, seen, entities, speakers)
        if quick is not None:
            return on_one_line(quick)
        try:
            found = msgspec.json.decode(value)
        except NOT_READ as error:
            # A glance passes over what it does not need.
            raise RecordError(f"not an onrecord.extraction record: {error}") from error
        for entity in found.get("entities", ()):
            if person := entities.get(entity["id"]):
                entity["person"] = person
        for quote, speaker in zip(found.get("quotes", ()), speakers, strict=True):
            if speaker is not None:
                quote["speaker"] = (quote.get("speaker") or {"name": speaker.name}) | {
                    "person": speaker
                }
        for n in nobodys:
            found["quotes"][n]["speaker"] = None
        if rejected:
            found["quotes"] = [it for n, it in enumerate(found["quotes"]) if n not in rejected]
        return msgspec.json.encode(found)

    def decode(self, what: What) -> None:
        """Decode the whole message now, and each quote as its line."""
        if what is What.ARTICLES:
            self.article()
            return
        for number in range(len(self.extraction().quotes)):
            self.line(What.QUOTES, number)

    def article(self) -> Article:
        """The message as an article."""
        if self._article is None:
            self._article = from_json(self._value or b"", Article)
        return self._article

    def extraction(self) -> Extraction:
        """The message as an extraction."""
        if self._extraction is None:
            value = self._value or b""
            is_flat = is_flat_quote(value)
            self._extraction = (
                unflattened(read_flat_quote(value)) if is_flat else from_json(value, Extraction)
            )
            if self._people is not None:
                self._people.add_people(self._extraction)
        return self._extraction

    def _first_look(self, wanted: Filter) -> list[int] | None:
        """The quotes that can be wanted, as far as a part that is quickly decoded tells.

        None where it does not tell, as of a record that cannot be decoded so: that is left to
        whoever decodes all of it.
        """
        if self._extraction is not None or self._glance is not None:
            return None
        value = self._value or b""
        if wanted.asks_around:
            head = head_of(value)
            if head is not None and not wanted.may_want(head):
                return []
        if not wanted.asks_for_speaker:
            return None
        self._voices = voices_of(value)
        return None if self._voices is None else wanted.spoken_in(self._voices)

    def _look(self, what: What, wanted: Filter) -> Extraction | Glance:
        """The part of the extraction that the filter needs; all of it if it is needed anyway."""
        if self._extraction is not None or is_flat_quote(self._value or b""):
            return self.extraction()
        if what is What.QUOTES and not wanted.asks_anything:
            return self.extraction()
        if self._glance is None:
            self._glance = read_glance(self._value or b"")
        return self._glance


def _spliced(
    value: bytes,
    seen: Glance,
    entities: Mapping[str, KnownAs | None],
    speakers: Sequence[KnownAs | None],
) -> bytes | None:
    """The record with its people, put in without decoding it; None where that cannot be done."""
    named: list[KnownAs | None] = []
    for entity in seen.entities:
        if entity.person is not msgspec.UNSET:
            return None
        named.append(entities.get(entity.id))
    spoken: list[KnownAs | None] = []
    for quote, person in zip(seen.quotes, speakers, strict=True):
        if quote.speaker is not None:
            if quote.speaker.person is not msgspec.UNSET:
                return None
            spoken.append(person)
        elif person is not None:
            return None  # somebody gave a speaker to a quote without one
    return spliced(value, named, spoken) if _is_text(value) else None


def _is_text(value: bytes) -> bool:
    """Whether it is UTF-8 throughout: a glance passes over what it does not need."""
    try:
        return value.isascii() or bool(value.decode())
    except UnicodeDecodeError:
        return False


def on_one_line(value: bytes) -> bytes:
    """The JSON unchanged, unless it was published over several lines."""
    return msgspec.json.format(value, indent=-1) if b"\n" in value or b"\r" in value else value
