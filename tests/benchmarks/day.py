"""A synthetic day of Media Cloud at a hundredth: what it costs, but for polling and extraction.

    .venv/bin/python -m tests.benchmarks.day              # through SQLite
    .venv/bin/python -m tests.benchmarks.day kafka        # through a broker of its own
    .venv/bin/python -m tests.benchmarks.day --articles 500

The day has 500,000 articles of 180,000 feeds, 40 a second at its peak, and a backfill of 130 a
second. Here 5,000 articles come in, are extracted and archived, each by the installed command, one
step after the other; the extractions were made before, from the bundled sample's articles, so that
only the pipes are measured. The processor time of each step, what it leaves on the disk, and what
follows for the whole day are printed. `feeds.py poll` and `speed.py` measure the two others.
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psutil

from onrecord.nlp.extract import load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article, id_of, to_json
from tests.benchmarks.ready_extractions import FILE
from tests.benchmarks.speed import COMMAND, sample_texts
from tests.kafka.fixtures import everyday

ARTICLES, DAY_S = 500_000, 86_400
PEAK, BACKFILL = 40, 130  # articles a second
TEXTS = 32


class Cost(NamedTuple):
    """What a step took: seconds, those of processors, and the peak memory of one process in MB."""

    took_s: float
    busy_s: float
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("log", nargs="?", choices=["sqlite", "kafka"], default="sqlite")
    parser.add_argument("--articles", type=int, default=ARTICLES // 100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, log_of(given.log, Path(name)) as url:
        play(Path(name), url, given.articles)


@contextmanager
def log_of(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/log.db"
        return
    with everyday(folder) as started:
        yield f"kafka://{started.servers}"
        brokers = psutil.Process().children(recursive=True)
        busy = sum(sum(process.cpu_times()[:2]) for process in brokers)
        print(f"the broker: {busy:.1f} s of processors, {_size(folder, 'broker-1'):.1f} MB on disk")


def play(folder: Path, url: str, articles: int) -> None:
    texts = sample_texts()[:TEXTS]
    write_day(folder / "day.jsonl", texts, articles)
    write_extractions(folder / "extractions.jsonl", texts)
    steps = {
        "come in": ["import", "day.jsonl"],
        "extracted": ["extract", "--once"],
        "archived": ["archive", "follow", "--once"],
    }
    chars = sum(map(len, texts)) / len(texts)
    print(f"{articles:,} articles of {chars:,.0f} characters, {os.cpu_count()} cores")
    total = 0.0
    for what, command in steps.items():
        cost = run(folder, url, command)
        total += cost.busy_s
        print(
            f"{what}: {articles / cost.took_s:,.0f} a second; {cost.busy_s:.1f} s of processors, "
            f"{1000 * cost.busy_s / articles:.2f} ms each; at most {cost.peak_mb:.0f} MB a process"
        )
    log, archive = _size(folder, "log.db"), _size(folder, "archive.db")
    print(f"on disk: the log {log:.1f} MB, the archive {archive:.1f} MB")
    each = total / articles
    print(
        f"the whole day: {each * ARTICLES / DAY_S:.2f} cores on average, {each * PEAK:.2f} at its "
        f"peak, {each * BACKFILL:.2f} for the backfill; "
        f"{(log + archive) * ARTICLES / articles / 1000:.1f} GB"
    )


def write_day(path: Path, texts: list[str], articles: int) -> None:
    with path.open("w") as file:
        for number in range(articles):
            line = {
                "url": f"https://h{number % 1_800}.example/{number}",
                "title": f"Story {number}",
                "text": texts[number % len(texts)],
                "published_at": "2026-05-01T08:00:00Z",
                "language": "en",
            }
            file.write(json.dumps(line) + "\n")


def write_extractions(path: Path, texts: list[str]) -> None:
    now = datetime.now(UTC)
    articles = [
        Article(id=id_of(text), text=text, content_hash="", fetched_at=now) for text in texts
    ]
    found = load_extractor(ExtractPolicy())(articles)
    path.write_bytes(b"\n".join(map(to_json, found)))


def run(folder: Path, url: str, command: list[str]) -> Cost:
    environment = os.environ | {
        "ONRECORD_EXTRACT__EXTRACTOR": "tests.benchmarks.ready_extractions:make",
        "ONRECORD_ARCHIVE__URL": f"sqlite:///{folder}/archive.db",
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
        FILE: str(folder / "extractions.jsonl"),
    }
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [COMMAND, *command, "--log", url],
        check=True,
        cwd=folder,
        env=environment,
        capture_output=True,
    )
    took_s, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(took_s, busy_s, after.ru_maxrss / 1000)


def _size(folder: Path, name: str) -> float:
    """What the files whose paths begin with a name take on the disk, in MB.

    Kafka's indexes are 10 MB long for each partition, and hardly any of it is written.
    """
    found = [path for path in folder.glob(f"{name}*") for path in (path, *path.rglob("*"))]
    return sum(path.stat().st_blocks for path in found if path.is_file()) * 512 / 1e6


if __name__ == "__main__":
    main()
