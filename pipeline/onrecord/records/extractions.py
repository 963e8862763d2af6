"""What was found in an article: entities, quotes and their speakers."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from onrecord.records.articles import ArticleRef
from onrecord.records.base import Part, Record, Share, Time
from onrecord.records.explanations import Decision, PassedOver
from onrecord.records.spans import Mention, Span

EntityType = Literal["person", "organisation", "place", "group", "product", "event", "work"]


class KnownAs(Part, frozen=True, kw_only=True):
    """A person across articles, as the registry knows them when the record is read.

    `id` is the person's id and `name` their preferred name. `by` is what shows that it is they:
    *name* (a full name), *surname* or *office* (alone, which fits exactly one person known to have
    held the office then), *correction* (somebody said so of this quote).
    """

    id: str
    name: str
    by: Literal["name", "surname", "office", "correction"] = "name"


class Entity(Part, frozen=True, kw_only=True):
    """The person, organisation, place, group (a nationality, a party), … that mentions name.

    `name` is the fullest name the article gives; `aliases` are the others it uses. `role` is
    what the article says the entity is ("Russian Foreign Minister"). `name_key` is the name folded
    for comparison across articles. `person` is who that is, added when the record is read.
    """

    id: str
    name: str
    type: EntityType
    role: str | None = None
    aliases: tuple[str, ...] = ()
    mentions: tuple[Mention, ...]
    name_key: str | UnsetType = UNSET
    person: KnownAs | UnsetType = UNSET


class Speaker(Part, frozen=True, kw_only=True):
    """Who a quote's source turns out to be. `entity` is an id in the same extraction.

    `reason` says in a few words how the source led there ("the only minister named").
    `confidence` is the probability that this is the right one; None where nothing was weighed.
    `name_key` is the name folded for comparison, where it is a name and no description. `person` is
    who that is across articles, added when the record is read.
    """

    entity: str | None = None
    name: str
    role: str | None = None
    reason: str | None = None
    confidence: Share | None = None
    name_key: str | UnsetType = UNSET
    person: KnownAs | UnsetType = UNSET


class About(Part, frozen=True, kw_only=True):
    """A person, organisation or place that a quote's words speak of.

    `entity` is an id in the same extraction. `by` says how the words lead there: they *name* it,
    or refer to it with a *pronoun* or a *description*; the first of these three that occurs.
    `mentions` are the spans that do, inside the content. `name_key` and `person` are those of the
    entity.
    """

    entity: str
    name: str
    type: EntityType
    by: Literal["name", "pronoun", "description"]
    mentions: tuple[Mention, ...]
    name_key: str | UnsetType = UNSET
    person: KnownAs | UnsetType = UNSET


class Quote(Part, frozen=True, kw_only=True):
    """Words someone is reported to have said.

    `type` is *direct* when all of the content stands in quotation marks, *mixed* when part
    does, *indirect* when none does. `content` has more than one span when the quote is cut
    ("We will," she said, "vote."); quotation marks are not part of it. `cue` signals speech
    ("said"), `source` is who it is attributed to as the text puts it ("the minister"),
    `speaker` who that is. `manner` is whether the cue speaks of words said, of a belief or of an
    intention, None where nothing tells. `via` is the outlet through which second-hand words came
    ("told the Harbour Post"). `about` are the people, organisations and places that the words
    speak of, in the order of their first mentions; the speaker is not among them for "I".
    `words_key` is equal for the same words, whatever their case, marks and punctuation (see
    `statements.py`); None where there are none. `confidence` is the probability that the words
    are somebody's statement, rightly cut and cued. `repeats` is the id of an earlier quote of the
    article that says the same, as in a heading. `context` is the sentence or sentences around all
    of it, with the quotation marks at its ends. `explanation` is there only where it was asked
    for.
    """

    id: str
    type: Literal["direct", "mixed", "indirect"]
    content: tuple[Span, ...]
    cue: Span | None = None
    source: Span | None = None
    speaker: Speaker | None = None
    manner: Literal["speech", "belief", "intention"] | None = None
    via: Span | None = None
    about: tuple[About, ...] = ()
    words_key: str | None = None
    confidence: Share
    repeats: str | None = None
    context: Span
    explanation: tuple[Decision, ...] | UnsetType = UNSET


class Extractor(Part, frozen=True, kw_only=True):
    """What made an extraction: our version, and the spaCy pipeline's name and version."""

    name: str
    version: str
    model: str
    model_version: str


class Extraction(Record, frozen=True, kw_only=True, tag="onrecord.extraction"):
    """Everything found in one revision of an article. Quotes and mentions are in text order.

    `notes` say in plain words what was not done: a text cut at the limit, a language without
    rules. `passed_over` is there only where explanations were asked for.
    """

    article: ArticleRef
    extractor: Extractor
    entities: tuple[Entity, ...] = ()
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] | UnsetType = UNSET
    extracted_at: Time
    took_ms: Annotated[float, msgspec.Meta(ge=0)]


class QuoteOnRecord(Record, frozen=True, kw_only=True, tag="onrecord.quote"):
    """One quote with the article it stands in: what `subscribe quotes` gives.

    `notes` are those of the extraction, where it has any: that the article's language has no
    rules, for one, so that the quote is any passage between quotation marks.
    """

    article: ArticleRef
    quote: Quote
    extracted_at: Time
    notes: tuple[str, ...] | UnsetType = UNSET


def on_record(extraction: Extraction, quote: Quote) -> QuoteOnRecord:
    """A quote of an extraction as a record of its own."""
    return QuoteOnRecord(
        article=extraction.article,
        quote=quote,
        extracted_at=extraction.extracted_at,
        notes=extraction.notes or UNSET,
    )
