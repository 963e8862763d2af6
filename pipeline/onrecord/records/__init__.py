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

from onrecord.records.articles import Article, ArticleRef, reference_to
from onrecord.records.base import Count, Part, Record, Share, Time
from onrecord.records.connect import (
    connect_schema,
    is_flat_quote,
    read_flat_quote,
    with_connect_schema,
)
from onrecord.records.dead_letters import DeadLetter
from onrecord.records.encoding import from_json, schema_name, to_json
from onrecord.records.events import event_headers
from onrecord.records.explanations import Decision, Option, PassedOver, Reason
from onrecord.records.extractions import (
    About,
    Entity,
    EntityType,
    Extraction,
    Extractor,
    KnownAs,
    Quote,
    QuoteOnRecord,
    Speaker,
    on_record,
)
from onrecord.records.feeds import (
    BlockedEntry,
    Doubt,
    Feed,
    FeedRule,
    FeedState,
    Hold,
    Move,
    PollNote,
    Push,
    Seen,
    SiteClaim,
)
from onrecord.records.flat_quotes import (
    FlatQuote,
    QuoteIds,
    flat_quote,
    unflattened,
)
from onrecord.records.forgotten import Forgotten
from onrecord.records.ids import id_of, quote_id
from onrecord.records.people import (
    Judgement,
    NameSeen,
    PeoplePosition,
    Person,
    Tenure,
    WrittenForm,
)
from onrecord.records.positions import GroupPosition
from onrecord.records.replays import OffsetRange, ReplayJob, ReplayProgress
from onrecord.records.schemas import RECORDS, json_schema, write_schemas
from onrecord.records.searches import Alert, SavedSearch
from onrecord.records.shown import shown_content
from onrecord.records.spans import Mention, Span

__all__ = [
    "RECORDS",
    "About",
    "Alert",
    "Article",
    "ArticleRef",
    "BlockedEntry",
    "Count",
    "DeadLetter",
    "Decision",
    "Doubt",
    "Entity",
    "EntityType",
    "Extraction",
    "Extractor",
    "Feed",
    "FeedRule",
    "FeedState",
    "FlatQuote",
    "Forgotten",
    "GroupPosition",
    "Hold",
    "Judgement",
    "KnownAs",
    "Mention",
    "Move",
    "NameSeen",
    "OffsetRange",
    "Option",
    "Part",
    "PassedOver",
    "PeoplePosition",
    "Person",
    "PollNote",
    "Push",
    "Quote",
    "QuoteIds",
    "QuoteOnRecord",
    "Reason",
    "Record",
    "ReplayJob",
    "ReplayProgress",
    "SavedSearch",
    "Seen",
    "Share",
    "SiteClaim",
    "Span",
    "Speaker",
    "Tenure",
    "Time",
    "WrittenForm",
    "connect_schema",
    "event_headers",
    "flat_quote",
    "from_json",
    "id_of",
    "is_flat_quote",
    "json_schema",
    "on_record",
    "quote_id",
    "read_flat_quote",
    "reference_to",
    "schema_name",
    "shown_content",
    "to_json",
    "unflattened",
    "with_connect_schema",
    "write_schemas",
]
