"""Topics are changed while everything runs."""

import json
import os
import signal
import time

from tests.acceptance.conftest import Onrecord
from tests.patience import PATIENCE_S


def partitions_are_added_under_a_running_extractor(onrecord: Onrecord) -> None:
    """Articles that come before and after more partitions are all extracted, once each."""
    _import(onrecord, range(10))
    working = onrecord.start("extract")
    onrecord("topics", "alter", "articles", "--partitions", "12", "--days", "30")
    _import(onrecord, range(10, 30))
    until = time.monotonic() + PATIENCE_S
    while len(extracted := onrecord.records("extractions")) < 30:
        assert time.monotonic() < until, len(extracted)
        assert working.poll() is None
    os.killpg(working.pid, signal.SIGTERM)
    assert working.wait(PATIENCE_S) == 0
    assert len({one["article"]["url"] for one in onrecord.records("extractions")}) == 30
    topic = json.loads(onrecord("topics", "describe", "articles").stdout)
    assert (topic["partitions"], topic["retention_s"]) == (12, 30 * 86_400)
    assert sum(1 for begin, end in topic["bounds"].values() if end > begin) > 8
    [lag] = topic["groups"].values()
    assert lag == 0


def _import(onrecord: Onrecord, numbers: range) -> None:
    articles = [
        {
            "url": f"https://news.example/{n}",
            "title": f"Tram {n}",
            "text": f"“We pay {n} times,” Mayor Ove Holm said.",
            "language": "en",
        }
        for n in numbers
    ]
    onrecord("import", "-", stdin="".join(json.dumps(one) + "\n" for one in articles))


def test_partitions_are_added_under_a_running_extractor(onrecord: Onrecord) -> None:
    partitions_are_added_under_a_running_extractor(onrecord)
