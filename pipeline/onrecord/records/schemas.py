"""JSON Schemas of all records; `make schemas` writes them into `config/schemas/`."""

import json
from pathlib import Path
from typing import Any

import msgspec

from onrecord.records.articles import Article
from onrecord.records.base import Record
from onrecord.records.dead_letters import DeadLetter
from onrecord.records.encoding import schema_name
from onrecord.records.extractions import Extraction, QuoteOnRecord
from onrecord.records.feeds import Feed, FeedState
from onrecord.records.flat_quotes import FlatQuote, QuoteIds
from onrecord.records.forgotten import Forgotten
from onrecord.records.people import Judgement, PeoplePosition, Person
from onrecord.records.replays import ReplayJob, ReplayProgress
from onrecord.records.searches import Alert, SavedSearch

RECORDS: tuple[type[Record], ...] = (
    Feed,
    FeedState,
    Article,
    Extraction,
    QuoteOnRecord,
    FlatQuote,
    QuoteIds,
    DeadLetter,
    ReplayJob,
    ReplayProgress,
    Judgement,
    Person,
    PeoplePosition,
    SavedSearch,
    Alert,
    Forgotten,
)


def json_schema(record: type[Record]) -> dict[str, Any]:
    """The record's JSON Schema (2020-12), as written into `config/schemas/`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema_name(record),
        **msgspec.json.schema(record),
    }


def write_schemas(folder: Path) -> None:
    """Write every record's JSON Schema, `onrecord.article.json` and so on."""
    for record in RECORDS:
        text = json.dumps(json_schema(record), indent=2, ensure_ascii=False) + "\n"
        (folder / f"{schema_name(record)}.json").write_text(text, "utf-8")
