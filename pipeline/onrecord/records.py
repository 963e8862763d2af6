"""What travels on topics, typed, and how it becomes JSON and back.

Every record is an immutable struct that names its schema (`"schema": "onrecord.article"`) and
the schema's version. Reading is strict: a wrong type or a missing field is a `RecordError` that
names the field. Times are aware and in UTC.

A version only adds to the one before: fields that may be missing. It takes none away, gives none
another type or meaning, and adds no value to a closed list; what cannot be said so gets a schema
of another name. Who reads version 1 therefore reads every later one, and ignores the fields it
does not know. The one exception is a record that onrecord reads, changes and writes again
(`REWRITTEN`): what it does not know would be lost, so a newer version of it is left alone.

JSON Schemas of all of them are generated into `config/schemas/` (`make schemas`).
"""

import json
import re
import sys
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from onrecord.errors import RecordError

Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a record. Holds no cycles, so the collector need not look at thousands of them."""


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema"):
    """A whole message on a topic. `VERSION` is the newest schema version this code knows."""

    VERSION: ClassVar[int] = 1
    REWRITTEN: ClassVar[bool] = False

    schema_version: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            description="Grows when fields are added. A later version takes no field away and "
            "gives none another type, meaning or closed list: ignore fields that you do not know.",
        ),
    ] = 1


# ── from publishers ──────────────────────────────────────────────────────────────────────────


class Feed(Record, frozen=True, kw_only=True, tag="onrecord.feed"):
    """A subscription: one feed that we follow, or followed.

    `followed` is False for a feed that a person removed: it is remembered, so that a feed list
    which still names it does not bring it back.
    """

    REWRITTEN: ClassVar[bool] = True

    url: str
    publisher: str | None = None
    title: str | None = None
    language: str | None = None
    followed: bool = True


class Seen(_Part, frozen=True, kw_only=True):
    """What we remember of an entry: the article it became, and its text as this feed gave it.

    `content_hash` is that of the article as this feed led to it, `given` that of the text in the
    feed, None when they are the same; `before` are the last few given before that, the newest
    first. `bare` tells the entry by its guid without scheme and host. `returns` counts the texts
    that came back lately and were taken for edits undone, the last of them at `returned_at`.
    """

    article_id: str
    revision: Count
    content_hash: str
    given: str | None = None
    before: tuple[str, ...] = ()
    bare: str | None = None
    returns: Count = 0
    returned_at: Time | None = None


class Move(_Part, frozen=True, kw_only=True):
    """A permanent redirect: where to, since when it is seen at every poll, and how often."""

    url: str
    since: Time
    seen: Count = 1


class Hold(_Part, frozen=True, kw_only=True):
    """A host that asked to be left alone until a time."""

    host: str
    until: Time


class Doubt(_Part, frozen=True, kw_only=True):
    """Validators of a document that has changed since: no server may answer them with 304."""

    etag: str | None = None
    last_modified: str | None = None


class Push(_Part, frozen=True, kw_only=True):
    """A feed's hub (WebSub), the URL it knows the feed by, and our subscription there.

    `secret` signs what it sends. It was asked at `asked_at`, and confirmed it until `until`, for
    `lease_s`; `failures` counts how often in a row it was asked and did not, `error` says why.
    `pushes` counts what came, `missed` the articles that a poll found and it should have brought.
    """

    hub: str
    topic: str
    secret: str | None = None
    asked_at: Time | None = None
    until: Time | None = None
    lease_s: float | None = None
    failures: Count = 0
    error: str | None = None
    pushes: Count = 0
    missed: Count = 0
    last_push_at: Time | None = None


class FeedState(Record, frozen=True, kw_only=True, tag="onrecord.feed-state"):
    """What is remembered of a feed between polls.

    `etag` and `last_modified` are the server's validators, byte for byte. `seen` is keyed by
    the entry's identity within the feed, the most recent first. `ttl_s`, `update_s`, `skip_hours`
    and `skip_days` are what the feed says about when to ask again; `pace_s`, `gap_s` and `span_s`
    how it publishes (see `feeds.schedule.Rhythm`). `overlap` is the share of its last changed
    document that we had seen before: 0 means that entries may have been lost. `delay_s` is the
    usual time from an entry's publication until it is on the topic, `prompt` the share of new
    entries that were published since the poll before, and so seen within one interval. `interval_s`
    is the wait until the next poll, and `why` says why that long. `address` is asked instead of the
    URL after a permanent redirect was seen for days, `move` is one that is not believed yet.
    `conditional` is False once the server was caught saying "not modified" of what had been; the
    next poll is made with the validators in `doubt`, if any, to catch it. `push` is the feed's hub,
    if it names one. `failures` counts polls failed since the last success; `error` says why the
    last poll failed, None when it did not.
    """

    REWRITTEN: ClassVar[bool] = True

    url: str
    address: str | None = None
    move: Move | None = None
    hold: Hold | None = None
    push: Push | None = None
    conditional: bool = True
    doubt: Doubt | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    title: str | None = None
    ttl_s: float | None = None
    update_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    pace_s: float | None = None
    gap_s: float | None = None
    span_s: float | None = None
    overlap: Share | None = None
    delay_s: float | None = None
    prompt: Share | None = None
    seen: dict[str, Seen] = {}
    next_poll_at: Time | None = None
    last_poll_at: Time | None = None
    last_success_at: Time | None = None
    last_new_at: Time | None = None
    interval_s: float | None = None
    why: str | None = None
    polls: Count = 0
    failures: Count = 0
    status: int | None = None
    error: str | None = None
    entries: Count = 0
    articles: Count = 0


class Article(Record, frozen=True, kw_only=True, tag="onrecord.article"):
    """An entry with a stable id, a canonical URL and plain text, as published.

    `text` is what all offsets index: plain, paragraphs separated by an empty line, without the
    title. `revision` counts from 1; `supersedes` is the `content_hash` of the revision before.
    `published_at` is None when the feed gives no usable date. `feed` is the feed's URL as
    subscribed, None for an imported article. `page_error` says why the text is the feed's though
    its page's was wanted, None when it was not or could be had. `story` is shared by articles
    that have most of their text in common, as a wire report under many URLs: the id of the one
    seen first, at `story_first_seen`; `story_share` is how much it has in common with the nearest
    of them, and `sketch` tells that (see `feeds.stories`). `raw` holds the entry's identifying
    fields as the feed wrote them (guid, link, dates).
    """

    id: str
    revision: Annotated[int, msgspec.Meta(ge=1)] = 1
    url: str | None = None
    canonical_url: str | None = None
    feed: str | None = None
    publisher: str | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: Time | None = None
    updated_at: Time | None = None
    fetched_at: Time
    language: str | None = None
    text: str
    text_from: Literal["feed", "page", "import"] = "feed"
    page_error: str | None = None
    summary: str = ""
    content_hash: str
    supersedes: str | None = None
    story: str | None = None
    story_first_seen: Time | None = None
    story_share: Share | None = None
    sketch: str | None = None
    raw: dict[str, str] = {}


# ── what was said ────────────────────────────────────────────────────────────────────────────


class Span(_Part, frozen=True, kw_only=True):
    """Half-open offsets in code points: `article.text[start:end] == text`, always."""

    start: Count
    end: Count
    text: str


class Mention(Span, frozen=True, kw_only=True):
    """A span that names an entity."""


EntityType = Literal["person", "organisation", "place", "group", "product", "event", "work"]


class Entity(_Part, frozen=True, kw_only=True):
    """The person, organisation, place, group (a nationality, a party), … that mentions name.

    `name` is the fullest name the article gives; `aliases` are the others it uses. `role` is
    what the article says the entity is ("Russian Foreign Minister").
    """

    id: str
    name: str
    type: EntityType
    role: str | None = None
    aliases: tuple[str, ...] = ()
    mentions: tuple[Mention, ...]


class Speaker(_Part, frozen=True, kw_only=True):
    """Who a quote's source turns out to be. `entity` is an id in the same extraction.

    `reason` says in a few words how the source led there ("the only minister named").
    """

    entity: str | None = None
    name: str
    role: str | None = None
    reason: str | None = None


class Reason(_Part, frozen=True, kw_only=True):
    """Something that speaks for an option, or against it (`weight` below 0).

    `weight` is in log-odds, None where a rule decided.
    """

    what: str
    weight: float | None = None


class Option(_Part, frozen=True, kw_only=True):
    """Something that could have been chosen: `what` in words, with its spans where it has any.

    `probability` is None where a rule decided. `because` are the heaviest reasons, for and against.
    """

    what: str
    cue: Span | None = None
    source: Span | None = None
    content: tuple[Span, ...] = ()
    probability: Share | None = None
    because: tuple[Reason, ...] = ()


class Decision(_Part, frozen=True, kw_only=True):
    """What was chosen, and what came second and third.

    `about` is what was decided: whose words a passage is (`source`), by which of its source's
    cues (`cue`), what a cue reports (`content`), or who the source is (`speaker`). `of` is the
    passage. `over_second` is what the chosen has before the second, the heaviest first.
    """

    about: Literal["source", "cue", "content", "speaker"]
    of: Span | None = None
    chosen: Option
    others: tuple[Option, ...] = ()
    over_second: tuple[Reason, ...] = ()


class PassedOver(_Part, frozen=True, kw_only=True):
    """What could have been a quote and is none: a passage in marks, or what a cue may report."""

    content: tuple[Span, ...]
    why: str
    decision: Decision


class Quote(_Part, frozen=True, kw_only=True):
    """Words someone is reported to have said.

    `type` is *direct* when all of the content stands in quotation marks, *mixed* when part
    does, *indirect* when none does. `content` has more than one span when the quote is cut
    ("We will," she said, "vote."); quotation marks are not part of it. `cue` signals speech
    ("said"), `source` is who it is attributed to as the text puts it ("the minister"),
    `speaker` who that is. `manner` is whether the cue speaks of words said, of a belief or of an
    intention, None where nothing tells. `via` is the outlet through which second-hand words came
    ("told the Harbour Post"). `context` is the sentence or sentences around all of it, with the
    quotation marks at its ends. `explanation` is there only where it was asked for.
    """

    id: str
    type: Literal["direct", "mixed", "indirect"]
    content: tuple[Span, ...]
    cue: Span | None = None
    source: Span | None = None
    speaker: Speaker | None = None
    manner: Literal["speech", "belief", "intention"] | None = None
    via: Span | None = None
    confidence: Share
    context: Span
    explanation: tuple[Decision, ...] | UnsetType = UNSET


class ArticleRef(_Part, frozen=True, kw_only=True):
    """Which article, and which revision of it, something was extracted from."""

    id: str
    revision: Annotated[int, msgspec.Meta(ge=1)] = 1
    url: str | None = None
    feed: str | None = None
    title: str = ""
    publisher: str | None = None
    published_at: Time | None = None
    language: str | None = None


class Extractor(_Part, frozen=True, kw_only=True):
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
    """One quote with the article it stands in: what `subscribe quotes` gives."""

    article: ArticleRef
    quote: Quote
    extracted_at: Time


class DeadLetter(Record, frozen=True, kw_only=True, tag="onrecord.dead-letter"):
    """A message set aside, with where it came from and why.

    On the topic the original bytes are the value and the rest stands in headers; this is how
    it is shown. `id` names the letter (its own offset); `value` is the original, as text.
    """

    id: str
    topic: str
    partition: Count
    offset: Count
    key: str | None
    reason: str
    error: str
    stack: str | None = None
    attempts: Count
    failed_at: Time
    value: str | None


# ── replays ──────────────────────────────────────────────────────────────────────────────────


class OffsetRange(_Part, frozen=True, kw_only=True):
    """A stretch of one partition: its first offset, and the first past it."""

    begin: Count
    end: Count


class ReplayJob(Record, frozen=True, kw_only=True, tag="onrecord.replay-job"):
    """A replay as it was asked for: which articles, into which topic, how fast.

    `since` and `until` are as a person wrote them, `by` says what of an article they speak of:
    when it entered the log, or when it was published (then also `published_from` and
    `published_until`, that instant excluded). `stretch` is what is read of `source`, by
    partition; it is fixed when the job is made, and `articles` counts what is wanted in it.
    `rate` is articles a second at most, `workers` the number of extractor processes. `state` is
    what people want of it; whether it is done its progress tells.
    """

    name: str
    source: str
    into: str
    since: str
    until: str | None = None
    by: Literal["entered", "published"] = "entered"
    published_from: Time | None = None
    published_until: Time | None = None
    publisher: str | None = None
    feed: str | None = None
    language: str | None = None
    match: str | None = None
    rate: float | None = None
    workers: int | None = None
    stretch: dict[int, OffsetRange]
    articles: Count
    state: Literal["running", "paused", "cancelled"] = "running"
    created_at: Time


class ReplayProgress(Record, frozen=True, kw_only=True, tag="onrecord.replay-progress"):
    """What one run of a replay committed, published in the transaction of its last results.

    A run is a process at work, from its start or from the last commit that failed. The job's
    counts are the sums over its runs; `positions` are, by partition, the next offset to read,
    the highest of all runs counts. `seconds` is how long the run was at work, `rate` articles a
    second of late.
    """

    name: str
    run: str
    articles: Count = 0
    dead_letters: Count = 0
    positions: dict[int, int] = {}
    seconds: float = 0.0
    rate: float | None = None
    at: Time


RECORDS: tuple[type[Record], ...] = (
    Feed,
    FeedState,
    Article,
    Extraction,
    QuoteOnRecord,
    DeadLetter,
    ReplayJob,
    ReplayProgress,
)

# ── JSON in and out ──────────────────────────────────────────────────────────────────────────

R = TypeVar("R", bound=Record)

_encoder = msgspec.json.Encoder()
_decoders: dict[type[Record], msgspec.json.Decoder[Any]] = {}


_MISSING = re.compile(r"missing required field `(\w+)`")


class _Version(msgspec.Struct):
    schema: str | None = None
    schema_version: int = 1


def to_json(value: Record | _Part) -> bytes:
    """UTF-8 JSON on one line, fields in the order they are declared."""
    return _encoder.encode(value)


def from_json(data: bytes | str, record: type[R]) -> R:
    """The record in `data`, of this version or a later. Raises RecordError naming what is wrong."""
    decoder = _decoders.get(record)
    if decoder is None:
        decoder = _decoders[record] = msgspec.json.Decoder(record)
    try:
        value: R = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _explained(error, data, record) from error
    if record.REWRITTEN and value.schema_version > record.VERSION:
        raise _too_new(record, value.schema_version)
    return value


def _explained(
    error: msgspec.DecodeError | UnicodeDecodeError, data: bytes | str, record: type[Record]
) -> RecordError:
    """The error in our words. A newer version explains itself better than its changed fields do."""
    name = schema_name(record)
    try:
        version = msgspec.json.decode(data, type=_Version)
    except (msgspec.DecodeError, UnicodeDecodeError):
        version = _Version()
    if version.schema == name and version.schema_version > record.VERSION:
        return _too_new(record, version.schema_version)
    what, _, path = str(error).partition(" - at `$")
    missing = _MISSING.search(what)
    names = [path.strip("`."), missing.group(1) if missing else ""]
    field = ".".join(name for name in names if name) or None
    where = f" in {path.strip('`.')}" if path.strip("`.") else ""
    return RecordError(f"not an {name} record: {what}{where}", field=field)


def _too_new(record: type[Record], version: int) -> RecordError:
    return RecordError(
        f"{schema_name(record)} has schema_version {version}; this onrecord reads up to "
        f"{record.VERSION}: upgrade it to read this record",
        field="schema_version",
    )


def schema_name(record: type[Record]) -> str:
    """The name a record goes by in JSON and in headers, "onrecord.article"."""
    return str(record.__struct_config__.tag)


def json_schema(record: type[Record]) -> dict[str, Any]:
    """The record's JSON Schema (2020-12), as written into `config/schemas/`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema_name(record),
        **msgspec.json.schema(record),
    }


# ── ids ──────────────────────────────────────────────────────────────────────────────────────


def id_of(*parts: str) -> str:
    """An id that is a function of content: 32 hexadecimal digits (BLAKE2b of all parts)."""
    digest = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def quote_id(article_id: str, revision: int, content: tuple[Span, ...]) -> str:
    """A quote's id: of its article, revision and content span, so a replay gives the same."""
    spans = ",".join(f"{span.start}-{span.end}" for span in content)
    return id_of("quote", article_id, str(revision), spans)


def event_headers(
    record: Record, *, event_id: str, source: str, time: datetime
) -> tuple[tuple[str, bytes], ...]:
    """CloudEvents 1.0 attributes in Kafka's binary mode, so other tools know what they read."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", schema_name(type(record)).encode()),
        ("ce_time", time.astimezone(UTC).isoformat().encode()),
        ("content-type", b"application/json"),
    )


def write_schemas(folder: Path) -> None:
    """Write every record's JSON Schema, `onrecord.article.json` and so on."""
    for record in RECORDS:
        text = json.dumps(json_schema(record), indent=2, ensure_ascii=False) + "\n"
        (folder / f"{schema_name(record)}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
