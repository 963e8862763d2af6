"""What is forgotten on a cluster: tombstones tell every consumer, and nothing brings it back."""

import json

import pytest

from onrecord.log.interface import Log
from onrecord.processing.quotes.publishing import QuotePublisher
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.records import Extraction
from onrecord.topics import Topics
from tests.acceptance.kafka.conftest import OnKafka, messages_of, topic_of
from tests.builders import TEXT, extraction, quote, span
from tests.filling import publish

pytestmark = pytest.mark.slow


def quoting(article_id: str) -> Extraction:
    """An extraction with two quotes, whose ids say where they are from."""
    passages = {"first": "The pier", "second": "in May,"}
    quotes = tuple(
        quote(id=f"{article_id}-{name}", content=(span(TEXT, words),))
        for name, words in passages.items()
    )
    return extraction(article_id, quotes=quotes)


def fill(log: Log, onrecord: OnKafka, *extractions: Extraction) -> None:
    """Results, with a topic of single quotes beside them."""
    topics = Topics(onrecord.environment["ONRECORD_LOG__PREFIX"])
    for topic, settings in settings_of(topics, RetentionPolicy(quotes_topic=True)).items():
        log.create_topic(topic, settings)
    publish(log, topics.extractions, *extractions)
    with QuotePublisher(log, topics) as quotes, log.writer("by hand") as writer:
        quotes.begin()
        with writer.transaction() as tx:
            for one in extractions:
                quotes.publish(tx, one)


def standing(log: Log, topic: str) -> set[str]:
    """The keys of the records that a table of the topic has."""
    newest = {message.key: message.value for message in messages_of(log, topic)}
    return {(key or b"").decode() for key, value in newest.items() if value is not None}


def test_a_forgotten_article_and_a_forgotten_quote_are_gone_for_every_consumer(
    onrecord: OnKafka, log: Log
) -> None:
    lines = [{"url": f"https://n.example/{n}", "text": f"Tram {n} ran late."} for n in range(2)]
    (onrecord.folder / "two.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    onrecord("import", "two.jsonl")
    gone, kept = (article["id"] for article in onrecord.records("articles"))
    fill(log, onrecord, quoting(gone), quoting(kept))

    said = onrecord("forget", gone, "--yes", "--why", "a court order").stderr
    onrecord("forget", f"{kept}-first", "--yes")

    assert f"forgot article {gone}" in said
    assert "a tombstone was written; older records stay in the segments of the cluster" in said
    for topic in ("articles", "extractions"):
        assert standing(log, topic_of(onrecord, topic)) == {kept}, topic
    assert standing(log, topic_of(onrecord, "quotes")) == {f"{kept}-second"}
    exported = onrecord("export", "quotes", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["quote_id"] for line in exported] == [f"{kept}-second"]
    assert standing(log, topic_of(onrecord, "forgotten")) == {gone, f"{kept}-first"}

    onrecord("import", "two.jsonl")
    assert standing(log, topic_of(onrecord, "articles")) == {kept}, "it came back"
