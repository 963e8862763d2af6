"""A soak: a day of feeds in as many minutes as told; what the processes take, over time.

    python -m tests.benchmarks.soak --minutes 120 --graph docs/soak.svg            # on a file
    python -m tests.benchmarks.soak --minutes 120 --kafka --graph docs/soak-kafka.svg
    python -m tests.benchmarks.soak --minutes 5 --stories 600

Fifty feeds bring 6,000 stories, correct every tenth, and drop old ones; each is polled 96 times,
as every quarter of an hour of a day. One poller, one extractor and one server with a reader who
comes back all the time work on a log whose topics are limited in size, as after years. Memory, open
files, connections and threads of all processes, the log's size and the group's lag are written
down. In the end the last third is compared with the second: a figure that grew by more than a fifth
is named, and the exit code is 1.
"""

import argparse
import http.client
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psutil

from onrecord.errors import LogUnavailable
from onrecord.log.interface import Log
from onrecord.log.opening import open_log
from tests.acceptance.conftest import Onrecord, Publisher, Story, story
from tests.kafka.brokers import Cluster

_FEEDS = 50
_ENTRIES = 15
_POLLS_OF_A_FEED = 96
_TOPIC_BYTES = 1_500_000
_SAMPLES = 360
_MOST_GROWTH = 1.2
_READ_BEFORE_LEAVING = 50
_WIDTH, _HEIGHT = 640, 110
_UNITS = {
    "memory": "MB", "log": "MB", "open_files": "", "connections": "", "threads": "",
    "lag": "articles",
}  # fmt: skip


class Sample(NamedTuple):
    """Figures at a moment, of all processes together; memory and log in MB."""

    seconds: float
    memory: float
    log: float
    open_files: float
    connections: float
    threads: float
    lag: float


class Pace(NamedTuple):
    """How long the day takes, and how many stories it brings."""

    seconds: float
    stories: int

    @property
    def interval_s(self) -> float:
        return self.seconds / _POLLS_OF_A_FEED


def main() -> int:
    """Run it; 0 when nothing grew."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--stories", type=int, default=6000)
    parser.add_argument("--kafka", action="store_true", help="on a broker instead of a file")
    parser.add_argument("--graph", type=Path, help="write a graph here (SVG)")
    given = parser.parse_args()
    pace = Pace(given.minutes * 60, given.stories)
    with tempfile.TemporaryDirectory() as name, Publisher() as publisher:
        folder = Path(name)
        with _a_log(folder, on_kafka=given.kafka) as url:
            samples = soak(folder, url, publisher, pace)
    if given.graph:
        given.graph.write_text(graph(samples), "utf-8")
    print(f"{pace.stories} stories in {samples[-1].seconds:.0f} s")
    grew = [line for line in map(_compared(samples), Sample._fields[1:]) if line]
    return 1 if grew else 0


@contextmanager
def _a_log(folder: Path, *, on_kafka: bool) -> Iterator[str]:
    if not on_kafka:
        yield f"sqlite:///{folder}/log.db"
        return
    with Cluster(folder / "cluster", 1) as cluster:
        yield f"kafka://{cluster.servers}"


def soak(folder: Path, url: str, publisher: Publisher, pace: Pace) -> list[Sample]:
    """Run all stages for so long; what was sampled."""
    onrecord = Onrecord(folder)
    publisher.feeds = {f"feed-{number}": [] for number in range(_FEEDS)}
    onrecord.environment |= {
        "ONRECORD_LOG__URL": url,
        "ONRECORD_KAFKA__INDEX_FOLDER": str(folder / "index"),
        "ONRECORD_FEEDS__LIST": str(publisher.write_list(folder / "feeds.txt")),
        "ONRECORD_FEEDS__USUAL_INTERVAL_S": f"{pace.interval_s:.1f}",
        "ONRECORD_FEEDS__SHORTEST_INTERVAL_S": f"{pace.interval_s:.1f}",
        "ONRECORD_FEEDS__LONGEST_INTERVAL_S": f"{pace.interval_s * 2:.1f}",
    }
    onrecord("feeds", "list")
    for topic in ("articles", "extractions"):
        onrecord("topics", "alter", topic, "--max-bytes", str(_TOPIC_BYTES))
    stages = (("poll",), ("extract",), ("serve", "--port", "0"))
    running = [psutil.Process(onrecord.start(*stage).pid) for stage in stages]
    threading.Thread(target=_come_and_go, args=(folder / "err",), daemon=True).start()
    try:
        with open_log(url) as log:
            size = _size_of(log, folder / "log.db")
            return _watched(log, size, publisher, pace, running)
    finally:
        for process in running:
            process.terminate()
        psutil.wait_procs(running, timeout=30)


def _size_of(log: Log, file: Path) -> Callable[[], int]:
    """What the log takes in bytes: its file with what is beside it, or its topics on a cluster."""
    if not file.exists():
        return lambda: sum(topic.size_bytes for topic in log.topics("onrecord."))
    return lambda: sum(part.stat().st_size for part in file.parent.glob("log.db*"))


def _watched(
    log: Log,
    size: Callable[[], int],
    publisher: Publisher,
    pace: Pace,
    running: Sequence[psutil.Process],
) -> list[Sample]:
    samples: list[Sample] = []
    began, shown = time.monotonic(), 0
    for step in count(1):
        passed = time.monotonic() - began
        upto = int(min(1.0, passed / pace.seconds) * pace.stories)
        shown = _show(publisher, shown, upto)
        if passed >= len(samples) * pace.seconds / _SAMPLES:
            # On a loaded machine, or while a process ends; the next sample tells.
            with suppress(LogUnavailable, psutil.NoSuchProcess):
                samples.append(_sample(passed, running, log, size()))
        if passed > pace.seconds:
            return samples
        time.sleep(max(0.0, began + step - time.monotonic()))
    raise AssertionError("it ends when its time has passed")


def _show(publisher: Publisher, shown: int, upto: int) -> int:
    """Add stories to the feeds in turn; a feed keeps its newest, and corrects some."""
    for number in range(shown, upto):
        name = f"feed-{number % _FEEDS}"
        entries: list[Story] = publisher.feeds[name][-_ENTRIES:]
        if entries and number % 10 == 0:
            entries[-1] = story(publisher, number - _FEEDS, edition="corrected")
        publisher.feeds[name] = [*entries, story(publisher, number)]
    return max(shown, upto)


def _come_and_go(said: Path) -> None:
    """Read live quotes, and come back again and again, as a browser does."""
    while not (found := re.search(r"on http://(\S+):(\d+),", said.read_text("utf-8"))):
        time.sleep(0.2)
    while True:
        connection = http.client.HTTPConnection(found[1], int(found[2]), timeout=60)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/quotes")
            response, left = connection.getresponse(), _READ_BEFORE_LEAVING
            while left and (line := response.readline()):
                left -= line.startswith(b"data:")
        connection.close()
        time.sleep(0.5)


def _sample(passed: float, running: Sequence[psutil.Process], log: Log, size_bytes: int) -> Sample:
    family = [p for one in running for p in (one, *one.children(recursive=True))]
    lag = sum(sum(g.lag.values()) for g in log.groups() if g.name.endswith(".extract"))
    return Sample(
        passed,
        sum(process.memory_info().rss for process in family) / 1e6,
        size_bytes / 1e6,
        sum(process.num_fds() for process in family),
        sum(len(process.net_connections("inet")) for process in family),
        sum(process.num_threads() for process in family),
        lag,
    )


def _compared(samples: Sequence[Sample]) -> Callable[[str], str | None]:
    third = len(samples) // 3

    def line(figure: str) -> str | None:
        values = [getattr(sample, figure) for sample in samples]
        before = statistics.median(values[third : 2 * third])
        after = statistics.median(values[2 * third :])
        grew = after > before * _MOST_GROWTH + 5
        print(f"{figure}: {before:.1f}, then {after:.1f}{' GREW' if grew else ''}")
        return figure if grew else None

    return line


def graph(samples: Sequence[Sample]) -> str:
    """The figures over time as SVG, one below the other."""
    parts = []
    longest = samples[-1].seconds
    for row, figure in enumerate(Sample._fields[1:]):
        values = [getattr(sample, figure) for sample in samples]
        most = max(*values, 1)
        points = " ".join(
            f"{60 + sample.seconds / longest * (_WIDTH - 80):.1f},"
            f"{row * _HEIGHT + 90 - value / most * 60:.1f}"
            for sample, value in zip(samples, values, strict=True)
        )
        label = f"{figure.replace('_', ' ')}, at most {most:.0f} {_UNITS[figure]}"
        parts.append(
            f'<text x="60" y="{row * _HEIGHT + 22}">{label}</text>'
            f'<polyline points="{points}" fill="none" stroke="#1f6f8b" stroke-width="1.5"/>'
            f'<line x1="60" y1="{row * _HEIGHT + 90}" x2="{_WIDTH - 20}" '
            f'y2="{row * _HEIGHT + 90}" stroke="#999"/>'
        )
    height = _HEIGHT * len(_UNITS) + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="13">{"".join(parts)}'
        f'<text x="60" y="{height - 6}">0 to {longest / 60:.0f} minutes</text></svg>\n'
    )


if __name__ == "__main__":
    sys.exit(main())
