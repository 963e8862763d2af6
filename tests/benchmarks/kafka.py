"""How fast onrecord on Kafka is beside what it is made of: ratios, each measured in one run.

    .venv/bin/python -m tests.benchmarks.kafka                            # all
    .venv/bin/python -m tests.benchmarks.kafka produce consume            # some
    .venv/bin/python -m tests.benchmarks.kafka extract --processes 1 2
    .venv/bin/python -m tests.benchmarks.kafka cost --texts NEWS.jsonl    # {"text": …} a line

`produce` and `consume`: our log beside bare kafka-python with the same settings and transactions
of the same size. What bare kafka-python does without, ours does: every acknowledgement is looked
at before the commit, what is in flight is bounded, and what was committed can be read when the
call returns. `extract`: `onrecord extract` from topic to topic beside as many `onrecord annotate`,
which have no log at all, on the same articles; once both are under way, and the whole command
with its start. `cost`: the same in processor time, without the start, also that of the broker.

The broker is a real one on this machine and takes its share of the processors. Run it where
nothing else runs; each figure is the median of several turns, taken alternately. Only `cost` can be
measured beside other work.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import msgspec
import psutil
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log
from onrecord.log.read_to_end import everything
from onrecord.records import Article, Extraction, from_json, to_json
from tests.benchmarks.speed import COMMAND, TURNS, sample_texts, seconds
from tests.builders import article
from tests.kafka.fixtures import Kafka, cluster

RECORDS = 6000
RECORD_BYTES = 5000
PARTITIONS = 4
# A worker commits 64 results together; an import some hundred articles.
SIZES = (64, 500)
# What more articles cost than fewer: the start is in both.
FEW, MANY = 50, 300
COST_TURNS = 3
BACKLOG = timedelta(hours=1)
_numbers = count(1)


def records() -> list[tuple[bytes, bytes]]:
    """Keys and values: articles of 5 kB, as feeds bring them."""
    text = "\n\n".join(sample_texts())
    starts = range(0, RECORDS * 37, 37)
    articles = [
        article(
            f"a{n}", text=text[(start := s % (len(text) - RECORD_BYTES)) : start + RECORD_BYTES]
        )
        for n, s in enumerate(starts)
    ]
    return [(given.id.encode(), to_json(given)) for given in articles]


def chunks(given: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (given[start : start + size] for start in range(0, len(given), size))


def compare(what: str, units: int, ours: Callable[[], object], bare: Callable[[], object]) -> None:
    """Each in turn, several times; their rates and the median of the ratios of each turn."""
    ours()
    bare()
    took = [(seconds(ours), seconds(bare)) for _ in range(TURNS)]
    rates = [units / median(side) for side in zip(*took, strict=True)]
    ratios = sorted(theirs / our for our, theirs in took)
    print(
        f"{what}: kafka-python {rates[1]:,.0f} a second, onrecord {rates[0]:,.0f}: "
        f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        flush=True,
    )


# ── the log ──────────────────────────────────────────────────────────────────────────────────


def bare_producer(kafka: Kafka, transactional_id: str) -> Any:
    """As our log sets its own up."""
    producer = KafkaProducer(
        bootstrap_servers=kafka.servers.split(","),
        transactional_id=transactional_id,
        transaction_timeout_ms=30_000,
        compression_type="zstd",
        batch_size=256 * 1024,
        max_request_size=32 * 1024 * 1024,
        linger_ms=20,
        max_block_ms=15_000,
        delivery_timeout_ms=15_000,
        request_timeout_ms=7500,
        retry_backoff_ms=25,
        metrics_enabled=False,
    )
    producer.init_transactions()
    return producer


def produce(kafka: Kafka, log: Log) -> None:
    """Records in transactions, until each can be read by everybody."""
    given = records()
    topic = new_topic(log)
    bare = bare_producer(kafka, f"{topic}.bare")
    with log.writer(f"{topic}.ours") as writer:

        def ours(size: int) -> None:
            for chunk in chunks(given, size):
                with writer.transaction() as tx:
                    for key, value in chunk:
                        tx.publish(topic, key=key, value=value)

        def theirs(size: int) -> None:
            for chunk in chunks(given, size):
                bare.begin_transaction()
                for key, value in chunk:
                    bare.send(topic, key=key, value=value)
                bare.commit_transaction()

        for size in SIZES:
            compare(
                f"produce, {size} in a transaction",
                len(given),
                lambda size=size: ours(size),  # type: ignore[misc]
                lambda size=size: theirs(size),  # type: ignore[misc]
            )
    bare.close()


def consume(kafka: Kafka, log: Log) -> None:
    """A topic from its beginning to its end, at `read_committed`, by a consumer made for it.

    One that had read to the end has a fetch under way that waits there for half a second: whoever's
    turn comes next would wait for it.
    """
    given = records() * 6
    topic = new_topic(log)
    with log.writer(f"{topic}.fill") as writer:
        for chunk in chunks(given, 64):
            with writer.transaction() as tx:
                for key, value in chunk:
                    tx.publish(topic, key=key, value=value)
    partitions = [TopicPartition(*partition) for partition in log.bounds(topic)]

    def theirs() -> None:
        with closing(bare_consumer(kafka)) as bare:
            bare.assign(partitions)
            for partition in partitions:
                bare.seek(partition, 0)
            count_records(lambda: bare_poll(bare), len(given))

    def ours() -> None:
        with log.reader([topic]) as reader:
            count_records(lambda: reader.poll(limit=500, timeout_s=1.0), len(given))

    compare("consume", len(given), ours, theirs)


def count_records(poll: Callable[[], Iterable[Any]], wanted: int) -> None:
    """Read so many records, and look at the value of each."""
    read = size = 0
    while read < wanted:
        for record in poll():
            read += 1
            size += len(record.value)
    assert size


def bare_poll(consumer: Any) -> Iterable[Any]:
    return chain.from_iterable(consumer.poll(timeout_ms=1000, max_records=500).values())


def bare_consumer(kafka: Kafka) -> Any:
    """As our log sets its own up."""
    return KafkaConsumer(
        bootstrap_servers=kafka.servers.split(","),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_bytes=16 * 1024 * 1024,
        retry_backoff_ms=25,
        metrics_enabled=False,
    )


def new_topic(log: Log) -> str:
    name = f"bench-{next(_numbers)}"
    log.create_topic(name, TopicSettings(partitions=PARTITIONS))
    return name


# ── extraction ───────────────────────────────────────────────────────────────────────────────


def extract(kafka: Kafka, log: Log, texts: Sequence[str], processes: int) -> None:
    """From topic to topic, beside as many processes that read a file and write a file."""
    count = len(texts) * 4 * processes
    given = [article(f"a{n}", text=texts[n % len(texts)]) for n in range(count)]
    turns = [
        (annotate(given, processes), extract_once(kafka, log, given, processes))
        for _ in range(TURNS)
    ]
    for at, what in enumerate(("under way", "with start-up")):
        pairs = [(theirs[at], ours[at]) for theirs, ours in turns]
        ratios = sorted(ours / theirs for theirs, ours in pairs)
        theirs, ours = (median(side) for side in zip(*pairs, strict=True))
        print(
            f"extract, {processes} process{'es' if processes > 1 else ''}, {count} articles, "
            f"{what}: annotate {theirs:.1f} a second, through Kafka {ours:.1f}: "
            f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
            flush=True,
        )


def annotate(given: Sequence[Article], processes: int) -> tuple[float, float]:
    """The rates of so many `onrecord annotate` side by side, each with its share of articles."""
    with tempfile.TemporaryDirectory() as named, ExitStack() as stack:
        folder = Path(named)
        for number in range(processes):
            lines = b"\n".join(
                msgspec.json.encode({"id": a.id, "text": a.text, "language": "en"})
                for a in given[number::processes]
            )
            (folder / f"{number}.jsonl").write_bytes(lines)
        outputs = [stack.enter_context((folder / f"{n}").open("wb")) for n in range(processes)]
        began = time.perf_counter()
        running = [
            subprocess.Popen(
                [COMMAND, "annotate", "--format", "json", f"{number}.jsonl"],
                cwd=folder,
                stdout=outputs[number],
            )
            for number in range(processes)
        ]
        assert all(process.wait() == 0 for process in running)
        took_s = time.perf_counter() - began
        lines_out = [line for n in range(processes) for line in (folder / f"{n}").open("rb")]
    assert len(lines_out) == len(given)
    times = [from_json(line, Extraction).extracted_at for line in lines_out]
    return rate_under_way(times, processes), len(given) / took_s


class Spent(NamedTuple):
    """Seconds of processor time."""

    commands: float
    broker: float

    @classmethod
    def so_far(cls, kafka: Kafka) -> "Spent":
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        times = [
            psutil.Process(broker.process.pid).cpu_times()
            for broker in kafka.brokers
            if broker.process is not None
        ]
        return cls(
            children.ru_utime + children.ru_stime, sum(time.user + time.system for time in times)
        )

    def since(self, before: "Spent") -> "Spent":
        return Spent(self.commands - before.commands, self.broker - before.broker)


def extract_once(
    kafka: Kafka,
    log: Log,
    given: Sequence[Article],
    processes: int,
    spent: list[Spent] | None = None,
    waited: timedelta = timedelta(),
) -> tuple[float, float]:
    """The rates of `onrecord extract --once` over the articles in a topic of its own.

    What it cost is added to `spent`. The articles have `waited` in the topic: what waits longer is
    committed in larger transactions.
    """
    entered_at = datetime.now(UTC) - waited
    prefix = f"bench-{next(_numbers)}"
    year_s = 365 * 86_400
    log.create_topic(f"{prefix}.articles", TopicSettings(partitions=8, retention_s=year_s))
    with log.writer(f"{prefix}.fill") as writer:
        for chunk in chunks(given, 64):
            with writer.transaction() as tx:
                for one in chunk:
                    tx.publish(
                        f"{prefix}.articles",
                        key=one.id.encode(),
                        value=to_json(one),
                        timestamp=entered_at,
                    )
    settings = {
        "PATH": os.environ["PATH"],
        "ONRECORD_LOG__URL": f"kafka://{kafka.servers}",
        "ONRECORD_LOG__PREFIX": prefix,
        "ONRECORD_EXTRACT__PROCESSES": str(processes),
    }
    with tempfile.TemporaryDirectory() as folder:
        before, began = Spent.so_far(kafka), time.perf_counter()
        subprocess.run([COMMAND, "extract", "--once"], cwd=folder, env=settings, check=True)
        took_s = time.perf_counter() - began
        if spent is not None:
            spent.append(Spent.so_far(kafka).since(before))
    found = list(everything(log, f"{prefix}.extractions"))
    assert len(found) == len(given)
    times = [from_json(m.value or b"", Extraction).extracted_at for m in found]
    return rate_under_way(times, processes), len(given) / took_s


def cost(kafka: Kafka, log: Log, texts: Sequence[str]) -> None:
    """Processor time for a hundred articles more, of a backlog and just published."""
    for what, waited in (("a backlog of an hour", BACKLOG), ("just published", timedelta())):
        cost_of(kafka, log, texts, what, waited)


def cost_of(kafka: Kafka, log: Log, texts: Sequence[str], what: str, waited: timedelta) -> None:
    few, many = (
        [article(f"a{n}", text=texts[n % len(texts)]) for n in range(count)]
        for count in (FEW, MANY)
    )

    def annotated(given: Sequence[Article]) -> Spent:
        before = Spent.so_far(kafka)
        annotate(given, 1)
        return Spent.so_far(kafka).since(before)

    def extracted(given: Sequence[Article]) -> Spent:
        spent: list[Spent] = []
        extract_once(kafka, log, given, 1, spent=spent, waited=waited)
        return spent[0]

    annotated(few)
    extracted(few)
    turns = [
        (annotated(many).since(annotated(few)), extracted(many).since(extracted(few)))
        for _ in range(COST_TURNS)
    ]
    share = 100 / (MANY - FEW)
    ratios = sorted(theirs.commands / ours.commands for theirs, ours in turns)
    whole = sorted(theirs.commands / sum(ours) for theirs, ours in turns)
    print(
        f"cost of 100 articles more, {what}, in processor seconds: annotate "
        f"{median(theirs.commands for theirs, _ in turns) * share:.2f}, extract "
        f"{median(ours.commands for _, ours in turns) * share:.2f} and the broker "
        f"{median(ours.broker for _, ours in turns) * share:.2f}: without the broker "
        f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), with it {median(whole):.2f} "
        f"({whole[0]:.2f} to {whole[-1]:.2f})",
        flush=True,
    )


def rate_under_way(times: Iterable[datetime], processes: int) -> float:
    """Extractions a second once every process has done as much as `annotate` takes at once."""
    ordered = sorted(times)[32 * processes - 1 :]
    return (len(ordered) - 1) / (ordered[-1] - ordered[0]).total_seconds()


def texts_of(file: Path) -> list[str]:
    return [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="*", default=["produce", "consume", "extract", "cost"])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--texts", type=Path, help="JSON lines with a text, for extract and cost")
    given = parser.parse_args()
    texts = sample_texts() if given.texts is None else texts_of(given.texts)
    packages = ", ".join(f"{p} {version(p)}" for p in ("kafka-python", "crc32c", "zstandard"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{packages}; load {os.getloadavg()[0]:.1f}")
    with (
        tempfile.TemporaryDirectory() as folder,
        cluster(Path(folder), as_shipped=True) as kafka,
        open_log(f"kafka://{kafka.servers}") as log,
    ):
        for what in given.what:
            if what == "extract":
                for processes in given.processes:
                    extract(kafka, log, texts, processes)
            elif what == "cost":
                cost(kafka, log, texts)
            else:
                {"produce": produce, "consume": consume}[what](kafka, log)


if __name__ == "__main__":
    main()
