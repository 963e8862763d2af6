"""A soak: feeds that never stop, for as long as told; memory, file, open files and lag over time.

    python -m tests.benchmarks.soak --minutes 120 --graph docs/soak.svg    # a day in two hours
    python -m tests.benchmarks.soak --minutes 5

Fifty feeds bring new stories all the time and drop old ones; one poller and one extractor work on
a log in a file whose topics are limited in size, as after years. Every few seconds their memory,
open files, the file's size and the group's lag are written down. In the end the last third is
compared with the second: a figure that grew by more than a fifth is named, and the exit code is 1.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psutil

from onrecord.log.opening import open_log
from tests.acceptance.conftest import Onrecord, Publisher, Story, story

_FEEDS = 50
_ENTRIES = 15
_MOST_GROWTH = 1.2
_WIDTH, _HEIGHT = 640, 110


class Sample(NamedTuple):
    """Figures at a moment; memory and file in MB."""

    seconds: float
    memory: float
    file: float
    open_files: float
    lag: float


def main() -> int:
    """Run it; 0 when nothing grew."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--per-second", type=float, default=3, help="new stories")
    parser.add_argument("--graph", type=Path, help="write a graph here (SVG)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Publisher() as publisher:
        samples, shown = soak(Path(name), publisher, given.minutes * 60, given.per_second)
    if given.graph:
        given.graph.write_text(graph(samples), "utf-8")
    print(f"{shown} stories in {samples[-1].seconds:.0f} s")
    grew = [line for line in map(_compared(samples), Sample._fields[1:]) if line]
    return 1 if grew else 0


def soak(
    folder: Path, publisher: Publisher, seconds: float, per_second: float
) -> tuple[list[Sample], int]:
    """Run a poller and an extractor for so long; what was sampled, and how many stories came."""
    onrecord = Onrecord(folder)
    publisher.feeds = {f"feed-{number}": [] for number in range(_FEEDS)}
    onrecord.environment |= {
        "ONRECORD_FEEDS__LIST": str(publisher.write_list(folder / "feeds.txt")),
        "ONRECORD_FEEDS__USUAL_INTERVAL_S": "5",
        "ONRECORD_FEEDS__SHORTEST_INTERVAL_S": "5",
        "ONRECORD_FEEDS__LONGEST_INTERVAL_S": "10",
    }
    onrecord("feeds", "list")
    for topic in ("articles", "extractions"):
        onrecord("topics", "alter", topic, "--max-bytes", "1500000")
    running = [psutil.Process(onrecord.start(stage).pid) for stage in ("poll", "extract")]
    samples, began, shown = [], time.monotonic(), 0
    try:
        for step in count(1):
            passed = time.monotonic() - began
            shown = _show(publisher, shown, int(passed * per_second))
            if step % 5 == 0:
                samples.append(_sample(passed, running, folder / "log.db"))
            if passed > seconds:
                return samples, shown
            time.sleep(1)
    finally:
        for process in running:
            process.terminate()
        psutil.wait_procs(running, timeout=30)
    raise AssertionError("it ends when its time has passed")


def _show(publisher: Publisher, shown: int, upto: int) -> int:
    """Add stories to the feeds in turn; a feed keeps its newest."""
    for number in range(shown, upto):
        name = f"feed-{number % _FEEDS}"
        entries: list[Story] = publisher.feeds[name]
        publisher.feeds[name] = [*entries[-_ENTRIES:], story(publisher, number)]
    return max(shown, upto)


def _sample(passed: float, running: Sequence[psutil.Process], path: Path) -> Sample:
    family = [p for one in running for p in (one, *one.children(recursive=True))]
    with open_log(f"sqlite:///{path}", make=False) as log:
        lag = sum(sum(g.lag.values()) for g in log.groups() if g.name.endswith(".extract"))
    beside = (path, path.with_name(path.name + "-wal"))
    return Sample(
        passed,
        sum(process.memory_info().rss for process in family) / 1e6,
        sum(file.stat().st_size for file in beside if file.exists()) / 1e6,
        sum(process.num_fds() for process in family),
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
    units = {"memory": "MB", "file": "MB", "open_files": "", "lag": "articles"}
    for row, figure in enumerate(Sample._fields[1:]):
        values = [getattr(sample, figure) for sample in samples]
        most = max(*values, 1)
        points = " ".join(
            f"{60 + sample.seconds / longest * (_WIDTH - 80):.1f},"
            f"{row * _HEIGHT + 90 - value / most * 60:.1f}"
            for sample, value in zip(samples, values, strict=True)
        )
        label = f"{figure.replace('_', ' ')}, at most {most:.0f} {units[figure]}"
        parts.append(
            f'<text x="60" y="{row * _HEIGHT + 22}">{label}</text>'
            f'<polyline points="{points}" fill="none" stroke="#1f6f8b" stroke-width="1.5"/>'
            f'<line x1="60" y1="{row * _HEIGHT + 90}" x2="{_WIDTH - 20}" '
            f'y2="{row * _HEIGHT + 90}" stroke="#999"/>'
        )
    height = _HEIGHT * len(units) + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="13">{"".join(parts)}'
        f'<text x="60" y="{height - 6}">0 to {longest / 60:.0f} minutes</text></svg>\n'
    )


if __name__ == "__main__":
    sys.exit(main())
