"""`onrecord asyncapi`: the topics, described for those who read them with their own tools."""

import sys

import msgspec

from onrecord import wiring
from onrecord.cli.options import ConfigOption, settings
from onrecord.people.judgement_book import settings_of_people
from onrecord.processing.retention import positions_settings, search_settings
from onrecord.version import VERSION
from onrecord.web.asyncapi import describe_topics


def asyncapi(config: ConfigOption = None) -> None:
    """Print an AsyncAPI 3.0 document of all topics: what is on each, its key, how it is kept.

    Example: onrecord asyncapi > asyncapi.json
    """
    loaded = settings(config, None)
    topics = wiring.topics_of(loaded)
    kept = wiring.topic_settings(loaded) | settings_of_people(topics) | search_settings(topics)
    if wiring.is_on_kafka(loaded):
        kept[topics.positions] = positions_settings()
    found = describe_topics(VERSION, topics, kept)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
