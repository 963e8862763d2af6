"""Memory, open files and threads stay bounded whatever the backlog.

The long form is `python -m tests.benchmarks.soak`: a day of feeds.
"""

import os
import threading
import time

import psutil
import pytest

from tests.acceptance.conftest import Onrecord, Publisher, story

# The whole 5,000 take minutes on two busy cores: `ONRECORD_TEST_LONG=1` asks for them.
ARTICLES = 5_000 if os.environ.get("ONRECORD_TEST_LONG") else 1_000
LIMIT_MB = 1_200
# With two extractor processes, however many articles and feeds there are.
MOST_FILES, MOST_THREADS = 150, 60


@pytest.mark.slow
@pytest.mark.timeout(1300)
def test_a_backlog_through_run_once_stays_below_the_limit(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    for n in range(ARTICLES // 100):
        numbers = range(n * 100, n * 100 + 100)
        publisher.feeds[f"feed-{n}"] = [story(publisher, number) for number in numbers]
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    running = onrecord.start("run", "--once", "--feeds", feeds, ONRECORD_EXTRACT__PROCESSES="2")
    peak = _Peak(running.pid)
    assert running.wait(1200) == 0, (onrecord.folder / "err").read_text()[-2000:]
    peak.stop()
    assert len(onrecord.records("extractions")) == ARTICLES
    print(f"peak of all processes together: {peak.megabytes:.0f} MB over {ARTICLES} articles")
    print(f"{peak.files} open files, {peak.threads} threads")
    assert 100 < peak.megabytes < LIMIT_MB, f"{peak.megabytes:.0f} MB"
    assert 10 < peak.files < MOST_FILES
    assert 3 < peak.threads < MOST_THREADS


class _Peak:
    """Watches a process with all its children; memory they share counts once."""

    def __init__(self, pid: int) -> None:
        self.megabytes = 0.0
        self.files = self.threads = 0
        self._process = psutil.Process(pid)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.is_set():
            self.megabytes = max(self.megabytes, self._now())
            time.sleep(0.25)

    def _now(self) -> float:
        total = files = threads = 0
        try:
            for process in [self._process, *self._process.children(recursive=True)]:
                total += process.memory_full_info().pss
                files += process.num_fds()
                threads += process.num_threads()
        except psutil.Error:
            return 0.0
        self.files, self.threads = max(self.files, files), max(self.threads, threads)
        return total / 1e6
