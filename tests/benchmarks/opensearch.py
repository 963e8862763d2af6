"""The archive in OpenSearch: how fast it answers, and what a killed manager does to it. By hand.

    .venv/bin/python -m tests.benchmarks.opensearch speed --quotes 200000
    .venv/bin/python -m tests.benchmarks.opensearch chaos --quotes 20000
    .venv/bin/python -m tests.benchmarks.opensearch kills --quotes 3000

`speed` fills one node of 512 MB and prints how long its answers take. `chaos` writes to
three nodes, kills the cluster's manager in the middle, and compares what is found with what was
written. `kills` indexes a log, kills the process that does at 30 random moments, and compares the
archive with its rebuild. Words are invented, with the frequencies of a natural language.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from threading import Event, Thread

from onrecord.archive.interface import Archive, ArchiveWriter, Change
from onrecord.archive.opening import open_archive, open_rebuild
from onrecord.archive.opensearch.policy import OpenSearchPolicy
from onrecord.archive.query import parse_query
from onrecord.errors import ArchiveUnavailable
from onrecord.log.interface import Partition
from onrecord.log.opening import open_log
from tests.archive.content import content
from tests.archive.indexing import keeper, make_topics, publish, run_rebuild, some_reports
from tests.archive.reports import Report, Said, report
from tests.builders import NOON
from tests.opensearch.nodes import Cluster

WORDS = 20_000
PEOPLE = 2_000
QUOTES_AN_ARTICLE = 5
KILLS = 30
BATCH = 100
PLACE = Partition("onrecord.extractions", 0)


def words(random: Random, count: int) -> str:
    """Invented words, of which a few are very common (Zipf)."""
    ranks = (int(WORDS ** random.random()) for _ in range(count))
    return " ".join(f"w{rank}" for rank in ranks)


def reports(count: int) -> Iterator[Report]:
    random = Random(1)
    for n in range(count // QUOTES_AN_ARTICLE):
        people = (f"Person P{int(PEOPLE ** random.random())}" for _ in range(QUOTES_AN_ARTICLE))
        said = (Said(who, f"{words(random, 25)}.", about=()) for who in people)
        yield report(f"a{n}", *said, at=NOON + timedelta(minutes=n), publisher=f"Paper {n % 50}")


def fill(writer: ArchiveWriter, count: int, *, wait: bool = False) -> float:
    """Write this many quotes; returns the quotes a second."""
    began = time.monotonic()
    for number, batch in enumerate(chunks(reports(count), BATCH), 1):
        changes: list[Change] = [change for one in batch for change in one.changes()]
        while True:
            try:
                writer.write(changes, {PLACE: number})
                break
            except ArchiveUnavailable as error:
                if not wait:
                    raise
                print(f"  batch {number}: {error}", file=sys.stderr)
                time.sleep(0.5)
    return count / (time.monotonic() - began)


def chunks(found: Iterator[Report], size: int) -> Iterator[Sequence[Report]]:
    while batch := list(islice(found, size)):
        yield batch


def measure(name: str, ask: Callable[[str], object], queries: Sequence[str]) -> None:
    """Print the median and the 95th percentile of these questions, after a third of them.

    None is asked twice: OpenSearch keeps the answers of facets and timelines.
    """
    warm_up = len(queries) // 3
    for query in queries[:warm_up]:
        ask(query)
    times = []
    for query in queries[warm_up:]:
        began = time.perf_counter()
        ask(query)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    median, late = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"  {name:24} {median:8.1f} {late:8.1f} ms", flush=True)


def speed(archive: Archive, count: int) -> None:
    with archive.writer() as writer:
        print(f"indexed {count} quotes, {fill(writer, count):.0f} a second", flush=True)
    status = archive.status()
    print(f"{status.size_bytes / max(1, status.quotes):.0f} bytes a quote, texts included")
    random = Random(2)
    phrases = [f'"{words(random, 2)}"' for _ in range(150)]
    common = [f"w{n}" for n in range(1, 61)]
    people = [f"Person P{n}" for n in range(1, 61)]
    print(f"  {'question':24}   median     95 %")
    measure("newest 20 of a phrase", lambda query: archive.search(parse_query(query)), phrases)
    measure("newest 20 of a word", lambda query: archive.search(parse_query(query)), common)
    measure("facets of a word", lambda query: archive.facets(parse_query(query)), common)
    measure("timeline of a word", lambda query: archive.timeline(parse_query(query)), common)
    measure("a person's page", archive.person, people)


def chaos(cluster: Cluster, archive: Archive, count: int) -> None:
    outcome: list[float] = []
    with archive.writer() as writer:
        writing = Thread(target=lambda: outcome.append(fill(writer, count, wait=True)))
        writing.start()
        while archive.status().quotes < count // 3 and writing.is_alive():
            time.sleep(0.2)
        manager = cluster.manager()
        manager.kill()
        print(f"killed node {manager.number}, the manager, at {archive.status().quotes} quotes")
        writing.join()
    found = archive.status()
    print(f"{found.quotes} of {count} quotes are found, positions {dict(found.positions)}")
    cluster.start(manager)
    cluster.wait_for_green()
    print(f"with node {manager.number} again: {archive.status().quotes}")
    if not outcome or archive.status().quotes != count:
        raise SystemExit("quotes are missing")


def kills(url: str, policy: OpenSearchPolicy, folder: Path, count: int) -> None:
    log_url, random = f"sqlite:///{folder}/log.db", Random(3)
    with open_log(log_url) as log, open_archive(url, opensearch=policy) as archive:
        make_topics(log)
        publish(log, *some_reports(count // QUOTES_AN_ARTICLE * 2, 3))
        killed = sum(killed_in_between(log_url, url, random) for _ in range(KILLS))
        print(f"killed {killed} times, at {archive.status().quotes} quotes", flush=True)
        assert keeper(log, archive).catch_up(lambda: False)
        before = content(archive)
        with open_rebuild(url, opensearch=policy) as new:
            assert run_rebuild(log, new)
        print(f"{before['quotes']} quotes; equal to the rebuild: {content(archive) == before}")


def killed_in_between(log_url: str, url: str, random: Random) -> bool:
    """Index in a process that is killed within a batch; whether it was."""
    words = [sys.executable, "-m", "tests.archive.children", log_url, url]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for _ in range(random.randint(1, 5)):
            if child.stdout.readline() != b"batch\n":
                return False
        Event().wait(random.uniform(0, 0.15))
        child.kill()
    return child.returncode == -signal.SIGKILL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["speed", "chaos", "kills"])
    parser.add_argument("--quotes", type=int, default=20_000)
    asked = parser.parse_args()
    size = 3 if asked.what == "chaos" else 1
    policy = OpenSearchPolicy(replicas=1 if size > 1 else 0, timeout_s=60.0)
    with (
        tempfile.TemporaryDirectory() as folder,
        Cluster(Path(folder), size, lives_long=size == 1) as cluster,
        open_archive(f"opensearch://{cluster.addresses}", opensearch=policy) as archive,
    ):
        if asked.what == "speed":
            speed(archive, asked.quotes)
        elif asked.what == "kills":
            kills(f"opensearch://{cluster.addresses}", policy, Path(folder), asked.quotes)
        else:
            chaos(cluster, archive, asked.quotes)


if __name__ == "__main__":
    main()
