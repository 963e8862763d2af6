"""The AsyncAPI 3.0 description of the topics: their records, keys and retention.

The counterpart of `openapi.py`, which describes the server; this describes the topics for Kafka
clients.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from onrecord.log.interface import TopicSettings
from onrecord.records import (
    Alert,
    Article,
    Extraction,
    Feed,
    FeedState,
    FlatQuote,
    GroupPosition,
    Judgement,
    Person,
    QuoteIds,
    Record,
    SavedSearch,
    json_schema,
    schema_name,
)
from onrecord.topics import Topics

_HEADERS = {
    "ce_specversion": "The version of CloudEvents: 1.0.",
    "ce_id": "The id of the record and its revision.",
    "ce_source": "The stage that published it.",
    "ce_type": "The name of the record's schema.",
    "ce_subject": "What the record is about: the article's id.",
    "ce_dataschema": "Where the JSON Schema of the record stands.",
    "ce_time": "When it was made, RFC 3339.",
    "content-type": "application/json",
}


class _Channel(NamedTuple):
    name: str
    topic: str
    record: type[Record] | None  # None: whatever bytes could not be processed
    key: str
    meaning: str


def describe_topics(
    version: str, topics: Topics, settings: Mapping[str, TopicSettings]
) -> dict[str, Any]:
    """The AsyncAPI document of the topics in `settings`, which say how each is kept."""
    channels = [channel for channel in _channels(topics) if channel.topic in settings]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "onrecord",
            "version": version,
            "description": (
                "Who said what, about whom, as it is published. Records are JSON; a version of a "
                "schema only adds optional fields to the one before. Read with isolation level "
                "read_committed: records of aborted transactions are not part of any topic."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            channel.name: _channel(channel, settings[channel.topic]) for channel in channels
        },
        "operations": {
            f"receive_{channel.name}": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{channel.name}"},
                "summary": f"Subscribe to {channel.topic}.",
            }
            for channel in channels
        },
        "components": {
            "messages": {channel.name: _message(channel) for channel in channels},
            "schemas": {
                schema_name(channel.record): _schema(channel.record)
                for channel in channels
                if channel.record is not None
            },
        },
    }


def _channels(topics: Topics) -> tuple[_Channel, ...]:
    return (
        _Channel("feeds", topics.feeds, Feed, "feed URL", "The feeds that are followed."),
        _Channel(
            "feed_states",
            topics.feed_states,
            FeedState,
            "feed URL",
            "What is remembered of each feed between polls.",
        ),
        _Channel(
            "articles",
            topics.articles,
            Article,
            "article id",
            "Every article, each revision once, in the order they were published.",
        ),
        _Channel(
            "extractions",
            topics.extractions,
            Extraction,
            "article id",
            "The entities and quotes of each revision of an article: the results.",
        ),
        _Channel(
            "quotes",
            topics.quotes,
            FlatQuote,
            "quote id",
            "Every quote as a flat record. A record without a value takes its quote back.",
        ),
        _Channel(
            "quote_ids",
            topics.quote_ids,
            QuoteIds,
            "article id",
            "The ids of each article's quotes on the topic of quotes.",
        ),
        _Channel(
            "positions",
            topics.positions,
            GroupPosition,
            "topic, partition and group",
            "The positions of consumer groups, which a cluster forgets after some days.",
        ),
        _Channel(
            "dead_letters",
            topics.dead_letters,
            None,
            "key of the original",
            "Messages that could not be processed: the original bytes, the reason in headers.",
        ),
        _Channel(
            "judgements",
            topics.judgements,
            Judgement,
            "judgement's id",
            "Who is who: statements by rules and by people, which later ones can undo.",
        ),
        _Channel(
            "people",
            topics.people,
            Person,
            "person's id",
            "People across articles, derived from names and judgements; the key `position` holds "
            "an onrecord.people-position instead.",
        ),
        _Channel(
            "searches",
            topics.searches,
            SavedSearch,
            "search's id",
            "Saved searches, and the addresses that their quotes are sent to.",
        ),
        _Channel(
            "alerts",
            topics.alerts,
            Alert,
            "alert's id",
            "Quotes that saved searches found: to be sent, sent, or dropped.",
        ),
    )


def _channel(channel: _Channel, settings: TopicSettings) -> dict[str, Any]:
    configuration: dict[str, Any] = {
        "cleanup.policy": ["compact" if settings.compacted else "delete"],
        "max.message.bytes": settings.max_record_bytes,
    }
    if settings.retention_s is not None:
        configuration["retention.ms"] = settings.retention_s * 1000
    return {
        "address": channel.topic,
        "description": channel.meaning,
        "messages": {channel.name: {"$ref": f"#/components/messages/{channel.name}"}},
        "bindings": {
            "kafka": {
                "topic": channel.topic,
                "partitions": settings.partitions,
                "topicConfiguration": configuration,
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message(channel: _Channel) -> dict[str, Any]:
    return {
        **_content(channel.record),
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"The {channel.key}."},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _content(record: type[Record] | None) -> dict[str, Any]:
    if record is None:
        return {"payload": {"description": "The original bytes, as they were read."}}
    name = schema_name(record)
    headers = {text: {"type": "string", "description": why} for text, why in _HEADERS.items()}
    return {
        "name": name,
        "contentType": "application/json",
        "headers": {"type": "object", "properties": headers},
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }


def _schema(record: type[Record]) -> dict[str, Any]:
    """A record's JSON Schema as a foreign-format schema, in which `$defs` are allowed."""
    return {
        "schemaFormat": "application/schema+json;version=draft-07",
        "schema": json_schema(record),
    }
