"""Filters for the records of a subscription."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from onrecord.feeds.categories import is_within
from onrecord.people.readers import PeopleReader
from onrecord.records import Article, ArticleRef, Entity, Extraction, Quote, Span
from onrecord.sink.glances import (
    EntitySeen,
    Glance,
    Head,
    OriginSeen,
    PieceSeen,
    QuoteSeen,
    Voices,
    VoiceSeen,
)
from onrecord.sink.names import is_called


class Pattern(Protocol):
    """A text pattern: a compiled regular expression of any library."""

    def search(self, text: str, /) -> object:
        """Search the text; None when nothing matches."""


Around = Extraction | Glance | Head
Speaking = Extraction | Glance | Voices
SpokenQuote = Quote | QuoteSeen | VoiceSeen


# ── the floor ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Floor:
    """The least confidence of a listed quote, with and without quotation marks.

    A quote's confidence is the probability that its words are reported speech. Quoted words fall
    below a floor for not being a quote, never because the speaker is uncertain.
    """

    quoted: float = 0.0
    indirect: float = 0.0

    def admits(self, quote: Quote | QuoteSeen) -> bool:
        """Whether a quote's confidence reaches the floor."""
        least = self.indirect if quote.type == "indirect" else self.quoted
        return quote.confidence >= least

    def kept(self, extraction: Extraction) -> Extraction:
        """The extraction with the quotes that reach the floor."""
        quotes = tuple(quote for quote in extraction.quotes if self.admits(quote))
        if len(quotes) == len(extraction.quotes):
            return extraction
        return msgspec.structs.replace(extraction, quotes=quotes)


EVERYTHING = Floor()
# Most reported speech below this floor is narration.
FOR_PEOPLE = Floor(indirect=0.5)


# ── the filter ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions on a record; None sets no condition.

    `speaker`, `about`, `entity` and `publisher` are names as people type them (see `names.py`),
    or literal with `exact`. `feed` is a feed's URL as subscribed, `language` a tag or its beginning
    ("en" finds "en-GB"). `category` is one of the entry's own or of the user's own of its feed,
    `section` one of the outlet's sections or of the entry's categories; "World" finds "World/Asia"
    too. `match` is searched in an article's title and text, or in a quote's words. A quote below
    the `floor` is not wanted, and is left out of its extraction. With `people`, names find people
    by all their names, unless `exact`; `speaker_id` is a person's id.
    """

    speaker: str | None = None
    speaker_id: str | None = None
    about: str | None = None
    entity: str | None = None
    publisher: str | None = None
    feed: str | None = None
    language: str | None = None
    category: str | None = None
    section: str | None = None
    quote_type: str | None = None
    match: Pattern | None = None
    exact: bool = False
    floor: Floor = EVERYTHING
    people: PeopleReader | None = None

    @property
    def asks_anything(self) -> bool:
        """Whether any condition is set."""
        return self.asks_about_quotes or self.asks_around or self.floor != EVERYTHING

    @property
    def asks_around(self) -> bool:
        """Whether a condition can exclude an extraction before its quotes are read."""
        return not (
            self.entity is None
            and self.about is None
            and self.publisher is None
            and self.feed is None
            and self.language is None
            and self.category is None
            and self.section is None
        )

    @property
    def asks_for_speaker(self) -> bool:
        """Whether quotes of somebody are wanted."""
        return self.speaker is not None or (self.speaker_id is not None and self.people is not None)

    @property
    def asks_about_quotes(self) -> bool:
        """Whether a condition applies to quotes, not only to their article."""
        return not (
            self.speaker is None
            and self.speaker_id is None
            and self.about is None
            and self.quote_type is None
            and self.match is None
        )

    @property
    def asks_only_for_speaker(self) -> bool:
        """Whether the speakers of an extraction's quotes tell which quotes are wanted."""
        return self.asks_for_speaker and not (
            self.asks_around
            or self.quote_type is not None
            or self.match is not None
            or self.floor != EVERYTHING
        )

    def wants_article(self, article: Article) -> bool:
        """Whether an article is wanted. Speakers, entities and types are ignored."""
        return self._wants_origin(article) and (
            self.match is None or self._finds(article.title, article.text)
        )

    def may_want(self, head: Head) -> bool:
        """Whether an extraction can be wanted, as its head tells."""
        return self._wants_around(head) and (
            self.about is None or bool(self._called(head, self.about))
        )

    def spoken_in(self, voices: Voices) -> list[int] | None:
        """The indexes of the quotes whose speaker is wanted; None where more must be read.

        A correction is found by the place of the quote.
        """
        people = self.people
        if people is not None and people.has_corrected(voices.article.id):
            return None
        numbers: Sequence[int] = range(len(voices.quotes))
        if self.speaker is not None:
            numbers = self._spoken(voices, self.speaker)
        if self.speaker_id is not None and people is not None and numbers:
            is_theirs = people.spoken_by_id(voices, voices.quotes, self.speaker_id)
            numbers = [n for n in numbers if is_theirs[n]]
        return list(numbers)

    def wants_extraction(self, extraction: Extraction | Glance) -> bool:
        """Whether an extraction is wanted; with conditions on quotes, through any of its quotes."""
        if not self._wants_around(extraction):
            return False
        if not self.asks_about_quotes:
            return True
        return bool(self.wanted_quotes(extraction))

    def wanted_quotes(self, extraction: Extraction | Glance) -> list[int]:
        """The indexes of an extraction's wanted quotes."""
        if not self._wants_around(extraction):
            return []
        quotes: Sequence[Quote | QuoteSeen] = extraction.quotes
        numbers = list(range(len(quotes)))
        if self.people is not None and (rejected := self.people.rejected(extraction, quotes)):
            numbers = [n for n in numbers if n not in rejected]
        if self.asks_for_speaker and self.people is not None:
            nobodys = self.people.nobodys(extraction, quotes)
            numbers = [n for n in numbers if n not in nobodys]
        if self.speaker is not None:
            spoken = set(self._spoken(extraction, self.speaker))
            numbers = [n for n in numbers if n in spoken]
        if self.speaker_id is not None and self.people is not None:
            is_theirs = self.people.spoken_by_id(extraction, quotes, self.speaker_id)
            numbers = [n for n in numbers if is_theirs[n]]
        if self.about is not None:
            numbers = self._spoken_of(extraction, self.about, numbers)
        if self.quote_type is not None:
            numbers = [n for n in numbers if quotes[n].type == self.quote_type]
        if self.match is not None:
            numbers = [n for n in numbers if self._finds(_words(quotes[n].content))]
        if self.floor != EVERYTHING:
            numbers = [n for n in numbers if self.floor.admits(quotes[n])]
        return numbers

    def left_out(self, extraction: Extraction | Glance) -> int:
        """The number of quotes excluded only because they are below the floor."""
        if self.floor == EVERYTHING:
            return 0
        everything = replace(self, floor=EVERYTHING)
        return len(everything.wanted_quotes(extraction)) - len(self.wanted_quotes(extraction))

    def _spoken(self, extraction: Speaking, asked: str) -> list[int]:
        """The indexes of the quotes whose speaker, or the speaker's entity, has this name.

        Who is known across articles is asked for by all their names. It runs for every subscriber
        and every extraction, so it avoids a call for each quote.
        """
        quotes: Sequence[SpokenQuote] = extraction.quotes
        if self.people is None or self.exact:
            return list(self._named_by(extraction, asked, range(len(quotes))))
        known = self.people.spoken_by(extraction, quotes, asked)
        found = [n for n, is_theirs in enumerate(known) if is_theirs] if True in known else []
        unknown = [n for n, is_theirs in enumerate(known) if is_theirs is None]
        found += self._named_by(extraction, asked, unknown)
        return sorted(found)

    def _named_by(self, extraction: Speaking, asked: str, numbers: Iterable[int]) -> Iterator[int]:
        """Those of the quotes whose speaker, or the speaker's entity, has this name in the text."""
        quotes: Sequence[SpokenQuote] = extraction.quotes
        entities: Sequence[Entity | EntitySeen] = extraction.entities
        for n in numbers:
            who = quotes[n].speaker
            if who is None:
                continue
            if self._is_called(who.name, asked):
                yield n
            elif who.entity is not None:
                for entity in entities:
                    if entity.id == who.entity and self._has_name(entity, asked):
                        yield n
                        break

    def _spoken_of(
        self, extraction: Extraction | Glance, asked: str, numbers: Sequence[int]
    ) -> list[int]:
        """Those of the quotes whose words speak of an entity with this name."""
        quotes: Sequence[Quote | QuoteSeen] = extraction.quotes
        called = self._called(extraction, asked)
        return [n for n in numbers if any(one.entity in called for one in quotes[n].about)]

    def _called(self, extraction: Around, asked: str) -> set[str]:
        """The ids of the entities with this name, and of the people so called."""
        called = self._named(extraction, asked)
        if self.people is not None and not self.exact:
            called |= self.people.called(extraction, asked)
        return called

    def _named(self, extraction: Around | Voices, asked: str) -> set[str]:
        """The ids of the entities with this name in the text."""
        entities: Sequence[Entity | EntitySeen] = extraction.entities
        return {entity.id for entity in entities if self._has_name(entity, asked)}

    def _wants_around(self, extraction: Around) -> bool:
        return self._wants_origin(extraction.article) and (
            self.entity is None or bool(self._called(extraction, self.entity))
        )

    def _wants_origin(self, origin: Article | ArticleRef | OriginSeen) -> bool:
        return (
            (self.publisher is None or self._is_called(origin.publisher or "", self.publisher))
            and (self.feed is None or self.feed == origin.feed)
            and (self.language is None or _is_language(origin.language or "", self.language))
            and (self.category is None or _is_filed(origin, self.category))
            and (self.section is None or _is_in_section(origin, self.section))
        )

    def _has_name(self, entity: Entity | EntitySeen, asked: str) -> bool:
        if self._is_called(entity.name, asked):
            return True
        for alias in entity.aliases:  # noqa: SIM110 - a generator costs more than most have aliases
            if self._is_called(alias, asked):
                return True
        return False

    def _is_called(self, name: str, asked: str) -> bool:
        return name == asked if self.exact else is_called(name, asked)

    def _finds(self, *texts: str) -> bool:
        return self.match is not None and any(self.match.search(text) for text in texts)


def _words(content: Iterable[Span | PieceSeen]) -> str:
    """The words of a quote, as one text.

    A quote that is cut ("We will," she said, "vote.") is found by words on both sides of the cut.
    """
    return " ".join([span.text for span in content])


def _is_filed(origin: Article | ArticleRef | OriginSeen, category: str) -> bool:
    return any(is_within(one, category) for one in (*origin.feed_categories, *origin.categories))


def _is_in_section(origin: Article | ArticleRef | OriginSeen, section: str) -> bool:
    return any(is_within(one, section) for one in (*origin.sections, *origin.categories))


def _is_language(tag: str, asked: str) -> bool:
    tag, asked = tag.lower().replace("_", "-"), asked.lower().replace("_", "-")
    return tag == asked or tag.startswith(f"{asked}-")
