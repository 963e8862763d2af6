"""Others' programs read and write our topics: `kcat`, as Debian packages it."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.acceptance.kafka.conftest import OnKafka, topic_of
from tests.kafka.fixtures import Kafka
from tests.needs import need_program
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow

SCHEMA = Path(__file__).parents[3] / "config" / "schemas" / "onrecord.article.json"
TEXT = "“The pier will open in May,” Mara Lind, the harbour master, said on Monday."


@pytest.fixture(autouse=True)
def _kcat() -> None:
    need_program("kcat")


def kcat(kafka: Kafka, *words: str, stdin: str | None = None) -> str:
    command = ["kcat", "-q", "-b", kafka.servers, *words]
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def consume(kafka: Kafka, topic: str) -> list[dict[str, Any]]:
    committed = ["-X", "isolation.level=read_committed"]
    told = kcat(kafka, "-C", "-t", topic, "-o", "beginning", "-e", "-J", *committed)
    return [json.loads(line) for line in told.splitlines()]


def headers_of(message: dict[str, Any]) -> dict[str, str]:
    flat: Sequence[str] = message["headers"]
    return dict(zip(flat[::2], flat[1::2], strict=True))


def test_kcat_publishes_an_article_by_the_schema_and_reads_what_was_extracted(
    kafka: Kafka, onrecord: OnKafka
) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    fields = schema["$defs"]["Article"]
    given = {
        "schema": "onrecord.article",
        "id": "by-hand-1",
        "url": "https://example.org/pier",
        "title": "Pier to open",
        "fetched_at": "2026-11-20T12:00:00Z",
        "text": TEXT,
        "content_hash": "by-hand",
    }
    assert given.keys() <= fields["properties"].keys()
    assert set(fields["required"]) <= given.keys()
    onrecord("feeds", "list")
    articles, extractions = topic_of(onrecord, "articles"), topic_of(onrecord, "extractions")
    kcat(kafka, "-P", "-t", articles, "-k", "by-hand-1", stdin=json.dumps(given) + "\n")
    onrecord("extract", "--once")

    [message] = consume(kafka, extractions)
    assert message["key"] == "by-hand-1"
    headers = headers_of(message)
    assert (headers["ce_specversion"], headers["ce_type"]) == ("1.0", "onrecord.extraction")
    assert (headers["ce_id"], headers["content-type"]) == ("by-hand-1.1", "application/json")
    assert {"ce_source", "ce_time"} <= headers.keys()
    payload = json.loads(message["payload"])
    [quote] = payload["quotes"]
    assert [span["text"] for span in quote["content"]] == ["The pier will open in May,"]
    assert quote["speaker"]["name"] == "Mara Lind"
    span = quote["content"][0]
    assert TEXT[span["start"] : span["end"]] == span["text"]
    assert msgspec.json.decode(message["payload"].encode())["article"]["id"] == "by-hand-1"
