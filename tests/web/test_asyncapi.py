"""The topics as AsyncAPI describes them."""

import json
import lzma
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from onrecord.log.interface import TopicSettings
from onrecord.people.judgement_book import settings_of_people
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.records import Extraction, json_schema, to_json
from onrecord.topics import Topics
from onrecord.web.asyncapi import describe_topics
from tests.builders import extraction

SPECIFICATION = Path(__file__).parents[1] / "data" / "asyncapi" / "3.0.0.json.xz"
TOPICS = Topics("desk")
POLICY = RetentionPolicy(partitions=12, quotes_topic=True)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return describe_topics("0.2.0", TOPICS, _made())


def _made() -> dict[str, TopicSettings]:
    return settings_of(TOPICS, POLICY) | settings_of_people(TOPICS)


def test_the_document_fits_the_specification(document: dict[str, Any]) -> None:
    schema = json.loads(lzma.decompress(SPECIFICATION.read_bytes()))
    jsonschema.Draft7Validator(schema).validate(json.loads(json.dumps(document)))


def test_a_document_that_does_not_fit_is_refused(document: dict[str, Any]) -> None:
    schema = json.loads(lzma.decompress(SPECIFICATION.read_bytes()))
    wrong = document | {"channels": {"feeds": {"adress": "x"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(wrong)


def test_every_topic_is_described_as_it_is_made(document: dict[str, Any]) -> None:
    made = _made()
    described = {
        channel["address"]: channel["bindings"]["kafka"]
        for channel in document["channels"].values()
    }
    assert set(described) == set(made)
    for name, settings in made.items():
        assert described[name]["partitions"] == settings.partitions
        policy = described[name]["topicConfiguration"]["cleanup.policy"]
        assert policy == ["compact" if settings.compacted else "delete"]


def test_topics_that_are_not_made_are_not_described() -> None:
    policy = RetentionPolicy()
    found = describe_topics("0.2.0", TOPICS, settings_of(TOPICS, policy))
    assert "desk.quotes" not in {channel["address"] for channel in found["channels"].values()}


def test_records_fit_the_schema_that_the_document_gives(document: dict[str, Any]) -> None:
    given = document["components"]["schemas"]["onrecord.extraction"]["schema"]
    assert given == json_schema(Extraction)
    jsonschema.validate(json.loads(to_json(extraction("a1"))), given)
