"""`onrecord subscribe quotes` with a speaker, beside reading and JSON-decoding the same records.

    .venv/bin/python -m tests.benchmarks.subscribe                       # on SQLite
    .venv/bin/python -m tests.benchmarks.subscribe kafka                 # on a broker of its own
    .venv/bin/python -m tests.benchmarks.subscribe sqlite 20000 200000   # of so many extractions

100,000 extractions of the bundled sample's articles. Both are processes of their own, start-up
included, and take turns; what one of them costs more is everything that `subscribe` does: opening
each message, looking for the speaker, and writing the quotes that are wanted. Their modules are
compiled before, as those of an installed onrecord are, and their output is buffered.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log
from onrecord.nlp.extract import load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article, to_json
from tests.benchmarks.speed import COMMAND, sample_texts
from tests.kafka.fixtures import everyday

COUNT = 100_000
TURNS = 3
FILLED = 1000  # in one transaction
TOPIC = "onrecord.extractions"

DECODE = """
import sys
import msgspec
from onrecord.log.interface import Start
from onrecord.log.opening import open_log

decode = msgspec.json.Decoder().decode
with open_log(sys.argv[1]) as log, log.reader([sys.argv[2]], start=Start.EARLIEST) as reader:
    left = int(sys.argv[3])
    while left:
        for message in reader.poll(limit=500, timeout_s=1.0):
            decode(message.value)
            left -= 1
"""


def extractions() -> list[bytes]:
    now = datetime.now(UTC)
    articles = [
        Article(id=str(n), text=text, content_hash="", fetched_at=now)
        for n, text in enumerate(sample_texts()[:32])
    ]
    return [to_json(found) for found in load_extractor(ExtractPolicy())(articles)]


def fill(log: Log, values: list[bytes], count: int) -> None:
    log.create_topic(TOPIC, TopicSettings(partitions=4))
    with log.writer("bench") as writer:
        for start in range(0, count, FILLED):
            with writer.transaction() as tx:
                for n in range(start, min(start + FILLED, count)):
                    tx.publish(TOPIC, key=b"%d" % n, value=values[n % len(values)])


@contextmanager
def log_url(kind: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/log.db"
            return
        with everyday(Path(folder)) as started:
            yield f"kafka://{started.servers}"


def seconds(command: list[str], compiled: Path) -> tuple[float, float, int]:
    """How long it took, how much of it the processor worked, and how many lines it wrote."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    began, worked = time.perf_counter(), _worked()
    written = subprocess.check_output(command, env=environment)
    return time.perf_counter() - began, _worked() - worked, written.count(b"\n")


def _worked() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    values = extractions()
    size = sum(map(len, values)) / len(values)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for count in [int(given) for given in sys.argv[2:]] or [COUNT]:
        with log_url(kind) as url, tempfile.TemporaryDirectory() as compiled:
            with open_log(url) as log:
                fill(log, values, count)
            load = os.getloadavg()[0]
            print(f"{count:,} extractions of {size:,.0f} bytes on {kind}, load {load:.0f}")
            compare(url, count, Path(compiled))


def compare(url: str, count: int, compiled: Path) -> None:
    """Print what each kind of question takes, beside reading and decoding."""
    decode = [sys.executable, "-c", DECODE, url, TOPIC, str(count)]
    subscribe = [COMMAND, "subscribe", "--from", "earliest", "--until", "end", "--log", url]
    asked = {
        "quotes by one speaker": ["quotes", "--speaker", "torvald"],
        "quotes by nobody": ["quotes", "--speaker", "nobody"],
        "extractions": ["extractions"],
    }
    starts = [seconds([*subscribe, "--from", "latest"], compiled)[1] for _ in range(TURNS + 1)]
    started = median(starts[1:])
    for name, options in asked.items():
        turns = [
            (seconds(decode, compiled), seconds([*subscribe, *options], compiled))
            for _ in range(TURNS)
        ]
        took = median(ours[0] for _, ours in turns)
        ratio = median(plain[0] / ours[0] for plain, ours in turns)
        worked = median(plain[1] / ours[1] for plain, ours in turns)
        going = median(plain[1] / (ours[1] - started) for plain, ours in turns)
        print(
            f"{name}: {turns[0][1][2]:,} lines in {took:.1f} s, {count / took:,.0f} extractions"
            f" a second: {ratio:.2f} of reading and decoding\n    by the time that the"
            f" processor worked {worked:.2f}, and {going:.2f} without our {started:.1f} s to"
            " start",
            flush=True,
        )


if __name__ == "__main__":
    main()
