"""A log moved to a cluster: nothing is extracted, or given to a group, a second time."""

import json
from pathlib import Path

import pytest

from tests.acceptance.kafka.conftest import OnKafka
from tests.kafka.fixtures import Kafka

pytestmark = pytest.mark.slow


def test_what_was_processed_before_the_move_is_not_processed_after_it(
    tmp_path: Path, kafka: Kafka
) -> None:
    command = OnKafka(tmp_path, kafka.servers)
    there = command.environment["ONRECORD_LOG__URL"]
    here = f"sqlite:///{tmp_path}/here.db"
    lines = [
        {"url": f"https://n.example/{n}", "title": "Tram", "text": "“We pay,” Ove Holm said."}
        for n in range(12)
    ]

    def bring(log: str, some: list[dict[str, str]]) -> None:
        file = tmp_path / "some.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in some))
        command("import", str(file), ONRECORD_LOG__URL=log)

    def extracted(log: str) -> int:
        found = command("extract", "--once", ONRECORD_LOG__URL=log).stderr
        return int(found.rsplit(" articles extracted", 1)[0].rsplit(None, 1)[-1])

    def read(log: str) -> int:
        group = ["subscribe", "quotes", "--group", "desk", "--from", "earliest", "--until", "end"]
        return len(command(*group, ONRECORD_LOG__URL=log).stdout.splitlines())

    bring(here, lines[:10])
    assert extracted(here) == 10
    assert read(here) == 10
    said = command("copy", "--from", here, "--to", there).stderr
    assert "groups go on where they are" in said
    assert extracted(there) == 0
    assert read(there) == 0
    bring(there, lines)
    assert extracted(there) == 2
    assert read(there) == 2
    command.end()
