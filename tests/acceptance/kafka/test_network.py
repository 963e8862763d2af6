"""Brokers that are away behind the network, at the start and while a worker publishes."""

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from onrecord.log.backoff import Outage
from onrecord.log.interface import Log, SessionPolicy
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.processing.dead_letters import DeadLetterPolicy
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.processing.worker import BatchReport, Worker, WorkerPolicy
from onrecord.records import Extraction, from_json
from onrecord.topics import Topics
from tests import filling
from tests.acceptance.kafka.conftest import OnKafka, eventually, messages_of, topic_of
from tests.builders import article
from tests.fakes import InlinePool
from tests.kafka.fixtures import Kafka
from tests.kafka.network import Network, Proxy
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow

POLICY = KafkaPolicy(timeout_s=4.0, transaction_timeout_s=10.0)
# The others with `ONRECORD_TEST_LONG=1`, and at random in `python -m tests.kafka.chaos`.
CUTS = list(Network)[1:] if os.environ.get("ONRECORD_TEST_LONG") else [Network.DEAF]


@contextmanager
def working(
    log: Log, topics: Topics, outage: Outage, report: Callable[[BatchReport], None]
) -> Iterator[threading.Thread]:
    """A worker at work in a thread of its own. `report` is called after each transaction."""
    stop = threading.Event()

    def work() -> None:
        with log.join(f"{topics.prefix}.extract", [topics.articles], name="w") as member:
            Worker(
                member,
                InlinePool(),
                topics=topics,
                into=topics.extractions,
                policy=WorkerPolicy(commit_every=4, commit_interval_s=0.05),
                dead_letters=DeadLetterPolicy(),
                report=report,
                outage=outage,
            ).run(stop.is_set, lambda: False)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join()


@contextmanager
def nobody_behind(network: Proxy) -> Iterator[None]:
    """The proxy accepts connections, and closes them: its broker is away."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        broker, network.target = network.target, unused.getsockname()[1]
        try:
            yield
        finally:
            network.target = broker


def test_a_command_started_before_the_brokers_waits_for_them(
    kafka: Kafka, onrecord: OnKafka, log: Log
) -> None:
    if kafka.network is None:
        pytest.skip("the way to a broker that is not ours cannot be cut")
    feeds = onrecord.folder / "feeds.txt"
    feeds.write_text("http://127.0.0.1:9/nobody-publishes-here.xml\n")
    behind = {
        "ONRECORD_LOG__URL": f"kafka://{kafka.servers_behind}",
        "ONRECORD_KAFKA__TIMEOUT_S": "3",
    }

    def said_so(words: str) -> None:
        eventually(lambda: any(words in line for line in onrecord.said()), f"no {words!r}")

    with nobody_behind(kafka.network):
        poller = onrecord.start("poll", "--feeds", str(feeds), **behind)
        said_so("waiting for it")
        assert poller.poll() is None
    said_so("answers again")
    assert len(log.topics(topic_of(onrecord, ""))) > 3
    assert poller.poll() is None


@pytest.mark.parametrize("cut", CUTS)
def test_what_is_published_while_the_network_is_cut_is_extracted_once(
    kafka: Kafka, tmp_path: Path, cut: Network
) -> None:
    if kafka.network is None:
        pytest.skip("the way to a broker that is not ours cannot be cut")
    topics = Topics(f"{tmp_path.name}-{os.getpid()}")
    policy = replace(POLICY, index_folder=str(tmp_path / "index"))
    said: list[str] = []
    with (
        KafkaLog(f"kafka://{kafka.servers}") as here,
        KafkaLog(
            f"kafka://{kafka.servers_behind}", policy=policy, session=SessionPolicy(session_s=60)
        ) as there,
    ):
        for topic, settings in settings_of(topics, RetentionPolicy()).items():
            here.create_topic(topic, settings)

        def extracted() -> Counter[str]:
            found = messages_of(here, topics.extractions)
            return Counter(from_json(m.value or b"", Extraction).article.id for m in found)

        def publish(some: range) -> None:
            filling.publish(here, topics.articles, *(article(f"a{n}") for n in some))

        publish(range(20))
        is_cut = threading.Event()

        def wait_for_the_cut(batch: BatchReport) -> None:
            """With more in hand, so that the next transaction meets the cut."""
            is_cut.wait(PATIENCE_S)

        with working(there, topics, Outage(said.append), wait_for_the_cut) as worker:
            eventually(lambda: len(extracted()) > 0, "it does not work")
            kafka.network.become(cut)
            try:
                is_cut.set()
                publish(range(20, 40))
                eventually(lambda: bool(said), "it does not notice")
            finally:
                kafka.network.become(Network.WHOLE)
            everything = Counter(f"a{n}" for n in range(40))
            eventually(lambda: len(extracted()) == len(everything), "not all came through")
            assert worker.is_alive()
        assert extracted() == everything
        assert "does not answer" in said[0]
