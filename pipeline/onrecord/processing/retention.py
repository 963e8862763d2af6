"""The settings of onrecord's topics: number of partitions and retention."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from onrecord.log.interface import TopicSettings
from onrecord.settings import Days, key
from onrecord.topics import Topics

_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class RetentionPolicy:
    """How many partitions a topic is created with, and how long it keeps records."""

    partitions: Annotated[int, Meta(ge=1, le=1000)] = key(
        8,
        "How many partitions a topic is created with: the most workers, or pollers, that can share "
        "it. Topics that exist keep the number they have.",
    )
    articles_days: Days = key(
        365,
        "Days that articles are kept: they are the backlog that can be replayed. 0 is for ever.",
    )
    extractions_days: Days = key(0, "Days that extractions, the results, are kept. 0 is for ever.")
    dead_letters_days: Days = key(90, "Days that dead letters are kept. 0 is for ever.")
    quotes_topic: bool = key(
        False,
        "Whether every quote is also published by itself, as a flat record keyed by its id, for "
        "databases and stream processors that want rows: see docs/kafka.md.",
    )


def settings_of(topics: Topics, policy: RetentionPolicy) -> dict[str, TopicSettings]:
    """The settings of each topic, by name."""
    partitions = policy.partitions
    compacted = TopicSettings(partitions=partitions, compacted=True)
    # A dead letter is its original plus the origin: it must fit any accepted record.
    largest = 2 * TopicSettings().max_record_bytes
    # A quote that fits into an extraction fits here with its context and a schema beside it.
    quotes = TopicSettings(partitions=partitions, compacted=True, max_record_bytes=largest)
    optional = {topics.quotes: quotes, topics.quote_ids: compacted} if policy.quotes_topic else {}
    return {
        topics.feeds: compacted,
        topics.feed_states: compacted,
        topics.articles: kept_for(policy.articles_days, partitions),
        topics.extractions: kept_for(policy.extractions_days, partitions),
        topics.dead_letters: TopicSettings(
            partitions=partitions,
            retention_s=_seconds(policy.dead_letters_days),
            max_record_bytes=largest,
        ),
        **optional,
    }


def positions_settings() -> TopicSettings:
    """The settings of the topic that keeps the positions of groups on a cluster."""
    return TopicSettings(partitions=1, compacted=True)


def search_settings(topics: Topics) -> dict[str, TopicSettings]:
    """The settings of the topics of saved searches and alerts, made by what first needs them."""
    compacted = TopicSettings(partitions=1, compacted=True)
    return {topics.searches: compacted, topics.alerts: compacted}


def kept_for(days: int, partitions: int) -> TopicSettings:
    """Settings of a topic kept by age; 0 days keeps records for ever."""
    return TopicSettings(partitions=partitions, retention_s=_seconds(days))


def _seconds(days: int) -> int | None:
    return days * _DAY_S or None
