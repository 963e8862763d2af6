"""How long an article waits for its extraction and for the archive, at a steady rate; by hand.

    .venv/bin/python -m tests.benchmarks.day_lag              # through SQLite
    .venv/bin/python -m tests.benchmarks.day_lag kafka        # through a broker of its own
    .venv/bin/python -m tests.benchmarks.day_lag --rates 40 130 --seconds 60

Articles are published at each rate in turn: by default a tenth of the peak and of the backfill of
`day.py`, in a transaction every quarter of a second, as a poller's. `extract` and `archive follow`
run all the while, with extractions that were made before. Printed are the seconds from an article's
publication until a reader has its extraction, and until the archive has it, at 50 %, at 95 % and at
worst, and the memory of the commands.
"""

import argparse
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from onrecord.log.interface import Log, Reader, Start
from onrecord.log.opening import open_log
from onrecord.processing.published import publish_article
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.records import Article, Extraction, from_json, id_of
from onrecord.topics import Topics
from tests.benchmarks.day import log_of, write_extractions
from tests.benchmarks.ready_extractions import FILE
from tests.benchmarks.speed import COMMAND, sample_texts

TOPICS = Topics("onrecord")
A_TRANSACTION_S = 0.25
LONGEST_WAIT_S = 120.0


@dataclass
class Lags:
    """When each article was published, and when its extraction and its archived form were seen."""

    published: dict[str, float] = field(default_factory=dict)
    extracted: dict[str, float] = field(default_factory=dict)
    archived: dict[str, float] = field(default_factory=dict)

    @property
    def are_whole(self) -> bool:
        return len(self.published) == len(self.extracted) == len(self.archived)

    def line(self, seen: dict[str, float]) -> str:
        waits = sorted(seen[name] - self.published[name] for name in seen)
        half, most = waits[len(waits) // 2], waits[len(waits) * 95 // 100]
        return f"{half:.2f}, {most:.2f}, {waits[-1]:.2f} s"


@contextmanager
def working(folder: Path, url: str) -> Iterator[dict[str, psutil.Popen]]:
    """`extract` and `archive follow`, each in a process."""
    environment = os.environ | {
        "ONRECORD_EXTRACT__EXTRACTOR": "tests.benchmarks.ready_extractions:make",
        "ONRECORD_ARCHIVE__URL": f"sqlite:///{folder}/archive.db",
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
        FILE: str(folder / "extractions.jsonl"),
    }
    commands = {"extract": ["extract"], "archive": ["archive", "follow"]}
    started = {
        name: psutil.Popen(
            [COMMAND, *command, "--log", url],
            env=environment,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name, command in commands.items()
    }
    try:
        yield started
    finally:
        for process in started.values():
            process.terminate()
            process.wait()


class Watch:
    """Sees what has been extracted and archived."""

    def __init__(self, reader: Reader, archive: Path) -> None:
        self._reader = reader
        self._archive = archive

    def look(self, lags: Lags) -> None:
        for message in self._reader.poll(limit=500, timeout_s=0.02):
            extraction = from_json(message.value or b"", Extraction)
            lags.extracted.setdefault(extraction.article.id, time.monotonic())
        found = self._archived()
        now = time.monotonic()
        for name in found & lags.published.keys() - lags.archived.keys():
            lags.archived[name] = now

    def _archived(self) -> set[str]:
        if not self._archive.exists():
            return set()
        with closing(sqlite3.connect(f"file:{self._archive}?mode=ro", uri=True)) as db:
            try:
                rows = db.execute("SELECT id FROM article WHERE extracted_at IS NOT NULL")
                return {name for (name,) in rows}
            except sqlite3.OperationalError:  # it is being made
                return set()


def play(log: Log, watch: Watch, texts: list[str], rate: float, seconds: float, name: str) -> Lags:
    """Publish articles at a rate, and wait until all of them are archived."""
    lags, count = Lags(), int(rate * seconds)
    began = time.monotonic()
    with log.writer(f"day-{name}") as writer:
        sent, next_s = 0, 0.0
        while sent < count:
            elapsed_s = time.monotonic() - began
            if elapsed_s >= next_s:
                due = min(count, int(elapsed_s * rate) + 1)
                with writer.transaction() as tx:
                    for number in range(sent, due):
                        publish_article(tx, TOPICS, _article(texts, name, number), source="/day")
                at = time.monotonic()
                lags.published |= {_id(name, number): at for number in range(sent, due)}
                sent, next_s = due, elapsed_s + A_TRANSACTION_S
            watch.look(lags)
    until = time.monotonic() + LONGEST_WAIT_S
    while not lags.are_whole and time.monotonic() < until:
        watch.look(lags)
    return lags


def _id(name: str, number: int) -> str:
    return id_of(name, str(number))


def _article(texts: list[str], name: str, number: int) -> Article:
    text = texts[number % len(texts)]
    return Article(
        id=_id(name, number),
        title=f"Story {number}",
        text=text,
        content_hash=id_of(text),
        fetched_at=datetime.now(UTC),
        published_at=datetime.now(UTC),
        language="en",
        publisher=f"Paper {number % 1_800}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("log", nargs="?", choices=["sqlite", "kafka"], default="sqlite")
    parser.add_argument("--rates", nargs="+", type=float, default=[4.0, 13.0])
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    texts = sample_texts()[:32]
    with tempfile.TemporaryDirectory() as name, log_of(given.log, Path(name)) as url:
        folder = Path(name)
        write_extractions(folder / "extractions.jsonl", texts)
        with open_log(url) as log:
            for topic, settings in settings_of(TOPICS, RetentionPolicy()).items():
                log.create_topic(topic, settings)
            with (
                working(folder, url) as processes,
                log.reader([TOPICS.extractions], start=Start.LATEST) as reader,
            ):
                watch = Watch(reader, folder / "archive.db")
                play(log, watch, texts, 1.0, 5.0, "warm")  # the commands start meanwhile
                for rate in given.rates:
                    lags = play(log, watch, texts, rate, given.seconds, f"{rate:g}")
                    print(
                        f"{rate:g} a second: {len(lags.published)} published,"
                        f" {len(lags.extracted)} extracted after {lags.line(lags.extracted)},"
                        f" {len(lags.archived)} archived after {lags.line(lags.archived)};"
                        f" load {os.getloadavg()[0]:.0f}",
                        flush=True,
                    )
                for what, process in processes.items():
                    print(f"{what}: {process.memory_info().rss / 1e6:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
