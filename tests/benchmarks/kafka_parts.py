"""What Kafka costs an extractor beside the extraction, part by part, in processor time.

    .venv/bin/python -m tests.benchmarks.kafka_parts                      # all
    .venv/bin/python -m tests.benchmarks.kafka_parts growth waiting       # some

Extractions are made before (`ready_extractions.py`), so what is left is the log. `growth`: a whole
`onrecord extract --once` over 100, 1,000 and 10,000 articles. `transactions`: the same articles,
2 and 64 in a transaction. `people`: what deriving people from extractions takes, which every
extractor does and `annotate` does not. `waiting`: an extractor without work, by the second.

The broker has the settings that Kafka ships and the JVM flags of its start script, and has been
warmed up. Processor time hardly depends on the load of the machine; seconds by the clock do.
"""

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

import psutil

from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log
from onrecord.records import Article, Extraction, to_json
from tests.benchmarks.day import write_extractions
from tests.benchmarks.kafka import Spent, chunks
from tests.benchmarks.ready_extractions import FILE, make
from tests.benchmarks.speed import COMMAND, sample_texts
from tests.builders import article
from tests.kafka.fixtures import Kafka, cluster

SIZES = (100, 1_000, 10_000)
FEW, MANY = 100, 1_100
PARTITIONS = 8
YEAR_S = 365 * 86_400
TURNS = 3
SETTLED_S, WATCHED_S = 20.0, 30.0


@dataclass(frozen=True)
class Bench:
    """A broker, its log, and the extractions made before."""

    kafka: Kafka
    log: Log
    folder: Path
    texts: Sequence[str]
    numbers: "count[int]"

    def articles(self, number: int) -> list[Article]:
        return [article(f"a{n}", text=self.texts[n % len(self.texts)]) for n in range(number)]

    def publish(self, topic: str, records: Sequence[Article] | Sequence[Extraction]) -> None:
        self.log.create_topic(topic, TopicSettings(partitions=PARTITIONS, retention_s=YEAR_S))
        with self.log.writer(f"{topic}.fill") as writer:
            for chunk in chunks(records, 64):
                with writer.transaction() as tx:
                    for one in chunk:
                        key = one.id if isinstance(one, Article) else one.article.id
                        tx.publish(topic, key=key.encode(), value=to_json(one))

    def prefix(self) -> str:
        return f"part-{next(self.numbers)}"

    def environment(self, prefix: str, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parent.parent.parent),
            "ONRECORD_LOG__URL": f"kafka://{self.kafka.servers}",
            "ONRECORD_LOG__PREFIX": prefix,
            "ONRECORD_EXTRACT__PROCESSES": "1",
            "ONRECORD_EXTRACT__EXTRACTOR": "tests.benchmarks.ready_extractions:make",
            FILE: str(self.folder / "extractions.jsonl"),
            **more,
        }

    def spent(self, command: Sequence[str], prefix: str, **more: str) -> Spent:
        before = Spent.so_far(self.kafka)
        subprocess.run(
            [COMMAND, *command],
            cwd=self.folder,
            env=self.environment(prefix, **more),
            check=True,
            capture_output=True,
        )
        return Spent.so_far(self.kafka).since(before)

    def extracted(self, number: int, **more: str) -> Spent:
        prefix = self.prefix()
        self.publish(f"{prefix}.articles", self.articles(number))
        return self.spent(["extract", "--once"], prefix, **more)


def growth(bench: Bench) -> None:
    """What a whole command takes, with its start."""
    for size in SIZES:
        print(f"{size:,} articles: {_shown(bench.extracted(size), 1)}", flush=True)


def transactions(bench: Bench) -> None:
    """What one transaction more takes, and one article more."""
    small, large = 2, 64

    def of(size: int) -> Callable[[], Spent]:
        return lambda: bench.extracted(FEW * 4, ONRECORD_EXTRACT__COMMIT_EVERY=str(size))

    more = FEW * 4 / small - FEW * 4 / large
    print(f"a transaction more: {_shown(_difference(of(small), of(large)), 1000 / more, 'ms')}")
    articles = _difference(lambda: bench.extracted(MANY), lambda: bench.extracted(FEW))
    print(f"an article more: {_shown(articles, 1000 / (MANY - FEW), 'ms')}", flush=True)


def people(bench: Bench) -> None:
    """What deriving people takes for an extraction more."""
    extract = make({})

    def of(size: int) -> Callable[[], Spent]:
        def derived() -> Spent:
            prefix = bench.prefix()
            bench.publish(f"{prefix}.extractions", extract(bench.articles(size)))
            return bench.spent(["people", "update", "--once"], prefix)

        return derived

    one = _shown(_difference(of(MANY), of(FEW)), 1000 / (MANY - FEW), "ms")
    print(f"people of an extraction more: {one}", flush=True)


def waiting(bench: Bench) -> None:
    """What an extractor without work takes each second, and the broker without one."""
    alone = Spent.so_far(bench.kafka)
    time.sleep(WATCHED_S)
    alone = Spent.so_far(bench.kafka).since(alone)
    prefix = bench.prefix()
    bench.publish(f"{prefix}.articles", bench.articles(8))
    process = subprocess.Popen(
        [COMMAND, "extract"],
        cwd=bench.folder,
        env=bench.environment(prefix),
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(SETTLED_S)
        before, broker = _busy_s(process.pid), Spent.so_far(bench.kafka)
        time.sleep(WATCHED_S)
        both = Spent(_busy_s(process.pid) - before, Spent.so_far(bench.kafka).since(broker).broker)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    print(f"a second without work: {_shown(both, 1000 / WATCHED_S, 'ms')}", flush=True)
    print(f"the broker alone: {alone.broker * 1000 / WATCHED_S:.1f} ms a second", flush=True)


def _difference(one: Callable[[], Spent], other: Callable[[], Spent]) -> Spent:
    """The median of what one takes more than the other, in turns."""
    turns = [one().since(other()) for _ in range(TURNS)]
    return Spent(*(median(side) for side in zip(*turns, strict=True)))


def _busy_s(pid: int) -> float:
    """The processor time of a process and its children."""
    found = 0.0
    process = psutil.Process(pid)
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            found += sum(one.cpu_times()[:2])
    return found


def _shown(spent: Spent, factor: float, unit: str = "s") -> str:
    return (
        f"the worker {spent.commands * factor:.2f} {unit}, the broker {spent.broker * factor:.2f}"
    )


def main() -> None:
    parts = {part.__name__: part for part in (growth, transactions, people, waiting)}
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="*", default=list(parts))
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with (
        tempfile.TemporaryDirectory() as named,
        cluster(Path(named), as_shipped=True) as kafka,
        open_log(f"kafka://{kafka.servers}") as log,
    ):
        folder = Path(named)
        texts = sample_texts()
        write_extractions(folder / "extractions.jsonl", texts)
        os.environ[FILE] = str(folder / "extractions.jsonl")
        bench = Bench(kafka, log, folder, texts, count(1))
        bench.extracted(SIZES[1])  # what the broker compiles once
        for what in given.what:
            parts[what](bench)


if __name__ == "__main__":
    main()
