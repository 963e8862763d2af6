"""How much a replay slows live extraction on the same machine: latency before and during.

python -m tests.benchmarks.replay_beside_live [--articles 2000] [--log URL] [replay's options…]

`--log kafka` starts a broker for it on this machine, which then shares the processors as well.
Live articles arrive twice a second while an `onrecord extract` runs; their latency is from the
timestamp of the article to that of its extraction, both as the log has them. The backlog is
extracted before, so that live positions are at its end; they must stay where live work put them.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from onrecord.log.interface import Log
from onrecord.log.opening import open_log
from onrecord.log.read_to_end import everything
from onrecord.records import Article, to_json
from tests.builders import article
from tests.kafka.brokers import Cluster

COMMAND = str(Path(sys.executable).parent / "onrecord")
EVERY_S = 0.5
BEFORE_S = 60.0
PARAGRAPH = (
    "The council of Aldmoor met on Monday to settle what the new pier {n} may cost.\n\n"
    "“Pier {n} will open in May, and not a day later,” Mayor Ove Holm told reporters. He said "
    "that the contractor, Kestria Works, had asked for more time twice.\n\n"
    "According to Mara Lind, the harbour master, the delay was “a matter of {n} bolts”. "
    "Transport Minister Ida Brandt denied that the ministry had known of the costs.\n\n"
)


def story(n: int, kind: str) -> Article:
    return article(f"{kind}-{n}", title=f"Pier {n}", text=PARAGRAPH.format(n=n) * 3)


def publish(log: Log, prefix: str, *articles: Article) -> None:
    with log.writer(f"bench-{articles[0].id}") as writer, writer.transaction() as tx:
        for given in articles:
            tx.publish(f"{prefix}.articles", key=given.id.encode(), value=to_json(given))


class Arrivals:
    """Live articles, until it is stopped."""

    def __init__(self, url: str, prefix: str) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(url, prefix))

    def _run(self, url: str, prefix: str) -> None:
        with open_log(url) as log:
            n = 0
            while not self._over.wait(EVERY_S):
                publish(log, prefix, story(n, "live"))
                n += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._thread.join()


def latencies(log: Log, prefix: str) -> list[tuple[float, float]]:
    """When each live article entered the log, and how long its extraction took to come."""
    entered = {m.key: m.timestamp for m in everything(log, f"{prefix}.articles")}
    return sorted(
        (entered[m.key].timestamp(), (m.timestamp - entered[m.key]).total_seconds())
        for m in everything(log, f"{prefix}.extractions")
        if m.key is not None and m.key.startswith(b"live")
    )


def told(name: str, values: list[float]) -> str:
    values = sorted(values)
    median, late = statistics.median(values), values[int(len(values) * 0.95)]
    figures = f"median {median:.2f} s, 95 % {late:.2f} s, worst {values[-1]:.2f} s"
    return f"{name}: {len(values)} articles, {figures}"


@contextmanager
def log_to_measure(named: str | None) -> Iterator[str]:
    """The URL of the log that was named: a file or a broker of our own, or one that is there."""
    with tempfile.TemporaryDirectory() as folder:
        if named == "kafka":
            with Cluster(Path(folder)) as cluster:
                yield f"kafka://{cluster.servers}"
        else:
            yield named or f"sqlite:///{folder}/log.db"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--log")
    options, replays_own = parser.parse_known_args()
    with log_to_measure(options.log) as url:
        prefix = f"bench-{os.getpid()}"
        environment = os.environ | {"ONRECORD_LOG__URL": url, "ONRECORD_LOG__PREFIX": prefix}

        def onrecord(*words: str) -> str:
            done = subprocess.run(
                [COMMAND, *words], env=environment, check=True, stdout=subprocess.PIPE, text=True
            )
            return done.stdout

        onrecord("feeds", "list")
        with open_log(url) as log:
            for at in range(0, options.articles, 500):
                batch = range(at, min(at + 500, options.articles))
                publish(log, prefix, *(story(n, "old") for n in batch))
            onrecord("extract", "--once")
            live = subprocess.Popen([COMMAND, "extract"], env=environment)
            try:
                with Arrivals(url, prefix):
                    time.sleep(10)  # the model loads
                    since = time.time()
                    time.sleep(BEFORE_S)
                    began = time.time()
                    onrecord("replay", "--until", "-1s", "--into", "try", *replays_own)
                    ended = time.time()
                time.sleep(5)
            finally:
                live.send_signal(signal.SIGTERM)
                live.wait()
            found = latencies(log, prefix)
            lag = sum(sum(g.lag.values()) for g in log.groups() if g.name == f"{prefix}.extract")
        shown = json.loads(onrecord("replay", "show", "try"))
        print(told("before", [s for at, s in found if since <= at < began]))
        print(told("during", [s for at, s in found if began <= at < ended]))
        print(f"the replay: {shown['extracted']} articles in {ended - began:.0f} s, live lag {lag}")


if __name__ == "__main__":
    main()
