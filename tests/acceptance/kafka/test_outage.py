"""A real outage of a broker, as the alert rules see it in what a process shows meanwhile."""

import re
import signal
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.acceptance.conftest import Publisher, story
from tests.acceptance.kafka.conftest import OnKafka, eventually
from tests.kafka.fixtures import Kafka
from tests.patience import PATIENCE_S
from tests.scraping import Scrapes
from tests.test_alert_rules import MINUTE, RULES

pytestmark = pytest.mark.slow

# Each answer that was recorded stands for so many minutes of the same.
MINUTES = 10
# On a busy machine a part may be late when an answer is recorded, which the rest is not about.
MAY_FIRE = {"OnrecordPartHangs"}


class Recorded:
    """What `/metrics` of a process answers."""

    def __init__(self, onrecord: OnKafka) -> None:
        self._onrecord = onrecord
        self._address = ""

    def answer(self) -> bytes:
        if not self._address:
            found = re.search(r"metrics and health on (\S+)", "\n".join(self._onrecord.said()))
            if found is None:
                return b""
            self._address = found[1]
        with (
            suppress(OSError),
            urllib.request.urlopen(
                f"http://{self._address.removeprefix('http://')}/metrics", timeout=PATIENCE_S
            ) as response,
        ):
            return bytes(response.read())
        return b""

    def once(self, sample: str) -> bytes:
        """The first answer with this sample, a name and a value."""
        until = time.monotonic() + PATIENCE_S
        while sample not in (answer := self.answer()).decode().splitlines():
            assert time.monotonic() < until, f"never {sample}:\n{answer.decode()[-3000:]}"
            time.sleep(0.2)
        return answer


def test_an_outage_of_the_broker_fires_its_alert_and_ends_it(
    kafka: Kafka, onrecord: OnKafka, publisher: Publisher, tmp_path: Path
) -> None:
    if not kafka.brokers:
        pytest.skip("a broker that is not ours cannot be stopped")
    publisher.feeds = {"north": [story(publisher, n) for n in range(3)]}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    onrecord.start(
        "run",
        "--feeds",
        feeds,
        ONRECORD_METRICS__LISTEN="127.0.0.1:0",
        ONRECORD_KAFKA__TIMEOUT_S="4",
        ONRECORD_FEEDS__USUAL_INTERVAL_S="1",
        ONRECORD_FEEDS__LONGEST_INTERVAL_S="1",
    )
    recorded = Recorded(onrecord)
    well = recorded.once("onrecord_extraction_seconds_count 3.0")
    kafka.brokers[0].send(signal.SIGSTOP)
    try:
        away = recorded.once("onrecord_log_up 0.0")
    finally:
        kafka.brokers[0].send(signal.SIGCONT)
    again = recorded.once("onrecord_log_up 1.0")
    eventually(lambda: "the log answers again" in "\n".join(onrecord.said()), "it said nothing")

    scrapes = Scrapes(MINUTE)
    for answer in (well, away, again):
        for _ in range(MINUTES):
            scrapes.scrape({"run": answer})
    fired = scrapes.fired(RULES, tmp_path / "scrapes.json")
    assert fired.keys() - MAY_FIRE == {"OnrecordLogAway"}
    assert fired["OnrecordLogAway"] == (MINUTES + 5) * MINUTE
    [rule] = (rule for rule in RULES if rule["alert"] == "OnrecordLogAway")
    found = scrapes.evaluate({"away": rule["expr"]}, tmp_path / "scrapes.json")
    held = [int(at) for series in found["away"] for at, _ in series["points"]]
    assert (min(held), max(held)) == (MINUTES * MINUTE, (2 * MINUTES - 1) * MINUTE)
